"""The advice for one workload on many models, side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from ..bills.warnings import LeftOut, refused, unanswered
from ..errors import BadWorkload, NotInForce, NotSold
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from .advice import Advice, plan


class Survey(NamedTuple):
    """The advice for every model that serves the workload, cheapest first, all in one currency."""

    currency: str
    advices: tuple[Advice, ...]
    left_out: tuple[LeftOut, ...]


def across(
    asks: Iterable[tuple[PriceSheet, Workload]],
    assumptions: Assumptions,
    *,
    today: date,
    counted: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Survey:
    """The plan of each sheet, without what would turn it; one workload a sheet, since tokens differ between models.
    `counted`: by the id of a sheet, the fewest and the most tokens of a document which were only estimated.

    Only the currency in which most of the models bill is ranked. A model for which the workload cannot be worked out
    (a simulation without numpy, or of too many queries) is left out. Raises NotSold where nothing is left, Refused
    where every vendor would refuse, or BadWorkload where it can be worked out for none.
    """
    advices: list[Advice] = []
    left_out: list[LeftOut] = []
    bad: BadWorkload | None = None
    for sheet, workload in asks:
        try:
            if refusal := refused(sheet, workload):
                left_out.append(LeftOut(sheet.id, refusal.kind, refusal.why))
            else:
                ends = counted.get(sheet.id)
                advices.append(plan(sheet, workload, assumptions, today=today, counted=ends, turns=False))
        except (NotSold, NotInForce, BadWorkload) as error:
            left_out.append(LeftOut(sheet.id, error.kind, str(error)))
            bad = bad or (error if isinstance(error, BadWorkload) else None)
    if not advices and bad:
        raise bad
    if not advices:
        raise unanswered(left_out)
    currencies = Counter(each.sheet.currency for each in advices)
    ((currency, _),) = currencies.most_common(1)
    left_out += [
        LeftOut(each.sheet.id, "currency", f"bills in {each.sheet.currency}, not in {currency}")
        for each in advices
        if each.sheet.currency != currency
    ]
    ranked = sorted((each for each in advices if each.sheet.currency == currency), key=lambda each: each.best.total)
    return Survey(currency, tuple(ranked), tuple(left_out))
