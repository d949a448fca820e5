"""What caching saved on the models of a log, and what other policies would have saved beside that."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from .. import money
from ..strategies.names import FRESH
from .report import ANY, Alternative

LEAST_SAVED = Decimal("0.01")
"""The share of a bill from which on another policy is worth naming."""


class Outlook(NamedTuple):
    """The models of a log whose requests can be compared, added up in one currency: what they cost, what they would
    have cost without caching (None where that is not known), and with the cheapest of the `policies`, which hold those
    of the models where one saves 1% or more. `at_least`: some totals are bounds from above."""

    currency: str
    paid: Decimal
    fresh: Decimal | None
    total: Decimal
    policies: Mapping[str, str]
    at_least: bool = False

    @property
    def saved(self) -> Decimal | None:
        """What caching saved; negative where it cost more than it saved."""
        return None if self.fresh is None else money.subtract(self.fresh, self.paid)

    @property
    def saves(self) -> Decimal:
        """What the policies would have saved beside that."""
        return money.subtract(self.paid, self.total)


def outlook(alternatives: Iterable[Alternative]) -> list[Outlook]:
    """By currency, the dearest first; nothing where no policy could be compared."""
    models: dict[str, list[Alternative]] = {}
    for each in alternatives:
        if each.same_model and each.paid is not None:
            models.setdefault(each.on, []).append(each)
    outlooks: dict[str, Outlook] = {}
    for on, rivals in models.items():
        choices = [each for each in rivals if each.bound != "lower" and each.policy != ANY and not each.was_on]
        best = min(choices, key=lambda each: each.total, default=None)
        if best is None or best.paid is None:
            continue
        worth = best.total < best.paid * (1 - LEAST_SAVED)
        fresh = next((each.total for each in rivals if each.policy == FRESH), None)
        old = outlooks.get(best.currency, Outlook(best.currency, Decimal(0), Decimal(0), Decimal(0), {}))
        outlooks[best.currency] = Outlook(
            best.currency,
            money.add(old.paid, best.paid),
            None if fresh is None or old.fresh is None else money.add(old.fresh, fresh),
            money.add(old.total, best.total if worth else best.paid),
            {**old.policies, **({on: best.policy} if worth else {})},
            old.at_least or (worth and best.bound == "upper"),
        )
    return sorted(outlooks.values(), key=lambda each: -each.paid)
