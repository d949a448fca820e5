"""What the caching of a log cost more than it had to, by cause, in SQL over windows.

Counts do not show texts, so the prompts of a session on one model are compared by length. A request reads the tokens
[0, read) and writes [read, end). It continues an earlier request if it reads to where that one ended; then all that it
writes is new. A request that continues none while an earlier text goes on behind it is another text, such as that of a
sub-agent, and all that it writes is new too. In any other write, tokens that the session had cached before were lost to

- `expiry`: no entry covered them any more when the request came;
- `early eviction`: an entry covered them by its TTL, nothing was read, and the prompt was not shorter;
- `changed prefix`: the same, but a part was read or the prompt was shorter, so system, tools or messages had changed
  (or the request before had not been answered yet). A change of the first tokens of a prompt that is not shorter looks
  like an early eviction and is called so;
- `compaction`: the same, but the prompt was less than half as long, and no later text is as long again;
- `model switch`: only another model's cache covered them, the prompt was at least half as long as there, and the other
  model does not go on to read more.

Such a token cost a write instead of a read, at most: a change may have left less of the prompt than its length says. Of
the new tokens, those that no later request reaches are `writes never read`, which cost a write instead of plain input;
the others are the `cold start`, which is no loss. So each written token has one cause, and what causes cost adds up to
the premium paid and no more. Reads extend the life that a write was given; longer TTLs come first in a prompt, as
vendors demand.

Where the vendor itself states why a prompt missed the cache, and of how many tokens, that is the cause of so many of
the first tokens that the request wrote; `STATED` says which of the causes above it is.

`prompts under the minimum` were sent plain, though the one before them in the session was not longer ago than the TTL:
they cost plain input instead of a read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from .. import money
from .epochs import Epochs, Key
from .policies import Database
from .report import Loss
from .touches import Touches, kind

EXPIRY, EVICTION, SWITCH, PREFIX = "expiry", "early eviction", "model switch", "changed prefix"
COMPACTION, NEVER_READ, MINIMUM = "compaction", "writes never read", "prompts under the minimum"
COLD = "cold start"
"""First writes that were read later: what caching costs, and no loss."""
OUTLIVED = "outlived"
"""No cause: those tokens of `expiry` that the longest TTL of their card would have kept alive."""
STATED = {
    # https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics
    **dict.fromkeys(("system_changed", "tools_changed", "messages_changed"), PREFIX),
    "model_changed": SWITCH,
    # https://developers.openai.com/api/docs/guides/prompt-caching
    **dict.fromkeys(("prompt_cache_key_changed", "text_format_changed", "input_changed"), PREFIX),
    **dict.fromkeys(("reasoning_effort_changed", "verbosity_changed"), PREFIX),
    "context_compacted": COMPACTION,
    "service_tier_changed": SWITCH,
}
"""Vendors' reasons -> causes. `CAUSE/reason` is a cause with its reason; others tell nothing of the request."""
MOST = 5
"""Sessions that are named as those that lost most."""
HEAP = 1 << 21
"""Requests whose sessions are followed together, so that they are sorted in memory."""
Counts = Counter[tuple[str, Key, str]]
"""Tokens by cause, rates and line of the bill."""


def counts(
    database: Database, requests: str, keys: Mapping[int, Key], lines: Sequence[str], sheets: Mapping[str, Epochs]
) -> Counts:
    """What all sessions lost, as if they ended with the log; those of parts with whole sessions can be added up.

    `requests`: what to read them from, with the columns of `traffic.LOGGED`; `key` is one of `keys` and `line` counts
    through `lines`. Requests without a session or a key take no part.
    """
    totals: Counts = Counter()
    plan, taking = Touches(keys, lines, sheets), "session IS NOT NULL AND key IS NOT NULL"
    looked_for = f"COUNT(*) FILTER (WHERE put > 0), COUNT(*) FILTER (WHERE {plan.is_small})"
    stated = "LIST(DISTINCT miss) FILTER (WHERE put > 0)"
    query = f"SELECT COUNT(*), {looked_for}, {stated} FROM {requests} WHERE {taking}"
    ((count, writes, small, reasons),) = database.rows(query)
    sums = _sums(sorted(STATED.keys() & {*(reasons or ())}))
    numbers = {"session": "BIGINT", "key": "INTEGER", "line": "INTEGER"}
    database.load(LOST, numbers | dict.fromkeys(sums, "HUGEINT"), [])
    parts = 1 + count // HEAP
    for part in range(parts):
        mine = f"(SELECT *, {plan.sheet} AS sheet FROM {requests} WHERE {taking} AND session % {parts} = {part})"
        if writes:
            database.rows(f"INSERT INTO {LOST} {plan.written(mine, sums, _CUTS, tuple(STATED))}")
        for key, tokens in database.rows(plan.small(mine)) if small else ():
            totals[MINIMUM, keys[key], "input"] += int(tokens)
    if writes:
        totals.update(_counted(database, list(sums), "TRUE", keys, lines))
    return +totals


def worst(
    database: Database, keys: Mapping[int, Key], lines: Sequence[str], sheets: Mapping[str, Epochs]
) -> dict[str, Counts]:
    """The sessions that lost most of those that were counted last, by name; of parts with whole sessions, the worst of
    all are among the worst of each."""
    if not (written := database.rows(f"SELECT DISTINCT key, line FROM {LOST}")):
        return {}
    causes = [each for (each,) in database.rows(f"SELECT column_name FROM (DESCRIBE {LOST})")][3:]
    dearer = [
        (key, line, *(float(_dearer(what, keys[key], lines[line], sheets[keys[key].sheet])) for what in (EXPIRY, COLD)))
        for key, line in written
    ]
    database.load("dearer", {"key": "INTEGER", "line": "INTEGER", "again": "DOUBLE", "plain": "DOUBLE"}, dearer)
    again = " + ".join(f'COALESCE("{cause}", 0)' for cause in causes if cause not in (NEVER_READ, COLD, OUTLIVED))
    ranked = database.rows(
        "SELECT name, session FROM ("
        f'SELECT session, SUM(({again}) * again + COALESCE("{NEVER_READ}", 0) * plain) AS lost '
        f"FROM {LOST} JOIN dearer USING (key, line) GROUP BY session) JOIN sessions ON number = session "
        f"WHERE lost > 0 ORDER BY lost DESC, session LIMIT {MOST}"
    )
    return {name: _counted(database, causes, f"session = {session}", keys, lines) for name, session in ranked}


def _counted(
    database: Database, causes: Sequence[str], where: str, keys: Mapping[int, Key], lines: Sequence[str]
) -> Counts:
    """Tokens by cause, rates and line of the sessions of a condition."""
    sums = ", ".join(f'SUM("{cause}")' for cause in causes)
    rows = database.rows(f"SELECT key, line, {sums} FROM {LOST} WHERE {where} GROUP BY key, line")
    return Counter(
        {
            (cause, keys[key], lines[line]): int(number)
            for key, line, *row in rows
            for cause, number in zip(causes, row, strict=True)
            if number
        }
    )


def losses(counts: Mapping[tuple[str, Key, str], int], sheets: Mapping[str, Epochs]) -> list[Loss]:
    """The counts in money, by cause and currency; in the currency of each sheet."""
    tokens: Counter[tuple[str, str]] = Counter()
    amounts: dict[tuple[str, str], Decimal] = {}
    for (what, key, line), count in counts.items():
        place = what, sheets[key.sheet].sheet.currency
        tokens[place] += count
        spent = money.times(count, _dearer(what, key, line, sheets[key.sheet]))
        amounts[place] = money.add(amounts.get(place, Decimal(0)), spent)
    losses_by_cause = []
    for (what, currency), amount in sorted(amounts.items(), key=lambda each: (each[0][1], -each[1], each[0])):
        outlived = amounts.get((OUTLIVED, currency), Decimal(0)) if what == EXPIRY else Decimal(0)
        cause, _, reason = what.partition("/")
        if what != OUTLIVED:
            losses_by_cause.append(
                Loss(cause, currency, tokens[what, currency], amount, outlived, what == COLD, reason)
            )
    return losses_by_cause


def _dearer(what: str, key: Key, line: str, epochs: Epochs) -> Decimal:
    """What a token of the line cost above what it had to; nothing where it was no dearer."""
    cached = kind(key, epochs)
    cheaper = "input" if what in (NEVER_READ, COLD) or cached is None else f"cache_read:{cached}"
    rates = epochs.rates(key, line, cheaper)
    return max(Decimal(0), money.subtract(rates[line].each, rates[cheaper].each))


_CUTS = {
    "lived": "CASE WHEN anew THEN LEAST(alive, reach) END",
    "old": "CASE WHEN anew THEN LEAST(known, reach) END",
    "moved": "CASE WHEN anew THEN LEAST(elsewhere, reach) END",
    "reached": "LEAST(after, reach)",
}
"""Where the causes of what a touch wrote meet, from its `read` to its `reach`; each lies behind the one before it."""
_SUMS = {
    EVICTION: "SUM(lived - begun) FILTER (read = 0 AND reach >= alive)",
    PREFIX: "SUM(lived - begun) FILTER (2 * reach >= alive AND (read > 0 OR reach < alive))",
    COMPACTION: "SUM(lived - begun) FILTER (2 * reach < alive)",
    EXPIRY: "SUM(old - lived)",
    OUTLIVED: "SUM(saved - lived)",
    SWITCH: "SUM(moved - old)",
    COLD: "SUM(reached - moved)",
    NEVER_READ: "SUM(high - reached)",
}
"""The tokens of each cause that were written as one line of the bill, from `low` to `high`; up to `begun` the vendor
states the cause."""
LOST = "lost"
"""The table of those sums by session, rates and line."""


def _sums(reasons: Sequence[str]) -> dict[str, str]:
    """The same with the reasons that vendors state in a log."""
    return _SUMS | {f"{STATED[each]}/{each}": f"SUM(begun - low) FILTER (miss = '{each}')" for each in reasons}
