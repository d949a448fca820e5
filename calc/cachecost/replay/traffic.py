"""What a what-if needs of every request, kept in columns of whole numbers until the log has been read.

About 90 bytes a request. A request takes part where it is one request with a time; sums over a time only bound what
caching would have cost, and rent counts as paid. Requests of text alone are kept first and priced later, many at once.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from itertools import islice
from operator import le
from typing import TYPE_CHECKING, Any, NamedTuple

from ..prices.usage import MODALITIES
from .account import Taken
from .epochs import microseconds
from .request import Request
from .tally import Key, Tally

if TYPE_CHECKING:
    from .heaps import Store

NONE = -1
"""The session of a request that names none, the key of one without a price, the line of one that writes nothing."""
PENDING = -2
"""The key of a request that has not been priced yet."""
KEPT = ("at", "key", "who", "prompt", "output", "rest", "session", "read", "put", "line")
"""What a what-if needs of every request."""
COLUMNS = (*KEPT, "project")


class Who(NamedTuple):
    """What tells, beside time and size, under which rates a request falls."""

    model: str
    provider: str
    service: str
    region: str | None
    thinking: bool

    @property
    def named(self) -> str:
        """The model as a person would look for it in the log."""
        return f"{self.provider}/{self.model}" if self.provider and self.model else self.model


class Whole(NamedTuple):
    """A sum over a time: text tokens of its prompts and tokens of its answers; `requests` is 0 where nobody says."""

    key: Key
    prompt: int
    output: int
    requests: int


class Traffic:
    """Requests as columns, in the order in which they came.

    `prompt`: text tokens, of which `read` and `put` were read and written; `line` says as which line of the bill (or
    `several` by place, where a request writes more than one). `rest`: tokens of other modalities. `beside`: what no
    policy changes. `sums`, `timeless`: what took no part and is in the bill. Up to `settled` all have their keys.
    `begin`: how many have gone to the `store` before those that the columns hold.
    """

    def __init__(self) -> None:
        self.at, self.key, self.who, self.prompt, self.output, self.rest = (array("q") for _ in range(6))
        self.session, self.project, self.read, self.put, self.line = (array("q") for _ in range(5))
        self.several: dict[int, tuple[tuple[str, int], ...]] = {}
        self.blocks: dict[int, tuple[int, ...]] = {}
        self.beside, self.sums, self.timeless = Tally(), Tally(), Tally()
        self.wholes: list[Whole] = []
        self.settled = self.begin = 0
        self.store: Store | None = None
        self._keys: dict[Key, int] = {}
        self._sessions: dict[str, int] = {}
        self._projects: dict[str, int] = {}
        self._whos: dict[Who, int] = {}
        self._lines: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.at)

    def pend(self, request: Request) -> bool:
        """Keep one request of text with a time, to be priced later; False, and nothing kept, for any other."""
        if request.at is None or request.lasting is not None or request.paid is not None or request.prompt is not None:
            return False
        plain = read = put = output = 0
        line = ""
        for name, count in request.usage.quantities:
            if name == "input":
                plain = int(count)
            elif name == "output":
                output = int(count)
            elif name == "cache_read":
                read = int(count)
            elif not line and name.startswith("cache_write"):
                line, put = name, int(count)
            else:
                return False
        if request.count != 1 or not (text := plain + read + put):
            return False
        self._row(request, PENDING, (text, 0, output, read, put), line)
        return True

    def add(self, request: Request, taken: Taken | None) -> None:
        """Keep a request; `taken` is None where its own model has no price."""
        text = read = output = 0
        written: list[tuple[str, int]] = []
        for name, count in request.usage.quantities:
            kind = name.partition(":")[0]
            if kind == "output":
                output = int(count)
            elif kind in _TEXT:
                text += int(count)
                if kind == "cache_read":
                    read += int(count)
                elif kind == "cache_write":
                    written.append((name, int(count)))
        if request.lasting is not None or request.at is None or not text:
            self._aside(request, taken, text, output)
            return
        key = NONE if taken is None else self.place(taken.key)
        if len(written) > 1:
            self.several[self.begin + len(self.at)] = tuple(written)
        put = sum(count for _, count in written)
        line = written[0][0] if written else ""
        self._row(request, key, (text, request.usage.prompt - text, output, read, put), line)
        if taken is not None and text < request.usage.prompt:
            for line, number in taken.lines:
                if line.startswith(_BESIDE):
                    self.beside.add(taken.key, line, number)

    def _row(self, request: Request, key: int, sizes: tuple[int, int, int, int, int], line: str) -> None:
        """A place in every column. `sizes`: text of the prompt, its other tokens, the answer, what was read and put."""
        if request.blocks:
            self.blocks[len(self.at)] = request.blocks
        prompt, rest, output, read, put = sizes
        self.prompt.append(prompt)
        self.rest.append(rest)
        self.output.append(output)
        self.read.append(read)
        self.put.append(put)
        self.line.append(self._lines.setdefault(line, len(self._lines)) if line else NONE)
        self.session.append(NONE if request.blocks else _numbered(self._sessions, request.session))
        self.project.append(_numbered(self._projects, request.project))
        who = (request.model, request.provider, request.service, request.region, request.thinking)
        number = self._whos.get(who)  # type: ignore[call-overload]  # a tuple is found like its named twin, and faster made
        self.who.append(self._whos.setdefault(Who(*who), len(self._whos)) if number is None else number)
        self.key.append(key)
        self.at.append(0 if request.at is None else microseconds(request.at))

    def extend(self, columns: Mapping[str, bytes], size: int) -> None:
        """Keep so many requests of text at once: columns of int64. Where they have no key they are priced later."""
        for name in COLUMNS:
            told = columns[name] if name in columns else array("q", [_NOT_TOLD[name]]).tobytes() * size
            getattr(self, name).frombytes(told)

    def numbers(self, kind: str, names: Iterable[Any]) -> list[int]:
        """The numbers that names have in the columns, from now on. `kind`: session, project, who or line."""
        kinds: dict[str, dict[Any, int]] = {"session": self._sessions, "project": self._projects}
        known = (kinds | {"who": self._whos, "line": self._lines})[kind]
        return [known.setdefault(name, len(known)) for name in names]

    def _aside(self, request: Request, taken: Taken | None, text: int, output: int) -> None:
        """Sums and requests without a time take no part; rent belongs to the bill of the others."""
        if taken is None or not text:
            return
        if request.lasting is not None:
            self.wholes.append(Whole(taken.key, text, output, request.count if request.count > 1 else 0))
        tally = self.timeless if request.lasting is None else self.sums
        for line, count in taken.lines:
            tally.add(taken.key, line, count)

    def place(self, key: Key) -> int:
        """The place of a key in `known`, from now on."""
        return self._keys.setdefault(key, len(self._keys))

    @property
    def pending(self) -> int:
        return len(self.at) - self.settled

    @property
    def known(self) -> list[Key]:
        """The keys that `key` counts through."""
        return list(self._keys)

    @property
    def whos(self) -> list[Who]:
        return list(self._whos)

    @property
    def lines(self) -> list[str]:
        """The lines that `line` counts through: `cache_write:5m`."""
        return list(self._lines)

    @property
    def sessions(self) -> list[str]:
        return list(self._sessions)

    @property
    def projects(self) -> list[str]:
        return list(self._projects)

    def taken_out(self) -> dict[str, array[int]]:
        """The columns KEPT and `place`, which are held here no longer; of requests with block ids nothing, since their
        order is that of the log: they stay."""
        size, stay = len(self.at), sorted(self.blocks)
        going = [place for place in range(size) if place not in self.blocks] if stay else range(size)
        columns = {name: getattr(self, name) for name in KEPT}
        if stay:
            columns = {name: array("q", map(column.__getitem__, going)) for name, column in columns.items()}
        columns["place"] = array("q", (self.begin + place for place in going))
        for name in COLUMNS:
            setattr(self, name, array("q", map(getattr(self, name).__getitem__, stay)))
        self.blocks = {row: self.blocks[place] for row, place in enumerate(stay)}
        self.begin += size - len(stay)
        self.settled = len(stay)
        return columns

    @property
    def asides(self) -> tuple[Tally, Tally, Tally]:
        """What stands beside the requests."""
        return self.beside, self.sums, self.timeless

    def like(self, columns: Mapping[str, bytes]) -> Traffic:
        """Requests that were taken out, with the numbers that their names have here."""
        found = Traffic()
        for name in ("_keys", "_sessions", "_projects", "_whos", "_lines"):
            setattr(found, name, getattr(self, name))
        size = len(columns["at"]) // 8
        found.extend(columns, size)
        found.settled = size
        if self.several:
            places = array("q", columns["place"])
            found.several = {row: self.several[place] for row, place in enumerate(places) if place in self.several}
        return found

    def order(self) -> list[int] | range:
        """Places in the order of time; requests of one instant in the order of the log."""
        if all(map(le, self.at, islice(self.at, 1, None))):
            return range(len(self))
        return sorted(range(len(self)), key=self.at.__getitem__)

    def written(self, place: int) -> tuple[tuple[str, int], ...]:
        """What a request wrote, by line."""
        if self.begin + place in self.several:
            return self.several[self.begin + place]
        return ((self.lines[self.line[place]], self.put[place]),) if self.put[place] else ()


def _numbered(names: dict[str, int], name: str | None) -> int:
    return NONE if name is None else names.setdefault(name, len(names))


_NOT_TOLD = {"key": PENDING, "rest": 0, "project": NONE}
"""What stands in a column of which nothing is told."""
_TEXT = ("input", "cache_read", "cache_write")
_BESIDE = tuple(f"{modality}." for modality in MODALITIES)
