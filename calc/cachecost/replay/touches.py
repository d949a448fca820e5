"""Requests that read or wrote a cache, in SQL: how far each reaches, what is alive by then, and what it writes anew.

`losses` says what that means; here are the windows over a session and a model.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from ..strategies.names import AUTOMATIC, STORED, WRITTEN
from ..units import MICROSECOND, duration
from .epochs import Epochs, RateKey
from .survey import by_cache, by_key

_PROMISED = "5m"
"""How long an automatic cache can be counted on, where the vendor names no time to live."""
PLACES = 1 << 40
"""Requests of a log at most. An instant and a place in one integer order requests, so that equal instants have an order
too, and a frame can still reach back by time."""
_BLOCK = 128
"""Tokens that a read may fall short of the end that it continues: vendors read whole blocks of up to so many."""


class KeyTerms(NamedTuple):
    """What the rates of a key say of caching: the life of an entry in microseconds where its write names no TTL, the
    longest life that is sold, the fewest tokens of a write, and the smallest prompt that can be cached."""

    life: int
    longest: int
    least_written: int
    least: int


def kind(key: RateKey, epochs: Epochs) -> str | None:
    """The kind of caching that a request could have used: written where it is sold; None where none is."""
    kinds = [strategy.partition(":")[0] for strategy in epochs.sold(key)]
    return next((kind for kind in (WRITTEN, AUTOMATIC, STORED) if kind in kinds), None)


def _terms(key: RateKey, epochs: Epochs) -> KeyTerms:
    card, used = epochs.card(key), kind(key, epochs)
    written = card.caching.written
    life = _life(written.usual_ttl if written else _PROMISED)
    longest = max(map(_life, written.ttls)) if written else life
    return KeyTerms(life, longest, card.least_written, (getattr(card.caching, used).min_tokens or 0) if used else 0)


@cache
def _life(ttl: str) -> int:
    """A time to live in microseconds; 0 where none is named."""
    return duration(ttl) // MICROSECOND if ttl else 0


class Touches:
    """The queries. A touch is a request that read or wrote a cache: it covers the tokens up to `reach`, read + written.

    All windows go by session and sheet in the order of `tick`: the instant, and within it the place in the log.
    """

    def __init__(self, keys: Mapping[int, RateKey], lines: Sequence[str], sheets: Mapping[str, Epochs]) -> None:
        self.terms = {number: _terms(key, sheets[key.sheet]) for number, key in keys.items()}
        self.sheet, self.sheets = by_cache(keys, sheets)
        self.lives_of = [
            {number: _life(line.partition(":")[2]) or each.life for number, each in self.terms.items()}
            for line in lines
        ]
        """Of every line, how long its writes live by key."""
        self.lives = sorted(
            {each.life for each in self.terms.values()}.union(*(each.values() for each in self.lives_of))
        )

    @property
    def is_small(self) -> str:
        """Whether a prompt is under the minimum."""
        return f"read = 0 AND prompt < {self._by_key('least')}"

    def _by_key(self, name: str) -> str:
        """One of the terms of each request's rates."""
        return by_key({number: getattr(each, name) for number, each in self.terms.items()})

    def written(
        self,
        requests: str,
        sums: Mapping[str, str],
        cuts: Mapping[str, str],
        stated: Sequence[str],
        *,
        several: bool = True,
    ) -> str:
        """Tokens by session, key and line, one for each of the sums. `cuts`: where causes meet between what a touch
        read and what it covers, each behind the one before it; `stated`: reasons of vendors that name a cause;
        `several`: some touches wrote as several lines."""
        covered, others = self._covered(requests), self.sheets > 1
        longest = self._by_key("longest")
        seen = (
            "SELECT place, scope, key, line, several, miss, missed, read, put, reach, LAG(reach) OVER s AS before, "
            f"LEAD(read) OVER s AS next, ROW_NUMBER() OVER s AS number, {self._alive('scope')} AS alive, "
            "COALESCE(MAX(reach) OVER (s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS known, "
            "COALESCE(MAX(reach) OVER (s ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0) AS after, "
            f"CASE WHEN moment - LAG(moment) OVER s <= {longest} THEN before ELSE 0 END AS outlived "
            f"FROM covered WINDOW s AS (PARTITION BY scope ORDER BY tick)"
        )
        joined = f"LEFT JOIN ({self._elsewhere()}) USING (place)" if others else ""
        elsewhere = "COALESCE(reach_elsewhere, 0)" if others else "0"
        seen = (
            f"SELECT *, {elsewhere} AS elsewhere, "
            f"read > 0 AND read // {_BLOCK} IS NOT DISTINCT FROM before // {_BLOCK} AS continues, "
            f"COALESCE(next, 0) > 0 AND next // {_BLOCK} = reach // {_BLOCK} AS continued, "
            "put > 0 AND NOT continues AND read < GREATEST(known, elsewhere) AS doubtful "
            f"FROM ({seen}) {joined}"
        )
        named = ", ".join(f"'{reason}'" for reason in stated)
        begun = f"CASE WHEN miss IN ({named}) THEN LEAST(read + missed, reach) ELSE read END" if stated else "read"
        each = zip(("begun", *cuts), cuts.items(), strict=False)
        places = (f"GREATEST({behind}, {place}) AS {name}" for behind, (name, place) in each)
        cut = f"SELECT *, {begun} AS begun, {', '.join(places)} FROM anew"
        named_sums = ", ".join(f'{text} AS "{name}"' for name, text in sums.items())
        pieces = "SELECT *, read AS low, reach AS high FROM cut WHERE several IS NULL AND put > 0"
        pieces += self._several() if several else ""
        inside = ", ".join(f"LEAST(GREATEST({name}, low), high) AS {name}" for name in ("begun", *cuts))
        saved = "LEAST(GREATEST(LEAST(outlived, old), lived, low), high) AS saved"
        return (
            f"WITH covered AS ({covered}), seen AS ({seen}), {_TEXTS}, cut AS ({cut}) "
            f"SELECT scope // {self.sheets} AS session, key, line, "
            f"{named_sums} "
            f"FROM (SELECT scope, key, line, read, reach, alive, miss, low, high, {inside}, {saved} FROM ({pieces})) "
            "GROUP BY ALL"
        )

    def small(self, requests: str) -> str:
        """Tokens by key of prompts under the minimum, each behind the one before it."""
        theirs = f"(SELECT DISTINCT session, sheet FROM {requests} WHERE {self.is_small})"
        behind = (
            f"SELECT *, LAG(prompt) OVER s AS before, moment - LAG(moment) OVER s AS gap "
            f"FROM {requests} SEMI JOIN {theirs} USING (session, sheet) "
            "WINDOW s AS (PARTITION BY session, sheet ORDER BY moment, place)"
        )
        alive = f"gap <= {self._by_key('life')}"
        return f"SELECT key, SUM(LEAST(prompt, before)) FROM ({behind}) WHERE {self.is_small} AND {alive} GROUP BY key"

    def _covered(self, requests: str) -> str:
        """The touches, with the tokens that each keeps alive for each of the lives: all of them for the shortest.

        What lives longer ends with the last write of such a life; a write of a shorter life behind it cuts it off.
        """
        written = f"CASE WHEN read > 0 OR put >= {self._by_key('least_written')} THEN put ELSE 0 END"
        touches = (
            f"SELECT place, session, sheet, session * {self.sheets} + sheet AS scope, key, line, several, "
            f"miss, missed, moment, CAST(moment AS HUGEINT) * {PLACES} + place AS tick, read, {written} AS put, "
            f"read + {written} AS reach "
            f"FROM {requests} WHERE read > 0 OR {written} > 0"
        )
        for number, life in enumerate(self.lives[1:], 1):
            lasting = " + ".join(
                f"CASE WHEN {by_key(lives)} >= {life} THEN {_tokens(line)} ELSE 0 END"
                for line, lives in enumerate(self.lives_of)
            )
            wrote = f"CASE WHEN put > 0 THEN read + NULLIF({lasting}, 0) END"
            stretch = "COUNT(wrote) OVER (PARTITION BY scope ORDER BY tick)"
            unknown = f"CASE WHEN {self._by_key('life')} >= {life} THEN reach ELSE 0 END"
            ends = (
                f"COALESCE(FIRST_VALUE(wrote) OVER s, {unknown}), "
                "MIN(CASE WHEN wrote IS NULL AND put > 0 THEN read END) OVER s"
            )
            touches = f"SELECT *, {stretch} AS stretch FROM (SELECT *, {wrote} AS wrote FROM ({touches}))"
            touches = (
                f"SELECT * EXCLUDE (wrote, stretch), LEAST(reach, {ends}) AS cover_{number} FROM ({touches}) "
                "WINDOW s AS (PARTITION BY scope, stretch ORDER BY tick)"
            )
        return touches

    def _alive(self, scope: str) -> str:
        """How far entries of earlier touches reach that have not expired."""
        covers = [f"cover_{number}" if number else "reach" for number in range(len(self.lives))]
        frames = [f"RANGE BETWEEN {life * PLACES} + place PRECEDING AND 1 PRECEDING" for life in self.lives]
        living = (
            f"MAX({cover}) OVER (PARTITION BY {scope} ORDER BY tick {frame})"
            for cover, frame in zip(covers, frames, strict=True)
        )
        return f"GREATEST(0, {', '.join(living)})"

    def _elsewhere(self) -> str:
        """How far entries of other models reach in the session, where the prompt was taken there from them."""
        several = "(SELECT session FROM covered GROUP BY session HAVING MIN(sheet) < MAX(sheet))"
        crossed = (
            f"SELECT *, {self._alive('session')} AS elsewhere, "
            "CASE WHEN sheet <> LAG(sheet) OVER t THEN read END AS begins "
            f"FROM covered SEMI JOIN {several} USING (session) WINDOW t AS (PARTITION BY session ORDER BY tick)"
        )
        following = (
            f"SELECT *, FIRST_VALUE(begins IGNORE NULLS) OVER (PARTITION BY session ORDER BY tick "
            f"ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS resumed FROM ({crossed})"
        )
        return (
            "SELECT place, elsewhere AS reach_elsewhere "
            f"FROM ({following}) WHERE 2 * reach >= elsewhere AND COALESCE(resumed, 0) <= reach"
        )

    def _several(self) -> str:
        """The pieces of requests that wrote as several lines: longer lives first."""
        order = sorted(range(len(self.lives_of)), key=lambda line: -max(self.lives_of[line].values(), default=0))
        low, condition = "read", ""
        for line in order:
            high = f"{low} + COALESCE(several[{line + 1}], 0)"
            where = f"several IS NOT NULL AND put > 0 AND several[{line + 1}] > 0"
            condition += (
                f" UNION ALL SELECT * REPLACE ({line} AS line), {low} AS low, {high} AS high FROM cut WHERE {where}"
            )
            low = high
        return condition


def _tokens(line: int) -> str:
    """What a request wrote as one line."""
    return f"CASE WHEN several IS NOT NULL THEN COALESCE(several[{line + 1}], 0) WHEN line = {line} THEN put ELSE 0 END"


_TEXTS = f"""
reads AS (
    SELECT place, scope, 2 * number AS step, read // {_BLOCK} AS block FROM seen WHERE read > 0 AND NOT continues
),
ends AS (SELECT place, scope, 2 * number + 1 AS step, reach // {_BLOCK} AS block FROM seen WHERE NOT continued),
meetings AS (
    SELECT *, step % 2 = 1 AS ended FROM (
        FROM reads SEMI JOIN ends USING (scope, block) UNION ALL FROM ends SEMI JOIN reads USING (scope, block)
    )
),
links AS (
    SELECT place, scope, step, NOT ended AND LAG(ended) OVER b AS continues,
        CASE WHEN ended AND NOT LEAD(ended) OVER b THEN LEAD(step) OVER b END AS until
    FROM meetings WINDOW b AS (PARTITION BY scope, block ORDER BY step)
),
spans AS (SELECT scope, step, until FROM links WHERE until > 0),
passing AS (
    SELECT place, MAX(until) OVER (PARTITION BY scope ORDER BY step) > step AS beside FROM (
        SELECT NULL AS place, * FROM spans
        UNION ALL SELECT place, scope, 2 * number, NULL FROM seen SEMI JOIN spans USING (scope) WHERE doubtful
    )
),
shrunk AS (SELECT place, scope FROM seen WHERE doubtful AND 2 * reach < alive),
returned AS (
    SELECT place, doubtful AND 2 * reach < alive AND alive <= MAX(CASE WHEN NOT continues THEN reach END)
        OVER (PARTITION BY scope ORDER BY number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS beside
    FROM seen SEMI JOIN shrunk USING (scope)
),
spared AS (
    SELECT place FROM links WHERE continues
    UNION ALL SELECT place FROM passing WHERE beside AND place IS NOT NULL
    UNION ALL SELECT place FROM returned WHERE beside
),
anew AS (SELECT *, doubtful AND place NOT IN (FROM spared) AS anew FROM seen)
"""
"""Which touches write anew what was there before: the `doubtful` ones, but for those that continue an earlier text, and
those beside a text that goes on behind them.

The end of a touch that the next does not continue, and the start of one that does not continue the touch before it,
meet in a `block` of the session: a start right behind an end continues it. `step` numbers starts and ends.
"""
