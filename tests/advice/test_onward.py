"""A conversation from some turn on, on its model or on another: bills worked by hand, and laws of both."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from cachecost.advice.onward import Onward, Switch, stay_or_switch
from cachecost.bills.bill import Bill
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, CachecostError, DifferentCurrencies, Refused
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import Workload

from ..command import run

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TURNS = 400
OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


def talk(context: int = 50_000, turns: int = 20) -> Workload:
    return Workload(context, 200, 500, turns, NOW, grows=True)


def of(catalog: Catalog, other: str, turn: int, work: Workload | None = None, **how: Any) -> Switch:
    return stay_or_switch(catalog.sheet(OPUS), catalog.sheet(other), work or talk(), turn=turn, **how)


def test_the_whole_context_is_written_once_at_the_other_rates(catalog: Catalog) -> None:
    """The 8th turn sends 50,200 + 7 x 700 = 55,100 tokens. Opus reads 54,400 of them, 0.01088, writes 700, 0.0035, and
    answers, 0.01. Sonnet writes all at 2.50, 0.13775, and answers, 0.005."""
    two = of(catalog, SONNET, 8)
    assert (two.stay.exact_total(1), two.switch.exact_total(1)) == (Fraction("0.02438"), Fraction("0.14275"))
    # From then on Opus reads at 0.20 and adds 0.0135 a turn, Sonnet reads at 0.10 and adds 700 x 2.50 + 500 x 10.
    # Of turn n the prompt before it has 54,400 + 700 (n - 1) tokens: Sonnet saves 0.00675 + 0.00544 + 0.00007 (n - 1).
    # 0.11837 are behind: 9 further turns earn 9 x 0.01219 + 0.00007 x 45 = 0.11286, 10 earn 0.12575.
    assert (two.pays.first, two.pays.stable_from) == (11, 11)
    assert two.costs(two.switch) - two.costs(two.stay) == -two.saved == Fraction("0.11837") - Fraction("0.15174")


def test_the_tokens_of_the_other_model_are_its_own(catalog: Catalog) -> None:
    """At 1.5 for one the first turn on it sends 82,350 + 300 tokens and answers 750."""
    two = of(catalog, SONNET, 8, ratio=Fraction(3, 2))
    assert two.switch.plan.workload.prompt == 82_650
    assert two.switch.exact_total(1) == Fraction(82_650 * 250 + 750 * 1_000, 10**8)


@pytest.mark.parametrize(
    ("other", "how", "costs", "note"),
    [
        # Opus is twice as dear when fast, 2 x 0.02438; Sonnet sells no fast speed
        (SONNET, {"service": "fast"}, ("0.04876", "0.14275"), "at standard service: service 'fast' is not sold"),
        # x 1.1 in the US
        (SONNET, {"region": "us"}, ("0.026818", "0.157025"), None),
        # Haiku has no rates of regions: 55,100 x 1.25 and 500 x 5.00
        ("claude-haiku-4-5", {"region": "us"}, ("0.026818", "0.071375"), "at the rates of no region: region 'us' has"),
    ],
)
def test_a_service_or_region_that_the_other_model_does_not_sell_is_priced_without_it(
    catalog: Catalog, other: str, how: dict[str, str], costs: tuple[str, str], note: str | None
) -> None:
    """As `next` and `replay` do, and the answer says so."""
    two = of(catalog, other, 8, assumptions=Assumptions(**how))
    assert (two.stay.exact_total(1), two.switch.exact_total(1)) == tuple(map(Fraction, costs))
    assert (two.note or "").startswith(f"anthropic/{other} is priced {note}" if note else "")
    assert bool(two.note) == bool(note)
    flags = [text for name, value in how.items() for text in (f"--{name}", value)]
    ran = run("compare", OPUS, "-c", "50K", "--turns", "20", "--as-of", "2026-11-20", "--switch-to", other, *flags)
    assert (note in ran.out.replace("\n", " ")) if note else (" is priced " not in ran.out)


def test_below_the_minimum_of_the_other_model_nothing_is_written(catalog: Catalog) -> None:
    """Sonnet 4.5 caches from 1,024 tokens on: 700 are sent plain, 700 x 3.00, beside 500 x 15.00 of answer."""
    two = of(catalog, "claude-sonnet-4-5", 1, talk(context=500, turns=1))
    assert two.switch.exact_total(1) == Fraction("0.0096")


@given(data=st.data())
def test_without_a_cache_the_same_model_costs_the_same(data: st.DataObject, catalog: Catalog) -> None:
    """Whatever the turn, on every model."""
    sheet = data.draw(st.sampled_from([each for each in catalog.sheets() if each.sold(NOW)]))
    work = talk(data.draw(st.integers(1, 5_000)), turns := data.draw(st.integers(1, 8)))
    try:
        two = stay_or_switch(sheet, sheet, work, turn=data.draw(st.integers(1, turns)), strategies=["fresh"])
    except CachecostError:
        return
    assert (two.saved, two.pays.intervals) == (0, ())


@given(turn=st.integers(1, 20), context=st.integers(5_000, 100_000))
def test_with_a_cache_the_same_model_loses_what_it_knew(turn: int, context: int, catalog: Catalog) -> None:
    """Switching to oneself writes again what would have been read: (w - r) of what was in the cache, 5.00 - 0.20."""
    two = of(catalog, OPUS, turn, talk(context), strategies=["written:5m"])
    known = 0 if turn == 1 else context + 200 + 700 * (turn - 2)
    assert -two.saved == Fraction(known * 480, 10**8)


def test_both_agree_with_compare(catalog: Catalog) -> None:
    """Who stays pays what compare says of the model, and who switches at the first turn what it says of the other."""
    asked = ("--context", "50K", "--turns", "20", "--as-of", "2026-11-20", "--json")
    two = run("compare", OPUS, *asked, "--switch-to", SONNET, "--at-turn", "1").json
    alone = [run("compare", model, *asked).json["best"]["total"] for model in (OPUS, SONNET)]
    assert [two["stay"]["total"], two["switch"]["total"]] == alone


def test_the_command_says_from_how_many_turns_on_it_pays(catalog: Catalog) -> None:
    """In a sentence; the fields have every digit."""
    asked = ("compare", OPUS, "--context", "50K", "--turns", "20", "--as-of", "2026-11-20", "--switch-to", SONNET)
    answer = run(*asked, "--at-turn", "8", "--json").json
    assert (answer["sentence"], answer["pays"]["first"], Decimal(answer["saved"])) == (
        "Switching pays if 11 more turns follow; over these 13 it saves $0.03337.",
        11,
        Decimal("0.03337"),
    )
    assert "Switching pays if 11 more turns follow" in run(*asked, "--at-turn", "8", columns=60).out.replace("\n", " ")


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--turns", "4", "--switch-to", SONNET, "--at-turn", "5"], 2, "--at-turn: expected a turn from 1 to 4, not 5"),
        (["--switch-to", SONNET], 2, "--turns: missing"),
        (["--turns", "4", "--at-turn", "2"], 2, "--at-turn: belongs to a switch"),
        (["--turns", "4", "--switch-to", "no-such-model"], 2, "'no-such-model' is not a model"),
        (["--turns", "4", "--switch-to", SONNET, "--token-ratio", "50"], 2, "--token-ratio: '50' is not a ratio"),
        (["--turns", "4", "--switch-to", "claude-3-opus"], 3, "was withdrawn"),
    ],
)
def test_what_cannot_be_switched_is_refused(flags: list[str], code: int, said: str) -> None:
    """The flag at fault, in words."""
    ran = run("compare", OPUS, "--context", "50K", *flags)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_bills_in_two_currencies_are_not_compared(catalog: Catalog) -> None:
    """There is no rate of exchange here."""
    other = next(each for each in catalog.sheets() if each.currency != "USD" and each.sold(NOW))
    with pytest.raises(DifferentCurrencies):
        stay_or_switch(catalog.sheet(OPUS), other, talk(), turn=2)


def test_a_context_that_the_other_model_does_not_take_is_refused(catalog: Catalog) -> None:
    """Sonnet 4.5 takes 200,000 tokens; those of a conversation at its last turn."""
    with pytest.raises(Refused, match="claude-sonnet-4-5 takes at most 200,000 tokens"):
        of(catalog, "claude-sonnet-4-5", 2, talk(context=198_000))


def test_the_api_answers_as_the_command_does(client: TestClient) -> None:
    """By a query and by a body."""
    words = {"model": OPUS, "context": "50K", "turns": "20", "switch_to": SONNET, "at_turn": "8", "as_of": "2026-11-20"}
    answer = client.get("/v1/switch", params=words)
    assert answer.json()["pays"]["first"] == 11
    assert client.post("/v1/switch", json=words).json() == answer.json()
    refused = client.get("/v1/switch", params=words | {"at_turn": "30"})
    assert (refused.status_code, "at_turn" in refused.text) == (422, True)


def plan(catalog: Catalog, model: str, strategy: str, work: Workload, share: Fraction = Fraction(1)) -> Plan:
    return Plan(strategy, work, catalog.sheet(model), Assumptions(hit_share=share))


@given(
    of=st.sampled_from(
        [
            ("gpt-4.1", "automatic"),  # in blocks of 128
            ("gemini-2.5-pro", "automatic"),  # from a minimum on, and dearer above 200,000 tokens
            ("gemini-2.5-pro", "fresh"),
            ("claude-opus-5-5", "written:5m"),
            ("grok-4", "automatic"),
        ]
    ),
    context=st.one_of(st.integers(1, 5_000), st.integers(195_000, 200_000)),
    question=st.integers(0, 40),
    answer=st.integers(0, 60),
    first=st.integers(1, 5),
    share=st.sampled_from([Fraction(1), Fraction(0), Fraction(2, 3)]),
)
def test_turns_from_one_on_cost_what_they_cost_in_the_whole(
    of: tuple[str, str], context: int, question: int, answer: int, first: int, share: Fraction, catalog: Catalog
) -> None:
    """A bill prices every turn: across tiers, minimums and blocks the sums are the same."""
    whole = plan(catalog, *of, Workload(context, question, answer, TURNS, NOW, grows=True), share)
    bill, onward = Bill(whole), Onward(whole, first=first, most=TURNS)
    for turns in {min(onward.horizon, each) for each in (1, 7, 200, TURNS - first + 1)}:
        assert onward.exact_total(turns) == bill.exact_total(first - 1 + turns) - bill.exact_total(first - 1)


def test_a_longer_life_costs_more_for_the_first_tokens_only(catalog: Catalog) -> None:
    """Of every prompt that hits nothing 60,000 tokens are written for an hour, at 8.00 for 5.00 per million; where it
    hits, those that the first turn does not find."""
    work = Workload(59_000, 3, 4, TURNS, NOW, grows=True)
    for share, dearer in ((Fraction(1), 60_000), (Fraction(0), sum(min(59_003 + 7 * k, 60_000) for k in range(TURNS)))):
        whole = plan(catalog, "claude-opus-5-5", "written:5m", work, share)
        more = Onward(whole, longer=("1h", 60_000), most=TURNS).exact_total(TURNS)
        assert more - Onward(whole, most=TURNS).exact_total(TURNS) == Fraction(dearer * 3, 10**6)


def test_what_does_not_fit_into_the_context_is_refused(catalog: Catalog) -> None:
    """Opus 5.5 takes a million tokens: after 999,000, with 200 and 100 a turn, 999,200 + 100, + 300, + 600."""
    onward = Onward(plan(catalog, "claude-opus-5-5", "written:5m", Workload(999_000, 200, 100, 9, NOW, grows=True)))
    assert (onward.served, onward.exact_total(3) > onward.exact_total(2)) == (3, True)
    with pytest.raises(BadWorkload, match="4 more turns do not fit"):
        onward.exact_total(4)
