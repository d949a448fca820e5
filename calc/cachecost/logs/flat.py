"""Formats that are declared: the keys by which a record is recognised, and the paths of its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate
from json import loads
from typing import Any, NamedTuple

from ..replay.request import Item, Request, Skipped, Unread
from .counts import NONE, Counting, Kind, by_ttl, uncached, usage, written
from .format import Format, Record
from .values import NOTHING, count, given, instant, money, needed, region, service, text

SHAPES = 1_000


class Fields(NamedTuple):
    """Where the fields of a record lie. A path names keys, joined by dots (`tokens.cache.read`); a key may have dots
    itself. Of paths joined by `|` the first that holds a value counts.

    `counting`: whether tokens of `input` include those of `read` and `write` (`inclusive`, unless the record proves
    otherwise) or exclude them (`exclusive`), or whether the record's own `total` decides. `tools`: input beside
    `input`. `ttls`: an object of written tokens by TTL. `thoughts` are inside the output; those of `apart` are not,
    unless the total shows that they are. `audio` and `image`: their tokens in the input, in the output, and among those
    of `read`. `requests`: how many the record sums up.
    """

    input: str
    output: str
    at: str = ""
    tools: str = ""
    read: str = ""
    write: str = ""
    ttls: str = ""
    total: str = ""
    thoughts: str = ""
    apart: str = ""
    audio: tuple[str, str, str] = ("", "", "")
    image: tuple[str, str, str] = ("", "", "")
    counting: Counting = "inclusive"
    requests: str = ""
    model: str = ""
    provider: str = ""
    service: str = ""
    region: str = ""
    session: str = ""
    project: str = ""
    id: str = ""
    paid: str = ""


def _lifted(record: Record, wanted: Collection[str]) -> dict[str, Any]:
    """The values at the wanted paths, each under its whole path: looking for many paths one by one takes longer."""
    lifted = {key: each for key, each in record.items() if key in wanted}
    for key, each in list(lifted.items()):
        if type(each) is dict:
            _lift(lifted, key, each, wanted)
    return lifted


def _lift(lifted: dict[str, Any], path: str, below: Record, wanted: Collection[str]) -> None:
    for key, each in below.items():
        name = f"{path}.{key}"
        if name in wanted:
            if not given(lifted.get(name)):
                lifted[name] = each
            if type(each) is dict:
                _lift(lifted, name, each, wanted)


class _Shapes(dict[tuple[str, ...], Fields]):
    """The fields without the paths that a record lacks, by those that it has: records of a file have few shapes."""

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self.fields = fields
        # all paths and what leads to them: `a`, `a.b` and `a.b.c` for the path `a.b.c`
        ways = (accumulate(path.split("."), "{}.{}".format) for path in all_paths(fields))
        self.wanted = frozenset(start for way in ways for start in way)

    def __missing__(self, keys: tuple[str, ...]) -> Fields:
        if len(self) >= SHAPES:
            self.clear()
        self[keys] = _present(self.fields, keys)
        return self[keys]


@lru_cache(maxsize=100)
def _shapes(fields: Fields) -> _Shapes:
    return _Shapes(fields)


def _present(fields: Fields, keys: tuple[str, ...]) -> Fields:
    def present(path: Any) -> Any:
        return (
            tuple(map(present, path))
            if isinstance(path, tuple)
            else "|".join(each for each in _paths(path) if each in keys)
        )

    return Fields(*map(present, fields))._replace(counting=fields.counting)


@lru_cache(maxsize=1_000)
def _paths(path: str) -> tuple[str, ...]:
    return tuple(path.split("|"))


def value(record: Record, path: str) -> Any:
    """The first value that is given under any of the paths; None where there is none."""
    if not path:
        return None
    if path in record and given(below := record[path]):
        return below
    for each in _paths(path):
        below = _below(record, each)
        if given(below):
            return below
    return None


def _below(record: Record, path: str) -> Any:
    """The value at a path whose keys may have dots: `a.b.c` is `c` in `b` in `a`, `b.c` in `a`, or `c` in `a.b`."""
    if path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    while dot:
        below = record.get(head)
        if isinstance(below, Mapping) and (inside := _below(below, rest)) is not None:
            return inside
        key, dot, rest = rest.partition(".")
        head = f"{head}.{key}"
    return None


def words(record: Record, path: str) -> str:
    """The word or number at a path, empty where there is none."""
    if not path:
        return ""
    text_value = value(record, path)
    return text_value if type(text_value) is str else text({path: text_value}, path)


def number(record: Record, path: str) -> int:
    """The count at a path, 0 where there is none."""
    if not path:
        return 0
    given_value = value(record, path)
    if type(given_value) is int and given_value >= 0:
        return given_value
    return 0 if given_value is None else count({path: given_value}, path)


def object_at(record: Record, path: str) -> Record:
    """The object at a path, also where it is written as JSON text; an empty one where there is none."""
    given_value = value(record, path)
    if isinstance(given_value, str) and given_value.lstrip().startswith("{"):
        try:
            given_value = loads(given_value)
        except (ValueError, RecursionError):
            return NOTHING
    return given_value if isinstance(given_value, Mapping) else NOTHING


def requests(record: Record, fields: Fields, **more: Any) -> list[Item]:
    """The request of a record and what is doubtful about it; `more` are fields of the request that the caller knows.

    Raises BadLog where the record has no count of input.
    """
    shapes = _shapes(fields)
    record = _lifted(record, shapes.wanted)
    fields, all_fields = shapes[tuple(record)], fields
    prompt = needed({all_fields.input: value(record, fields.input)}, all_fields.input)
    prompt += number(record, fields.tools)
    output, apart = number(record, fields.output), number(record, fields.apart)
    read, cache_write = number(record, fields.read), _written(record, fields)
    cached, total = read + written(cache_write), number(record, fields.total) or None
    is_inside = apart > 0 and total in (prompt + output, prompt + cached + output)
    answer = output if is_inside else output + apart
    rest, doubts = uncached(prompt, cached, answer, total, counting=fields.counting)
    used, more_doubts = usage(
        input=rest,
        cache_read=read,
        cache_write=cache_write,
        output=answer,
        audio=_kind(record, fields.audio),
        image=_kind(record, fields.image),
    )
    said: dict[str, Any] = {
        "at": instant(value(record, fields.at), fields.at),
        "model": words(record, fields.model),
        "usage": used,
        "provider": words(record, fields.provider),
        "service": service(value(record, fields.service)),
        "region": region(value(record, fields.region)),
        "session": words(record, fields.session) or None,
        "project": words(record, fields.project) or None,
        "id": words(record, fields.id) or None,
        "paid": money({fields.paid: value(record, fields.paid)}, fields.paid) if fields.paid else None,
        "thinking": apart > 0 or number(record, fields.thoughts) > 0,
    }
    if many := number(record, fields.requests):
        said |= {"count": many, "lasting": timedelta(), "prompt": -(-(rest + cached) // many)}
    return [Request(**(said | more)), *doubts, *more_doubts]


def _kind(record: Record, paths: tuple[str, str, str]) -> Kind:
    if not any(paths):
        return NONE
    sent, answered, read = paths
    is_said = value(record, read) is not None
    return Kind(number(record, sent), number(record, answered), number(record, read) if is_said else None)


def _written(record: Record, fields: Fields) -> int | dict[str, int]:
    written = number(record, fields.write)
    if not fields.ttls:
        return written
    return by_ttl(object_at(record, fields.ttls), written or None, where=fields.ttls)


def unknown(record: Record, path: str, fields: Fields) -> list[Item]:
    """One remark for each number in the object at a path that no field names."""
    known = _known(fields, path)
    return [
        Unread(f"{path}.{key}")
        for key, count in object_at(record, path).items()
        if key not in known and isinstance(count, int) and count and not isinstance(count, bool)
    ]


@lru_cache(maxsize=100)
def _known(fields: Fields, path: str) -> frozenset[str]:
    return frozenset(each.removeprefix(f"{path}.").partition(".")[0] for each in all_paths(fields))


@lru_cache(maxsize=100)
def all_paths(fields: Fields) -> frozenset[str]:
    """Every path of every field."""
    texts = [each for field in fields for each in (field if isinstance(field, tuple) else [field])]
    return frozenset(path for each in texts for path in _paths(str(each)))


def flat(
    name: str,
    keys: str | Callable[[Record], bool],
    fields: Fields,
    *,
    inside: str = "",
    counts: str = "",
    failure: Callable[[Record], str] | None = None,
    is_zero_unpaid: bool = False,
    **more: Any,
) -> Format:
    """The format of records that have all of the keys (paths joined by spaces), or of which a function says so, as they
    are in the file.

    `inside`: the object, or its JSON as text, whose keys are read as the record's own. `counts`: the object in which
    unknown numbers are remarked. `failure`: why a record is no request; empty where it is one. `is_zero_unpaid`: a cost
    of 0 is none. `more`: as in Format.
    """

    def whole(record: Record) -> Record:
        return {**record, **object_at(record, inside)} if inside else record

    def detect(record: Record) -> bool:
        if callable(keys):
            return keys(record)
        record_whole = whole(record)
        return all(value(record_whole, key) is not None for key in keys.split())

    def read(record: Record) -> list[Item]:
        record_whole = whole(record)
        if failure and (reason := failure(record_whole)):
            return [Skipped(reason[:80])]
        free = {"paid": None} if is_zero_unpaid and not value(record_whole, fields.paid) else {}
        return [*requests(record_whole, fields, **free), *(unknown(record_whole, counts, fields) if counts else [])]

    return Format(name, detect, read, **more)
