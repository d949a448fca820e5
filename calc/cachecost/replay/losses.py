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
- `model switch`: only another model's cache, or that of another speed, covered them, the prompt was at least half as
  long as there, and the other does not go on to read more.

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

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from .. import money
from ..errors import NotSold
from .epochs import Epochs, RateKey
from .report import Loss
from .survey import RequestSurvey, inline
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
Counts = Counter[tuple[str, RateKey, str]]
"""Tokens by cause, rates and line of the bill."""


def lost(survey: RequestSurvey, lines: Sequence[str]) -> tuple[Counts, dict[str, Counts]]:
    """What all sessions lost, as if they ended with the log, and by name those that lost most; requests without a
    session or a key take no part. The `line` of a request that wrote counts through `lines`."""
    keys, database = survey.keys, survey.database
    shares = {key: each for key, each in survey.shares.items() if key is not None and each.named}
    named = survey.on({key: keys[key] for key in shares})
    used = survey.on({key: keys[key] for key, share in shares.items() if share.writes or share.reads})
    wrote = any(share.writes for share in shares.values())
    plan, touches = Touches(keys, lines, survey.sheets), Touches(used.keys, lines, survey.sheets)
    small = any(each.shortest is not None and each.shortest < plan.terms[key].least for key, each in shares.items())
    stated = sorted(STATED) if any(share.missed for share in shares.values()) else []
    sums = _SUMS | {f"{STATED[each]}/{each}": f"SUM(begun - low) FILTER (miss = '{each}')" for each in stated}
    counts, worst = Counts(), dict[str, Counts]()
    parts = 1 + sum(share.named for share in shares.values()) // HEAP
    for part in range(parts):
        where = f"session IS NOT NULL AND hash(session) % {parts} = {part}"
        if wrote:
            mine = f"(SELECT *, {touches.sheet} AS sheet FROM {used.those} AND {where})"
            several = any(share.several for share in shares.values())
            query = touches.written(mine, sums, _CUTS, stated, several=several)
            database.rows(f"INSERT INTO lost {query}" if part else f"CREATE OR REPLACE TABLE lost AS {query}")
        if small:
            mine = f"(SELECT *, {plan.sheet} AS sheet FROM {named.those} AND {where})"
            for key, tokens in database.rows(plan.small(mine)):
                counts[MINIMUM, keys[key], "input"] += int(tokens)
    query = _in_all(used, sums, lines) if wrote else ""
    for session, name, key, line, *row in database.rows(query) if wrote else ():
        those = counts if session is None else worst.setdefault(name, Counts())
        those.update({(cause, keys[key], lines[line]): int(n) for cause, n in zip(sums, row, strict=True) if n})
    return +counts, worst


def _in_all(survey: RequestSurvey, causes: Iterable[str], lines: Sequence[str]) -> str:
    """Tokens by rates and line of all sessions, and of each of those that lost most in money."""
    dearer = list[tuple[float, ...]]()
    for number, key in survey.keys.items():
        for place, line in enumerate(lines):
            with suppress(NotSold):
                each = (float(_dearer(what, key, line, survey.sheets[key.sheet])) for what in (EXPIRY, COLD))
                dearer.append((number, place, *each))
    columns = enumerate(("key", "line", "again", "plain"))
    rates = inline({name: [row[place] for row in dearer] for place, name in columns})
    again = " + ".join(f'COALESCE("{cause}", 0)' for cause in causes if cause not in (NEVER_READ, COLD, OUTLIVED))
    most = (
        f'SELECT session, SUM(({again}) * again + COALESCE("{NEVER_READ}", 0) * plain) AS spent '
        f"FROM lost JOIN {rates} USING (key, line) GROUP BY session HAVING spent > 0 "
        f"ORDER BY spent DESC, session LIMIT {MOST}"
    )
    own, sums = ", ".join(f'"{cause}"' for cause in causes), ", ".join(f'SUM("{cause}")' for cause in causes)
    return (
        f"SELECT NULL, NULL, key, line, {sums} FROM lost GROUP BY key, line UNION ALL "
        f"SELECT session, name, key, line, {own} FROM lost JOIN ({most}) USING (session) "
        f"LEFT JOIN (SELECT session, name FROM {survey.requests} WHERE name IS NOT NULL) USING (session)"
    )


def losses(counts: Mapping[tuple[str, RateKey, str], int], sheets: Mapping[str, Epochs]) -> list[Loss]:
    """The counts in money, by cause and currency; in the currency of each sheet."""
    tokens = Counter[tuple[str, str]]()
    for (what, key, _), count in counts.items():
        tokens[what, sheets[key.sheet].sheet.currency] += count
    amounts = money.summed(
        ((what, sheets[key.sheet].sheet.currency), money.times(count, _dearer(what, key, line, sheets[key.sheet])))
        for (what, key, line), count in counts.items()
    )
    losses_by_cause = []
    for (what, currency), amount in sorted(amounts.items(), key=lambda each: (each[0][1], -each[1], each[0])):
        outlived = amounts.get((OUTLIVED, currency), Decimal(0)) if what == EXPIRY else Decimal(0)
        cause, _, reason = what.partition("/")
        if what != OUTLIVED:
            losses_by_cause.append(
                Loss(cause, currency, tokens[what, currency], amount, outlived, what == COLD, reason)
            )
    return losses_by_cause


def _dearer(what: str, key: RateKey, line: str, epochs: Epochs) -> Decimal:
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
states the cause. Their table `lost` has a row by session, rates and line."""
