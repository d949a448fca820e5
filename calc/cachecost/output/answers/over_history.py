"""What a workload cost under every rate card of a model, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ...bills.survey import Era, LeftOut
from ...workload.workload import Workload
from ..figures import amount, percent, plain
from ..records import SCHEMA_VERSION, Record, of_workload
from ..reply import FIGURES
from ..table import Table
from .advice import ends, per_hour, text
from .comparison import pays_for
from .survey import between


def history_table(eras: Sequence[Era], *, exact: bool = False) -> Table:
    """A row a rate card."""
    if exact:
        told = (
            "version status strategy currency total total_low total_high fresh kept first stable_from rate_per_hour "
            "discount warnings"
        ).split()
        records = [_of_era(each) | {"warnings": "; ".join(_warnings(each))} for each in eras]
        return Table(told, [[text(value) for value in each.values()] for each in records])
    rows = [
        [
            each.version.partition("/")[2],
            each.strategy or _status(each),
            "-" if each.total is None else amount(each.total, each.sheet.currency),
            each.kept or ("" if each.refusal else "none sold"),
            "" if each.kept is None else pays_for(each.break_even),
            "" if each.rate is None else f"{per_hour(each.rate)}/h",
            "" if each.discount is None else percent(each.discount),
        ]
        for each in eras
    ]
    headings = ["rate card", "cheapest", "total", "cache", "pays for N", "pays above", "discount"]
    if any(each.ends and each.ends[0] != each.ends[1] for each in eras):
        headings.insert(3, "range")
        for row, each in zip(rows, eras, strict=True):
            row.insert(3, between(each.ends, each.sheet.currency))
    return Table(headings, rows, FIGURES)


def history_notes(eras: Sequence[Era]) -> list[str]:
    return [f"{each.version}: {warning}" for each in eras for warning in _warnings(each)]


def _warnings(each: Era) -> list[str]:
    return [f"would be refused: the model {each.refusal.why}"] if each.refusal else []


def _status(each: Era) -> str:
    return each.refusal.status if each.refusal else each.card.status


def history_sentence(eras: Sequence[Era]) -> str:
    """`From ...@2024-05-14 to ...@2025-10-01 the break-even rate rose from 1.29 to 4 queries per hour, while the
    discount on a read rose from 50% to 90%.`"""
    told = [each for each in eras if each.rate is not None and each.discount is not None]
    if all(each.refusal for each in eras) and eras[-1].refusal:
        return f"No answer: {eras[-1].sheet.id} {eras[-1].refusal.why}."
    if len(told) < 2:
        return f"{len(eras):,} rate {'card' if len(eras) == 1 else 'cards'}; too few of them sell a cache to compare."
    first, last = told[0], told[-1]
    assert first.rate is not None
    assert last.rate is not None
    assert first.discount is not None
    assert last.discount is not None
    moved = _moved(first.rate, last.rate, f"{per_hour(first.rate)}", f"{per_hour(last.rate)}")
    off = _moved(first.discount, last.discount, percent(first.discount), percent(last.discount))
    from_to = f"From {first.version} to {last.version}"
    return f"{from_to} the break-even rate {moved} queries per hour, while the discount on a read {off}."


def _moved(before: Fraction, after: Fraction, first: str, last: str) -> str:
    if before == after:
        return f"stayed at {last}"
    return f"{'rose' if after > before else 'fell'} from {first} to {last}"


def _of_era(each: Era) -> Record:
    first, stable = ends(each.break_even)
    return {
        "version": each.version,
        "status": _status(each),
        "strategy": each.strategy,
        "currency": each.sheet.currency,
        "total": plain(each.total),
        "total_low": each.ends and plain(each.ends[0]),
        "total_high": each.ends and plain(each.ends[1]),
        "fresh": plain(each.fresh),
        "kept": each.kept,
        "first": first,
        "stable_from": stable,
        "rate_per_hour": plain(each.rate),
        "discount": plain(each.discount),
        "warnings": _warnings(each),
    }


def of_history(eras: Sequence[Era], work: Workload, left_out: Iterable[LeftOut]) -> Record:
    return {
        "schema_version": SCHEMA_VERSION,
        "workload": {key: value for key, value in of_workload(work).items() if key not in ("context", "start")},
        "rate_cards": [_of_era(each) for each in eras],
        "left_out": [each._asdict() for each in left_out],
        "sentence": history_sentence(eras),
    }
