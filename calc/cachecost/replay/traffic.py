"""The requests of a log as rows of one table, and beside it what takes part in no what-if.

A request takes part where it is one request with a time; sums over a time only bound what caching would have cost, and
rent counts as paid. Requests of text alone wait and are priced many at once, all others have their rates already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..prices.usage import MODALITIES
from .account import Taken
from .epochs import Key, microseconds
from .policies import Database
from .request import Product, Request
from .tally import Tally

NONE = -1
"""The line of a request that writes nothing or several, the key of one that is known to have no price."""
COLUMNS = {
    **dict.fromkeys(("place", "moment"), "BIGINT"),
    "product": "INTEGER",
    **dict.fromkeys(("session", "project"), "VARCHAR"),
    "labels": "VARCHAR",
    **dict.fromkeys(("prompt", "rest", "output", "read", "put"), "BIGINT"),
    "line": "INTEGER",
    **dict.fromkeys(("several", "blocks"), "BIGINT[]"),
    "miss": "VARCHAR",
    "missed": "BIGINT",
    "known": "INTEGER",
}
"""What is told of every request. `place`: its order in the log. `moment`: microseconds since 1970 UTC. `product`: what
tells its rates beside time and size. `prompt`: text tokens, of which `read` and `put` were read and written; `rest`:
its other tokens. `line`: as which line of the bill they were written, or `several`: tokens by line. `blocks`: chained
ids of the prefix. `labels`: others that were asked for, in one text. `miss`: the
vendor's reason why `missed` tokens were not read. `known`: its rates where they are known already, NULL where they are
not."""


LOGGED = {name: kind for name, kind in COLUMNS.items() if name not in ("project", "labels", "known")}
LOGGED |= {"session": "BIGINT", "key": "INTEGER"}
"""What the table of all requests with text in their prompt says of each: `session` as a number, and `key`, the place of
its rates, NULL where it has no price."""

TABLES = {"requests": LOGGED, "sessions": {"name": "VARCHAR", "number": "BIGINT"}}
STATE = ("unchanged", "sums", "timeless", "wholes", "count")
LABEL_END = "\x1f"
"""Between the labels of a request: the unit separator of ASCII."""
NUMBERED = ("keys", "products", "lines", "blocks")


class Whole(NamedTuple):
    """A sum over a time: text tokens of its prompts and tokens of its answers; `requests` is 0 where unknown."""

    key: Key
    prompt: int
    output: int
    requests: int


class Source(NamedTuple):
    """Requests as a table with COLUMNS: what to read from, what their `product` counts through, and the tokens of
    every line of the bill that they can have, in SQL."""

    text: str
    products: Mapping[int, Product]
    tokens: Mapping[str, str]


class Names(dict[Any, int]):
    """Names and their numbers, in the order in which they came."""

    def number(self, name: Any) -> int:
        return self.setdefault(name, len(self))


class Traffic:
    """The requests of a log in the table `requests` of a database, whose `session` is a number of the table `sessions`,
    and whose `key` counts through `keys`.

    `unchanged`: what no policy changes. `sums`, `timeless`: what took no part and is in the bill. `keys`, `products`,
    `lines`: what columns of numbers count through. `count`: how many requests have come, the last of them `waiting`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.unchanged, self.sums, self.timeless = Tally(), Tally(), Tally()
        self.wholes: list[Whole] = []
        self.keys: dict[Key, int] = Names()
        self.products: dict[Product, int] = Names()
        self.lines: dict[str, int] = Names()
        self.count = 0
        self.waiting: list[tuple[Any, ...]] = []
        self.blocks: dict[int, int] = Names()
        for table, columns in TABLES.items():
            database.load(table, columns, ())

    def state(self) -> dict[str, Any]:
        """What is known of all requests that have been settled, but for the tables themselves."""
        return {name: getattr(self, name) for name in STATE} | {name: list(getattr(self, name)) for name in NUMBERED}

    def restore(self, state: Mapping[str, Any], tables: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        """Put back a state and the rows of the tables."""
        for name in STATE:
            setattr(self, name, state[name])
        for name in NUMBERED:
            setattr(self, name, Names((each, number) for number, each in enumerate(state[name])))
        for name, rows in tables.items():
            self.database.load(name, TABLES[name], rows)

    def pend(self, request: Request) -> bool:
        """Keep one request of text with a time, to be priced later; False, and nothing kept, for any other."""
        if request.at is None or request.lasting is not None or request.paid is not None or request.prompt is not None:
            return False
        if request.count != 1 or request.calls:
            return False
        sizes = _sizes(request)
        if sizes is None or not (sizes.text or sizes.output):
            return False
        self._wait(request, sizes, rest=0, known=None)
        return True

    def add(self, request: Request, taken: Taken | None) -> None:
        """Keep a request whose rates are known; `taken` is None where its own model has no price."""
        sizes = _sizes(request, strict=False)
        assert sizes
        if request.lasting is not None or request.at is None or not sizes.text:
            self._aside(request, taken, sizes)
            return
        rest = request.usage.prompt - sizes.text
        self._wait(request, sizes, rest=rest, known=NONE if taken is None else self.place(taken.key))
        if taken is not None and rest:
            self.unchanged.merge(cell for cell in taken.cells if cell[1].startswith(_MODALITIES))

    def place(self, key: Key) -> int:
        """The place of a key in `keys`, from now on."""
        return self.keys.setdefault(key, len(self.keys))

    def waited(self) -> Source:
        """The requests that wait; from now on none waits."""
        self.database.load("waiting", COLUMNS, self.waiting)
        self.waiting = []
        return Source("waiting", dict(enumerate(self.products)), self.tokens)

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens of every line that a request of text can have, in SQL."""
        lines = {"input": "prompt - read - put", "cache_read": "read"}
        for line, number in self.lines.items():
            lines[line] = f"CASE WHEN line = {number} THEN put ELSE COALESCE(several[{number + 1}], 0) END"
        return lines | {"output": "output"}

    def _wait(self, request: Request, sizes: Sizes, *, rest: int, known: int | None) -> None:
        product = (request.model, request.provider, request.service, request.region, request.thinking)
        number = self.products.get(product)  # type: ignore[call-overload]  # found like its named twin, and faster made
        line, several = NONE, None
        if len(sizes.written) == 1:
            line = self.lines.setdefault(sizes.written[0][0], len(self.lines))
        elif sizes.written:
            several = self.by_line(sizes.written)
        self.waiting.append(
            (
                self.count,
                microseconds(request.at),  # type: ignore[arg-type]  # only requests with a time wait
                self.products.setdefault(Product(*product), len(self.products)) if number is None else number,
                None if request.blocks else request.session,
                request.project,
                LABEL_END.join(label for _, label in request.labels),
                sizes.text,
                rest,
                sizes.output,
                sizes.read,
                sizes.put,
                line,
                several,
                [self.blocks.setdefault(each, len(self.blocks)) for each in request.blocks] or None,
                *(request.missed or (None, None)),
                known,
            )
        )
        self.count += 1

    def by_line(self, written: Sequence[tuple[str, int]]) -> list[int]:
        """Tokens by the number of their line."""
        numbers = {self.lines.setdefault(line, len(self.lines)): count for line, count in written}
        return [numbers.get(number, 0) for number in range(len(self.lines))]

    def _aside(self, request: Request, taken: Taken | None, sizes: Sizes) -> None:
        """Sums and requests without a time take no part; rent belongs to the bill of the others."""
        if taken is None or not sizes.text:
            return
        if request.lasting is not None:
            requests = request.count if request.count > 1 else 0
            self.wholes.append(Whole(taken.key, sizes.text, sizes.output, requests))
        tally = self.timeless if request.lasting is None else self.sums
        tally.merge(taken.cells)

    @property
    def known(self) -> list[Key]:
        """The keys that `key` counts through."""
        return list(self.keys)

    @property
    def asides(self) -> tuple[Tally, Tally, Tally]:
        """What stands beside the requests."""
        return self.unchanged, self.sums, self.timeless


class Sizes(NamedTuple):
    """Tokens of a request: text of its prompt, of which some were read and put; the answer; what it wrote by line."""

    text: int
    read: int
    put: int
    output: int
    written: Sequence[tuple[str, int]]


def _sizes(request: Request, *, strict: bool = True) -> Sizes | None:
    """The text of a request; with `strict`, None where it has other lines as well."""
    text = read = cached = output = 0
    written: list[tuple[str, int]] = []
    for name, quantity in request.usage.quantities:
        if name == "input":
            text += int(quantity)
        elif name == "output":
            output += int(quantity)
        elif name == "cache_read":
            read += int(quantity)
        elif name.startswith("cache_write"):
            written.append((name, int(quantity)))
            cached += int(quantity)
        elif strict:
            return None
        elif name.startswith("cache_read"):
            read += int(quantity)
    return Sizes(text + read + cached, read, cached, output, written)


_MODALITIES = tuple(f"{modality}." for modality in MODALITIES)
