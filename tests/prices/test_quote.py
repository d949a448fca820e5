"""What one request costs, line by line: known bills, disjoint usage, and what is not sold."""

from __future__ import annotations

import decimal
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadQuantity, BadUsage, NotInForce, NotSold
from cachecost.prices.caching import Automatic, Caching, Stored, Written
from cachecost.prices.card import Band, Row
from cachecost.prices.quote import Quote, quote
from cachecost.prices.sheet import PriceSheet
from cachecost.prices.usage import FINEST, MAX_TOKENS, Usage, usage_of

from ..oracles.simulate import EPOCH, Case, card, fee, invented, per_million, rates_at, real, sheets, token_hours

TODAY = datetime(2026, 11, 22, tzinfo=UTC)
SEED = datetime(2024, 5, 25, tzinfo=UTC)


def bill(result: Quote) -> dict[str, Decimal]:
    """Line name -> amount."""
    return {line.name: line.amount for line in result.lines}


KNOWN = [
    # model, instant, service, usage, total, the sum
    ("gemini-1.5-pro", SEED, "standard", {"input": 1_000_000}, "7"),  # 1 M x 7.00
    ("gemini-1.5-pro", SEED, "standard", {"input": 2_000_000}, "14"),  # 2 M x 7.00
    # 8,192 answer tokens after a long prompt: 8,192 x 21.00 / 1M = 0.172032; beside 7.00 for the prompt.
    ("gemini-1.5-pro", SEED, "standard", {"input": 1_000_000, "output": 8_192}, "7.172032"),
    ("gemini-2.5-pro", TODAY, "standard", {"input": 200_000}, "0.25"),  # 0.2 M x 1.25
    ("gemini-2.5-pro", TODAY, "standard", {"input": 200_001}, "0.5000025"),  # 0.200001 M x 2.50
    ("gemini-2.5-pro", TODAY, "standard", {"input": 300_000}, "0.75"),  # 0.3 M x 2.50, never 0.3 M x 1.25 = 0.375
    # The tier counts cached tokens: 150,000 read + 60,000 sent = 210,000 > 200,000.
    # 60,000 x 2.50 + 150,000 x 0.25 = 0.15 + 0.0375
    ("gemini-2.5-pro", TODAY, "standard", {"input": 60_000, "cache_read": 150_000}, "0.1875"),
    # 10,000 x 3 + 90,000 x 0.30 + 5,000 x 3.75 + 5,000 x 6 + 1,000 x 15 = .03 + .027 + .01875 + .03 + .015
    (
        "claude-sonnet-4-5",
        TODAY,
        "standard",
        {"input": 10_000, "cache_read": 90_000, "cache_write": {"5m": 5_000, "1h": 5_000}, "output": 1_000},
        "0.12075",
    ),
    # Batch is half of everything there: 0.12075 / 2
    (
        "claude-sonnet-4-5",
        TODAY,
        "batch",
        {"input": 10_000, "cache_read": 90_000, "cache_write": {"5m": 5_000, "1h": 5_000}, "output": 1_000},
        "0.060375",
    ),
    # Batch of Gemini 2.5 halves input and output, not reads: 10,000 x 0.625 + 90,000 x 0.125 + 1,000 x 5
    ("gemini-2.5-pro", TODAY, "batch", {"input": 10_000, "cache_read": 90_000, "output": 1_000}, "0.0225"),
    # Audio beside text: 1,000 x 0.30 + 5,000 x 1.00 + 2,000 x 0.10 = 0.0003 + 0.005 + 0.0002
    (
        "gemini-2.5-flash",
        TODAY,
        "standard",
        {"input": 1_000, "audio": {"input": 5_000, "cache_read": 2_000}},
        "0.0055",
    ),
    # Kimi 2024-08-07 in CNY: 10,000 created x 24 + 1M token-hours x 5/minute x 60 + a hit 0.02 + 100 x 60 + 50 x 60
    # = 0.24 + 300 + 0.02 + 0.006 + 0.003; the cached tokens of a hit are free.
    (
        "moonshot-cn/moonshot-v1-128k",
        datetime(2024, 9, 1, tzinfo=UTC),
        "standard",
        {"creation": 10_000, "storage": 1_000_000, "cache_read": 10_000, "input": 100, "output": 50},
        "300.269",
    ),
    # Qwen reads at two rates: 9,000 x 0.20 + 9,000 x 0.10 (and 18,000 is up to 32,000)
    ("qwen3-coder-plus", TODAY, "standard", {"cache_read": {"automatic": 9_000, "written": 9_000}}, "0.0027"),
]


@pytest.mark.parametrize(("model", "at", "service", "used", "total"), KNOWN)
def test_a_bill_worked_by_hand_is_met_to_the_last_digit(
    model: str, at: datetime, service: str, used: dict[str, Any], total: str, catalog: Catalog
) -> None:
    """Tiers, TTLs, services, audio, fees, two read rates: the sums stand beside the cases."""
    assert quote(Usage(**used), catalog.sheet(model), at=at, service=service).total == Decimal(total)


def test_a_third_of_an_hour_of_storage_is_a_fraction_and_costs_what_it_costs(catalog: Catalog) -> None:
    """25,000 tokens for 20 minutes are 25000/3 token-hours: x 4.50 / 1M = 0.0375."""
    result = quote(usage_of({"storage_token_hours": "25000/3"}), catalog.sheet("gemini-2.5-pro"), at=TODAY)
    (line,) = result.lines
    assert (line.name, line.unit, line.quantity) == ("storage", "token-hours", Fraction(25_000, 3))
    assert line.amount == result.total == Decimal("0.0375")


def test_storage_that_never_ends_in_decimals_is_cut_far_below_anything_billed(catalog: Catalog) -> None:
    """1/7 token-hour x 4.50 / 1M is 0.00000064285714..., kept to 24 decimals."""
    result = quote(Usage(storage=Fraction(1, 7)), catalog.sheet("gemini-2.5-pro"), at=TODAY)
    assert result.total == Decimal("0.000000642857142857142857")


@given(sheet=sheets(), data=st.data())
def test_the_lines_of_a_quote_add_up_to_its_total_and_each_is_quantity_times_rate(
    sheet: PriceSheet, data: st.DataObject
) -> None:
    """On any sheet, for any usage that it sells, at the rates found by trying all rows."""
    counts = st.integers(0, 3_000)
    writes = {ttl: data.draw(counts) for ttl in getattr(sheet.cards[0].caching.written, "ttls", ())}
    kinds = sheet.cards[0].caching.kinds
    stored = "stored" in kinds
    usage = Usage(
        input=data.draw(counts),
        cache_read={data.draw(st.sampled_from(kinds)): data.draw(st.integers(1, 3_000))},
        cache_write=writes,
        creation=data.draw(counts) if stored else 0,
        output=data.draw(st.sampled_from([0, 7])),
        storage=data.draw(st.fractions(0, 10**6, max_denominator=3600)) if stored else 0,
    )
    at = EPOCH + data.draw(st.timedeltas(timedelta(0), timedelta(hours=40)))
    result = quote(usage, sheet, at=at)
    rates = rates_at(sheet, at, usage.prompt, usage.output, Case(context=1, start=at))
    assert sum((line.amount for line in result.lines), Decimal(0)) == result.total
    expected = Fraction(0)
    for line in result.lines:
        each = rates.get(line.name, rates.get(line.name.partition(":")[0]))
        assert each == Fraction(line.each)
        expected += Fraction(line.quantity) * each
    assert abs(expected - Fraction(result.total)) < Fraction(1, 10**23)


@given(
    counts=st.tuples(st.integers(0, 90_000), st.integers(1_024, 90_000), st.integers(0, 9_000)),
    factor=st.integers(1, 9),
)
def test_within_one_tier_a_total_grows_in_proportion_to_the_usage(
    catalog: Catalog, counts: tuple[int, int, int], factor: int
) -> None:
    """Twice the tokens, twice the money, on a card with one row."""
    sent, read, answered = counts
    sheet = catalog.sheet("claude-opus-5-5")
    one = quote(Usage(input=sent, cache_read=read, output=answered), sheet, at=TODAY)
    many = quote(Usage(input=sent * factor, cache_read=read * factor, output=answered * factor), sheet, at=TODAY)
    assert many.total == one.total * factor


@given(data=st.data())
def test_moving_tokens_from_input_to_cache_read_never_changes_the_row(data: st.DataObject, catalog: Catalog) -> None:
    """Cached tokens count for the tier on every real sheet that reads."""
    sheet = data.draw(st.sampled_from(real(catalog)))
    sells = [card for card in sheet.cards if card.caching.kinds and card.status != "cancelled"]
    if not sells:
        return
    at = data.draw(st.sampled_from(sells)).effective
    prompt = data.draw(st.integers(5_000, 400_000))
    read = data.draw(st.integers(5_000, prompt))
    kind = sheet.card(at).caching.kinds[0]
    plain = quote(Usage(input=prompt), sheet, at=at)
    cached = quote(Usage(input=prompt - read, cache_read={kind: read}), sheet, at=at)
    assert {line.rate for line in plain.lines} >= {line.rate for line in cached.lines if line.name == "input"}


EVERY_LINE: list[tuple[str, dict[str, Any]]] = [
    ("input", {"input": 1}),
    ("cache_read", {"cache_read": 1}),
    ("cache_write:5m", {"cache_write": {"5m": 1}}),
    ("creation", {"creation": 1}),
    ("storage", {"storage": 1}),
    ("output", {"output": 1}),
    ("audio.input", {"audio": {"input": 1}}),
    ("audio.cache_read", {"audio": {"cache_read": 1}}),
    ("audio.output", {"audio": {"output": 1}}),
    ("image.input", {"image": {"input": 1}}),
    ("video.output", {"video": {"output": 1}}),
]


def full() -> PriceSheet:
    """A sheet that sells every line there is, each at a different rate: 1, 2, 3, ..."""
    caching = Caching(written=Written(("5m",), default_ttl="5m"), stored=Stored(timedelta(hours=1), creation="rate"))
    rates = {name: per_million(str(n)) for n, (name, _) in enumerate(EVERY_LINE, start=1) if name != "storage"}
    return invented(card(Row(rates | {"storage": token_hours("5")}), caching=caching))


@pytest.mark.parametrize(("name", "used"), EVERY_LINE)
def test_every_line_has_its_own_rate(name: str, used: dict[str, Any]) -> None:
    """One token of a kind costs a millionth of the rate printed for that kind."""
    place = [each for each, _ in EVERY_LINE].index(name) + 1
    assert bill(quote(Usage(**used), full(), at=EPOCH)) == {name: Decimal(place) / 1_000_000}


@pytest.mark.parametrize(("name", "used"), EVERY_LINE)
def test_what_has_no_rate_is_not_sold_and_never_free(name: str, used: dict[str, Any]) -> None:
    """A missing price is not zero: the message names the line and what is sold."""
    bare = invented(card(Row({"image.output": per_million("1")})))
    with pytest.raises(NotSold, match=f"no rate for {name}; it sells image.output"):
        quote(Usage(**used), bare, at=EPOCH)


def test_what_one_service_does_not_sell_is_said_of_that_service() -> None:
    """Standard writes, batch does not: a bare count of written tokens is refused there, not crashed on."""
    rates = {"input": per_million("1"), "cache_read": per_million("1")}
    rows = (Row(rates | {"cache_write:5m": per_million("2")}), Row(rates, service="batch"))
    sheet = invented(card(*rows, caching=Caching(written=Written(("5m",)))))
    with pytest.raises(NotSold, match="no rate for cache_write in service batch"):
        quote(Usage(cache_write=5_000), sheet, at=EPOCH, service="batch")


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"cache_write": {"5m": 1_024}}, {"cache_write:5m": Decimal("0.00384")}),  # 1,024 x 3.75: at the minimum
        ({"cache_write": {"5m": 1_023}}, {"cache_write:5m": Decimal("0.00383625")}),  # 1,023 x 3.75: as reported
        (
            {"input": 7, "cache_write": {"1h": 1_000}},
            {"input": Decimal("0.000021"), "cache_write:1h": Decimal("0.006")},  # 7 x 3 and 1,000 x 6
        ),
        # What is read and written together makes the prefix: 1,000 + 24 reach the minimum.
        (
            {"cache_read": 1_000, "cache_write": {"5m": 24}},
            {"cache_read": Decimal("0.0003"), "cache_write:5m": Decimal("0.00009")},
        ),
        # A read below the minimum was reported, so something was cached after all: 500 x 0.30
        ({"cache_read": 500}, {"cache_read": Decimal("0.00015")}),
    ],
)
def test_what_was_reported_below_the_minimum_is_priced_as_reported(
    counts: dict[str, Any], line: dict[str, Decimal], catalog: Catalog
) -> None:
    """Sonnet 4.5 caches from 1,024 tokens on; reads and writes of less are believed, with a warning."""
    result = quote(Usage(**counts), catalog.sheet("claude-sonnet-4-5"), at=TODAY)
    assert bill(result) == line
    few = sum(count if isinstance(count, int) else sum(count.values()) for count in counts.values()) < 1_024
    message = [warning for warning in result.warnings if "minimum of 1,024" in warning]
    assert bool(message) == few
    if few:
        assert "priced as reported" in message[0]


def test_where_kinds_have_minimums_of_their_own_a_write_needs_that_of_written_caches(catalog: Catalog) -> None:
    """Qwen cached 256 tokens automatically in January 2026, and wrote from 1,024 on: 1,000 written are too few."""
    sheet, january = catalog.sheet("qwen3-coder-plus"), datetime(2026, 1, 1, tzinfo=UTC)
    written = quote(Usage(cache_write={"5m": 1_000}), sheet, at=january)
    assert "1,000 cached tokens are below the minimum of 1,024: priced as reported" in written.warnings
    read = quote(Usage(cache_read={"automatic": 256}), sheet, at=january)
    assert not any("minimum" in warning for warning in read.warnings)


def test_a_bare_count_of_written_tokens_takes_the_default_or_the_only_ttl(catalog: Catalog) -> None:
    """Sonnet's default is 5m: 10,000 x 3.75; Luna sells only 30m: 10,000 x 0.25."""
    sonnet = quote(Usage(cache_write=10_000), catalog.sheet("claude-sonnet-4-5"), at=TODAY)
    luna = quote(Usage(cache_write=10_000), catalog.sheet("gpt-5.6-luna"), at=TODAY)
    assert (sonnet.total, luna.total) == (Decimal("0.0375"), Decimal("0.0025"))


@pytest.mark.parametrize(("ttls", "refused"), [(("5m",), False), (("5m", "1h"), True)])
def test_a_bare_count_of_written_tokens_without_a_default_needs_its_ttl_where_several_are_sold(
    ttls: tuple[str, ...], refused: bool
) -> None:
    """One TTL is the only meaning; of two the message asks for one."""
    rates = {"input": per_million("1"), **{f"cache_write:{ttl}": per_million("3") for ttl in ttls}}
    sheet = invented(card(Row(rates), caching=Caching(written=Written(ttls))))
    if refused:
        with pytest.raises(BadUsage, match="5m, 1h; say which"):
            quote(Usage(cache_write=1_000), sheet, at=EPOCH)
    else:
        assert quote(Usage(cache_write=1_000), sheet, at=EPOCH).total == Decimal("0.003")


def test_a_bare_count_of_read_tokens_is_refused_where_kinds_are_read_at_different_rates(catalog: Catalog) -> None:
    """Qwen reads automatic caches at 0.20 and written ones at 0.10; the message names both."""
    with pytest.raises(BadUsage, match=r"automatic \(0.20\) and written \(0.10\)"):
        quote(Usage(cache_read=9_000), catalog.sheet("qwen3-coder-plus"), at=TODAY)


def test_a_bare_count_of_read_tokens_is_priced_where_all_kinds_are_read_at_one_rate() -> None:
    """Two names, one rate: 1,000 x 2."""
    rates = {"cache_read:automatic": per_million("2"), "cache_read:written": per_million("2")}
    sheet = invented(card(Row(rates), caching=Caching(automatic=Automatic(), written=Written(("5m",)))))
    assert quote(Usage(cache_read=1_000), sheet, at=EPOCH).total == Decimal("0.002")


def test_a_read_of_a_kind_is_priced_at_the_one_read_rate_where_the_kind_is_sold(catalog: Catalog) -> None:
    """Gemini 2.5 Pro reads both kinds at 0.125; a kind that it does not sell is refused."""
    sheet = catalog.sheet("gemini-2.5-pro")
    for kind in ("automatic", "stored"):
        assert quote(Usage(cache_read={kind: 8_000}), sheet, at=TODAY).total == Decimal("0.001")
    with pytest.raises(NotSold, match="cache_read:written"):
        quote(Usage(cache_read={"written": 8_000}), sheet, at=TODAY)


FEES = invented(
    card(
        Row({"input": per_million("1"), "output": per_million("1"), "cache_read": per_million("0")}
            | {"storage": token_hours("1"), "fee.request": fee("0.5"), "fee.cache_hit": fee("0.02")}),
        caching=Caching(automatic=Automatic(), stored=Stored(timedelta(hours=1))),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        ({"input": 10, "output": 10}, "0.50002"),  # a request: 0.5 + 20 x 1 / 1M
        ({"cache_read": 10, "output": 10}, "0.52001"),  # a request that hits: 0.5 + 0.02 + 10 / 1M
        ({"input": 10}, "0.50001"),  # a request with an empty answer is one too
        ({"storage": 10}, "0.00001"),  # rent is no request
        ({"creation": 10}, "0.00001"),  # nor is putting tokens into a store
    ],
)
def test_fees_are_due_once_a_request_and_once_a_hit(counts: dict[str, int], total: str) -> None:
    """Whatever the number of tokens; as separate lines, counted in requests."""
    result = quote(Usage(**counts), FEES, at=EPOCH)
    assert result.total == Decimal(total)
    assert {line.unit for line in result.lines if line.name.startswith("fee.")} <= {"requests"}
    assert all(line.amount == line.rate for line in result.lines if line.name.startswith("fee."))


def test_no_fee_for_a_hit_is_due_where_nothing_was_read(catalog: Catalog) -> None:
    """Kimi charges 0.02 yuan a hit and nothing for a request that misses: 1,000 x 60 / 1M."""
    at = datetime(2024, 9, 1, tzinfo=UTC)
    result = quote(Usage(input=1_000), catalog.sheet("moonshot-cn/moonshot-v1-128k"), at=at)
    assert bill(result) == {"input": Decimal("0.06")}


def test_a_region_costs_a_tenth_more_on_every_line(catalog: Catalog) -> None:
    """Opus 5.5 in the US: 100,000 x 4.40 + 100,000 x 0.22 + 100,000 x 5.50 + 10,000 x 22 = .44 + .022 + .55 + .22."""
    usage = Usage(input=100_000, cache_read=100_000, cache_write={"5m": 100_000}, output=10_000)
    result = quote(usage, catalog.sheet("claude-opus-5-5"), at=TODAY, region="us")
    assert result.total == Decimal("1.232")
    with pytest.raises(NotSold, match="region 'mars'"):
        quote(usage, catalog.sheet("claude-opus-5-5"), at=TODAY, region="mars")


@pytest.mark.parametrize(
    ("output", "thinking", "total"),
    [(200, False, "0.0005"), (201, False, "0.001204"), (200, True, "0.0017")],
)
def test_the_size_of_the_answer_and_thinking_choose_the_rates(output: int, thinking: bool, total: str) -> None:
    """100 tokens in: 100 x 1 + 200 x 2; 100 x 4 + 201 x 4; 100 x 5 + 200 x 6, in millionths."""
    sheet = invented(
        card(
            Row({"input": per_million("1"), "output": per_million("2")}, output=Band(0, 200), thinking=False),
            Row({"input": per_million("4"), "output": per_million("4")}, output=Band(201), thinking=False),
            Row({"input": per_million("5"), "output": per_million("6")}, thinking=True),
        )
    )
    assert quote(Usage(input=100, output=output), sheet, at=EPOCH, thinking=thinking).total == Decimal(total)


def test_an_instant_without_a_zone_or_before_the_first_card_has_no_price(catalog: Catalog) -> None:
    """Both are refusals that a person can put right, not crashes."""
    sheet = catalog.sheet("gemini-2.5-pro")
    with pytest.raises(BadQuantity, match="zone"):
        quote(Usage(input=1), sheet, at=datetime(2026, 11, 22))
    with pytest.raises(NotInForce, match="2025-04-04"):
        quote(Usage(input=1), sheet, at=datetime(2025, 4, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("model", "at", "said"),
    [
        ("gemini-1.5-pro", SEED, "announced, not yet sold"),
        ("gemini-1.5-pro", datetime(2026, 1, 1, tzinfo=UTC), "withdrawn on 2025-09-24"),
        ("moonshot-cn/moonshot-v1-128k", TODAY, "confidence in this rate card is low"),
    ],
)
def test_rates_that_should_not_simply_be_believed_say_so(model: str, at: datetime, said: str, catalog: Catalog) -> None:
    """Announced, withdrawn, or from a doubtful source."""
    assert said in quote(Usage(input=1), catalog.sheet(model), at=at).warnings[0]


def test_a_quote_cites_the_version_and_the_currency_that_it_used(catalog: Catalog) -> None:
    """The sheet @ the instant from which its card applies."""
    result = quote(Usage(input=1), catalog.sheet("moonshot-cn/moonshot-v1-128k"), at=datetime(2024, 9, 1, tzinfo=UTC))
    assert (result.version, result.currency) == ("moonshot-cn/moonshot-v1-128k@2024-08-07", "CNY")


def test_no_ambient_decimal_context_changes_a_bill(catalog: Catalog) -> None:
    """Three digits of precision and a trap on every rounding in the program around: the same bill to the last digit."""
    usage = Usage(input=123_457, cache_read=765_433, output=98_765, storage=Fraction(10_007, 3600))
    with decimal.localcontext() as context:
        context.prec = 3
        context.traps[decimal.Inexact] = True
        result = quote(usage, catalog.sheet("gemini-2.5-pro"), at=TODAY)
        lines = bill(result)
    # 123,457 x 2.50; 765,433 x 0.25; 98,765 x 15; 10,007 / 3,600 x 4.50 = 12.50875 millionths
    assert lines == {
        "input": Decimal("0.3086425"),
        "cache_read": Decimal("0.19135825"),
        "output": Decimal("1.481475"),
        "storage": Decimal("0.00001250875"),
    }
    assert result.total == Decimal("1.98148825875")


# Usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "counts",
    [
        {"input": -1},
        {"input": 1.5},
        {"input": "7"},
        {"input": True},
        {"input": None},
        {"input": float("nan")},
        {"input": MAX_TOKENS + 1},
        {"output": -1},
        {"cache_read": -1},
        {"cache_read": {"written": -1}},
        {"cache_write": {"5m": 0.5}},
        {"creation": Decimal(1)},
        {"storage": -1},
        {"storage": 0.5},
        {"storage": True},
        {"storage": Fraction(1, FINEST + 1)},
        {"storage": MAX_TOKENS * 24 * 367},
        {"audio": {"thinking": 1}},
        {"audio": {"input": -1}},
        {"audio": 7},
    ],
)
def test_counts_that_no_request_can_have_are_refused_by_name(counts: dict[str, Any]) -> None:
    """Negative, fractional, absurd, or no number at all; the message begins with the name."""
    (name,) = counts
    with pytest.raises(BadUsage, match=f"^{name}"):
        Usage(**counts)


def test_the_prompt_counts_every_token_that_goes_in_once_and_none_that_comes_out() -> None:
    """1 + 20 + 300 + 4,000 + 50,000 + 600,000: input, both reads, write, creation and audio; storage is no token."""
    usage = Usage(
        input=1,
        cache_read={"automatic": 10, "written": 10},
        cache_write={"5m": 300},
        creation=4_000,
        audio={"input": 50_000, "cache_read": 600_000, "output": 7_000_000},
        output=80_000_000,
        storage=9 * 10**9,
    )
    assert (usage.prompt, usage.output) == (654_321, 87_000_000)


@pytest.mark.parametrize(
    "hours", ["1e99999999", "1e-99999999", "1/" + "7" * 400, Decimal("1e99999999"), "1/0", "x", True, [1], 0.5, "-1"]
)
def test_token_hours_that_no_cache_can_stand_are_refused_at_once(hours: Any) -> None:
    """Also numbers whose digits would fill the memory if they were written out."""
    with pytest.raises(BadUsage, match="storage"):
        usage_of({"storage_token_hours": hours})


def test_equal_usage_is_one_key_and_shows_what_is_above_zero() -> None:
    """Zero counts are counts that were not used."""
    assert Usage(input=5, output=0) == Usage(input=5)
    assert len({Usage(input=5, output=0), Usage(input=5)}) == 1
    assert repr(Usage(cache_write={"5m": 7}, output=0)) == "Usage(cache_write:5m=7)"
