"""Many requests over one new context at the same time: all at once, or one that fills the cache before the others.

An entry can be read only once the answer to the request that writes it has begun
(https://platform.claude.com/docs/en/build-with-claude/prompt-caching), so requests sent together all write: c of them
cost c w, one followed by the others w + (c - 1) r, and all fresh c. What waiting for the first costs is not known.
"""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .. import money
from ..bills.bill import Bill
from ..bills.candidates import plans
from ..bills.warnings import least_to_cache, refused
from ..errors import BadWorkload
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..strategies.names import FRESH, STORED
from ..strategies.plan import Plan
from ..workload.workload import MAX_QUERIES, Workload


class Fanned(NamedTuple):
    """One strategy: `together`, all first requests at once; `seeded`, one before the others; `fresh`, none cached.

    All three include the later requests, which read. `pays_after`: from how many later requests on sending all at once
    costs no more than fresh; None where it never does.
    """

    strategy: str
    together: Decimal
    seeded: Decimal
    fresh: Decimal
    pays_after: int | None

    @property
    def saved(self) -> Decimal:
        """What seeding saves against sending all at once."""
        return money.subtract(self.together, self.seeded)


class Fanout(NamedTuple):
    """Every strategy of a sheet that caches, for so many first requests at once and so many later ones. `minimum`: the
    tokens that a context would need, where this one is too short to be cached."""

    sheet: PriceSheet
    version: str
    workload: Workload
    requests: int
    later: int
    fresh: Decimal
    strategies: tuple[Fanned, ...]
    minimum: int | None = None

    @property
    def best(self) -> Fanned | None:
        return min(self.strategies, key=lambda each: each.seeded) if self.strategies else None


def fan_out(sheet: PriceSheet, workload: Workload, *, later: int = 0, assumptions: Assumptions | None = None) -> Fanout:
    """`workload.queries` first requests at once, then `later` ones while the entry is alive; each reads its context.

    Raises Refused where the vendor would serve no such request."""
    if not 0 <= later <= MAX_QUERIES:
        raise BadWorkload(f"expected 0 to {MAX_QUERIES:,} later requests, not {later:,}", word="then")
    if unserved := refused(sheet, workload):
        raise unserved.error(sheet.id)
    offered = plans(sheet, workload, assumptions or Assumptions())
    plain, first = Bill(offered[0]).of_one(offered[0].plain_request), workload.queries
    fresh = money.multiply(plain, first + later)
    caching = [plan for plan in offered if plan.kind not in (FRESH, STORED)]
    fans = tuple(_fanned(plan, plain, first, later) for plan in caching)
    least = least_to_cache(caching)
    return Fanout(sheet, sheet.version(offered[0].card), workload, first, later, fresh, fans, least)


def _fanned(plan: Plan, plain: Decimal, first: int, later: int) -> Fanned:
    bill = Bill(plan)
    write, read = bill.of_one(plan.missed_request), bill.of_one(plan.read_request)
    reads = money.multiply(read, later)
    together = money.add(money.multiply(write, first), reads)
    seeded = money.add(money.add(write, money.multiply(read, first - 1)), reads)
    premium, gain = Fraction(write - plain) * first, Fraction(plain - read)
    pays = 0 if premium <= 0 else -(-premium // gain) if gain > 0 else None
    return Fanned(plan.strategy, together, seeded, money.multiply(plain, first + later), pays)
