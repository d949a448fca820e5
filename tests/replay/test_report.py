"""The report of a log adds up: every breakdown to the total, every policy above the bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cachecost import Usage
from cachecost.catalog.catalog import Catalog
from cachecost.errors import UnknownModel
from cachecost.prices.quote import quote
from cachecost.prices.sheet import PriceSheet
from cachecost.replay.account import Account
from cachecost.replay.breakdown import report
from cachecost.replay.epochs import microseconds
from cachecost.replay.ledger import Ledger
from cachecost.replay.report import Alternative, Report, outlook
from cachecost.replay.request import Charge, Request
from cachecost.replay.run import Run
from cachecost.replay.whatif import what_if

from ..conftest import a_third
from ..engine_logs import memory

START = datetime(2026, 11, 1, tzinfo=UTC)
MODELS = ("anthropic/claude-opus-4-8", "openai/gpt-5.6-sol", "deepseek/deepseek-v4-flash", "google/gemini-2.5-pro")
WRITES = {MODELS[0]: ("5m", "1h"), MODELS[1]: ("30m",)}
tokens = st.one_of(st.just(0), st.integers(1, 400_000))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """A request on one of four models, of which two sell writes, one has rates by the hour and one has tiers."""
    model = draw(st.sampled_from(MODELS))
    written = {ttl: draw(tokens) for ttl in WRITES.get(model, ())}
    usage = Usage(input=draw(tokens), cache_read=draw(tokens), cache_write=written, output=draw(tokens))
    return Request(
        at=START + timedelta(seconds=draw(st.integers(0, 200_000))),
        model=model,
        usage=usage,
        session=draw(st.sampled_from(("a", "b", None))),
        project=draw(st.sampled_from(("p", None))),
        paid=draw(st.sampled_from((None, Decimal("0.1")))),
    )


def taken(account: Account, drawn: Iterable[Request]) -> Run:
    """The requests in a new database, with their prices."""
    run = Run(account, Ledger(), memory())
    for each in drawn:
        run.take(each)
    run.settle()
    return run


def told(catalog: Catalog, drawn: Iterable[Request], by: tuple[str, ...] = ()) -> tuple[Report, Account]:
    account = Account(lambda model, _: catalog.sheet(model), now=microseconds(START), by=by)
    run = taken(account, drawn)
    other = what_if(account, run.traffic)
    return report(account, other, ledger=Ledger()), account


@a_third()  # each example asks a database
@given(drawn=st.lists(requests(), max_size=8))
def test_every_breakdown_adds_up_to_the_sum_of_quotes(catalog: Catalog, drawn: list[Request]) -> None:
    """By model, day, session, project and class; the total is what the quotes of the requests come to."""
    shown, _ = told(catalog, drawn, ("model", "day", "session", "project"))
    by_hand = sum(
        (quote(each.usage, catalog.sheet(each.model), at=each.at).total for each in drawn if each.at), Decimal(0)
    )
    total = sum(shown.totals.values(), Decimal(0))
    assert total == by_hand
    for word, sums in shown.by.items():
        assert sum((each.cost for each in sums), Decimal(0)) == total, word
    assert sum((each.cost for each in shown.classes), Decimal(0)) == total


@a_third()  # each example asks a database
@given(drawn=st.lists(requests(), max_size=8))
def test_no_policy_without_pings_is_below_the_bound(catalog: Catalog, drawn: list[Request]) -> None:
    """On each model by itself; and what is lost was spent."""
    shown, _ = told(catalog, drawn)
    bounds = {each.on: each.total for each in shown.alternatives if each.bound == "lower"}
    for each in shown.alternatives:
        if not each.policy.startswith("keep-alive"):
            assert each.total >= bounds[each.on], each
    for loss in shown.losses:
        assert 0 <= loss.amount <= shown.totals[loss.currency]


def test_an_unknown_model_adds_nothing(catalog: Catalog) -> None:
    """It is told, and every sum is as it was."""
    account = Account(lambda model, _: catalog.sheet(model), now=0)
    run = taken(account, [Request(at=START, model="nope", usage=Usage(input=1))])
    assert (account.parts, account.priced) == ({}, 0)
    assert [each.count for each in run.ledger.unpriced.values()] == [1]


def test_a_request_without_a_time_pays_todays_rates(catalog: Catalog) -> None:
    """Now is an argument: 1M tokens of Gemini 1.5 Pro cost 3.50 before 2024-10-01 and 1.25 from then on."""
    for now, total in (("2024-09-30", "3.5"), ("2024-10-01", "1.25")):
        account = Account(
            lambda model, _: catalog.sheet(model), now=microseconds(datetime.fromisoformat(f"{now}T12:00Z"))
        )
        taken(account, [Request(at=None, model="gemini-1.5-pro", usage=Usage(input=100_000))] * 10)
        (paid,) = report(account, ledger=Ledger()).totals.values()
        assert paid.normalize() == Decimal(total)


def test_sums_of_a_day_count_the_requests_that_they_say(catalog: Catalog) -> None:
    """Ten requests in one record, priced by the tier that the record names, outside of any what-if but bounds."""
    record = Request(
        at=START,
        model=MODELS[0],
        usage=Usage(input=500_000, output=1_000),
        count=10,
        lasting=timedelta(days=1),
        prompt=50_000,
    )
    shown, _ = told(catalog, [record])
    assert shown.requests == 10
    assert {(each.policy, each.bound) for each in shown.alternatives} == {
        ("fresh", ""),
        ("any caching", "lower"),
        ("any caching", "upper"),
    }
    # 500,000 x 5 + 1,000 x 25 = 2,525,000 millionths
    assert shown.totals == {"USD": Decimal("2.525")}


def test_sums_without_a_number_of_requests_are_bounded_all_the_same(catalog: Catalog) -> None:
    """The length of each prompt is not known: everything may have been read, 500,000 x 0.5 + 1,000 x 25 = 275,000."""
    usage = Usage(input=500_000, output=1_000)
    shown, _ = told(catalog, [Request(at=START, model=MODELS[0], usage=usage, lasting=timedelta(days=1))])
    (least,) = [each.total for each in shown.alternatives if each.bound == "lower"]
    assert least == Decimal("0.275")


@pytest.mark.parametrize("lasting", [None, timedelta(days=1)])
def test_a_policy_is_compared_with_what_the_same_tokens_cost(catalog: Catalog, lasting: timedelta | None) -> None:
    """Images cost the same under every policy, and an answer without a prompt is compared with nothing."""
    # Gemini 2.5 Flash bills input at 0.30, images as text and output at 2.50 per million:
    # 10,000 x 0.30 + 2,000 x 0.30 + 20 x 2.50 = 3,650 millionths, beside 1M x 2.50 for the answer alone
    asked = Usage(input=5_000, image={"input": 1_000}, output=10)
    drawn = [Request(at=START, model="gemini-2.5-flash", usage=asked, session="a", lasting=lasting)] * 2
    alone = Request(at=START, model="gemini-2.5-flash", usage=Usage(output=1_000_000), session="a")
    shown, _ = told(catalog, [*drawn, alone])
    (fresh,) = [each for each in shown.alternatives if each.policy == "fresh"]
    assert shown.totals == {"USD": Decimal("2.50365")}
    assert fresh.total == fresh.paid == Decimal("0.00365")


def test_money_of_a_cost_report_stands_beside_the_bill(catalog: Catalog) -> None:
    """It is reported, and is in no total."""
    account = Account(lambda model, _: catalog.sheet(model), now=0)
    for amount in ("1.02", "0.08"):
        account.charge(Charge(START, Decimal(amount), "USD", "cached input"))
    result = report(account, ledger=Ledger())
    assert [(each.item, each.amount) for each in result.billed] == [("cached input", Decimal("1.10"))]
    assert result.totals == {}


def row(on: str, policy: str, total: str, paid: str, bound: str = "") -> Alternative:
    return Alternative(on, policy, "USD", 1, Decimal(total), Decimal(paid), None, bound)


def test_the_outlook_takes_the_cheapest_policy_of_each_model() -> None:
    """3 and 5 paid; 2 and 4 could have been: 6 instead of 8. No cache would have cost 2 on one and is not known on the
    other. A model where nothing saves keeps what was paid."""
    rows = [row("a", "fresh", "2", "3"), row("a", "clairvoyant", "1", "3", "lower"), row("a", "automatic", "9", "3")]
    rows += [row("b", "written:5m", "4", "5"), row("b", "clairvoyant", "4", "5", "lower")]
    (result,) = outlook(rows)
    assert (result.paid, result.total, result.saves, result.saved) == (8, 6, 2, None)
    assert result.policies == {"a": "fresh", "b": "written:5m"}
    (result,) = outlook([row("a", "fresh", "9", "3"), row("a", "written:1h", "4", "3")])
    assert (result.saved, result.saves, result.policies) == (6, 0, {})


def unknown(model: str, _: str) -> PriceSheet:
    raise UnknownModel(model)


@pytest.mark.parametrize(("days", "month"), [(6, None), (7, Decimal(30)), (15, Decimal(14))])
def test_a_month_is_a_rate_of_a_week_or_more(days: int, month: Decimal | None) -> None:
    """7 in 7 days are 30 in 30 days and 7 in 15 are 14; below a week there is no month."""
    empty = report(Account(unknown, now=0), ledger=Ledger())
    assert replace(empty, first=START, last=START + timedelta(days=days)).per_month(Decimal(7)) == month


def test_what_reads_first_was_not_seen_written(catalog: Catalog) -> None:
    """A session that begins with a read is reported: other policies have to write what it read."""
    read = Request(at=START, model=MODELS[0], usage=Usage(cache_read=50_000), session="a")
    shown, _ = told(catalog, [read])
    assert any("what the log does not show being written: 1 session;" in note for note in shown.notes)


def test_a_trace_that_reads_first_is_bounded_by_what_it_paid(catalog: Catalog) -> None:
    """Opus 4.8: 100 x 5.00 + 1,500 x 0.50 + 400 x 10.00 + 30 x 25.00 = 0.006. The same 2,000 tokens sent for the first
    time cost 2,000 x 5.00 + 30 x 25.00 = 0.01075; this log paid less, so nothing is known but what it paid."""
    usage = Usage(input=100, cache_read=1_500, cache_write={"1h": 400}, output=30)
    shown, _ = told(catalog, [Request(at=START, model=MODELS[0], usage=usage, blocks=(1, 2, 3))])
    bounds = {each.policy: each.total for each in shown.alternatives if each.bound == "lower"}
    assert bounds == {"any caching": Decimal("0.006")}
