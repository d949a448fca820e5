"""How many queries a budget buys: so many fit, and one more does not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.bill import Bill, affordable
from cachecost.bills.candidates import plans
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload
from cachecost.strategies.assumptions import Assumptions
from cachecost.workload.workload import Workload

from ..command import run

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = ("--as-of", "2026-11-01")
MIN = timedelta(minutes=1)
MODELS = ("claude-opus-5-5", "gpt-5.6-luna", "gemini-2.5-flash", "gpt-4o")


def bills(catalog: Catalog, model: str, **work: object) -> list[Bill]:
    """Every strategy of a model over 50,000 tokens."""
    sizes = {"context": 50_000, "question": 200, "answer": 500, "queries": 10, "start": NOW}
    workload = Workload(**(sizes | work))  # type: ignore[arg-type]
    return [Bill(plan) for plan in plans(catalog.sheet(model), workload, Assumptions())]


@pytest.mark.parametrize(("money", "queries"), [("100", 391), ("0.2555", 1), ("0.2554", 0), ("0", 0)])
def test_a_budget_buys_whole_queries(money: str, queries: int, catalog: Catalog) -> None:
    """GPT-4o without a cache: 100,200 x 2.50 + 500 x 10.00 = 255,500 millionths; 100 / 0.2555 = 391.4."""
    fresh = bills(catalog, "gpt-4o", context=100_000)[0]
    assert affordable(fresh, Decimal(money)) == queries


@given(
    data=st.data(),
    model=st.sampled_from(MODELS),
    every=st.sampled_from([None, 4 * MIN, 6 * MIN, 61 * MIN]),
    money=st.decimals("0.0001", "500", places=4),
)
def test_so_many_fit_and_one_more_does_not(
    data: st.DataObject, model: str, every: timedelta | None, money: Decimal, catalog: Catalog
) -> None:
    """Of every strategy, and of conversations, whose bills are no straight lines."""
    grows = every is None and data.draw(st.booleans())
    bill = data.draw(st.sampled_from(bills(catalog, model, every=every, grows=grows)))
    bought = affordable(bill, min(money, Decimal(3)) if grows else money)
    assert bought is not None
    limit = min(money, Decimal(3)) if grows else money
    assert not bought or bill.exact_total(bought) <= limit
    if not grows:  # a conversation also ends where its prompt is too long
        assert bill.exact_total(bought + 1) > limit


def test_queries_over_a_window_come_closer_as_there_are_more(catalog: Catalog) -> None:
    """Opus 5.5, 5-minute entries over 8 hours: from 97 queries on all later ones hit, which makes them cheaper than 96
    that miss. $40 buys the most of both."""
    bill = next(each for each in bills(catalog, MODELS[0], over=8 * 60 * MIN) if each.plan.strategy == "written:5m")
    bought = affordable(bill, Decimal(40))
    assert bought is not None
    assert bought > 97
    assert bill.exact_total(bought) <= 40 < bill.exact_total(bought + 1)


def test_what_is_free_has_no_end_and_what_cannot_be_added_up_is_refused(catalog: Catalog) -> None:
    """GLM-4.5-Flash; DeepSeek V4 Flash, whose rates change by the hour of the day."""
    assert affordable(bills(catalog, "zai/glm-4.5-flash")[0], Decimal(1)) is None
    fresh = bills(catalog, "deepseek-v4-flash", every=5 * MIN)[0]
    with pytest.raises(BadWorkload, match="deepseek-v4-flash: it buys over 20,000"):
        affordable(fresh, Decimal(10**6))


def test_the_command_and_the_api_say_how_many_queries_a_budget_buys(client: object) -> None:
    """Luna's entries for 30 minutes: a first query of 0.03814, then 0.00364 each: 1 + (100 - 0.03814) / 0.00364."""
    words = ("compare", "gpt-5.6-luna", "claude-opus-5-5", "gpt-4o", "-c", "150K", "--budget", "100", *DAY)
    shown = run(*words).out
    assert shown.startswith("What $100.00 buys: queries over 150,000 tokens (200 in, 500 out), prices of 2026-11-01\n")
    assert "\n→ Use GPT-5.6 Luna with a 30-min cache: $100.00 buys 27,463 queries instead of 3,263.\n" in shown
    record = run(*words, "--json").json
    assert record["budget"] == "100"
    assert {each["affordable"] for each in record["answers"] if each["strategy"] == "written:30m"} == {27_463}
    query = {"model": ["gpt-5.6-luna"], "context": "150K", "budget": "100", "as_of": "2026-11-01"}
    answers = client.get("/v1/compare", params=query).json()["answers"]  # type: ignore[attr-defined]
    assert answers[0]["affordable"] == 27_463
    assert "buys less than one query" in run(*words[:6], "--budget", "0.001", *DAY).out
    assert run(*words[:6], "--budget", "1e3").err.startswith("cachecost: --budget: '1e3' is not an amount of money")


def test_a_budget_says_what_a_model_would_take_and_what_is_free() -> None:
    """GPT-4o takes 128,000 tokens, less 200 of question and 500 of answer. GLM-4.5-Flash costs nothing, so that no
    number of queries is the most that money buys."""
    shown = run("compare", "gpt-5.6-luna", "gpt-4o", "-c", "150K", "--budget", "100", *DAY).out
    assert re.search(r"\n  GPT-4o +refused +fits up to 127,300 tokens\n", shown)
    shown = run("compare", "zai/glm-4.5-flash", "-c", "50K", "--budget", "100", *DAY).out
    assert "→ Free, with limits that the vendor sets: zai/glm-4.5-flash" in shown


def test_notes_beside_a_budget_are_as_short_as_beside_a_bill() -> None:
    """Why a card is doubted is told under -v alone, as everywhere."""
    asked = ("compare", "gpt-6.2-astra", "claude-opus-5-5", "-c", "150K", "--budget", "100", "--as-of", "2026-11-20")
    doubt = "! GPT-6.2 Astra: confidence in this rate card is medium"
    assert run(*asked).out.splitlines()[-1] == doubt
    assert f"{doubt}: The price page itself was not seen" in run(*asked, "-v").out
