"""Stay on a model or switch to another in the middle of a conversation.

The other model knows nothing of what was said: its first turn sends the whole context at its rates, in its tokens, and
writes it where that is how it caches. The turns before the switch cost the same either way.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from ..bills.break_even import BreakEven, break_even
from ..bills.warnings import refused
from ..errors import BadWorkload, DifferentCurrencies, Refused
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..workload.workload import Workload
from .onward import Onward, cheapest, on_another


class Switch(NamedTuple):
    """One conversation on two models from a turn on. `before`: the turns up to there, on the first model. `pays`: with
    which numbers of turns from the switch on it costs less to have switched."""

    workload: Workload
    turn: int
    ratio: Fraction
    before: Fraction
    stay: Onward
    switch: Onward
    pays: BreakEven

    @property
    def follow(self) -> int:
        """Turns from the switch on, to the end of the conversation."""
        return self.workload.queries - self.turn + 1

    def costs(self, onward: Onward) -> Fraction:
        """What those turns cost, on one of the two."""
        return onward.exact_total(self.follow)

    @property
    def saved(self) -> Fraction:
        """What switching saves over the conversation; below zero where it costs more."""
        return self.costs(self.stay) - self.costs(self.switch)


def stay_or_switch(
    sheet: PriceSheet,
    other: PriceSheet,
    workload: Workload,
    *,
    turn: int,
    ratio: Fraction = Fraction(1),
    assumptions: Assumptions | None = None,
    strategies: Sequence[str] = (),
) -> Switch:
    """A conversation that goes on with `other` from a turn on, beside one that stays; each under the cheapest strategy
    that it sells, or of those named. `ratio`: tokens of the other model for one of this.

    Raises BadWorkload where there is no such turn, Refused where a vendor would not serve the conversation to its end,
    DifferentCurrencies where bills differ so."""
    if not workload.grows:
        raise BadWorkload("missing; a switch is one in a conversation, such as 20", word="turns")
    if not 1 <= turn <= workload.queries:
        raise BadWorkload(f"expected a turn from 1 to {workload.queries:,}, not {turn:,}", word="at_turn")
    if sheet.currency != other.currency:
        raise DifferentCurrencies(
            f"bills in {sheet.currency} and {other.currency} cannot be compared without a rate of exchange"
        )
    if ratio <= 0:
        raise BadWorkload("expected more than 0 tokens for one, such as 1.1", word="token_ratio")
    assumed, moved = assumptions or Assumptions(), on_another(workload, ratio, turn=turn)
    for each, work in ((sheet, workload), (other, moved)):
        if unserved := refused(each, work):
            raise Refused(f"{each.id} {unserved.why}", word="turns")
    follow = moved.queries
    whole = cheapest(sheet, workload, assumed, turns=workload.queries, strategies=strategies)
    stay = Onward(whole.plan, first=turn, most=follow)
    switched = cheapest(other, moved, assumed, turns=follow, strategies=strategies)
    pays = break_even(switched, stay)
    return Switch(workload, turn, ratio, whole.exact_total(turn - 1), stay, switched, pays)
