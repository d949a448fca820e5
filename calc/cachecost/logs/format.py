"""A log format as a declaration: how its records are recognised, where their fields lie, and what rules say of them.

Records are read here one by one, and many at once in SQL by `engines/projection.py`, from the same declaration.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..replay.request import Item, Skipped
from .counts import Counting
from .envelope import Envelope, opened
from .flat import Fields, object_at, requests, under, unknown, value
from .values import NOTHING, Record

BESIDE = "beside"
"""The counting of records that exclude what was cached, also in a total that does not count it."""
LONGEST = 30
"""Letters of a record that are said in a reason."""
_COUNTINGS: Mapping[str, Counting] = {"inclusive": "inclusive", "exclusive": "exclusive", "total": "total"}

Reader = Callable[[Record], list[Item]]
"""What a record says: requests, charges, and remarks. Raises BadLog or BadUsage where it contradicts itself."""


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


class Format(NamedTuple):
    """One shape of log; of the rules in a list the first that holds counts.

    `keys`: paths, joined by spaces, under which every record has a value; `is_ours` says so where these are not enough.
    `fields`: where the counts and labels lie. `is_enveloped`: a record is a vendor's answer, which people log below
    other keys, with a time, a session and a project around it (`envelope.py`). `parts`: the records of requests in an
    answer, with what no path leads to put where one does.

    `skips`: why a record is no request. `countings`: how the input is counted, where that depends on the record.
    `providers`: who serves requests that name none. `leaves`: of which records only Python knows what they mean.
    `is_zero_unpaid`: a cost of 0 is none. `ttls`: paths of written tokens by TTL, for a table that has a column for
    each. `place`: what `*` is in the paths, for a record; None where a path cannot say it. `more`: what a record says
    of a request beyond the fields. `counts`: paths of objects, joined by spaces (`.` is the record), whose keys are
    remarked unless a field or `others` name them. `is_sum`: a record sums up requests.

    `reader`: reads each part in place of all this. `begin`: makes the reader of the file of that name, where records
    depend on earlier ones or on the name.
    `repeats`: whether later records of one id are the same request seen further on, so that the largest counts.
    `note`: what can never be known from it. `tool`: the program that writes it, and `places` where on a disk: patterns
    such as `${CODEX_HOME:-~/.codex}/sessions/**/*.jsonl`. `tables`: of a database of SQLite.
    """

    name: str
    keys: str = ""
    fields: Fields = Fields("", "")
    is_ours: Callable[[Record], bool] | None = None
    is_enveloped: bool = False
    parts: Callable[[Record], Iterable[Record]] | None = None
    skips: Sequence[Rule] = ()
    countings: Sequence[Rule] = ()
    providers: Sequence[Rule] = ()
    leaves: Sequence[Rule] = ()
    is_zero_unpaid: bool = False
    ttls: Mapping[str, str] = NOTHING
    place: Callable[[Record], str | None] | None = None
    more: Callable[[Record], Mapping[str, Any]] | None = None
    counts: str = ""
    others: str = ""
    is_sum: bool = False
    reader: Reader | None = None
    begin: Callable[[str], Reader] | None = None
    repeats: bool = False
    note: str = ""
    tool: str = ""
    places: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    @property
    def is_declared(self) -> bool:
        """Whether a database can read most records: single requests with paths to their times."""
        return bool(self.fields.at or self.is_enveloped) and not self.is_sum

    def detect(self, record: Record) -> bool:
        """Whether a record is of this format."""
        if self.is_ours:
            return self.is_ours(record)
        answer = opened(record).body if self.is_enveloped else record
        return all(value(answer, key) is not None for key in self.keys.split())

    def read(self, record: Record) -> list[Item]:
        """What a record says: requests, charges, and remarks. Raises BadLog or BadUsage where it contradicts itself."""
        if self.begin:
            return self.begin("")(record)
        envelope = opened(record) if self.is_enveloped else Envelope(record, ())
        if self.is_enveloped and not object_at(envelope.body, self.counts.partition(" ")[0]):
            return [envelope.failure]
        known = envelope.known if self.is_enveloped else NOTHING
        items: list[Item] = []
        for part in self.parts(envelope.body) if self.parts else [envelope.body]:
            items += self.reader(part) if self.reader else self.items(part, **known)
        return items or [Skipped("a page without records")]

    def items(self, record: Record, **known: Any) -> list[Item]:
        """The request of a record by the declaration, and what no field names; or why it is none."""
        if reason := _first(record, self.skips):
            return [Skipped(reason[:80])]
        if value(record, self.fields.at) is not None:
            known.pop("at", None)
        items = self.requests(record, **known, **(self.more(record) if self.more else {}))
        for path in self.counts.split():
            inside = record if path == "." else object_at(record, path)
            items += unknown(inside, path.rpartition("|")[2].removeprefix("."), self.fields, self.others)
        return items

    def requests(self, record: Record, **known: Any) -> list[Item]:
        """The request of a record, as `flat.requests` reads it."""
        fields, counting = self.fields, _first(record, self.countings)
        if counting == BESIDE:
            fields = fields._replace(counting="exclusive", total="")
        elif counting and counting != fields.counting:
            fields = fields._replace(counting=_COUNTINGS[counting])
        if self.is_zero_unpaid and not value(record, fields.paid):
            known["paid"] = None
        if self.providers and value(record, fields.provider) is None:
            known["provider"] = _first(record, self.providers)
        return requests(record, fields, **known)

    def moved(self, start: str) -> "Format":
        """The same below an object: `start` comes before each path, or in the place of `*`."""
        return self._at(lambda path: path.replace("*", start) if self.place else under(start, path))

    def also_in(self, inside: str) -> "Format":
        """The same where an object may have the keys, before those of the record."""
        return self._at(lambda path: re.sub(r"[^|+]+", rf"{inside}.\g<0>|\g<0>", path))

    def _at(self, at: Callable[[str], str]) -> "Format":
        def rules(listed: Sequence[Rule]) -> list[Rule]:
            return [rule._replace(path=at(rule.path)) for rule in listed]

        paths: list[Any] = [tuple(map(at, path)) if isinstance(path, tuple) else at(path) for path in self.fields[:-2]]
        moved = self._replace(fields=Fields._make([*paths, *self.fields[-2:]]), skips=rules(self.skips))
        moved = moved._replace(countings=rules(self.countings), providers=rules(self.providers))
        moved = moved._replace(leaves=rules(self.leaves), counts=" ".join(map(at, self.counts.split())))
        return moved._replace(keys=" ".join(map(at, self.keys.split())))


def _first(record: Record, rules: Sequence[Rule]) -> str:
    """What the first rule says that holds."""
    for rule in rules:
        said = value(record, rule.path)
        text = "" if said is None else str(said).lower() if isinstance(said, bool) else str(said)
        if rule.holds(text):
            return rule.then.replace("{}", text[:LONGEST])
    return ""


def folder_of(name: str) -> str:
    """The folder in which a file of that name is; empty where the name has none."""
    return "".join(name.replace("\\", "/").split("/")[-2:-1])
