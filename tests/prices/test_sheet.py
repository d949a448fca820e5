"""Which card and which row price a request: both sides of every edge, in size and in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadQuantity, NoLongerSold, NotInForce, NotKnown, NotSold, NotYetSold
from cachecost.hours import Window
from cachecost.prices.caching import Caching, Stored
from cachecost.prices.card import STANDARD, Band, Dispute, RateCard, Row
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.units import instant, show_instant

from ..oracles.simulate import (
    EPOCH,
    MICROSECOND,
    Case,
    card,
    card_at,
    invented,
    open_in,
    per_million,
    rates_at,
    real,
    token_hours,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MON, TUE, SAT, SUN = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 7), date(2026, 3, 8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Size ------------------------------------------------------------

EDGES = [
    # model, instant, prompt, input rate as printed
    ("gemini-1.5-pro", "2024-05-25T00:00Z", 128_000, "3.50"),
    ("gemini-1.5-pro", "2024-05-25T00:00Z", 128_001, "7.00"),
    ("gemini-2.5-pro", "2026-11-22T00:00Z", 200_000, "1.25"),
    ("gemini-2.5-pro", "2026-11-22T00:00Z", 200_001, "2.50"),
    ("claude-haiku-5-5", "2026-11-22T00:00Z", 100_000, "0.10"),
    ("claude-haiku-5-5", "2026-11-22T00:00Z", 100_001, "0.50"),
    ("gpt-5.6-luna", "2026-11-22T00:00Z", 272_000, "0.20"),
    ("gpt-5.6-luna", "2026-11-22T00:00Z", 272_001, "0.40"),
    # xAI prints "< 200k" and ">= 200k": the threshold itself is in the high tier.
    ("grok-4.20", "2026-11-22T00:00Z", 199_999, "1.25"),
    ("grok-4.20", "2026-11-22T00:00Z", 200_000, "2.50"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 32_000, "1.00"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 32_001, "1.80"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 128_000, "1.80"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 128_001, "3.00"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 256_000, "3.00"),
    ("qwen3-coder-plus", "2026-11-22T00:00Z", 256_001, "6.00"),
]


@pytest.mark.parametrize(("model", "instant", "prompt", "rate"), EDGES)
def test_the_size_of_the_prompt_chooses_the_row_on_both_sides_of_every_edge(
    model: str, instant: str, prompt: int, rate: str, catalog: Catalog
) -> None:
    """As the vendors print it: up to and over at Google, OpenAI, Anthropic and Qwen, below and from at xAI."""
    sheet = catalog.sheet(model)
    row = sheet.card(at(instant)).row(at=at(instant), prompt=prompt)
    assert row.rates["input"].value == Decimal(rate)


@pytest.mark.parametrize(
    ("band", "inside", "outside"),
    [
        (Band(), [0, 10**12], [-1]),
        (Band(0, 128_000), [0, 128_000], [128_001]),
        (Band(128_001), [128_001, 10**12], [128_000]),
        (Band(5, 5), [5], [4, 6]),
    ],
)
def test_a_band_includes_both_its_ends(band: Band, inside: list[int], outside: list[int]) -> None:
    """And nothing that is no whole number."""
    assert all(number in band for number in inside)
    assert not any(number in band for number in [*outside, "5", None, 5.0])


@given(data=st.data())
def test_a_sheet_prices_every_prompt_at_every_minute_exactly_once(data: st.DataObject, catalog: Catalog) -> None:
    """One row and no other fits: found by trying all rows, and the engine takes the same."""
    sheet = data.draw(st.sampled_from(real(catalog)))
    first = sheet.cards[0].effective
    instant = data.draw(st.timedeltas(timedelta(0), timedelta(days=1200)).map(lambda wait: first + wait))
    prompt = data.draw(st.integers(0, 2_200_000))
    result = sheet.card(instant)
    service = data.draw(st.sampled_from(result.services()))
    assert result is card_at(sheet, instant)
    # `rates_at` raises where two rows fit, and takes its own way to them.
    expected = rates_at(sheet, instant, prompt, 0, Case(context=1, start=instant, service=service))
    row = result.row(at=instant, prompt=prompt, service=service)
    assert {name: rate.value for name, rate in row.rates.items()} == {
        name: value if name.startswith("fee.") else value * 1_000_000 for name, value in expected.items()
    }


# Time ------------------------------------------------------------

CARDS = [
    # The announcement of 2024-05-14, the shipped price of 2024-06-18, the cut of 2024-10-01 (input up to 128K, read).
    ("gemini-1.5-pro", "2024-05-14T00:00:00Z", "3.50", "1.75"),
    ("gemini-1.5-pro", "2024-06-17T23:59:59.999999Z", "3.50", "1.75"),
    ("gemini-1.5-pro", "2024-06-18T00:00:00Z", "3.50", "0.875"),
    ("gemini-1.5-pro", "2024-09-30T23:59:59.999999Z", "3.50", "0.875"),
    ("gemini-1.5-pro", "2024-10-01T00:00:00Z", "1.25", "0.3125"),
    # Half past midnight in Shanghai on 2024-10-01 is still September in UTC.
    ("gemini-1.5-pro", "2024-10-01T00:30:00+08:00", "3.50", "0.875"),
    # DeepSeek changed at 16:00 UTC.
    ("deepseek-chat", "2025-02-08T15:59:59.999999Z", "0.14", "0.014"),
    ("deepseek-chat", "2025-02-08T16:00:00Z", "0.27", "0.07"),
    # The end of Argon's introductory price.
    ("gemini-4-argon", "2026-11-30T23:59:59.999999Z", "2.00", "0.10"),
    ("gemini-4-argon", "2026-12-01T00:00:00Z", "4.00", "0.20"),
]


@pytest.mark.parametrize(("model", "instant", "sent", "read"), CARDS)
def test_a_card_begins_at_its_instant_and_ends_where_the_next_begins(
    model: str, instant: str, sent: str, read: str, catalog: Catalog
) -> None:
    """To the microsecond, in whatever zone the instant is given."""
    row = catalog.sheet(model).card(at(instant)).row(at=at(instant), prompt=1000)
    assert (row.rates["input"].value, row.rates["cache_read"].value) == (Decimal(sent), Decimal(read))


def test_before_the_first_card_nothing_is_in_force_and_the_message_says_when_it_begins(catalog: Catalog) -> None:
    """A microsecond before the announcement of caching there is no price."""
    with pytest.raises(NotInForce, match="2024-05-14"):
        catalog.sheet("gemini-1.5-pro").card(at("2024-05-14T00:00Z") - MICROSECOND)


def test_an_instant_without_a_zone_is_refused_and_the_message_shows_one_with_it(catalog: Catalog) -> None:
    """A day is not the same day everywhere."""
    with pytest.raises(BadQuantity, match="no zone"):
        catalog.sheet("gemini-1.5-pro").card(datetime(2024, 5, 25))


def test_a_cancelled_card_is_never_in_force() -> None:
    """It is kept for the record; what was in force before it stays so."""
    plain = Row({"input": per_million("1")})
    sheet = invented(
        card(plain, effective=EPOCH),
        card(Row({"input": per_million("2")}), effective=EPOCH + timedelta(1), status="cancelled"),
        card(Row({"input": per_million("3")}), effective=EPOCH + timedelta(2)),
    )
    begun = [sheet.card(EPOCH + timedelta(days)).rows[0].rates["input"].value for days in (0, 1, 2)]
    assert begun == [1, 1, 3]
    assert [change.effective for change in sheet.changes(EPOCH, EPOCH + timedelta(2))] == [EPOCH + timedelta(2)]


def test_changes_leave_out_the_first_instant_and_take_in_the_last(catalog: Catalog) -> None:
    """The card in force is no change; one that begins at the very end is."""
    argon = catalog.sheet("gemini-4-argon")
    change = at("2026-12-01T00:00Z")
    assert len(argon.changes(change - MICROSECOND, change)) == 1
    assert argon.changes(change, change + timedelta(90)) == ()


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2024-10-01T00:00:00Z", "2024-10-01"),
        ("2026-08-16T16:00:00Z", "2026-08-16T16:00Z"),
        ("2026-08-16T15:59:30Z", "2026-08-16T15:59:30Z"),
    ],
)
def test_a_version_cites_the_day_and_the_time_only_where_there_is_one(instant: str, text: str) -> None:
    """`model@2024-10-01`, `model@2026-08-16T16:00Z`."""
    assert show_instant(at(instant)) == text
    sheet = invented(card(Row({}), effective=at(instant)))
    assert sheet.version(sheet.cards[0]) == f"nobody/nothing@{text}"


# Windows ------------------------------------------------------------

DEEPSEEK = [
    # deepseek-chat, night rates 16:30-00:30 UTC from 2025-02-26T16:30Z on: the first night is open at once.
    ("deepseek-chat", "2025-02-26T16:29:59.999999Z", "0.27"),
    ("deepseek-chat", "2025-02-26T16:30:00Z", "0.135"),
    ("deepseek-chat", "2025-03-01T00:29:59.999999Z", "0.135"),
    ("deepseek-chat", "2025-03-01T00:30:00Z", "0.27"),
    ("deepseek-chat", "2025-03-01T16:29:59.999999Z", "0.27"),
    ("deepseek-chat", "2025-03-01T16:30:00Z", "0.135"),
    ("deepseek-chat", "2025-03-01T23:59:59.999999Z", "0.135"),
    # deepseek-v4-flash, peaks 09:00-12:00 and 14:00-18:00 in Shanghai, mon-fri; 2026-10-08 is a Thursday.
    ("deepseek-v4-flash", "2026-10-08T08:59:59.999999+08:00", "0.15"),
    ("deepseek-v4-flash", "2026-10-08T09:00:00+08:00", "0.30"),
    ("deepseek-v4-flash", "2026-10-08T11:59:59.999999+08:00", "0.30"),
    ("deepseek-v4-flash", "2026-10-08T12:00:00+08:00", "0.15"),
    ("deepseek-v4-flash", "2026-10-08T14:00:00+08:00", "0.30"),
    ("deepseek-v4-flash", "2026-10-08T17:59:59.999999+08:00", "0.30"),
    ("deepseek-v4-flash", "2026-10-08T18:00:00+08:00", "0.15"),
    # The same minute asked for in UTC: 09:00 in Shanghai is 01:00.
    ("deepseek-v4-flash", "2026-10-08T01:00:00+00:00", "0.30"),
    # Wednesday 2026-10-07 is a public holiday, Saturday 2026-10-10 a working day that is read as a weekend.
    ("deepseek-v4-flash", "2026-10-07T10:00:00+08:00", "0.15"),
    ("deepseek-v4-flash", "2026-10-10T10:00:00+08:00", "0.15"),
    # Late on Sunday in UTC is Monday in Shanghai: 2026-10-11T01:00Z is Sunday 09:00, 2026-10-12T01:00Z is Monday 09:00.
    ("deepseek-v4-flash", "2026-10-11T01:00:00+00:00", "0.15"),
    ("deepseek-v4-flash", "2026-10-12T01:00:00+00:00", "0.30"),
]


@pytest.mark.parametrize(("model", "instant", "rate"), DEEPSEEK)
def test_a_window_replaces_the_standing_row_while_it_is_open(
    model: str, instant: str, rate: str, catalog: Catalog
) -> None:
    """Half-open to the microsecond, in the zone of the vendor, on the days that he names."""
    row = catalog.sheet(model).card(at(instant)).row(at=at(instant), prompt=1000)
    assert row.rates["input"].value == Decimal(rate)


NIGHT = Window(((time(22), time(6)),), frozenset({0}), "Asia/Shanghai", frozenset({date(2026, 3, 9)}))


@pytest.mark.parametrize(
    ("day", "hour", "open_"),
    [
        (MON, time(21, 59, 59, 999_999), False),
        (MON, time(22), True),
        (TUE, time(5, 59, 59, 999_999), True),  # still the night that began on Monday
        (TUE, time(6), False),
        (MON, time(5), False),  # the night that began on Sunday
        (TUE, time(22), False),
        (date(2026, 3, 9), time(22), False),  # a Monday on which it is closed
        (date(2026, 3, 10), time(5), False),  # the rest of that night
        (date(2026, 3, 16), time(23), True),
    ],
)
def test_hours_past_midnight_belong_to_the_day_on_which_they_begin(day: date, hour: time, open_: bool) -> None:
    """A Monday night ends on Tuesday morning; a closed Monday closes it too."""
    assert NIGHT.is_open(datetime.combine(day, hour, SHANGHAI)) is open_


@given(
    hours=st.lists(
        st.tuples(st.integers(0, 47), st.integers(0, 47)).map(
            lambda pair: tuple(time(half // 2, half % 2 * 30) for half in pair)
        ),
        min_size=1,
        max_size=2,
    ),
    days=st.frozensets(st.integers(0, 6)),
    closed=st.frozensets(st.dates(MON, SUN)),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu"]),
    wait=st.timedeltas(timedelta(0), timedelta(days=8)),
)
def test_a_window_is_open_where_walking_through_its_days_says_so(
    hours: list[tuple[time, time]], days: frozenset[int], closed: frozenset[date], zone: str, wait: timedelta
) -> None:
    """Any hours, days and zone; equal ends are the whole day."""
    window = Window(tuple(hours), days, zone, closed)
    instant = EPOCH + wait
    assert window.is_open(instant) is open_in(window, instant)


@given(
    window=st.sampled_from(
        [
            NIGHT,
            Window(((time(9), time(12)), (time(14), time(18))), frozenset(range(5)), "Asia/Shanghai"),
            Window(((time(0), time(0)),), frozenset({5, 6}), "UTC"),
        ]
    ),
    begin=st.timedeltas(timedelta(0), timedelta(days=9)),
    length=st.timedeltas(timedelta(minutes=1), timedelta(days=3)),
)
def test_between_two_edges_a_window_neither_opens_nor_closes(
    window: Window, begin: timedelta, length: timedelta
) -> None:
    """So that rates are constant in each stretch between them: looked at every 20 minutes, just after and before."""
    start, end = EPOCH + begin, EPOCH + begin + length
    edges = sorted({start, *window.edges(start, end), end})
    for opens, closes in pairwise(edges):
        moments = [opens, closes - MICROSECOND]
        moments += [opens + k * timedelta(minutes=20) for k in range((closes - opens) // timedelta(minutes=20))]
        assert len({open_in(window, moment) for moment in moments}) == 1


def test_an_instant_at_the_end_of_the_calendar_is_refused_where_its_zone_has_no_such_day(catalog: Catalog) -> None:
    """The last hour of the year 9999 is the year 10000 in Shanghai."""
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    with pytest.raises(NotInForce, match="nearer"):
        catalog.sheet("deepseek-v4-flash").card(last).row(at=last, prompt=1)


# Rows ------------------------------------------------------------

AXES = invented(
    card(
        Row({"input": per_million("1"), "output": per_million("2")}, output=Band(0, 200), thinking=False),
        Row({"input": per_million("3"), "output": per_million("4")}, output=Band(201), thinking=False),
        Row({"input": per_million("5"), "output": per_million("6")}, thinking=True),
        Row({}, service="batch", not_sold="no batch for this model"),
    )
).cards[0]


@pytest.mark.parametrize(
    ("output", "thinking", "rate"), [(200, False, 1), (201, False, 3), (0, True, 5), (10**6, True, 5)]
)
def test_the_size_of_the_answer_and_thinking_choose_the_row_too(output: int, thinking: bool, rate: int) -> None:
    """GLM and Doubao print such lists."""
    assert AXES.row(at=EPOCH, prompt=1, output=output, thinking=thinking).rates["input"].value == rate


def test_what_is_not_sold_says_why_and_what_is_sold_instead() -> None:
    """A service that the card does not know, one that it refuses, a region that it does not price."""
    with pytest.raises(NotSold, match="'flex' is not sold; this card sells standard, batch"):
        AXES.row(at=EPOCH, prompt=1, service="flex")
    with pytest.raises(NotSold, match="no batch for this model"):
        AXES.row(at=EPOCH, prompt=1, service="batch")
    with pytest.raises(NotSold, match="'us'"):
        AXES.row(at=EPOCH, prompt=1, region="us")


def test_a_region_multiplies_every_rate_of_tokens_and_nothing_else(catalog: Catalog) -> None:
    """Claude Opus 5.5 in the US costs 1.1 times all tokens: 4.40 in, 0.22 read, 5.50 and 8.80 written, 22 out."""
    row = catalog.sheet("claude-opus-5-5").card(NOON).row(at=NOON, prompt=1000, region="us")
    assert {name: rate.value for name, rate in row.rates.items()} == {
        "input": Decimal("4.40"),
        "cache_read": Decimal("0.22"),
        "cache_write:5m": Decimal("5.50"),
        "cache_write:1h": Decimal("8.80"),
        "output": Decimal("22"),
        "fee.web_search": Decimal("0.01"),
    }
    row = replace(row, rates={name: rate for name, rate in row.rates.items() if rate.unit == "tokens"})
    assert {name: rate.each * 1_000_000 for name, rate in row.rates.items()} == {
        name: rate.value for name, rate in row.rates.items()
    }
    assert row.service == "standard"


# Readings ------------------------------------------------------------


def disputed() -> RateCard:
    rates = {"input": per_million("1"), "cache_read": per_million("0.31"), "storage": token_hours("4.5")}
    others = ((Decimal("0.3125"), "https://example.org/b"), (Decimal("0.3"), "https://example.org/c"))
    disputes = (
        Dispute(("stored", "creation"), "input", (("free", "https://example.org/a"),)),
        Dispute((1, "cache_read"), Decimal("0.31"), others),
    )
    stored = Caching(stored=Stored(timedelta(hours=1)))
    rows = (Row(rates, prompt=Band(0, 9)), Row(rates, prompt=Band(10)))
    return card(*rows, caching=stored, disputes=disputes)


def test_a_disputed_rate_changes_its_own_row_only_and_its_money_for_one_too() -> None:
    """The row below 10 tokens keeps 0.31; 0.3125 per 1M is 0.0000003125 for one, in the ladder as well."""
    read = disputed()
    other = read.with_reading(read.disputes[1], Decimal("0.3125"))
    low, high = (other.row(at=EPOCH, prompt=prompt) for prompt in (9, 10))
    assert (low.each["cache_read"], high.each["cache_read"]) == (Decimal("0.00000031"), Decimal("0.0000003125"))


def test_the_end_of_the_month_in_another_zone_finds_the_same_card(catalog: Catalog) -> None:
    """An instant is an instant: one moment in three zones has one card."""
    sheet = catalog.sheet("gemini-4-argon")
    moment = at("2026-12-01T00:00Z")
    zones = [UTC, SHANGHAI, timezone(timedelta(hours=-11))]
    assert len({sheet.version(sheet.card(moment.astimezone(zone))) for zone in zones}) == 1


@pytest.mark.parametrize(
    ("model", "at", "question", "refusal", "says"),
    [
        # Google announced batch on 2025-07-07 (developers.googleblog.com).
        ("gemini-2.5-pro", "2025-06-01", {"service": "batch"}, NotKnown, "'batch' is not known before 2025-07-07"),
        # No card of the sheet sells it.
        ("gpt-5", "2026-11-01", {"service": "express"}, NotSold, "'express' is not sold; this card sells standard"),
        # Gemini 2.5's first implicit cache is of 2025-05-08.
        ("gemini-2.5-pro", "2025-04-10", {"usage": {"cache_read": 10_000}}, NotKnown, "not known before 2025-05-08"),
        # Moonshot rented caches until the card of 2025-07-11.
        (
            "moonshot-cn/moonshot-v1-128k",
            "2026-10-01",
            {"usage": {"storage": 1}},
            NoLongerSold,
            "no longer sold since 2025-07-11",
        ),
    ],
)
def test_not_known_and_not_sold_are_two_refusals(
    catalog: Catalog, model: str, at: str, question: dict[str, Any], refusal: type[NotSold], says: str
) -> None:
    """What a later card sells is not known before it; what an earlier one sold is no longer sold."""
    usage = Usage(**({"input": 1_000} | question.get("usage", {})))
    with pytest.raises(NotSold, match=says) as refused:
        quote(usage, catalog.sheet(model), at=instant(at), service=question.get("service", STANDARD), prompt=1_000)
    assert type(refused.value) is refusal


def test_a_scheduled_card_sells_nothing_yet(catalog: Catalog) -> None:
    """A service and a region of a card that is announced for a later day."""
    sheet = catalog.sheet("gpt-4o")
    last = sheet.cards[-1]
    rows = (*last.rows, replace(last.rows[0], service="express"))
    start = datetime(2027, 1, 1, tzinfo=UTC)
    soon = replace(last, effective=start, status="scheduled", rows=rows, regions={"mars": Decimal(2)})
    ahead = replace(sheet, cards=(*sheet.cards, soon))
    for question in ({"service": "express"}, {"region": "mars"}):
        with pytest.raises(NotYetSold, match="is not sold before 2027-01-01 \\(scheduled\\)"):
            quote(Usage(input=1), ahead, at=last.effective, **question)
