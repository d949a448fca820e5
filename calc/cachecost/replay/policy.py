"""Ways to cache the same traffic: fresh, automatic, written, kept alive, stored, or when seen again.

Each is a name, what a price sheet has to sell for it, and one expression of SQL: all that a policy is stands here.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from ..errors import BadWorkload
from ..prices.caching import Lifetime
from ..prices.card import RateCard
from ..strategies.assumptions import PER
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, parsed
from ..units import MICROSECOND, duration, show_duration
from .epochs import Epochs, RateKey

KINDS = (FRESH, AUTOMATIC, WRITTEN, KEEP_ALIVE, STORED, SECOND_SIGHT)
FOREVER = 2**60
"""A life in microseconds that no log outlasts: 36,000 years."""


class Policy(NamedTuple):
    """One way to serve all requests. `life`: microseconds after the last touch at which an entry can still be read,
    pings included; `ttl`: what a write is billed as; `every`: microseconds between pings, of which `pings` at most
    follow the last request."""

    name: str
    kind: str
    life: int = 0
    ttl: str = ""
    every: int = 0
    pings: int = 0

    @property
    def read(self) -> str:
        """The line under which its reads are billed."""
        return f"cache_read:{self.kind if self.kind in (AUTOMATIC, STORED) else WRITTEN}"


class PolicyTerms(NamedTuple):
    """What a vendor asks of a prompt under one policy: at least so many tokens, and whole blocks of so many.

    `step`: the microseconds of a minute or an hour where a stored entry pays for those that it has started.
    """

    least: int = 0
    block: int = 1
    step: int = 1

    def cacheable(self, tokens: int) -> int:
        return 0 if tokens < self.least else tokens // self.block * self.block


NOT_SOLD = PolicyTerms(least=2**62)
"""Where the rates of a request do not sell the policy, it is sent plain."""


def policy(name: str, *, pings: int = 0) -> Policy:
    """The policy that a name means: `fresh`, `automatic` (never dies), `automatic:1h`, `written:5m`, `second-sight:5m`,
    `stored:1h` (deleted when idle so long), `keep-alive:5m` (at most `pings` follow a request). BadWorkload else."""
    kind, _, ttl = name.partition(":")
    if kind not in KINDS or (bool(ttl) != (kind != FRESH) and kind != AUTOMATIC):
        expected = "fresh, automatic, written:TTL, keep-alive:TTL, stored:IDLE or second-sight:TTL"
        raise BadWorkload(f"{name!r} is no policy; expected {expected}", word="policy")
    life = duration(ttl) // MICROSECOND if ttl else FOREVER
    if kind == KEEP_ALIVE:
        return Policy(name, kind, life * (pings + 1), ttl, life, pings)
    return Policy(name, kind, life, ttl)


def offered(keys: Collection[RateKey], sheets: Mapping[str, Epochs], *, longest: bool = False) -> tuple[Policy, ...]:
    """Every policy that the rates of some key sell: fresh first, then by name of strategy as its card lists them.

    Pings go on for as long as they cost no more than writing anew, by the rates of the first key that sells the TTL.
    Automatic entries live for the shortest time that the card of some key says, or the `longest`, and for ever where
    no card says it.
    """
    policies: dict[str, Policy] = {FRESH: policy(FRESH)}
    for key in keys:
        epochs = sheets[key.sheet]
        for name in (name for strategy in epochs.sold(key) for name in _served(strategy, epochs.card(key))):
            if name not in policies:
                policies[name] = policy(name, pings=worthwhile(key, epochs, name) if name.startswith(KEEP_ALIVE) else 0)
    if AUTOMATIC in policies and (ends := lifetimes(keys, sheets)):
        life = max(end.most for end in ends) if longest else min(end.least for end in ends)
        policies[AUTOMATIC] = policies[AUTOMATIC]._replace(life=life // MICROSECOND)
    return tuple(policies.values())


def lifetimes(keys: Iterable[RateKey], sheets: Mapping[str, Epochs]) -> list[Lifetime]:
    """How long automatic entries live by the cards of some keys, each once; cards that do not say it are left out."""
    kinds = (sheets[key.sheet].card(key).caching.automatic for key in keys)
    return list(dict.fromkeys(kind.lifetime for kind in kinds if kind and kind.lifetime))


def _served(strategy: str, card: RateCard) -> Iterable[str]:
    """The names of the policies that a strategy serves."""
    kind, _, ttl = strategy.partition(":")
    if kind == AUTOMATIC:
        yield AUTOMATIC
    if kind == STORED and card.caching.stored:
        yield f"{STORED}:{show_duration(card.caching.stored.default_ttl)}"
    if kind == WRITTEN and card.caching.written and card.caching.written.refresh:
        yield from (strategy, f"{SECOND_SIGHT}:{ttl}", f"{KEEP_ALIVE}:{ttl}")


def worthwhile(key: RateKey, epochs: Epochs, name: str) -> int:
    """How many pings after a request still cost no more, with the read that they are for, than to write anew."""
    written, read = epochs.each(key, f"cache_write:{parsed(name).ttl}"), epochs.each(key, f"cache_read:{WRITTEN}")
    return max(0, int(written // read) - 1) if read else 0


def terms(one: Policy, key: RateKey, sheets: Mapping[str, Epochs]) -> PolicyTerms:
    """What the rates of a key ask of a prompt under a policy; NOT_SOLD where they do not sell it."""
    epochs, served = sheets[key.sheet], parsed(one.name).sold
    if one.kind == FRESH or served not in epochs.sold(key):
        return NOT_SOLD
    caching = getattr(epochs.card(key).caching, served.partition(":")[0])
    per = PER[getattr(caching, "billed_per", "second")]
    step = 1 if per == PER["second"] else per // MICROSECOND
    return PolicyTerms(caching.min_tokens or 0, getattr(caching, "block", None) or 1, step)


def expressions(one: Policy, common: int = 0) -> dict[str, str]:
    """What a policy does with one request, or with one node of its path, in SQL over the columns of `policies`: tokens
    read, written and created, pings and the tokens that they read, token-microseconds of rent. `common`: tokens that
    all sessions begin with."""
    others = f"WHEN gap_of_any <= {one.life} THEN {enough(f'LEAST({common}, tokens)')} " if common else ""
    hit = f"CASE WHEN gap <= {one.life} THEN shared {others}ELSE 0 END"
    again = f"CASE WHEN gap_twice <= {one.life} THEN shared_twice ELSE 0 END"
    if one.kind == AUTOMATIC:
        return {"read": hit}
    if one.kind == WRITTEN:
        return {"read": hit, "written": f"tokens - {hit}"}
    if one.kind == KEEP_ALIVE:
        # a ping at the end of every life that ends before the next request
        needed = f"LEAST({one.pings}, GREATEST(0, (next - 1) // {one.every}))"
        pings = f"CASE WHEN path = 0 THEN 0 WHEN next IS NULL THEN {one.pings} ELSE {needed} END"
        return {"read": hit, "written": f"tokens - {hit}", "pings": pings, "pinged": f"({pings}) * path"}
    if one.kind == SECOND_SIGHT:
        return {"read": again, "written": f"{hit} - {again}"}
    if one.kind == STORED:
        # idle for too long, it is deleted, and the step of time that was started is paid to its end
        over = f"{one.life} + (step - (moment + {one.life} - since_{one.life}) % step) % step"
        return {
            "read": f"alike_{one.life}",
            "created": f"CASE WHEN gap <= {one.life} THEN 0 ELSE tokens END",
            "rent": f"CAST(entry_{one.life} AS HUGEINT) * CASE WHEN next <= {one.life} THEN next ELSE {over} END",
        }
    return {}


def enough(tokens: str) -> str:
    """Fewer tokens in common than the vendor's minimum are none."""
    return f"CASE WHEN {tokens} >= least THEN {tokens} ELSE 0 END"
