"""The words in which people write numbers: 128k tokens, 1h30m, 12/h, 75%, 1..100, 2024-05-25.

Every reader takes a text and answers an exact value, or raises `BadQuantity`, whose one line says what the
text is not, what was expected and, for a likely slip, what to write instead. Counts and durations are two
grammars: M is a million and never minutes, m is minutes and never a million.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cachecost.errors import BadQuantity

MAX_COUNT = 10**12
MAX_DURATION = timedelta(days=36525)
MAX_TEXT = 64  # longer than anything a person means, and short enough that no arithmetic on it is slow

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1) // MICROSECOND
"""Microseconds."""
_UNITS = {"w": 168 * HOUR, "d": 24 * HOUR, "h": HOUR, "m": HOUR // 60, "s": 10**6, "ms": 10**3}
_EXPONENTS = {"k": "3", "K": "3", "M": "6", "B": "9", None: "0"}

_PLAIN = r"[0-9]+(?:\.[0-9]+)?"
_GROUPED = r"(?:[0-9]{1,3}(?:_[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_NUMBER = re.compile(rf"({_GROUPED})(?:[eE]([+-]?[0-9]{{1,2}})|([kKMB]))?")
_SHORT = re.compile("".join(f"(?:({_PLAIN}){unit})?" for unit in _UNITS))
_W, _D, _H, _M, _S = (f"(?:({_PLAIN}){unit})?" for unit in "WDHMS")
_ISO = re.compile(rf"P{_W}{_D}(?:T(?=.){_H}{_M}{_S})?")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})0*)?)?(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9])))?"
)


class _Kind(NamedTuple):
    """What a text should have been; `hints` pairs a pattern of a likely slip with what to say to it."""

    name: str
    expected: str
    hints: tuple[tuple[str, str], ...] = ()

    def refusal(self, text: str, because: str = "") -> BadQuantity:
        if not because and text.startswith(("-", "−")):
            because = "it cannot be negative"
        hint = next((m.expand(hint) for slip, hint in self.hints if (m := re.fullmatch(slip, text))), "")
        said = "; ".join(filter(None, (because, f"expected {self.expected}", hint)))
        return BadQuantity(f"{text!r} is not {self.name}: {said}")

    def clean(self, text: str) -> str:
        """The text without surrounding whitespace, or a refusal if it is empty, spaced out or very long."""
        bare = text.strip()
        if len(bare) > MAX_TEXT:
            raise self.refusal(bare[:40] + "...", f"{len(bare)} characters are too many")
        if bare.split() != [bare]:
            raise self.refusal(bare, "there are spaces inside" if bare else "the text is empty")
        return bare

    def halves(self, text: str, separator: str) -> tuple[str, str]:
        first, _, right = (bare := self.clean(text)).partition(separator)
        if not (first and right):
            raise self.refusal(bare)
        return first, right


_NUMBER_HINTS = (
    (rf"({_GROUPED})m", r"did you mean \1M (m could be minutes)?"),
    (rf"({_GROUPED})b", r"did you mean \1B (b could be bits or bytes)?"),
    (rf"{_GROUPED}[kKmMgGtT]i[bB]?", "k is 1_000 and M is 1_000_000, never powers of 1024: write it out"),
    (r"[0-9.]*,.*", "no commas: write 1_000_000 in groups, or 1.5M with a point"),
    (rf"{_GROUPED}[eE][+-]?[0-9]{{3,}}", "an exponent of three digits is absurd"),
)
_COUNT = _Kind("a count", "a whole number such as 200, 128k, 1_000_000 or 1.5M", _NUMBER_HINTS)
_DURATION = _Kind(
    "a duration",
    "numbers with w, d, h, m, s or ms, largest first, such as 90s, 5m, 1h30m, 7d or PT5M",
    (
        (_PLAIN, r"a number needs a unit: did you mean \g<0>m or \g<0>s?"),
        (rf"((?:{_PLAIN})?)M", r"did you mean \1m (m is minutes, M is a million)?"),
        (r"[0-9][0-9.wdhmsWDHMS]*[WDHMS].*", "units are lower-case (m is minutes, M is a million)"),
        (r"[0-9.]*(?:s|m|h|d|w)[a-z]{2,}", "units are letters: w, d, h, m, s, and ms"),
        (r"P[^T]*[YM].*|[0-9.]+(?:y|Y|mo).*", "months and years differ in length: write days, such as 30d"),
    ),
)
_PER_HOUR = (_PLAIN, r"did you mean \g<0>/h?")
_RATE = _Kind("a rate", "a number per duration such as 12/h, 3/d or 1/5m", (_PER_HOUR, *_NUMBER_HINTS))
_SHARE = _Kind(
    "a share",
    "a part of the whole from 0 to 1, such as 0.75, 75% or 5/23",
    (
        (r"100|[1-9][0-9]?(?:\.[0-9]+)?", r"did you mean \g<0>%?"),
        (r"[0-9]+/0+", "nothing can be divided by zero"),
    ),
)
_SPAN = _Kind(
    "a span",
    "one count or first..last, such as 5, 1..100, 1..1M or 1..1000:10",
    (
        (r"([0-9]+[kKMB]?)[-–]([0-9]+[kKMB]?)", r"did you mean \1..\2?"),
        (r"[^.]+:.*", "a step follows first..last"),
    ),
)
_STORAGE = _Kind("storage", "tokens for a duration such as 1M@24h")
_INSTANTS = _Kind(
    "an instant",
    "a day such as 2024-05-25 (its start in UTC), or a time with its zone such as 2026-08-10T02:00Z",
    (
        (r"([0-9-]{10}T[0-9]{2}:[0-9:.]+)", r"which zone? write \1Z for UTC, or an offset such as \1+08:00"),
        (r".*\.[0-9]{7,}.*", "nothing finer than a microsecond is kept"),
    ),
)


def count(text: str) -> int:
    """A whole number from 0 to MAX_COUNT; k is 10**3, M 10**6, B 10**9, and 1e6 is read too.

    Lower-case m and b are refused, since readers differ on whether they are millions, minutes or bytes.
    """
    number = _number(bare := _COUNT.clean(text), _COUNT)
    if number.denominator != 1:
        raise _COUNT.refusal(bare, "this one is not whole")
    if number > MAX_COUNT:
        raise _COUNT.refusal(bare, f"more than {MAX_COUNT:_} is absurd")
    return int(number)


@lru_cache(maxsize=256)  # the pages of the catalogue name a dozen lengths thousands of times
def duration(text: str) -> timedelta:
    """A length of time up to MAX_DURATION (100 years), exact to the microsecond: 90s, 1h30m, 1.5h, PT5M.

    Units run from large to small, each at most once, and only the last may have a fraction (as in ISO 8601).
    """
    bare = _DURATION.clean(text)
    match = _SHORT.fullmatch(bare) or _ISO.fullmatch(bare)
    numbers = match.groups() if match else ()
    parts = [(number, size) for number, size in zip(numbers, _UNITS.values(), strict=False) if number]
    if not parts:
        raise _DURATION.refusal(bare)
    if any("." in number for number, _ in parts[:-1]):
        raise _DURATION.refusal(bare, "only the last number may have a fraction")
    microseconds = sum(Fraction(number) * size for number, size in parts)
    if microseconds > MAX_DURATION // MICROSECOND:
        raise _DURATION.refusal(bare, "more than 100 years is absurd")
    if microseconds != int(microseconds):
        raise _DURATION.refusal(bare, "nothing finer than a microsecond is kept")
    return timedelta(microseconds=int(microseconds))


def show_duration(length: timedelta) -> str:
    """The canonical text of a duration, which `duration` reads back: 5m, 1h30m, 46m40s, 1d, 250ms, 0s."""
    if length < timedelta(0):
        raise BadQuantity(f"{length} is not a duration: it cannot be negative")
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    whole = "".join(f"{n}{unit}" for n, unit in ((length.days, "d"), (hours, "h"), (minutes, "m")) if n)
    if seconds:
        return whole + f"{seconds}.{length.microseconds:06}".rstrip("0").removesuffix(".") + "s"
    if length.microseconds:
        milliseconds, rest = divmod(length.microseconds, 1000)
        return whole + f"{milliseconds}.{rest:03}".rstrip("0").removesuffix(".") + "ms"
    return whole or "0s"


def rate(text: str) -> Fraction:
    """Events per hour: 0, or from one in MAX_DURATION up to MAX_COUNT. 12/h is 12, 3/d is 1/8, 1/5m is 12."""
    number, per = _RATE.halves(text, "/")
    length = duration("1" + per if per in _UNITS else per)
    if not length:
        raise _RATE.refusal(text.strip(), "no time at all has no rate")
    hourly = _number(number, _RATE) / hours(length)
    if hourly > MAX_COUNT:
        raise _RATE.refusal(text.strip(), f"more than {MAX_COUNT:_} an hour is absurd")
    if 0 < hourly < 1 / hours(MAX_DURATION):
        raise _RATE.refusal(text.strip(), "less than one in 100 years is absurd")
    return hourly


def share(text: str) -> Fraction:
    """A part of the whole, from 0 to 1: 0.75, 75% and 3/4 are the same share."""
    bare = _SHARE.clean(text)
    match = re.fullmatch(rf"({_PLAIN})(%?)|([0-9]+)/(0*[1-9][0-9]*)", bare)
    if not match:
        raise _SHARE.refusal(bare)
    number, percent, part, whole = match.groups()
    answer = Fraction(number) / (100 if percent else 1) if number else Fraction(int(part), int(whole))
    if answer > 1:
        raise _SHARE.refusal(bare, "this is more than the whole")
    return answer


def span(text: str) -> range:
    """Counts from first to last, both included (by a step only if it lands there): 5, 1..100, 1..1000:10."""
    bare = _SPAN.clean(text)
    match = re.fullmatch(r"([^-–:]+?)(?:\.\.([^:]+)(?::(.+))?)?", bare)
    if not match:
        raise _SPAN.refusal(bare)
    first, last, step = count(match[1]), count(match[2] or match[1]), count(match[3] or "1")
    if first > last:
        raise _SPAN.refusal(bare, f"it runs backwards: did you mean {match[2]}..{match[1]}?")
    if not step:
        raise _SPAN.refusal(bare, "a step of 0 never arrives")
    return range(first, last + 1, step)


def reach(text: str) -> range:
    """A span, where a number alone means twice as far around it: 50 is 1..100."""
    points = span(text)
    return range(1, 2 * points[0] + 1) if len(points) == 1 and ".." not in text and points[0] else points


def storage(text: str) -> Fraction:
    """Token-hours, from tokens and the time they stand: 1M@24h is 24,000,000."""
    tokens, length = _STORAGE.halves(text, "@")
    return count(tokens) * hours(duration(length))


def instant(text: str) -> datetime:
    """A moment, aware and in UTC, exact to the microsecond; a day alone is its first moment in UTC."""
    bare = _INSTANTS.clean(text)
    match = _INSTANT.fullmatch(bare)
    if not match:
        raise _INSTANTS.refusal(bare)
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = match.groups("0")
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes)) * (-1 if sign == "-" else 1)
    try:
        clock = (int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
        return datetime(int(year), int(month), int(day), *clock, timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _INSTANTS.refusal(bare, f"there is no such moment: {error}") from None


def _number(bare: str, kind: _Kind) -> Fraction:
    if not (match := _NUMBER.fullmatch(bare)):
        raise kind.refusal(bare)
    digits, exponent, suffix = match.groups()
    return Fraction(f"{digits.replace('_', '')}e{exponent or _EXPONENTS[suffix]}")


def hours(length: timedelta) -> Fraction:
    """A length of time in hours, exact."""
    return Fraction(length // MICROSECOND, HOUR)


def counted(number: int, noun: str) -> str:
    """`1 session`, `2,000 sessions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def show_instant(at: datetime) -> str:
    """`2024-10-01` at midnight UTC, otherwise `2026-08-16T16:00Z`."""
    if (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0):
        return at.date().isoformat()  # strftime writes a year before 1000 without its zeros
    return f"{at.date().isoformat()}T{at:{'%H:%M' if at.second == 0 else '%H:%M:%S'}}Z"
