"""The same requests on another model: at which rates it sells them, the same hits there, and every policy."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from ..errors import NotInForce, NotSold
from ..strategies.names import AUTOMATIC, FRESH, WRITTEN
from ..units import counted
from .account import Account
from .breakdown import rates_of
from .cases import SheetCase, Weighing, as_logged
from .epochs import DAY, Epochs, RateKey, instant
from .report import SAME, Alternative, Rates
from .request import Product
from .survey import RequestSurvey, class_number, class_values, inline, rate_digits, survey
from .tally import REQUESTS, Tally, price
from .touches import kind
from .traffic import RequestTable, Whole

_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


class OnModel(NamedTuple):
    """What a log comes to on another model. `shared`: whether anything tells which of its requests share a prompt."""

    shared: bool
    notes: Sequence[str]
    alternatives: Sequence[Alternative] = ()
    rates: Iterable[Rates] = ()


def on_model(
    epochs: Epochs, account: Account, traffic: RequestTable, weighing: Weighing, spent: Tally | None, *, is_bound: bool
) -> OnModel:
    """Every policy that a sheet sells. `spent`: what text and caches added to the bill on the log's own models; None
    where some have no price. `is_bound`: sessions share a prefix of unknown length, so that only what is sent fresh, or
    read as in the log, is known."""
    move = _Move(epochs, account)
    sums = ((each, move.key(each.product, each.at, each.size, 0, each.requests or 1)) for each in traffic.wholes)
    moved = [(each, key) for each, key in sums if key is not None]
    wholes = [each._replace(key=key) for each, key in moved]
    case = SheetCase(epochs.name, _sold_on(move, traffic), weighing)
    notes = [*move.notes()]
    if not case.keys and not wholes:
        return OnModel(case.shared, notes)
    if case.shared:
        wholes = []  # beside sessions, sums are not compared
        rows = [*case.alternatives(Tally(), ())]
    else:
        same, remarks = _same_hits(case, account, traffic, moved)
        rows = [*case.alternatives(Tally(), wholes, same)]
        notes += remarks
    if any(_by_size(each.key, epochs) for each in wholes):
        notes.append(
            f"Sums over a time do not state the size of each prompt, on which rates of {case.sheet} depend: "
            "where their report names no window, short prompts are taken."
        )
    if is_bound:
        rows = [each for each in rows if each.policy in (FRESH, SAME)]
    notes += case.lifetime_notes() if any(each.policy == AUTOMATIC for each in rows) else ()
    paid = None
    if spent is not None and not move.refused:
        paid = _paid(Tally(chain(spent, traffic.sums)) if wholes else spent, account.sheets)
    return OnModel(
        case.shared,
        notes,
        [each._replace(paid=paid, same_model=False) for each in rows],
        rates_of((*case.keys.values(), *(each.key for each in wholes)), case.sheets),
    )


class _Move:
    """The rates of a sheet for requests that another model served: of the same service and region, or else of the
    standard service and of no region.

    `refused`, `standard`, `elsewhere`: how many have no rates, those of the standard service, or those of no region,
    by reason.
    """

    def __init__(self, epochs: Epochs, account: Account) -> None:
        self.epochs, self.account = epochs, account
        self.refused, self.standard, self.elsewhere = Counter[str](), Counter[str](), Counter[str]()

    def key(self, product: Product, time: int | None, prompt: int, output: int, count: int) -> RateKey | None:
        """The rates of so many requests of one size; None where there are none."""
        at = self.account.at(time)
        try:
            service, why = self.epochs.sheet.service_like(product.service, instant(at))
            region, why_region = self.epochs.sheet.region_like(self.account.region_of(product), service, instant(at))
            key = self.epochs.key(at, prompt, output=output, service=service, region=region, thinking=product.thinking)
        except (NotSold, NotInForce) as error:
            self.refused[_ONE.sub("", str(error))] += count
            return None
        if why:
            self.standard[why] += count
        if why_region:
            self.elsewhere[why_region] += count
        return key

    def notes(self) -> Iterator[str]:
        """What requests are not priced as they were served, most requests first."""
        name = self.epochs.name
        for what, counts in (
            (f"Without a price on {name}", self.refused),
            (f"At standard service on {name}", self.standard),
            (f"At the rates of no region on {name}", self.elsewhere),
        ):
            for reason, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
                yield f"{what}: {counted(count, 'request')}: {reason}"


def _sold_on(move: _Move, traffic: RequestTable) -> RequestSurvey:
    """The requests that are sold on a sheet."""
    database, products = traffic.database, list(traffic.products)
    keys = dict[RateKey, int]()
    digits = rate_digits(database, "requests", range(len(products)), [move.epochs], answer="output")
    number, rates = class_number(digits), dict[int, int]()
    for by, count in database.rows(f"SELECT {number}, COUNT(*) FROM requests GROUP BY 1 ORDER BY MIN(place)"):
        day, product, time, prompt, output = class_values(by, digits)
        key = move.key(products[product], day * DAY + time, prompt, output, count)
        if key is not None:
            rates[by] = keys.setdefault(key, len(keys))
    rated = inline({"class": list(rates), "key": list(rates.values())})
    requests = (
        f"(FROM (SELECT * EXCLUDE (key), key AS own, {number} AS class FROM requests) JOIN {rated} USING (class))"
    )
    return survey(database, requests, {number: key for key, number in keys.items()}, {move.epochs.name: move.epochs})


def _same_hits(
    case: SheetCase, account: Account, traffic: RequestTable, moved: Iterable[tuple[Whole, RateKey]]
) -> tuple[Tally | None, Iterable[str]]:
    """What a log read and wrote on other models, at the rates of a sheet, and what is assumed of it; None where nothing
    was, or where no cache is sold there without rent. `moved`: sums over a time with their rates on the sheet."""
    rates, epochs, tally, assumed = [*traffic.keys, None], case.sheets[case.sheet], Tally(), list[str]()
    sums = traffic.text_sums(case.survey.requests, "COALESCE(own, -1), key")
    logged = [(rates[own], case.keys[key], lines) for (own, key), lines in sums]
    logged += [(each.key, key, {**each.lines, REQUESTS: each.requests}) for each, key in moved]
    if not any(lines[line] for *_, lines in logged for line in lines if line.startswith("cache_")):
        return None, ()
    if not any(kind(key, epochs) in (WRITTEN, AUTOMATIC) for _, key, _ in logged):
        return None, [f"The same hits on {case.sheet} are not shown: it sells no cache without rent."]
    for own, key, lines in logged:
        cached = own and kind(own, account.sheets[own.sheet])
        is_unwritten = cached == AUTOMATIC and bool(lines.get("cache_read"))
        if is_unwritten and kind(key, epochs) == WRITTEN:
            assumed = [
                f"Assumed of the same hits on {case.sheet}: all that was not read is written there, since the log's "
                "own model caches it without a write."
            ]
        tally.add(key, as_logged(lines, key, epochs, all_written=is_unwritten))
    return tally, assumed


def _by_size(key: RateKey, epochs: Epochs) -> bool:
    """Whether the rates of a service depend on more than the day."""
    ladder = epochs.card(key).ladders.get(key.service)
    return ladder is None or len(ladder[1]) > 1


def _paid(spent: Tally, sheets: Mapping[str, Epochs]) -> Decimal | None:
    """What the text of all requests cost on their own models; None where it cost several currencies."""
    currencies = {sheets[key.sheet].sheet.currency for key in spent.sums}
    return price(spent, sheets).total if len(currencies) == 1 else None
