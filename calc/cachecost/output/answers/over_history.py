"""What a workload cost under every rate card of a model, for people and programs."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ...bills.history import Era
from ...bills.warnings import LeftOut
from ...prices.sheet import PriceSheet
from ...workload.workload import Workload
from ..figures import amount, cited, many, percent
from ..labels import policy
from ..records import (
    LATER,
    Answered,
    CardStatus,
    Count,
    Currency,
    RecordFields,
    Text,
    Version,
    fields,
    of,
    record,
    records,
    rows,
)
from ..reply import FIGURES, UNSERVED, Page, Reply
from ..table import Table
from .advice import per_hour
from .measures import breaks_even, each_once
from .question import WorkloadRecord
from .survey import FEW, LeftOutRecord, between, reasons_left_out


class HistoryWorkload(WorkloadRecord):
    """What was asked of every rate card."""

    omits = frozenset({"context", "start"})


class EraRecord(RecordFields):
    """A rate card and what the workload costs under it; `cache`: the cache that costs money to keep."""

    version: Version
    terms: list[str] = of("version.terms")
    status: CardStatus | Literal["refused"] = of(lambda era: _status(era))
    strategy: str | None
    currency: Currency = of("sheet.currency")
    total: Decimal | None
    total_low: Decimal | None = of(lambda era: era.ends and era.ends[0])
    total_high: Decimal | None = of(lambda era: era.ends and era.ends[1])
    fresh: Decimal | None
    cache: str | None
    first: Count | None = of(lambda era: era.break_even and era.break_even.first)
    stable_from: Count | None = of(lambda era: era.break_even and era.break_even.stable_from)
    rate_per_hour: Decimal | None = of("rate")
    discount: Decimal | None
    warnings: list[str] = of("notices")


class HistoryRecord(Answered):
    """What a workload cost under every rate card, oldest first."""

    workload: HistoryWorkload
    rate_cards: list[EraRecord] = of(lambda eras: eras)
    left_out: list[LeftOutRecord]
    sentence: Text = of(lambda eras: sentence(eras))
    counted: str | None = LATER


def reply(
    eras: Sequence[Era], work: Workload, left_out: Sequence[LeftOut] = (), sources: Sequence[PriceSheet] = ()
) -> Reply:
    """The history in every form; `sources` are the sheets that are cited."""
    return Reply(
        page=lambda: Page(
            "",
            [table(eras, turns=work.grows)],
            [*each_once([(each.version, each.notices) for each in eras], FEW), *reasons_left_out(left_out)],
            [cited(sheet, f"{sheet.id}, {len(sheet.cards)} rate cards") for sheet in sources],
            sentence(eras),
        ),
        record=lambda: record(HistoryRecord, eras, workload=work, left_out=left_out),
        rows=lambda: rows(fields(EraRecord), records(EraRecord, eras)),
        exit_code=UNSERVED if all(each.refusal for each in eras) else 0,
    )


def table(eras: Sequence[Era], *, turns: bool = False) -> Table:
    """A row a rate card."""
    lines = (
        {
            "rate card": each.version.partition("/")[2],
            "cheapest": policy(each.strategy) if each.strategy else _status(each),
            "total": "-" if each.total is None else amount(each.total, each.sheet.currency),
            "range": between(each.ends, each.sheet.currency),
            "cache": policy(each.cache) if each.cache else ("" if each.refusal else "none sold"),
            "breaks even": "" if each.cache is None else breaks_even(each.break_even, turns=turns),
            "pays above": "" if each.rate is None else f"{per_hour(each.rate)}/h",
            "discount": "" if each.discount is None else percent(each.discount),
        }
        for each in eras
    )
    return Table.of(lines, FIGURES).without_empty("range")


def _status(each: Era) -> str:
    return each.refusal.status if each.refusal else each.card.status


def sentence(eras: Sequence[Era]) -> str:
    """`From ...@2024-05-14 to ...@2025-10-01 the break-even rate rose from 1.29 to 4 queries per hour, while the
    discount on a read rose from 50% to 90%.`"""
    if all(each.refusal for each in eras) and eras[-1].refusal:
        return f"No answer: {eras[-1].refusal.of(eras[-1].sheet.id)}."
    cached = [(e.version, e.rate, e.discount) for e in eras if e.rate is not None and e.discount is not None]
    if len(cached) < 2:
        return f"{many(len(eras), 'rate card')}; too few of them sell a cache to compare."
    (first, rate, discount), (last, last_rate, last_discount) = cached[0], cached[-1]
    text = f"From {first} to {last} the break-even rate {_moved(rate, last_rate, per_hour)} queries per hour"
    return f"{text}, while the discount on a read {_moved(discount, last_discount, percent)}."


def _moved(before: Fraction, after: Fraction, shown: Callable[[Fraction], str]) -> str:
    if before == after:
        return f"stayed at {shown(after)}"
    return f"{'rose' if after > before else 'fell'} from {shown(before)} to {shown(after)}"
