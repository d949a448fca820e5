"""The requests of a log as rows of one table, and beside it what takes part in no what-if.

A request takes part where it is one request with a time and text in its prompt; sums over a time only bound what
caching would have cost, and rent counts as paid. Requests wait, and get their rates many at once.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..prices.usage import MAX_TOKENS, MODALITIES, PARTS
from .account import FEE, UNANSWERED, Account, counts_of
from .epochs import RateKey, microseconds
from .request import Product, Request
from .survey import Database
from .tally import HITS, REQUESTS, STORAGE, Tally

NONE = -1
"""The line of a request that writes nothing or several."""
WAITING = {
    **dict.fromkeys(("place", "moment"), "BIGINT"),
    "product": "INTEGER",
    **dict.fromkeys(("session", "project", "labels"), "VARCHAR"),
    "blocks": "BIGINT[]",
    "miss": "VARCHAR",
    **dict.fromkeys(("missed", "size", "many"), "BIGINT"),
    **dict.fromkeys(("paid", "currency"), "VARCHAR"),
    "aside": "BOOLEAN",
}
"""What is known of a request before it has a price. `place`: its order in the log. `moment`: microseconds since 1970
UTC, NULL without a time. `product`: what tells its rates beside time and size. `labels`: others that were asked for,
in one text. `blocks`: chained ids of the prefix. `miss`: the vendor's reason why `missed` tokens were not read. `size`:
the tokens that select the tier, NULL where they are those of the prompt. `many`: how many requests a sum adds up, NULL
where it is none. `paid`: what the log says it cost, an exact decimal. `aside`: whether more is done with it than to add
up its tokens. Its tokens follow, line by line."""
LOGGED = {
    **dict.fromkeys(("place", "moment"), "BIGINT"),
    "product": "INTEGER",
    **dict.fromkeys(("session", "size", "prompt", "output", "read", "put"), "BIGINT"),
    "line": "INTEGER",
    **dict.fromkeys(("several", "blocks"), "BIGINT[]"),
    "miss": "VARCHAR",
    "missed": "BIGINT",
    "key": "INTEGER",
    "name": "VARCHAR",
}
"""What the table of all requests that take part says of each. `session`: the place of the first request of its session,
which alone has the `name`. `size`: the tokens that select the tier. `prompt`: those of them that are text, of which
`read` and `put` were read and written, as `line` of the bill or as `several`: tokens by line. `output`: text in the
answer. `key`: the place of its rates, NULL without a price."""

LABEL_END = "\x1f"
"""Between the labels of a request: the unit separator of ASCII."""
_MODALITIES = frozenset(f"{modality}.{part}" for modality in MODALITIES for part in PARTS)


class Whole(NamedTuple):
    """A sum over a time: tokens of text by line; `requests` is 0 where unknown. `product`, `at` (microseconds, None
    without a time) and `size` say which rates of another sheet are for it."""

    key: RateKey
    lines: Mapping[str, int]
    requests: int
    product: Product
    at: int | None
    size: int

    @property
    def output(self) -> int:
        return self.lines.get("output", 0)

    @property
    def prompt(self) -> int:
        return sum(self.lines.values()) - self.output


class Source(NamedTuple):
    """Requests that have no price yet: what to read them from, what their `product` counts through, and the tokens of
    every line of the bill that they can have, in SQL. `given`: the columns of WAITING that are not NULL for all.
    `is_plain`: all are single requests of text with a time. No prompt and no answer has more tokens than `largest`.

    Columns are those of LOGGED but for `key`, with names in `session`, and `project`, `labels`, `many` and `aside`.
    `answer`: the tokens of the answer that select the tier; `reads`: all that were read, of any modality.
    """

    text: str
    products: Mapping[int, Product]
    tokens: Mapping[str, str]
    given: Container[str] = ()
    is_plain: bool = True
    largest: tuple[int, int] = (MAX_TOKENS, MAX_TOKENS)

    @property
    def answered(self) -> str:
        """How many requests a row adds up that were answered, in SQL."""
        paid = [tokens for line, tokens in self.tokens.items() if not line.startswith(UNANSWERED)]
        return f"CASE WHEN {' + '.join(paid)} > 0 THEN COALESCE(many, 1) ELSE 0 END"


class Numbered(dict[Any, int]):
    """Names and their numbers, in the order in which they came."""

    def number(self, name: Any) -> int:
        return self.setdefault(name, len(self))


class RequestTable:
    """The requests of a log in the table `requests` of a database, whose `key` counts through `keys`.

    `sums`: what the text of sums over a time adds to the bill. `unchanged`, `unchanged_of_sums`: what no policy
    changes. `keys`, `products`, `lines`: what columns of numbers count through. `count`: how many requests have come,
    the last of them `waiting`. `aside`: those of them with which more is done than to add up their tokens, by place.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.unchanged, self.unchanged_of_sums, self.sums = Tally(), Tally(), Tally()
        self.wholes: list[Whole] = []
        self.keys: Numbered = Numbered()
        self.products: Numbered = Numbered()
        self.lines: Numbered = Numbered()
        self.blocks: Numbered = Numbered()
        self.count = 0
        self.waiting: list[tuple[Any, ...]] = []
        self.aside: dict[int, Request] = {}
        database.load("requests", LOGGED, ())

    def wait(self, request: Request, *, aside: bool = False) -> None:
        """Keep a request, to be priced later."""
        tokens, is_sum = counts_of(request), request.lasting is not None
        aside = aside or is_sum or request.at is None
        if aside or not _MODALITIES.isdisjoint(tokens):
            self.aside[self.count] = request
        product = (request.model, request.provider, request.service, request.region, request.thinking)
        number = self.products.get(product)  # found like its named twin, and faster made
        self.waiting.append(
            (
                self.count,
                None if request.at is None else microseconds(request.at),
                self.products.number(Product(*product)) if number is None else number,
                None if request.blocks else request.session,
                request.project,
                LABEL_END.join(label for _, label in request.labels) or None,
                [self.blocks.number(each) for each in request.blocks] or None,
                *(request.missed or (None, None)),
                request.sizes[1] if is_sum else None,
                request.count if is_sum else None,
                *((None, None) if request.paid is None else (str(request.paid), request.currency)),
                self.count in self.aside or None,
                tokens,
            )
        )
        self.count += 1

    def waited(self) -> Source:
        """The requests that wait; from now on none waits."""
        lines = dict.fromkeys(("input", "cache_read"), "BIGINT")
        lines |= {line: "HUGEINT" if line == STORAGE else "BIGINT" for *_, tokens in self.waiting for line in tokens}
        lines["output"] = lines.pop("output", "BIGINT")  # after what was cached, as bills are read
        *columns, counts = zip(*self.waiting, strict=True)
        some = {name: column for name, column in zip(WAITING, columns, strict=True) if column.count(None) < len(column)}
        rows = list(zip(*some.values(), *([tokens.get(line) for tokens in counts] for line in lines), strict=True))
        is_plain = "aside" not in some and not any(line.startswith(UNANSWERED) for line in lines)
        self.waiting = []
        texts = {line: f'COALESCE("n {line}", 0)' for line in lines}
        source = self.source(
            "waiting", dict(zip(some, some, strict=True)), texts, dict(enumerate(self.products)), is_plain=is_plain
        )
        kinds = {name: WAITING[name] for name in some} | {f"n {line}": kind for line, kind in lines.items()}
        # worked out once for all questions
        self.database.load("waiting", kinds, rows, source.text)
        return source._replace(text="waiting")

    def source(
        self,
        table: str,
        columns: Mapping[str, str],
        counts: Mapping[str, str],
        products: Mapping[int, Product],
        *,
        is_plain: bool = True,
    ) -> Source:
        """A table as a source. `columns`: those of WAITING that it has, in SQL. `counts`: its tokens by line."""

        def total(is_part: Callable[[str], bool]) -> str:
            return f"({' + '.join(count for line, count in counts.items() if is_part(line)) or '0'})::BIGINT"

        writes = {self.lines.number(line): count for line, count in counts.items() if line.startswith("cache_write")}
        written = " + ".join(f"({count} > 0)::INTEGER" for count in writes.values()) or "0"
        line = " ".join(f"WHEN {count} > 0 THEN {number}" for number, count in writes.items())
        several = ", ".join(writes.get(number, "0") for number in range(len(self.lines)))
        answer = total(lambda line: line.endswith("output"))
        size = total(lambda line: not line.endswith("output") and not line.startswith((STORAGE, FEE)))
        given = {name: columns.get(name, f"NULL::{kind}") for name, kind in WAITING.items()}
        values = {
            **given,
            "size": size if is_plain else f"COALESCE({given['size']}, {size})",
            "answer": answer if is_plain else f"CASE WHEN {given['many']} IS NULL THEN {answer} ELSE 0 END",
            "prompt": total(lambda line: line.startswith(_TEXT)),
            "output": total(lambda line: line == "output"),
            "read": total(lambda line: line.startswith("cache_read")),
            "reads": total(lambda line: "cache_read" in line),
            "put": total(lambda line: line.startswith("cache_write")),
            "line": f"CASE WHEN {written} <> 1 THEN {NONE} {line} END",
            "several": f"CASE WHEN {written} > 1 THEN [{several}]::BIGINT[] END",
        }
        tokens = {line: f'"n {line}"' for line in counts}
        selected = [f"{value} AS {name}" for name, value in values.items()]
        selected += [f"{count} AS {tokens[line]}" for line, count in counts.items()]
        return Source(f"(SELECT {', '.join(selected)} FROM {table})", products, tokens, columns.keys(), is_plain)

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens of every line that a request of text can have, in SQL over the table of requests."""
        lines = {"input": "prompt - read - put", "cache_read": "read"}
        for line, number in self.lines.items():
            lines[line] = f"CASE WHEN line = {number} THEN put ELSE COALESCE(several[{number + 1}], 0) END"
        return lines | {"output": "output"}

    def text_sums(self, requests: str, by: str) -> Iterator[tuple[Sequence[int], dict[str, int]]]:
        """Tokens of text by line, with their requests and those that read a cache, for each of some numbers in SQL."""
        sums = {line: f"SUM({tokens})" for line, tokens in self.tokens.items()}
        sums |= {REQUESTS: "COUNT(*)", HITS: "COUNT_IF(read > 0)"}
        query = f"SELECT {by}, {', '.join(sums.values())} FROM {requests} WHERE key IS NOT NULL GROUP BY {by}"
        for row in self.database.rows(query):
            yield row[: -len(sums)], dict(zip(sums, row[-len(sums) :], strict=True))

    def set_aside(self, request: Request, account: Account, key: RateKey, taken: Mapping[str, int]) -> None:
        """Take note of what a priced request adds beside what takes part: sums take none, and tokens of other
        modalities are the same under every policy. One without a text or a time adds nothing."""
        counts, is_sum = counts_of(request), request.lasting is not None
        texts = {line: count for line, count in counts.items() if line.startswith(_TEXT)}
        if not texts or (request.at is None and not is_sum):
            return
        others = account.billed(key, {line: count for line, count in counts.items() if line in _MODALITIES})
        (self.unchanged_of_sums if is_sum else self.unchanged).add(key, others)
        if is_sum:
            number = request.count if request.count > 1 else 0
            at = None if request.at is None else microseconds(request.at)
            lines = texts | {"output": counts.get("output", 0)}
            self.wholes.append(Whole(key, lines, number, request.product, at, request.sizes[1]))
            # images can be billed under the lines of text, so that their names do not tell them apart
            answered = {line: count for line, count in taken.items() if not line.startswith(UNANSWERED)}
            self.sums.add(key, {line: count - others.get(line, 0) for line, count in answered.items()})


_TEXT = ("input", "cache_read", "cache_write")
