"""Ways to cache the same traffic: fresh, automatic, written, kept alive, stored, or when seen again.

Each is a name, what a price sheet has to sell for it, and one expression of SQL for what it would have done with the
requests of a log, which is then summed by rates.

Requests are followed session by session in the order of time, or block by block in the order of the log. Both come down
to the same columns: how long ago the entry was touched that a request finds (`gap`), how many tokens it finds there
while that lives (`shared`), and how long it is until the next touch (`next`). A policy is an expression over them.

Sessions: counts do not say it, so it is assumed that within a session a prompt extends the one before, or is its
beginning where it is shorter. So min(before, now) of the tokens that can be cached is found again. A read or a write
starts the time to live again; all that can be cached and is not read is written; below the vendor's minimum nothing is
cached and nothing touched. A stored entry stays as it was created, and only the beginning that all prompts since have
had is read. Requests without a session share nothing and are sent plain.

Blocks: all `floor(prompt / 512)` full blocks can be cached, the rest is plain input; the first blocks, as many as the
vendor's minimum needs, are one node, so that fewer count as no match; a request touches the whole path, and reads as
far as every node of it lives; there is one scope for all requests of a model. A clock that goes back stands still.
Under `stored` every node is rented by itself, which no vendor sells: a bound from below.

Pings and rent until the next request are billed at the rates of the request before them. Where a card bills started
minutes or hours, an entry pays up to the end of the last one when it is deleted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import BadUsage, BadWorkload
from ..prices.caching import Lifetime
from ..prices.card import RateCard
from ..strategies.assumptions import PER
from ..strategies.names import AUTOMATIC, FRESH, KEEP_ALIVE, SECOND_SIGHT, STORED, WRITTEN, parsed
from ..units import MICROSECOND, duration, show_duration
from .epochs import Epochs, RateKey
from .survey import Database, RequestSurvey, Share, by_key
from .tally import HITS, REQUESTS, STORAGE, Tally

KINDS = (FRESH, AUTOMATIC, WRITTEN, KEEP_ALIVE, STORED, SECOND_SIGHT)
FOREVER = 2**60
"""A life in microseconds that no log outlasts: 36,000 years."""
BLOCK = 512
"""Tokens that an id stands for."""
NEVER = 2**61
"""The gap to a touch that never was: longer than any life."""


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
    """What a policy does with one request, or with one node of its path, in SQL over the columns of `tallies`: tokens
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


def tallies(survey: RequestSurvey, policies: Sequence[Policy], common: int = 0) -> dict[str, Tally]:
    """The tally of every policy by its name, for the requests of a survey that have keys, all of one sheet. `common`:
    tokens that all sessions begin with.

    The survey's requests have columns `place` (their order in the log), `moment` (microseconds since 1970 UTC), `key`,
    `prompt` and `output` (tokens), `session` (NULL where nothing tells it) and `blocks` (chained ids, each the name of
    a whole prefix; NULL where the log has none).
    """
    keys = {key: survey.keys[key] for key in survey.shares if key is not None}
    # policies that ask the same of a prompt are weighed in one query; stored entries cost it most, and go apart
    alike: dict[tuple[bool, tuple[PolicyTerms, ...]], list[Policy]] = {}
    for one in policies:
        terms_of = tuple(terms(one, key, survey.sheets) for key in keys.values())
        if any(each != NOT_SOLD for each in terms_of):
            alike.setdefault((one.kind == STORED, terms_of), []).append(one)
    named, traced = (any(getattr(survey.shares[key], what) for key in keys) for what in ("named", "traced"))
    if alike and named:
        _walk(survey)
    done: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for (_, asks), together in alike.items():
        terms_of_key = dict(zip(keys, asks, strict=True))
        touches = [(_sessions(terms_of_key, together, common), common)] if named else []
        touches += [(_blocks(survey, terms_of_key, together), 0)] if traced else []
        for text, shared in touches:
            for name, key, what, count in _sums(survey.database, text, together, shared):
                done[name, key][what] += count
    return {
        one.name: Tally(
            (rates, line, count)
            for key, rates in keys.items()
            for line, count in _lines(one, survey.shares[key], done[one.name, key])
        )
        for one in policies
    }


def _lines(one: Policy, share: Share, did: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The sums of a key under the names of lines: what was neither read nor written went as plain input."""
    yield "input", int(share.prompt) - did["read"] - did["written"]
    yield one.read, did["read"] + did["pinged"]
    yield f"cache_write:{one.ttl}", did["written"]
    yield "creation", did["created"]
    yield "output", int(share.output)
    yield STORAGE, did["rent"]
    yield REQUESTS, share.requests + did["pings"]
    yield HITS, did["hits"] + did["pings"]


def _sums(
    database: Database, touches: str, policies: Sequence[Policy], common: int
) -> Iterator[tuple[str, int, str, int]]:
    """What policies do with all touches: by policy and key what it is that was done, and with how many tokens."""
    columns = {(one, what): text for one in policies for what, text in expressions(one, common).items()}
    sums = {name: f"SUM({text})" for name, text in columns.items()}
    for (one, what), text in columns.items():
        if what == "read":
            sums[one, "hits"] = f"COUNT(*) FILTER (WHERE first AND ({text}) > 0)"
    for key, *row in database.rows(f"SELECT key, {', '.join(sums.values())} FROM ({touches}) GROUP BY key"):
        for (one, what), count in zip(sums, row, strict=True):
            yield one.name, key, what, int(count or 0)


def _walk(survey: RequestSurvey) -> None:
    """Requests into the table `walk`, for each session and its caches in the order of time. There LAG and LEAD need no
    window to be sorted: DuckDB streams what has neither PARTITION BY nor ORDER BY in the order of the table."""
    survey.database.rows(
        f"CREATE OR REPLACE TABLE walk AS SELECT {survey.session} AS session, moment, place, key, prompt "
        f"FROM {survey.those} "
        "AND session IS NOT NULL AND blocks IS NULL ORDER BY 1, 2, 3"
    )


def _sessions(terms_of: Mapping[int, PolicyTerms], policies: Sequence[Policy], common: int = 0) -> str:
    """Requests of `walk` that a cache takes, each behind the one before it in its session."""
    sold = {key: each for key, each in terms_of.items() if each != NOT_SOLD}
    least, block, step = (by_key({key: each[place] for key, each in sold.items()}) for place in range(3))
    smallest = by_key({key: each.least for key, each in terms_of.items()})
    cacheable = f"CASE WHEN prompt < {smallest} THEN 0 ELSE prompt // {block} * {block} END"
    cached = f"SELECT session, moment, place, key, {cacheable} AS tokens FROM walk"
    since = "CASE WHEN LAG(session) OVER () = session THEN moment - LAG(moment) OVER ()"
    query = (
        f"SELECT *, {since} ELSE {NEVER} END AS gap, gap AS own, "
        "CASE WHEN LEAD(session) OVER () = session THEN LEAD(moment) OVER () - moment END AS next, "
        f"{least} AS least, {step} AS step, tokens AS path, TRUE AS first, "
        f"{enough('LEAST(LAG(tokens) OVER (), tokens)')} AS shared FROM ({cached}) WHERE tokens > 0"
    )
    if common:
        behind = "moment - LAG(moment) OVER (ORDER BY moment, place)"
        query = f"SELECT *, COALESCE({behind}, {NEVER}) AS gap_of_any FROM ({query})"
    if _uses("gap_twice", policies):
        # of another session the request before may be: then the gap of this one is NEVER
        query = (
            f"SELECT *, GREATEST(gap, COALESCE(LAG(gap) OVER (), {NEVER})) AS gap_twice, "
            f"{enough('LEAST(LAG(shared) OVER (), tokens)')} AS shared_twice FROM ({query})"
        )
    return _lives(query, "session", "moment, place", policies)


def _uses(column: str, policies: Sequence[Policy]) -> bool:
    return any(column in text for one in policies for text in expressions(one).values())


def _blocks(survey: RequestSurvey, terms_of: Mapping[int, PolicyTerms], policies: Sequence[Policy]) -> str:
    """Every node of every path, each behind the touch before it. The first node takes as many blocks as the largest
    minimum of the sheet."""
    first = -(-max(1, *(each.least for each in terms_of.values() if each != NOT_SOLD)) // BLOCK)
    sold = f"key IN ({', '.join(str(key) for key, each in terms_of.items() if each != NOT_SOLD)})"
    is_twice = f"{sold} AND LEN(LIST_DISTINCT(blocks[1:{_FULL}])) < {_FULL}"
    if survey.database.rows(f"SELECT 1 FROM {survey.those} AND {is_twice} LIMIT 1"):
        raise BadUsage(
            "blocks: an id stands twice in one prompt; expected chained ids, each the name of a whole prefix"
        )
    step = by_key({key: each.step for key, each in terms_of.items()})
    traced = (
        f"SELECT place, MAX(moment) OVER (ORDER BY place) AS moment, key, {sold} AS sold, {step} AS step, "
        f"{_FULL} AS full_blocks, blocks FROM {survey.those} AND blocks IS NOT NULL"
    )
    nodes = (
        f"SELECT place, moment, key, step, full_blocks, 0 AS least, UNNEST(blocks[{first}:full_blocks]) AS node, "
        f"UNNEST(range({first}, full_blocks + 1)) AS depth FROM ({traced}) WHERE sold AND full_blocks >= {first}"
    )
    behind = (
        f"SELECT *, COALESCE(moment - LAG(moment) OVER n, {NEVER}) AS own, LEAD(moment) OVER n - moment AS next, "
        f"{BLOCK} * CASE WHEN depth = {first} THEN {first} ELSE 1 END AS tokens, depth = {first} AS first, "
        f"{BLOCK} * CASE WHEN depth = full_blocks THEN depth ELSE 0 END AS path "
        f"FROM ({nodes}) WINDOW n AS (PARTITION BY node ORDER BY place)"
    )
    # a path is read only as far as every node on it lives
    down = "OVER (PARTITION BY place ORDER BY depth)"
    query = f"SELECT *, MAX(own) {down} AS gap, tokens AS shared FROM ({behind})"
    if _uses("gap_twice", policies):
        before = f"LAG(gap, 1, {NEVER}) OVER (PARTITION BY node ORDER BY place)"
        query = (
            f"SELECT *, MAX(GREATEST(gap, gap_before)) {down} AS gap_twice, tokens AS shared_twice "
            f"FROM (SELECT *, {before} AS gap_before FROM ({query}))"
        )
    return _lives(query, "node", "place", policies)


_FULL = f"LEAST(LEN(blocks), prompt // {BLOCK})"


def _lives(touches: str, entry: str, order: str, policies: Sequence[Policy]) -> str:
    """The same with the lives of stored entries: what was put in, since when it is rented, and the beginning that all
    prompts since have had."""
    for life in {one.life for one in policies if one.kind == STORED}:
        begun = f"SUM(CASE WHEN own <= {life} THEN 0 ELSE 1 END) OVER (PARTITION BY {entry} ORDER BY {order})"
        touches = (
            f"SELECT *, FIRST_VALUE(tokens) OVER v AS entry_{life}, FIRST_VALUE(moment) OVER v AS since_{life}, "
            f"MIN(tokens) OVER v AS lowest_{life} FROM (SELECT *, {begun} AS life_{life} FROM ({touches})) "
            f"WINDOW v AS (PARTITION BY {entry}, life_{life} ORDER BY {order})"
        )
        touches = f"SELECT *, {enough(f'lowest_{life}')} AS alike_{life} FROM ({touches})"
    return touches
