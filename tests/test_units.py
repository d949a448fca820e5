"""What people may write for a count, a duration, a rate, a share, a span or an instant, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, strategies as st

from cachecost.errors import BadQuantity
from cachecost.units import (
    MAX_COUNT,
    MAX_DURATION,
    MAX_TEXT,
    count,
    duration,
    instant,
    rate,
    share,
    show_duration,
    span,
    storage,
)

READERS = (count, duration, rate, share, span, storage, instant)
MICROSECOND = timedelta(microseconds=1)

counts = st.integers(0, MAX_COUNT)
durations = st.timedeltas(timedelta(0), MAX_DURATION)

# Texts close to the grammars find more than arbitrary text does.
near_misses = st.text("0123456789.eEkKMBmbwdhsPT:/%@=,_-+Z iYnaf١²", max_size=24)

READ = [
    (count, "0", 0),
    (count, "200", 200),
    (count, " 200\n", 200),
    (count, "007", 7),
    (count, "128k", 128_000),
    (count, "128K", 128_000),
    (count, "1_000_000", 1_000_000),
    (count, "1M", 1_000_000),
    (count, "1.5M", 1_500_000),
    (count, "1.234567M", 1_234_567),
    (count, "1.0", 1),
    (count, "1e6", 1_000_000),
    (count, "1E+6", 1_000_000),
    (count, "2.5e3", 2_500),
    (count, "1000e-3", 1),
    (count, "0e99", 0),
    (count, "2B", 2_000_000_000),
    (count, "1000B", MAX_COUNT),
    (duration, "0s", timedelta(0)),
    (duration, "90s", timedelta(seconds=90)),
    (duration, "5m", timedelta(minutes=5)),
    (duration, "8h", timedelta(hours=8)),
    (duration, "7d", timedelta(days=7)),
    (duration, "2w", timedelta(days=14)),
    (duration, "1h30m", timedelta(minutes=90)),
    (duration, "1.5h", timedelta(minutes=90)),
    (duration, "1h0.5m", timedelta(minutes=60, seconds=30)),
    (duration, "250ms", timedelta(milliseconds=250)),
    (duration, "0.001ms", MICROSECOND),
    (duration, "1w2d3h4m5s6ms", timedelta(9, 5, 0, 6, 4, 3)),
    (duration, "36525d", MAX_DURATION),
    (duration, "PT5M", timedelta(minutes=5)),
    (duration, "P1DT2H", timedelta(hours=26)),
    (duration, "PT1.5H", timedelta(minutes=90)),
    (duration, "P2W", timedelta(days=14)),
    (rate, "0/h", Fraction(0)),
    (rate, "12/h", Fraction(12)),
    (rate, "0.5/h", Fraction(1, 2)),
    (rate, "3/d", Fraction(1, 8)),
    (rate, "7/w", Fraction(1, 24)),
    (rate, "2/m", Fraction(120)),
    (rate, "1/s", Fraction(3600)),
    (rate, "1/5m", Fraction(12)),
    (rate, "1/PT5M", Fraction(12)),
    (rate, "10k/1d", Fraction(10_000, 24)),
    (rate, "1/36525d", Fraction(1, 36525 * 24)),
    (share, "0", Fraction(0)),
    (share, "1", Fraction(1)),
    (share, "0.75", Fraction(3, 4)),
    (share, "75%", Fraction(3, 4)),
    (share, "12.5%", Fraction(1, 8)),
    (share, "100%", Fraction(1)),
    (share, "5/23", Fraction(5, 23)),
    (share, "0/1", Fraction(0)),
    (span, "5", range(5, 6)),
    (span, "1..100", range(1, 101)),
    (span, "7..7", range(7, 8)),
    (span, "1..1M", range(1, 1_000_001)),
    (span, "1.5k..2.5k", range(1500, 2501)),
    (span, "1..1000:10", range(1, 1001, 10)),
    (storage, "1M@24h", Fraction(24_000_000)),
    (storage, "1.5M@90s", Fraction(37_500)),
    (storage, "1@1s", Fraction(1, 3600)),
    (instant, "2024-05-25", datetime(2024, 5, 25, tzinfo=UTC)),
    (instant, "2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
    (instant, "2026-08-10T02:00Z", datetime(2026, 8, 10, 2, tzinfo=UTC)),
    (instant, "2026-08-10T10:00+08:00", datetime(2026, 8, 10, 2, tzinfo=UTC)),
    (instant, "2026-08-09T20:30:05-05:30", datetime(2026, 8, 10, 2, 0, 5, tzinfo=UTC)),
    (instant, "2026-08-10T02:00:00.25Z", datetime(2026, 8, 10, 2, 0, 0, 250_000, tzinfo=UTC)),
    (instant, "2026-08-10T02:00:00.123456000Z", datetime(2026, 8, 10, 2, 0, 0, 123_456, tzinfo=UTC)),
]

REFUSED = [
    (count, "", "the text is empty"),
    (count, " ", "the text is empty"),
    (count, "1.5m", "did you mean 1.5M (m could be minutes)?"),
    (count, "5m", "did you mean 5M (m could be minutes)?"),
    (count, "2b", "did you mean 2B (b could be bits or bytes)?"),
    (count, "128Ki", "never powers of 1024"),
    (count, "1MiB", "never powers of 1024"),
    (count, "1,000,000", "no commas: write 1_000_000"),
    (count, "1,5M", "or 1.5M with a point"),
    (count, "1.5", "not whole"),
    (count, "1.2345k", "not whole"),
    (count, "1e-1", "not whole"),
    (count, "-5", "cannot be negative"),
    (count, "\N{MINUS SIGN}5", "cannot be negative"),
    (count, "1 M", "spaces inside"),
    (count, "1\n2", "spaces inside"),
    (count, "1_00", "expected a whole number such as 200"),
    (count, "_1", "expected a whole number such as 200"),
    (count, "+5", "expected a whole number such as 200"),
    (count, ".5M", "expected a whole number such as 200"),
    (count, "5.", "expected a whole number such as 200"),
    (count, "1e3k", "expected a whole number such as 200"),
    (count, "1e1.5", "expected a whole number such as 200"),
    (count, "0x10", "expected a whole number such as 200"),
    (count, "10**6", "expected a whole number such as 200"),
    (count, "2T", "expected a whole number such as 200"),
    (count, "nan", "expected a whole number such as 200"),
    (count, "inf", "expected a whole number such as 200"),
    (count, "Infinity", "expected a whole number such as 200"),
    (count, "\N{ARABIC-INDIC DIGIT ONE}", "expected a whole number such as 200"),
    (count, "1\N{SUPERSCRIPT TWO}", "expected a whole number such as 200"),
    (count, "1\N{KELVIN SIGN}", "expected a whole number such as 200"),
    (count, "1000000000001", "more than 1_000_000_000_000 is absurd"),
    (count, "1001B", "more than 1_000_000_000_000 is absurd"),
    (count, "1e13", "more than 1_000_000_000_000 is absurd"),
    (count, "1e999999999", "an exponent of three digits is absurd"),
    (count, "9" * 65, "65 characters are too many"),
    (duration, "5", "did you mean 5m or 5s?"),
    (duration, "0", "did you mean 0m or 0s?"),
    (duration, "5M", "did you mean 5m (m is minutes, M is a million)?"),
    (duration, "1H30M", "units are lower-case"),
    (duration, "P1M", "write days, such as 30d"),
    (duration, "P1Y2D", "write days, such as 30d"),
    (duration, "1y", "write days, such as 30d"),
    (duration, "1mo", "write days, such as 30d"),
    (duration, "5min", "units are letters"),
    (duration, "2hours", "units are letters"),
    (duration, "30m1h", "largest first"),
    (duration, "1h1h", "largest first"),
    (duration, "1m5", "largest first"),
    (duration, "1.5h30m", "only the last number may have a fraction"),
    (duration, "P1.5DT1H", "only the last number may have a fraction"),
    (duration, "P", "expected numbers with w, d, h, m, s or ms"),
    (duration, "PT", "expected numbers with w, d, h, m, s or ms"),
    (duration, "P1DT", "expected numbers with w, d, h, m, s or ms"),
    (duration, "1e3s", "expected numbers with w, d, h, m, s or ms"),
    (duration, "-5m", "cannot be negative"),
    (duration, "-PT5M", "cannot be negative"),
    (duration, "1h 30m", "spaces inside"),
    (duration, "0.0001ms", "nothing finer than a microsecond"),
    (duration, "36525d0.001ms", "more than 100 years is absurd"),
    (duration, "101000w", "more than 100 years is absurd"),
    (rate, "12", "did you mean 12/h?"),
    (rate, "1.5m/h", "did you mean 1.5M (m could be minutes)?"),
    (rate, "12/M", "m is minutes, M is a million"),
    (rate, "12/hour", "units are letters"),
    (rate, "12/5", "did you mean 5m or 5s?"),
    (rate, "1/0s", "no time at all"),
    (rate, "-1/h", "cannot be negative"),
    (rate, "/h", "expected a number per duration"),
    (rate, "1/", "expected a number per duration"),
    (rate, "1M/ms", "more than 1_000_000_000_000 an hour is absurd"),
    (rate, "0.9/36525d", "less than one in 100 years is absurd"),
    (rate, "1e-99/h", "less than one in 100 years is absurd"),
    (share, "75", "did you mean 75%?"),
    (share, "1.0001", "more than the whole"),
    (share, "100.1%", "more than the whole"),
    (share, "7/5", "more than the whole"),
    (share, "5/0", "nothing can be divided by zero"),
    (share, "-0.5", "cannot be negative"),
    (share, "1e-1", "expected a part of the whole from 0 to 1"),
    (share, "1/2%", "expected a part of the whole from 0 to 1"),
    (span, "1-100", "did you mean 1..100?"),
    (span, "100..1", "did you mean 1..100?"),
    (span, "1..10:0", "a step of 0 never arrives"),
    (span, "5:2", "a step follows first..last"),
    (span, "1...5", "'.5' is not a count"),
    (span, "1..2..3", "'2..3' is not a count"),
    (span, "5..", "is not a count"),
    (span, "1 .. 5", "spaces inside"),
    (span, "-5..5", "cannot be negative"),
    (span, "1..1.5m", "did you mean 1.5M"),
    (span, "1..2B2", "is not a count"),
    (storage, "1M", "tokens for a duration such as 1M@24h"),
    (storage, "1M@", "tokens for a duration such as 1M@24h"),
    (storage, "1m@24h", "did you mean 1M"),
    (storage, "1M@5M", "did you mean 5m"),
    (storage, "24h@1M", "'24h' is not a count"),
    (instant, "2026-08-10T02:00", "write 2026-08-10T02:00Z for UTC"),
    (instant, "2026-08-10 02:00Z", "spaces inside"),
    (instant, "2026-08-10T02:00:00.1234567Z", "nothing finer than a microsecond"),
    (instant, "2024-02-30", "no such moment: day"),
    (instant, "2023-02-29", "no such moment: day"),
    (instant, "2024-13-01", "no such moment: month"),
    (instant, "0000-01-01", "no such moment: year"),
    (instant, "2024-01-01T24:00Z", "no such moment: hour"),
    (instant, "2024-01-01T23:60Z", "no such moment: minute"),
    (instant, "2024-01-01T23:59:60Z", "no such moment: second"),
    (instant, "0001-01-01T00:00+08:00", "no such moment"),
    (instant, "9999-12-31T23:00-08:00", "no such moment"),
    (instant, "2024-01-01T00:00+24:00", "expected a day such as 2024-05-25"),
    (instant, "2024-05-25Z", "expected a day such as 2024-05-25"),
    (instant, "20240525", "expected a day such as 2024-05-25"),
    (instant, "25.05.2024", "expected a day such as 2024-05-25"),
    (instant, "yesterday", "expected a day such as 2024-05-25"),
]


@pytest.mark.parametrize(("read", "text", "meaning"), READ)
def test_reads(read: Callable[[str], object], text: str, meaning: object) -> None:
    """Each of these texts has exactly one meaning, of exactly this type."""
    answer = read(text)
    assert answer == meaning
    assert type(answer) is type(meaning)


@pytest.mark.parametrize(("read", "text", "words"), REFUSED)
def test_refuses(read: Callable[[str], object], text: str, words: str) -> None:
    """A text that is wrong or could mean two things is refused in one line, which says what to write."""
    with pytest.raises(BadQuantity) as caught:
        read(text)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_says_the_whole_sentence() -> None:
    """A refusal quotes the text, then says what was expected, then what was probably meant."""
    with pytest.raises(BadQuantity) as caught:
        count("1.5m")
    assert str(caught.value) == (
        "'1.5m' is not a count: expected a whole number such as 200, 128k, 1_000_000 or 1.5M; "
        "did you mean 1.5M (m could be minutes)?"
    )


def test_minutes_and_millions_never_meet() -> None:
    """No letter means one thing in a count and another in a duration: no text is both."""
    for text in ("2B", "5M", "1k"):
        assert count(text)
        with pytest.raises(BadQuantity):
            duration(text)
    for text in ("5m", "8h", "1d"):
        assert duration(text)
        with pytest.raises(BadQuantity):
            count(text)


def test_an_instant_is_aware_and_in_utc() -> None:
    """Whatever zone was written, the answer is in UTC, so that its text and its order agree."""
    assert instant("2026-08-10T10:00+08:00").isoformat() == "2026-08-10T02:00:00+00:00"


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("piece", ["9", "1.", "1_000", "1h", "-", "1,", "2024-05-25T", "\N{ZERO WIDTH SPACE}"])
def test_a_very_long_text_is_refused_at_once(read: Callable[[str], object], piece: str) -> None:
    """A million characters cost no arithmetic and are not quoted in full."""
    with pytest.raises(BadQuantity, match="characters are too many") as caught:
        read(piece * 10**6)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(minutes=5), "5m"),
        (timedelta(minutes=60), "1h"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(seconds=2800), "46m40s"),
        (timedelta(hours=12), "12h"),
        (timedelta(hours=24), "1d"),
        (timedelta(days=14), "14d"),
        (timedelta(seconds=10), "10s"),
        (timedelta(seconds=1.5), "1.5s"),
        (timedelta(milliseconds=250), "250ms"),
        (timedelta(hours=1, milliseconds=100), "1h100ms"),
        (MICROSECOND, "0.001ms"),
    ],
)
def test_shows_durations(length: timedelta, text: str) -> None:
    """One length has one text, in days and smaller units, so that equal TTLs are equal texts."""
    assert show_duration(length) == text


def test_shows_no_negative_duration() -> None:
    """A negative length is an error of its caller, and is never shown as a duration."""
    with pytest.raises(BadQuantity, match="cannot be negative"):
        show_duration(-MICROSECOND)


@given(counts)
def test_a_count_survives_its_text(n: int) -> None:
    """Plain digits, and digits in groups of three, mean themselves."""
    assert count(str(n)) == count(f"{n:_}") == n


@given(st.integers(0, 1000))
def test_suffixes_scale(n: int) -> None:
    """k is a thousand, M a million, B a thousand million, and an exponent says the same."""
    assert count(f"{n}k") == count(f"{n}K") == count(f"{n}e3") == 1000 * n
    assert count(f"{n}M") == count(f"{n}e6") == 1000 * count(f"{n}k")
    assert count(f"{n}B") == count(f"{n}e9") == 1000 * count(f"{n}M")


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_a_decimal_count_is_exact(whole: int, millionths: int) -> None:
    """Six decimals of a million are single tokens, and none is lost."""
    assert count(f"{whole}.{millionths:06}M") == whole * 10**6 + millionths


@given(durations)
@example(MAX_DURATION)
@example(MICROSECOND)
def test_a_duration_survives_its_text(length: timedelta) -> None:
    """What is shown is read back as the same length, to the microsecond."""
    assert duration(show_duration(length)) == length


@given(*[st.integers(0, 99)] * 6)
def test_components_add_up(w: int, d: int, h: int, m: int, s: int, ms: int) -> None:
    """A duration is the sum of its parts, and ISO 8601 says the same in capitals."""
    parts = (f"{w}w", f"{d}d", f"{h}h", f"{m}m", f"{s}s", f"{ms}ms")
    assert duration("".join(parts)) == sum(map(duration, parts), timedelta(0))
    assert duration(f"P{w}W{d}DT{h}H{m}M{s}S") == duration("".join(parts[:5]))


@given(st.integers(0, 10**6), durations.filter(bool))
def test_a_rate_times_its_duration_is_its_number(n: int, length: timedelta) -> None:
    """n per d, held for d, is n events."""
    hours = Fraction(length // MICROSECOND, 3600 * 10**6)
    if n / hours <= MAX_COUNT and (n == 0 or n / hours >= Fraction(1, 36525 * 24)):
        assert rate(f"{n}/{show_duration(length)}") * hours == n


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_its_fraction(part: int, whole: int) -> None:
    """part/whole is read if and only if the part is not above the whole."""
    if part <= whole:
        assert share(f"{part}/{whole}") == Fraction(part, whole)
    else:
        with pytest.raises(BadQuantity):
            share(f"{part}/{whole}")


@given(st.integers(0, 10_000))
def test_a_percentage_is_a_hundredth(hundredths: int) -> None:
    """12.34% and 0.1234 are the same share."""
    percent = f"{hundredths // 100}.{hundredths % 100:02}%"
    assert share(percent) == Fraction(hundredths, 10_000)
    assert share(f"{hundredths // 10_000}.{hundredths % 10_000:04}") == share(percent)


@given(counts, counts, st.integers(1, 10**6))
def test_a_span_includes_both_ends(one: int, other: int, step: int) -> None:
    """first..last starts at first, ends at last, and a step never passes last."""
    first, last = sorted((one, other))
    assert span(f"{first}..{last}") == range(first, last + 1)
    assert span(f"{first}..{last}:{step}")[-1] in range(last - step + 1, last + 1)


@given(counts, durations.filter(bool))
def test_pairs_are_their_halves(tokens: int, length: timedelta) -> None:
    """Storage is a count beside a duration, with nothing lost in between."""
    text = show_duration(length)
    assert storage(f"{tokens}@{text}") * 3600 * 10**6 == tokens * (length // MICROSECOND)


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_survives_its_text(moment: datetime) -> None:
    """The ISO text of a moment, in any zone of whole minutes, is read as that moment."""
    offset = moment.utcoffset()
    if offset is None or offset % timedelta(minutes=1) or not 1 < moment.year < 9999:
        return
    assert instant(moment.isoformat()) == moment.astimezone(UTC)


@pytest.mark.parametrize("read", READERS)
@given(text=st.text() | near_misses)
def test_every_text_is_read_or_refused(read: Callable[[str], object], text: str) -> None:
    """No text at all makes a reader fail in another way, and every refusal is one printable line."""
    try:
        read(text)
        said = ""
    except BadQuantity as refusal:
        said = str(refusal)
    assert said.isprintable()
    assert len(said) < 300 + 10 * MAX_TEXT
    assert said or text.strip().isascii()
