"""Values as logs write them: counts as text, instants as seconds or ISO, money as text or number.

Every reader answers an exact value or raises BadLog, whose line names the key. A value that is null, NaN or empty was
not given.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from json import JSONDecoder
from typing import Any

from ..errors import BadLog
from ..prices.card import LOCATION, STANDARD
from ..prices.usage import shown

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = Decimal(10**12)
LAST = Decimal(10**21)
"""Nanoseconds beyond every calendar."""
FINEST = -60
"""Exponent of the last decimal that an amount of money may have."""

Record = Mapping[str, Any]
"""One record of a log, as JSON or the columns of a table have it."""
NOTHING: Record = {}
_EMPTY = frozenset(("", "nan", "null", "none", "n/a", "na"))
LONGEST_EMPTY = max(map(len, _EMPTY))
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{0,60})?([eE][+-]?[0-9]{1,2})?")
_LOCAL = re.compile(r"[$€£]?[0-9]{1,3}([., '\u00a0\u202f][0-9]{3})+([.,][0-9]+)?|[0-9]+,[0-9]+")
THOUSANDS = "[0-9]{1,3}([.]0{3})+"
"""`12.000`, which is 12 in one country and 12,000 in another: refused as a count."""
_STANDARD_NAMES = frozenset(("", "default", "standard", "auto", "on_demand", "on-demand", "traffic_type_unspecified"))
_EVERYWHERE = frozenset(("", "global", "not_available"))
_PLACE = re.compile(r"global|us|eu|[a-z]+-[a-z]+[0-9]+")
_SPELLED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{5,15} UTC|[0-9]{4}/[0-9]{2}/[0-9]{2}([ T][0-9:.]{5,15})?")
"""An instant as BigQuery writes it, or with slashes."""
_SECONDS = 10**11
_SCALES = ((_SECONDS, 10**6), (10**14, 10**3), (10**17, 1))


UNCHARGED = ("-", "free", "included")
"""Words in place of an amount, for what a plan includes."""


def _constant(name: str) -> object:
    """NaN is a value that was not given; an infinity is one that cannot be."""
    return None if name == "NaN" else name


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


DECODER = JSONDecoder(parse_float=_decimal, parse_constant=_constant)


def given(value: object) -> bool:
    """Whether a value says anything: not null, not NaN, not one of the words for nothing."""
    if isinstance(value, str):
        if len(value) > LONGEST_EMPTY and value[0] > " " and value[-1] > " ":
            return True
        return value.strip().lower() not in _EMPTY
    # an object is not compared with itself, value by value
    return value is not None and (type(value) is dict or value == value)


def count(record: Record, key: str) -> int:
    """The whole number under a key, 0 where the log leaves it out."""
    value = record.get(key)
    if type(value) is int and value >= 0:
        return value
    return _count(value, key) if given(value) else 0


def needed(record: Record, key: str) -> int:
    """The whole number under a key without which the record says nothing."""
    value = record.get(key)
    if type(value) is int and value >= 0:
        return value
    if not given(value):
        raise BadLog(f"{key}: missing; expected a count of tokens")
    return _count(value, key)


def _count(value: object, key: str) -> int:
    number = decimal(value)
    is_local = isinstance(value, str) and re.fullmatch(THOUSANDS, value.strip())
    if number is None or is_local or number < 0 or number != number.to_integral_value():
        raise BadLog(f"{key}: {shown(value)} is not a count of tokens{_digits(value)}")
    return int(number)


def _digits(value: object) -> str:
    """What was expected of a number in the writing of a country."""
    is_local = isinstance(value, str) and _LOCAL.fullmatch(value.strip())
    return "; expected a point before decimals and nothing between thousands" if is_local else ""


def decimal(value: object, largest: Decimal = LARGEST) -> Decimal | None:
    """The exact number that a value writes; None where it writes none up to the largest."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if not _NUMBER.fullmatch(value):
            return None
    if not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < FINEST or exponent > 30 or abs(number) > largest:
        return None
    return number


def money(value: object, key: str) -> Decimal | None:
    """The exact amount, also written as `$1.20`; None where there is none, or a word for what a plan includes."""
    amount = value.strip().replace("$", "", 1) if isinstance(value, str) else value
    if not given(amount) or (isinstance(amount, str) and amount.lower() in UNCHARGED):
        return None
    number = decimal(amount)
    if number is None:
        raise BadLog(f"{key}: {shown(value)} is not an amount of money{_digits(value)}")
    return number


def text(record: Record, key: str) -> str:
    """The word under a key, empty where the log leaves it out or has something else there."""
    value = record.get(key)
    if type(value) is str:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**200 else ""


def first(record: Record, keys: Sequence[str]) -> Any:
    """The first value that is given under any of the keys; None where there is none."""
    for key in keys:
        if key in record and given(value := record[key]):
            return value
    return None


def inner(record: Record, key: str) -> Record:
    """The object under a key, an empty one where there is none."""
    value = record.get(key)
    if value is None or type(value) is dict:
        return value or NOTHING
    return value if isinstance(value, Mapping) else NOTHING


def as_object(value: object) -> Record | None:
    """An object, also where it is written as JSON text; None in place of anything else."""
    if type(value) is dict:
        return value
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        try:
            value = DECODER.decode(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, Mapping) else None


def objects(value: object) -> list[Record]:
    """The objects in a list; none where it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def instant(value: object, key: str = "time") -> datetime | None:
    """A moment in UTC: ISO text (UTC where it names no zone) or seconds, milli-, micro- or nanoseconds since 1970.

    None where nothing is given; the unit of a number follows from its size, so that each unit reaches the year 5138.
    """
    if type(value) is str:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return at if at.tzinfo is UTC else _in_utc(at, key)
    if type(value) is int and 0 <= value < _SECONDS:
        return after(EPOCH, value * 10**6, key)
    if not given(value):
        return None
    if isinstance(value, date):
        return _in_utc(value if isinstance(value, datetime) else datetime(value.year, value.month, value.day), key)
    if isinstance(value, str) and _SPELLED.fullmatch(value):
        return instant(value.removesuffix(" UTC").replace("/", "-"), key)
    number = decimal(value, LAST)
    if number is None:
        raise BadLog(f"{key}: {shown(value)} is not an instant; expected 2026-11-01T10:00:00Z or seconds since 1970")
    scale = next((each for limit, each in _SCALES if abs(number) < limit), None)
    return after(EPOCH, int(number * scale) if scale else int(number) // 1000, key)


def after(start: datetime, microseconds: int, key: str) -> datetime:
    """The instant so many microseconds later."""
    try:
        return start + timedelta(microseconds=microseconds)
    except OverflowError:
        raise BadLog(f"{key}: {shown(microseconds)} microseconds lead to no instant") from None


def _in_utc(at: datetime, key: str) -> datetime:
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadLog(f"{key}: {at} has no instant in UTC") from None


def service(value: object) -> str:
    """The service as the sheets call it: `default` and `ON_DEMAND` are standard, `ON_DEMAND_FLEX` is flex."""
    if not isinstance(value, str):
        return STANDARD
    word = value.strip().lower()
    return STANDARD if word in _STANDARD_NAMES else word.removeprefix("on_demand_")


def region(value: object) -> str | None:
    """Where a request was bound to run; None where it was not."""
    if not isinstance(value, str) or value.strip().lower() in _EVERYWHERE:
        return None
    return value.strip().lower()


def place(value: object) -> str:
    """The name of a place where Google runs requests; empty where it is none.

    https://docs.cloud.google.com/gemini-enterprise-agent-platform/resources/locations
    """
    return value if isinstance(value, str) and _PLACE.fullmatch(value) else ""


def place_of(resource: object) -> str:
    """The place in the name of a resource of Google: `projects/p/locations/us-central1/...`; empty without one."""
    rest = resource.partition("/locations/")[2] if isinstance(resource, str) else ""
    return place(rest.partition("/")[0])


def located(place: str) -> str | None:
    """A place as the region of a request; None without one, and for the global one, whose rates are the list."""
    return f"{LOCATION}{place}" if region(place) else None
