"""What an answer says to programs, said once: from one declaration come its JSON, its CSV and the schema of the API.

A declaration is a class of `RecordFields`: the names of its annotated fields are the JSON keys, in order, and their
types say how a value is written. A value is the attribute of that name of the answer, unless the field says what it is
`of`.
`RecordFields` hold no values: `record` reads them off the answer and returns plain ones.

    class Rent(RecordFields):
        model: ModelId = of("sheet.id")
        tokens: Count
        hour: Decimal

Money, rates and counts of expected events are `Decimal`: text with every digit. A `Fraction` is a number of the
question, as text that reads back as the same number. Unknown is null, never zero.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from operator import attrgetter, itemgetter
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ..units import show_duration, show_instant
from .figures import given, plain
from .table import Table

SCHEMA_VERSION = 1
Record = dict[str, Any]

# Types of the fields. What is beside a type is for the API's schema: a keyword of JSON Schema and its value.
Text = Annotated[str, ("minLength", 1)]
Count = Annotated[int, ("minimum", 0)]
ModelId = Annotated[str, ("pattern", "^[^/]+/[^/]+")]
Version = Annotated[str, ("pattern", "^[^/]+/.+@[0-9]{4}-[0-9]{2}-[0-9]{2}")]
Currency = Annotated[str, ("pattern", "^[A-Z]{3}$")]
Point = Annotated[int | timedelta | Decimal, ("examples", (4, "46m40s", "0.2415"))]
Status = Literal["ok", "refused", "withdrawn"]
CardStatus = Literal["in force", "announced", "scheduled", "withdrawn", "cancelled"]


class RecordFields:
    """Base of every declaration; one that inherits may leave out the fields that it `omits`. Where it is `partial`, an
    answer may lack any of its keys; where it is `open`, it may have others."""

    omits = frozenset[str]()
    partial = False
    open = False


def of(value: str | int | Callable[[Any], Any]) -> Any:
    """Where a field's value comes from: the dotted path of an attribute, a place, or a function of the answer."""
    if callable(value):
        return staticmethod(value)
    return attrgetter(value) if isinstance(value, str) else itemgetter(value)


LATER: Any = of(lambda _: None)
"""Where the value of a field comes from that is null until `reply.counting` or the like fills it in."""


def record(declared: type[RecordFields], answer: Any, **given: Any) -> Record:
    """The fields of an answer as plain values; `given` are values that the answer itself does not know."""
    plain_values = {}
    for name, key, value_of, written in _readers(declared):  # type: ignore[arg-type]  # a class is hashable
        value = given[name] if name in given else value_of(answer)
        plain_values[key] = None if value is None else written(value)
    return plain_values


def records(declared: type[RecordFields], answers: Iterable[Any]) -> list[Record]:
    """The fields of each of several answers."""
    return [record(declared, each) for each in answers]


def fields(declared: type[RecordFields]) -> dict[str, Any]:
    """The JSON keys of a declaration and their types, `Annotated` ones with what stands beside them."""
    hints = get_type_hints(declared, include_extras=True)
    return {_key(name): hint for name, hint in hints.items() if name not in declared.omits}


def _key(name: str) -> str:
    """The JSON key of a field: `from_` is `from`, a word that no Python name can be."""
    return name.removesuffix("_")


@cache  # looking up the annotations of a declaration takes longer than reading an answer
def _readers(declared: type[RecordFields]) -> list[tuple[str, str, Callable[[Any], Any], Callable[[Any], Any]]]:
    """For each field its name and key, what reads its value off an answer, and what makes a plain value of that."""
    return [
        (name, _key(name), getattr(declared, name, None) or attrgetter(name), _writer(hint))
        for name, hint in get_type_hints(declared).items()
        if name not in declared.omits
    ]


_AS_NUMBERS = ContextVar("_AS_NUMBERS", default=False)


@contextmanager
def as_numbers() -> Iterator[None]:
    """Within it records have money, rates and shares as floating-point numbers, for tools that cannot cast a text."""
    before = _AS_NUMBERS.set(True)
    try:
        yield
    finally:
        _AS_NUMBERS.reset(before)


def _figure(written: Callable[[Any], str | None]) -> Callable[[Any], Any]:
    """What makes a plain value of a figure, as text with every digit or as a number."""

    def figure(value: Any) -> Any:
        text = written(value)
        return float(Fraction(text)) if text and _AS_NUMBERS.get() else text

    return figure


_WRITERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    Decimal: _figure(plain),
    Fraction: _figure(given),
    timedelta: show_duration,
    datetime: show_instant,
    date: date.isoformat,
}


def _writer(hint: Any) -> Callable[[Any], Any]:
    """What makes a plain value of one of a type; a record that is already plain stays as it is."""
    if isinstance(hint, type) and issubclass(hint, RecordFields):
        return lambda value: value if isinstance(value, dict) else record(hint, value)
    kind, parts = get_origin(hint), [each for each in get_args(hint) if each is not type(None)]
    if kind in (Union, UnionType):
        return _writer(parts[0]) if len(parts) == 1 else by_its_type
    if kind is list:
        written = _writer(parts[0])
        return lambda values: [None if each is None else written(each) for each in values]
    if kind is dict:
        of_key, of_value = map(_writer, parts)
        return lambda values: {of_key(key): None if v is None else of_value(v) for key, v in values.items()}
    return _WRITERS.get(hint, lambda value: value)


def by_its_type(value: Any) -> Any:
    """A value that may be of several types: a count, a duration, or a number with every digit."""
    if isinstance(value, timedelta):
        return show_duration(value)
    return _WRITERS[Decimal](value) if isinstance(value, Decimal | Fraction) else value


def rows(columns: str | Iterable[str], records: Iterable[Record], **first: object) -> Table:
    """Records as rows of CSV, under the last part of each column's name: `break_even.first` is its key in a nested
    record. True and false are written as in JSON, null as nothing, several texts with `; ` between them. `first`
    holds columns before the others, the same in every row."""
    paths = [name.split(".") for name in (columns.split() if isinstance(columns, str) else columns)]
    lead = [_cell(value) for value in first.values()]
    cells = [[*lead, *(_cell(_inside(each, path)) for path in paths)] for each in records]
    return Table([*first, *(path[-1] for path in paths)], cells)


def _inside(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = None if value is None else value[name]
    return value


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else "; ".join(value) if isinstance(value, list) else str(value)


class Answered(RecordFields):
    """Head of every answer."""

    schema_version: Literal[1] = of(lambda _: SCHEMA_VERSION)


class OfModel(RecordFields):
    """A model at the rates of one of its cards, with the customer's own terms behind them."""

    model: ModelId = of("sheet.id")
    version: Version
    terms: list[str] = of("version.terms")
    currency: Currency = of("sheet.currency")


class OfOneModel(OfModel, Answered):
    """Head of an answer about one model."""


def of_model(answer: Any) -> Record:
    """The columns with which rows of an answer about one model begin."""
    whole = record(OfOneModel, answer)
    return {key: whole[key] for key in ("model", "version", "currency")}
