"""A format as a declaration: by which paths its records are known, where their fields lie, and what rules say of them.

Records are read here one by one, and many at once in SQL by `engines/projection.py`, from the same declaration.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..replay.request import Item, Skipped
from .counts import Counting
from .flat import Fields, object_at, requests, under, unknown, value
from .format import Format, Record
from .values import NOTHING, given

BESIDE = "beside"
"""The counting of records that exclude what was cached, also in a total that does not count it."""
LONGEST = 30
"""Letters of a record that are said in a reason."""


class Rule(NamedTuple):
    """What holds of a record whose text at a path matches a pattern: `then`, with the text in place of `{}`.

    The text is empty where there is none. Patterns match anywhere, in the syntax of RE2, which databases have:
    https://github.com/google/re2/wiki/Syntax. One that begins with `!` holds where the rest does not match.
    """

    path: str
    pattern: str
    then: str = ""

    def holds(self, text: str) -> bool:
        """Whether the rule holds of a text."""
        return (re.search(self.pattern.removeprefix("!"), text) is None) is self.pattern.startswith("!")


class Declared(NamedTuple):
    """What a database needs to know of a format to read most of its records by itself; of the rules in a list the first
    that holds counts.

    `fields`: where the counts and labels lie. `needs`: paths, joined by spaces, that every record of the format has.
    `skips`: why a record is no request. `countings`: how the input is counted, where that depends on the record.
    `leaves`: of which records only the reader knows what they mean. `provider`: who serves requests that name none, and
    `hosts`: that by the beginning of an id. `is_zero_unpaid`: a cost of 0 is none. `is_enveloped`: times, sessions and
    projects are looked for in the answer and around it, as `envelope.py` does. `ttls`: paths of written tokens by TTL,
    for a table that has a column for each. `may_lack_input`: other counts do without it. `place`: what `*` is in the
    paths, for a record; None where a path cannot say it.
    """

    fields: Fields
    needs: str = ""
    skips: Sequence[Rule] = ()
    countings: Sequence[Rule] = ()
    leaves: Sequence[Rule] = ()
    provider: str = ""
    hosts: Mapping[str, str] = NOTHING
    is_zero_unpaid: bool = False
    is_enveloped: bool = False
    ttls: Mapping[str, str] = NOTHING
    may_lack_input: bool = False
    place: Callable[[Record], str | None] | None = None

    def moved(self, start: str) -> "Declared":
        """The same below an object: `start` comes before each path, or in the place of `*`."""

        return self._at(lambda path: path.replace("*", start) if self.place else under(start, path))

    def also_in(self, inside: str) -> "Declared":
        """The same where an object may have the keys, before those of the record."""
        return self._at(lambda path: re.sub(r"[^|+]+", rf"{inside}.\g<0>|\g<0>", path))

    def _at(self, at: Callable[[str], str]) -> "Declared":
        def rules(listed: Sequence[Rule]) -> list[Rule]:
            return [rule._replace(path=at(rule.path)) for rule in listed]

        paths: list[Any] = [tuple(map(at, path)) if isinstance(path, tuple) else at(path) for path in self.fields]
        fields = Fields(*paths)._replace(counting=self.fields.counting)
        moved = self._replace(fields=fields, skips=rules(self.skips), countings=rules(self.countings))
        return moved._replace(leaves=rules(self.leaves), needs=" ".join(map(at, self.needs.split())))

    def skipped(self, record: Record) -> list[Item]:
        """Why a record is no request; empty where it is one."""
        reason = _first(record, self.skips)
        return [Skipped(reason[:80])] if reason else []

    def requests(self, record: Record, **more: Any) -> list[Item]:
        """The request of a record, as `flat.requests` reads it."""
        fields, counting = self.fields, _first(record, self.countings)
        if counting == BESIDE:
            fields = fields._replace(counting="exclusive", total="")
        elif counting and counting != fields.counting:
            fields = fields._replace(counting=_COUNTINGS[counting])
        if self.is_zero_unpaid and not value(record, fields.paid):
            more["paid"] = None
        return requests(record, fields, **more)


_COUNTINGS: Mapping[str, Counting] = {"inclusive": "inclusive", "exclusive": "exclusive", "total": "total"}


def _first(record: Record, rules: Sequence[Rule]) -> str:
    for rule in rules:
        said = value(record, rule.path)
        text = "" if said is None else str(said).lower() if isinstance(said, bool) else str(said)
        if rule.holds(text):
            return rule.then.replace("{}", text[:LONGEST])
    return ""


def flat(
    name: str,
    keys: str | Callable[[Record], bool],
    fields: Fields,
    *,
    inside: str = "",
    counts: str = "",
    **more: Any,
) -> Format:
    """The format of records that have all of the keys (paths joined by spaces), or of which a function says so, as they
    are in the file.

    `inside`: the object, or its JSON as text, whose keys are read as the record's own. `counts`: the object in which
    unknown numbers are remarked. `more`: as in Declared and in Format.
    """
    declared = Declared(fields, keys if isinstance(keys, str) else "")
    declared = declared._replace(**{each: more.pop(each) for each in declared._fields if each in more})

    def whole(record: Record) -> Record:
        below = object_at(record, inside) if inside else NOTHING
        return {**record, **{key: each for key, each in below.items() if given(each)}} if below else record

    def detect(record: Record) -> bool:
        if callable(keys):
            return keys(record)
        record_whole = whole(record)
        return all(value(record_whole, key) is not None for key in keys.split())

    def read(record: Record) -> list[Item]:
        whole_record = whole(record)
        if skipped := declared.skipped(whole_record):
            return skipped
        remarks = unknown(object_at(whole_record, counts), counts, fields) if counts else []
        return [*declared.requests(whole_record), *remarks]

    return Format(name, detect, read, declared=declared.also_in(inside) if inside else declared, **more)
