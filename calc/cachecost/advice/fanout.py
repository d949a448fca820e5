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
from ..strategies.names import STORED
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


class Fanout:
    """Every strategy of a sheet that caches, for `workload.queries` first requests at once, and for `later` ones while
    the entry is alive, each of which reads its context. `minimum`: the tokens that a context would need, where this one
    is too short to be cached.

    Raises Refused where the vendor would serve no such request.
    """

    def __init__(
        self, sheet: PriceSheet, workload: Workload, *, later: int = 0, assumptions: Assumptions | None = None
    ) -> None:
        if not 0 <= later <= MAX_QUERIES:
            raise BadWorkload(f"expected 0 to {MAX_QUERIES:,} later requests, not {later:,}", word="then")
        if unserved := refused(sheet, workload):
            raise unserved.error(sheet.id)
        fresh, *others = plans(sheet, workload, assumptions or Assumptions())
        caching, plain = [plan for plan in others if plan.kind != STORED], Bill(fresh).of_one(fresh.plain_request)
        self.sheet, self.version, self.workload = sheet, sheet.version(fresh.card), workload
        self.requests, self.later = workload.queries, later
        self.fresh = money.multiply(plain, self.requests + later)
        self.strategies = [_fanned(plan, plain, self.requests, later) for plan in caching]
        self.minimum = least_to_cache(caching)

    @property
    def best(self) -> Fanned | None:
        return min(self.strategies, key=lambda each: each.seeded) if self.strategies else None


def _fanned(plan: Plan, plain: Decimal, first: int, later: int) -> Fanned:
    bill = Bill(plan)
    write, read = bill.of_one(plan.missed_request), bill.of_one(plan.read_request)
    reads = money.multiply(read, later)
    together = money.add(money.multiply(write, first), reads)
    seeded = money.add(money.add(write, money.multiply(read, first - 1)), reads)
    premium, gain = Fraction(write - plain) * first, Fraction(plain - read)
    pays = 0 if premium <= 0 else -(-premium // gain) if gain > 0 else None
    return Fanned(plan.strategy, together, seeded, money.multiply(plain, first + later), pays)
