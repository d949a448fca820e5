"""The same bills for one query, or for a month of the same traffic: every amount of a comparison by one factor."""

from copy import copy
from decimal import Decimal
from fractions import Fraction

from .. import money
from .comparison import Answer, Comparison


def scaled(comparison: Comparison, factor: Fraction) -> Comparison:
    """The comparison with every amount multiplied; shares, ranks and numbers of queries stay as they are."""
    if factor == 1:
        return comparison
    return comparison._replace(answers=tuple(_scaled(answer, factor) for answer in comparison.answers))


def _scaled(answer: Answer, factor: Fraction) -> Answer:
    def by(amount: Decimal) -> Decimal:
        return money.exact(Fraction(amount) * factor)

    other = copy(answer)
    other.total, other.fresh = by(answer.total), by(answer.fresh)
    other.lines = tuple(
        line._replace(quantity=money.by(line.quantity, factor), amount=by(line.amount)) for line in answer.lines
    )
    if answer.band:
        other.band = by(answer.band[0]), by(answer.band[1])
    if lives := answer.lives:
        other.lives = lives._replace(at_least=by(lives.at_least), at_most=by(lives.at_most))
    if disputed := answer.range:
        other.range = disputed._replace(low=by(disputed.low), high=by(disputed.high))
    if counted := answer.counted:
        other.counted = counted._replace(low=by(counted.low), high=by(counted.high))
    if spacing := answer.spacing:
        safe = spacing.safe and spacing.safe._replace(total=by(spacing.safe.total))
        other.spacing = spacing._replace(planned=by(spacing.planned), total=by(spacing.total), safe=safe)
    other.speeds = tuple(speed._replace(total=by(speed.total)) for speed in answer.speeds)
    other.changes = tuple(
        change if change.total is None else change._replace(total=by(change.total)) for change in answer.changes
    )
    return other
