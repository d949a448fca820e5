"""Formats that are declared: the keys by which a record is recognised, the paths of its fields, and rules.

What is declared is read here, record by record, and by `engines/projection.py` in SQL: both mean the same.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from types import NoneType
from typing import Any, NamedTuple

from ..prices.usage import MODALITIES
from ..replay.request import Doubt, Item, Request, Unread
from .counts import Counting, MediaTokens, by_ttl, ttl_of, uncached, usage, written
from .values import NOTHING, Record, as_object, count, decimal, given, instant, money, needed, region, service, text

SHAPES = 1_000
NOWHERE = ("", "", "")
BLOCK = 512
"""Tokens of the blocks of a request."""


class Fields(NamedTuple):
    """Where the fields of a record lie. A path names keys, joined by dots (`tokens.cache.read`); a key may have dots
    itself, and an object may be written as JSON text. Of paths joined by `|` the first that holds a value counts, of
    those of a count the first that is not 0; counts joined by `+` add up, and parts of an id are one where there is the
    last of them.

    `counting`: whether tokens of `input` include those of `read` and `write` (`inclusive`, unless the record proves
    otherwise, or `within`, unless its total does) or exclude them (`exclusive`), or whether its `total` decides.
    `tools`: input beside `input`. `ttls`: an object of written tokens by TTL. `creation`: tokens of a stored cache.
    `thoughts` are inside the output, those of `apart` are not, unless the total shows the contrary. `audio`, `image`
    and `video`: their tokens in the input, in the output, and among those of `read`. `requests`: how many the record
    sums up. `speed`: where it says `fast`, that is the service. `blocks`: chained ids of the prompt's blocks, each the
    name of everything up to the end of its block. `may_lack_input`: a record without a count of input has none.
    """

    input: str
    output: str
    at: str = ""
    tools: str = ""
    read: str = ""
    write: str = ""
    ttls: str = ""
    creation: str = ""
    total: str = ""
    thoughts: str = ""
    apart: str = ""
    audio: tuple[str, str, str] = NOWHERE
    image: tuple[str, str, str] = NOWHERE
    video: tuple[str, str, str] = NOWHERE
    requests: str = ""
    model: str = ""
    provider: str = ""
    service: str = ""
    speed: str = ""
    region: str = ""
    session: str = ""
    project: str = ""
    id: str = ""
    paid: str = ""
    blocks: str = ""
    counting: Counting = "inclusive"
    may_lack_input: bool = False


PLAIN = frozenset({int, bool, Decimal, NoneType, list})
"""Types of JSON's values that hold no object: asked first, since most values are such, and a test for one is slow."""


def _lifted(record: Record, wanted: Mapping[str, bool]) -> dict[str, Any]:
    """The values at the wanted paths, each under its whole path: looking for many paths one by one takes longer.

    `wanted`: all paths and what leads to them, each with whether a longer one begins so.
    """
    lifted = {key: each for key, each in record.items() if key in wanted}
    for key, each in list(lifted.items()):
        if wanted[key] and type(each) not in PLAIN:
            _lift(lifted, key, each, wanted)
    return lifted


def _lift(lifted: dict[str, Any], path: str, below: object, wanted: Mapping[str, bool]) -> None:
    for key, each in (as_object(below) or NOTHING).items():
        name = f"{path}.{key}"
        if name in wanted:
            if name not in lifted or not given(lifted[name]):
                lifted[name] = each
            if wanted[name] and type(each) not in PLAIN:
                _lift(lifted, name, each, wanted)


class _Shapes(dict[tuple[str, ...], Fields]):
    """The fields without the paths that a record lacks, by those that it has: records of a file have few shapes."""

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self.fields = fields
        paths = [path for path in all_paths(fields) if path]
        # `a` and `a.b` lead to `a.b.c`
        ways = (accumulate(path.split(".")[:-1], "{}.{}".format) for path in paths)
        self.wanted = dict.fromkeys(paths, False) | {start: True for way in ways for start in way}

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
            else "+".join(
                filter(None, ("|".join(each for each in _paths(part) if each in keys) for part in path.split("+")))
            )
        )

    return Fields._make([*map(present, fields[:-2]), *fields[-2:]])


@lru_cache(maxsize=1_000)
def _paths(path: str) -> tuple[str, ...]:
    return tuple(path.split("|"))


def under(start: str, path: Any) -> Any:
    """The same paths below an object."""
    if isinstance(path, tuple):
        return tuple(under(start, each) for each in path)
    return re.sub(r"[^|+]+", lambda each: f"{start}{each[0]}", path)


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
        if type(below) is not dict:  # as nearly all are
            below = as_object(below)
        if below and (inside := _below(below, rest)) is not None:
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


def identity(record: Record, path: str) -> str:
    """The parts of an id, joined by `:`; empty where the last is."""
    *others, last = (words(record, each) for each in path.split("+"))
    return ":".join([*others, last]) if last else ""


def number(record: Record, path: str) -> int:
    """The count at a path, 0 where there is none."""
    if not path:
        return 0
    if "+" in path:
        return sum(number(record, each) for each in path.split("+"))
    for each in _paths(path):
        given_value = _below(record, each)
        if given_value is not None and (many := count({path: given_value}, path)):
            return many
    return 0


def object_at(record: Record, path: str) -> Record:
    """The object at a path, also where it is written as JSON text; an empty one where there is none."""
    return as_object(value(record, path)) or NOTHING


def requests(record: Record, fields: Fields, **more: Any) -> list[Item]:
    """The request of a record and what is doubtful about it; `more` are fields of the request that the caller knows.

    Raises BadLog where the record has no count of input, unless it may lack one.
    """
    shapes = _shapes(fields)
    record = _lifted(record, shapes.wanted)
    fields, all_fields = shapes[tuple(record)], fields
    if fields.may_lack_input:
        prompt = number(record, fields.input)
    else:
        prompt = needed({all_fields.input: value(record, fields.input)}, all_fields.input)
    tools = number(record, fields.tools)
    output, apart, thoughts = (number(record, path) for path in (fields.output, fields.apart, fields.thoughts))
    read, cache_write = number(record, fields.read), _written(record, fields)
    cached, total = read + written(cache_write), number(record, fields.total) or None
    wholes = (prompt + tools + output, prompt + tools + cached + output)
    answer = output if apart and total in wholes else output + apart
    if thoughts and total in [whole + thoughts for whole in wholes]:
        answer += thoughts
    creation = number(record, fields.creation)
    # what was cached is in the prompt alone, never in the input beside it
    rest, doubts = uncached(prompt, cached, tools + answer + creation, total, counting=fields.counting)
    rest += tools
    used, more_doubts = usage(
        input=rest,
        cache_read=read,
        cache_write=cache_write,
        creation=creation,
        output=answer,
        kinds=_kinds(record, fields, all_fields),
    )
    path, odd = _prefix(value(record, fields.blocks), prompt) if fields.blocks else ((), [])
    said: dict[str, Any] = {
        "at": instant(value(record, fields.at), fields.at),
        "model": words(record, fields.model),
        "usage": used,
        "provider": words(record, fields.provider),
        "service": "fast" if words(record, fields.speed) == "fast" else service(value(record, fields.service)),
        "region": region(value(record, fields.region)),
        "session": words(record, fields.session) or None,
        "project": words(record, fields.project) or None,
        "id": identity(record, all_fields.id) or None,
        "paid": money(value(record, fields.paid), fields.paid) if fields.paid else None,
        "thinking": apart + thoughts > 0,
        "blocks": path,
    }
    if many := number(record, fields.requests):
        said |= {"count": many, "lasting": timedelta(), "prompt": -(-(rest + cached) // many)}
    return [Request(**(said | more)), *doubts, *more_doubts, *odd]


def _kinds(record: Record, fields: Fields, all_fields: Fields) -> dict[str, MediaTokens]:
    """The tokens beside text, of each kind of which there are any."""
    kinds = {}
    for name, paths in zip(MODALITIES, (fields.audio, fields.image, fields.video), strict=True):
        if paths != NOWHERE and any(counts := [number(record, path) for path in paths]):
            of_read = _paths(getattr(all_fields, name)[2])
            # said is also what an object of details leaves out
            is_said = any(given(record.get(each)) for path in of_read for each in (path, path.rpartition(".")[0]))
            kinds[name] = MediaTokens(counts[0], counts[1], counts[2] if is_said else None)
    return kinds


def _written(record: Record, fields: Fields) -> int | dict[str, int]:
    written = number(record, fields.write)
    if not fields.ttls:
        return written
    return by_ttl(object_at(record, fields.ttls), written or None, where=fields.ttls)


def _prefix(stated: object, prompt: int) -> tuple[tuple[int, ...], list[Item]]:
    """Chained ids of the blocks of a prompt of so many tokens, as numbers of 64 bits; none, and why, where they cannot
    be ids of blocks of 512.

    A list counts where there are as many ids as the prompt has such blocks, with or without a last one that is not
    full. An object with a `block_size` beside its list is taken at its word: of smaller blocks those ids are taken that
    end one of 512, exact since each names all that is before it.
    """
    if stated is None:
        return (), []
    size = None
    if isinstance(stated, Mapping):
        size = decimal(stated.get("block_size"))
        stated = next((each for each in stated.values() if isinstance(each, list)), None)
    path = tuple(map(_block, stated)) if isinstance(stated, list) else ()
    if not path:
        return (), []
    if size is None:
        if len(path) in (prompt // BLOCK, -(-prompt // BLOCK)):
            return path, []
        return (), [Doubt(f"{len(path)} blocks are not a prompt of {prompt:,} tokens in blocks of {BLOCK}")]
    if size < 1 or size != int(size) or BLOCK % size:
        return (), [Doubt(f"blocks of {size} tokens do not make up blocks of {BLOCK}")]
    step = BLOCK // int(size)
    ends = path[step - 1 :: step]
    return (*ends, path[-1]) if len(path) % step else ends, []  # what is left at the end is a block that is not full


def _block(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
        return value
    return int.from_bytes(blake2b(str(value)[:200].encode(errors="replace"), digest_size=8).digest())


def unknown(inside: Record, path: str, fields: Fields, others: str = "") -> list[Item]:
    """One remark for each key with a value, in the object that was at a path, that no field has and that is none of the
    `others`, joined by spaces, nor a TTL of written tokens."""
    if not inside or inside.keys() <= (known := _known(fields, path, others)):
        return []
    start, has_ttls = f"{path}." if path else "", path == fields.ttls
    keys = (key for key, each in inside.items() if key not in known and each is not None)
    return [Unread(start + key) for key in keys if not (has_ttls and ttl_of(key))]


@lru_cache(maxsize=100)
def _known(fields: Fields, path: str, others: str) -> frozenset[str]:
    start = f"{path}." if path else ""
    named = (each.removeprefix(start).partition(".")[0] for each in all_paths(fields) if each.startswith(start))
    return frozenset([*named, *others.split()])


@lru_cache(maxsize=100)
def all_paths(fields: Fields) -> frozenset[str]:
    """Every path of every field."""
    texts = [each for field in fields[:-2] for each in (field if isinstance(field, tuple) else [field])]
    return frozenset(path for each in texts for part in str(each).split("+") for path in _paths(part))
