"""Why tokens were written, token by token and with plain loops: the slow way, for comparison with the plan in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Touch(NamedTuple):
    """A request that read or wrote: `pieces` as (line, life, tokens), longer lives first; `life` of what it found."""

    place: int
    sheet: str
    key: int
    at: int
    read: int
    pieces: tuple[tuple[int, int, int], ...]
    life: int

    @property
    def reach(self) -> int:
        return self.read + sum(tokens for *_, tokens in self.pieces)


def lost(session: Sequence[Touch]) -> Counter[tuple[str, int, int]]:
    """Tokens by cause, key and line of the touches of a session in the order of time."""
    results: Counter[tuple[str, int, int]] = Counter()
    lives = sorted({one.life for one in session}.union(life for one in session for _, life, _ in one.pieces))
    for one in session:
        mine = [each for each in session if each.sheet == one.sheet]
        n, reach, others = mine.index(one), one.reach, session[session.index(one) + 1 :]
        before, after, spans = mine[:n], mine[n + 1 :], spans_of(mine)
        alive, known = longest_alive(before, one, lives), max((each.reach for each in before), default=0)
        caches = ([each for each in session if each.sheet == sheet] for sheet in {each.sheet for each in session})
        abroad = max(longest_alive(cache, one, lives) for cache in caches)
        resumed = next((b.read for a, b in zip([one, *others], others, strict=False) if a.sheet != b.sheet), 0)
        abroad = abroad if 2 * reach >= abroad and resumed <= reach else 0
        back = any(not follows(a, b) and b.reach >= alive for a, b in zip(mine[n:], after, strict=False))
        beside = n in spans or any(a < n < b for b, a in spans.items()) or (2 * reach < alive and back)
        why = "compaction" if 2 * reach < alive else "changed prefix" if one.read or reach < alive else "early eviction"
        causes = [] if beside else [(why, alive), ("expiry", known), ("model switch", abroad)]
        causes += [("cold start", max((each.reach for each in after), default=0)), ("writes never read", reach)]
        lines = [line for line, _, tokens in one.pieces for _ in range(tokens)]
        results.update(
            (next(w for w, end in causes if p < end), one.key, line) for p, line in enumerate(lines, one.read)
        )
    return results


def follows(one: Touch, other: Touch) -> bool:
    return other.read > 0 and other.read // 128 == one.reach // 128


def spans_of(mine: Sequence[Touch]) -> dict[int, int]:
    """Of each touch that continues another: the one before it, or the last in its block, once."""
    result, ends = dict[int, int](), dict[int, int | None]()
    direct = [n for n in range(1, len(mine)) if follows(mine[n - 1], mine[n])]
    for n, one in enumerate(mine):
        start = n - 1 if n in direct else ends.get(one.read // 128) if one.read else None
        result.update({} if start is None else {n: start})
        ends.update({one.read // 128: None} if one.read and n not in direct else {})
        ends.update({one.reach // 128: n} if n + 1 not in direct else {})
    return result


def longest_alive(mine: Sequence[Touch], one: Touch, lives: Sequence[int]) -> int:
    """How far entries of the touches before one reach that still live."""
    ends, known, alive = dict.fromkeys(lives, 2**62), set[int](), 0
    for each in (each for each in mine if (each.at, each.place) < (one.at, one.place)):
        for life in lives:
            lasting = sum(tokens for _, other, tokens in each.pieces if other >= life)
            known |= {life} if lasting else set()
            ends[life] = each.read + lasting if lasting else min(ends[life], each.read) if each.pieces else ends[life]
            end = min(each.reach, ends[life]) if life in known or each.life >= life else 0
            alive = max(alive, each.reach if life == lives[0] else end) if one.at - each.at <= life else alive
    return alive
