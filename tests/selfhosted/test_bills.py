"""Bills of deployments: four strategies by the code of stored caches, against sums worked out here by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost import money
from cachecost.bills.bill import Bill
from cachecost.bills.comparison import Answer, Comparison, compare
from cachecost.bills.rents import MachineAlone
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadWorkload, CachecostError, NotSold
from cachecost.prices.sheet import PriceSheet
from cachecost.selfhosted.meter import sheet_of
from cachecost.selfhosted.serving import Serving
from cachecost.strategies.assumptions import Assumptions
from cachecost.strategies.plan import Plan
from cachecost.workload.workload import Workload

from ..command import run
from ..conftest import PRICES

NAME = "llama-3.1-70b@aws/p5.48xlarge"
START, TODAY = datetime(2026, 11, 28, tzinfo=UTC), date(2026, 11, 28)
TIERS = ("hbm", "ram", "nvme")

# The machine and the model, worked out from what their pages print and from nothing else.
RATE = Fraction("55.04") / 3600  # dollars a second
PEAK = 8 * Fraction("989.5") * 10**12  # FLOP a second
PARAMETERS = 70_553_706_496
POOL = 8 * (Fraction("79.18") * Fraction(9, 10) - 2) * 2**30 - 2 * PARAMETERS  # bytes: 453.8e9
EACH = 80 * 2 * 8 * 128 * 2  # bytes a token: 327,680
RENT = {  # dollars for a byte and hour
    "hbm": Fraction("55.04") / POOL,
    "ram": Fraction("0.004237") / 2**30,
    "nvme": Fraction("0.10") / 730 / 10**9,
}
LOAD = {"hbm": None, "ram": 8 * 50 * 10**9, "nvme": 12 * 10**9}  # bytes a second
SHARES = {"best": ("0.65", "0.50"), "middle": ("0.50", "0.40"), "worst": ("0.35", "0.25")}


@pytest.fixture(scope="module")
def sheet() -> PriceSheet:
    return Catalog(PRICES).sheet(NAME)


def prefill(start: int, end: int, reading: str = "middle") -> Fraction:
    """Dollars for the positions of a prompt: 2 FLOP a parameter, and 80 layers x 64 heads x (128 + 128) x (e^2 -
    s^2)."""
    linear, attention = map(Fraction, SHARES[reading])
    flops = 2 * PARAMETERS * (end - start) / linear + 80 * 64 * 256 * (end * end - start * start) / attention
    return flops / PEAK * RATE


def load(tokens: int, tier: str) -> Fraction:
    speed = LOAD[tier]
    return Fraction(0) if speed is None else Fraction(tokens * EACH, speed) * RATE


def expected(tier: str | None, context: int, question: int, queries: int, hours: Fraction, reading: str) -> Fraction:
    """fresh = N x prefill(0, C+q); kept = prefill(0, C) + N x (load + prefill(C, C+q)) + rent x bytes x hours."""
    if tier is None:
        return queries * prefill(0, context + question, reading)
    each = load(context, tier) + prefill(context, context + question, reading)
    return prefill(0, context, reading) + queries * each + RENT[tier] * context * EACH * hours


def work(context: int, question: int, queries: int, hours: Fraction) -> Workload:
    over = timedelta(microseconds=int(hours * 3_600_000_000))
    return Workload(context, question, 0, queries, START, over=over)


def compared(sheets: Sequence[PriceSheet], workload: Workload, **said: Any) -> Comparison:
    assumptions = Assumptions(serving=Serving(**said))
    return compare([(each, workload) for each in sheets], today=TODAY, assumptions=assumptions)


def answers(sheet: PriceSheet, workload: Workload, **said: Any) -> dict[str, Answer]:
    return {answer.strategy: answer for answer in compared([sheet], workload, **said).answers}


@given(st.integers(1, 8_000), st.integers(0, 5_000), st.integers(2, 500), st.integers(1, 48))
def test_a_bill_is_what_the_formulas_say(
    sheet: PriceSheet, blocks: int, question: int, queries: int, hours: int
) -> None:
    """For any context of whole blocks of 16 tokens: every strategy at every speed, to fifteen digits of a dollar."""
    context, span = 16 * blocks, Fraction(hours)
    plan = Plan("fresh", work(context, question, queries, span), sheet, Assumptions())
    for reading in SHARES:
        for tier in (None, *TIERS):
            serving = Serving(reading=reading)
            bill = Bill(plan.but(strategy=f"kept:{tier}" if tier else "fresh", serving=serving))
            assert abs(bill.exact_total(queries) - expected(tier, context, question, queries, span, reading)) < 10**-15


def test_the_example_of_fifty_queries_over_a_working_day(sheet: PriceSheet) -> None:
    """100,000 tokens, 50 queries, 8 hours: 50 x 7.728 s x $55.04 / 3,600 = $5.9078 fresh; in RAM 7.70 s once, 0.0819 s
    of load and 0.0236 s of question 50 times, and 32.768 GB x 8 h x $0.003946."""
    table = answers(sheet, work(100_000, 200, 50, Fraction(8)))
    totals = {name: f"{answer.total:.4f}" for name, answer in table.items()}
    assert totals == {"kept:ram": "1.2330", "kept:nvme": "2.2593", "fresh": "5.9078", "kept:hbm": "31.9271"}
    firsts = {name: answer.break_even.first for name, answer in table.items() if answer.break_even}
    assert firsts == {"kept:ram": 10, "kept:nvme": 3, "kept:hbm": 271}
    ends = [f"{end:.4f}" for end in table["kept:ram"].ends]
    assert ends == ["1.2039", "1.3042"]
    speeds = {each.reading: each.break_even and each.break_even.first for each in table["kept:ram"].speeds}
    assert speeds == {"best": 13, "worst": 7}


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("reading", ["best", "middle", "worst"])
def test_keeping_pays_from_the_number_that_the_closed_form_gives(sheet: PriceSheet, tier: str, reading: str) -> None:
    """ceil((prefill(0,C) + rent) / (prefill(0,C+q) - prefill(C,C+q) - load)), and one query fewer does not pay."""
    context, question, hours = 64_000, 320, Fraction(3)
    rent = RENT[tier] * context * EACH * hours
    saved = prefill(0, context + question, reading) - prefill(context, context + question, reading)
    steps = (prefill(0, context, reading) + rent) / (saved - load(context, tier))
    table = answers(sheet, work(context, question, 5, hours), reading=reading)
    pays = table[f"kept:{tier}"].break_even
    assert pays
    assert pays.first == -(-steps.numerator // steps.denominator)


@pytest.mark.parametrize("tier", TIERS)
def test_the_rate_at_which_rent_is_earned_is_one_over_the_gap(sheet: PriceSheet, tier: str) -> None:
    """lambda = rent x bytes / (prefill(0,C) - load); over ever longer spans the bills cross at that many an hour."""
    context = 32_000
    answer = answers(sheet, work(context, 0, 10, Fraction(1)))[f"kept:{tier}"]
    rate = RENT[tier] * context * EACH / (prefill(0, context) - load(context, tier))
    assert answer.break_even_rate_per_hour is not None
    assert abs(answer.break_even_rate_per_hour - rate) < 10**-12
    hours = Fraction(10_000)
    long = answers(sheet, work(context, 0, 10, hours))[f"kept:{tier}"].break_even
    assert long
    assert long.first
    assert abs(long.first / hours / rate - 1) < Fraction(1, 50)


@given(st.integers(1, 8_000), st.integers(0, 2_000), st.integers(1, 100))
def test_keeping_for_no_rent_and_no_load_is_never_dearer(
    sheet: PriceSheet, blocks: int, question: int, queries: int
) -> None:
    """In memory of the cards that costs nothing, the first query reads what was computed for it."""
    table = answers(sheet, work(16 * blocks, question, queries, Fraction(8)), free_pool=True)
    assert table["kept:hbm"].total <= table["fresh"].total


def test_one_query_costs_the_same_kept_or_not_where_nothing_is_rented(sheet: PriceSheet) -> None:
    """What is computed of a prompt adds up exactly, whatever is computed first, so that a tie is a tie."""
    table = answers(sheet, Workload(100_001, 199, 0, 1, START))
    assert table["kept:hbm"].total == table["fresh"].total
    assert not table["kept:hbm"].savings


def test_all_of_a_bill_s_lines_add_up_to_it(sheet: PriceSheet) -> None:
    for answer in answers(sheet, Workload(99_999, 333, 777, 13, START, every=timedelta(minutes=7))).values():
        assert money.total(line.amount for line in answer.lines) == answer.total
        assert {line.unit for line in answer.lines} <= {"GPU-seconds", "GB-hours"}


def test_a_use_of_forty_percent_divides_work_and_leaves_rent(sheet: PriceSheet) -> None:
    """$0.1986 of work and $1.0344 of rent in RAM: 0.1986 / 0.4 + 1.0344 = $1.5308."""
    whole = answers(sheet, work(100_000, 200, 50, Fraction(8)))["kept:ram"]
    used = answers(sheet, work(100_000, 200, 50, Fraction(8)), use=Fraction(2, 5))["kept:ram"]
    assert f"{used.total:.4f}" == "1.5308"
    assert whole.machine
    assert used.machine
    assert abs(used.machine.work - whole.machine.work) < 10**-15


def test_the_use_that_is_named_makes_the_bill_that_of_the_vendor(sheet: PriceSheet) -> None:
    """What `use_at` says of another total comes out under --use, to the tenth of a cent."""
    workload = work(100_000, 200, 50, Fraction(8))
    machine = answers(sheet, workload)["kept:ram"].machine
    assert machine
    use = machine.use_at(Decimal("4.3625"))
    assert use
    assert abs(answers(sheet, workload, use=use)["kept:ram"].total - Decimal("4.3625")) < Decimal("0.0001")


def test_no_use_makes_a_bill_as_high_as_its_rent_alone() -> None:
    """$0.25 of work and $0.50 of rent: $1 at a use of half, and no use for $0.50, $0.75 and less than the rent."""
    alone = MachineAlone(Decimal(1), *map(Fraction, ("0.75", "1", "0.5", "0.25", "0.5")))
    uses = [alone.use_at(Decimal(total)) for total in ("1", "0.5", "0.75", "0.4")]
    assert uses == [Fraction(1, 2), None, None, None]


def test_a_dedicated_machine_is_billed_for_the_span(sheet: PriceSheet) -> None:
    """8 h x $55.04 = $440.32, whatever is asked and however it is kept."""
    table = answers(sheet, work(100_000, 200, 50, Fraction(8)), dedicated=True)
    assert {answer.total for answer in table.values()} == {Decimal("440.32")}
    alone = answers(sheet, work(100_000, 200, 50, Fraction(8)))["fresh"].machine
    assert alone
    assert alone.total == Decimal("440.32")


def test_work_beyond_the_span_is_said(sheet: PriceSheet) -> None:
    """1,000 prompts of 7.73 s take 2.1 h of a machine that is there for one."""
    alone = answers(sheet, work(100_000, 200, 1_000, Fraction(1)))["fresh"].machine
    assert alone
    assert 2 < alone.busy < Fraction(22, 10)


def test_a_cache_in_ram_is_dropped_when_idle_and_made_again(sheet: PriceSheet) -> None:
    """Two bursts of 5 an hour apart under kept:ram:10m: made twice, and kept for 10 minutes after each: 1/3 of an
    hour."""
    times = tuple(timedelta(minutes=m) for m in (0, 0, 0, 0, 0, 60, 60, 60, 60, 60))
    plan = Plan("kept:ram:10m", Workload(64_000, 0, 0, 10, START, times=times), sheet, Assumptions())
    made = 2 * prefill(0, 64_000) + 10 * load(64_000, "ram")
    assert abs(Bill(plan).exact_total(10) - made - RENT["ram"] * 64_000 * EACH / 3) < 10**-15


def test_a_rent_that_changes_is_paid_from_its_day(sheet: PriceSheet) -> None:
    """The same cards at twice the rent from noon on: half of the queries and of the hours in memory at each rent."""
    deployment = sheet.deployment  # type: ignore[attr-defined]
    (rent,) = deployment.machine.rents
    noon = rent._replace(effective=START + timedelta(hours=12), per_hour=rent.per_hour * 2)
    dearer = replace(deployment, machine=replace(deployment.machine, rents=(rent, noon)))
    other = sheet_of(dearer, label="any", checked=TODAY)
    workload = Workload(64_000, 0, 0, 24, START, every=timedelta(hours=1))
    plan = Plan("fresh", workload, other, Assumptions())
    assert abs(Bill(plan).exact_total(24) - (12 + 2 * 12) * prefill(0, 64_000)) < 10**-15


# -- beside vendors, and refused


def test_a_deployment_is_ranked_beside_vendors(sheet: PriceSheet) -> None:
    """Gemini 2.5 Pro asks $0.75 with its automatic cache, less than the $1.23 of a machine that is fully used."""
    gemini = Catalog(PRICES).sheet("gemini-2.5-pro")
    ranking = compared([sheet, gemini], work(100_000, 200, 50, Fraction(8))).answers
    assert [(answer.sheet.id, answer.strategy) for answer in ranking][:2] == [
        ("google/gemini-2.5-pro", "automatic"),
        (NAME, "kept:ram"),
    ]


@pytest.mark.parametrize(
    ("name", "said", "message"),
    [
        (f"{NAME}:1", {}, "weights of 141.1 GB do not fit: one H100 SXM has 85.0 GB, of which 74.4 GB may be used"),
        (f"{NAME}:1", {}, "Two cards hold them and a cache of"),
        (f"{NAME}:1", {}, r"fit from 4 \(aws/p5.48xlarge:4\), or from 2 with fp8 for weights"),
        (
            f"{NAME}:3",
            {},
            "3 cards cannot share 64 query heads evenly; expected aws/p5.48xlarge:4, or data for attention",
        ),
        (NAME, {"kv": "fp4"}, "kv 'fp4': full attention has no layout in it here; expected fp32, bf16"),
        ("glm-5.2@p5.48xlarge", {}, "its page has no parameters"),
        ("deepseek-v4-flash@p5.48xlarge", {}, "its page has no query_heads"),
    ],
)
def test_what_does_not_fit_or_is_not_known_is_refused(name: str, said: dict[str, Any], message: str) -> None:
    with pytest.raises(CachecostError, match=message):
        compared([Catalog(PRICES).sheet(name)], work(100_000, 200, 10, Fraction(1)), **said)


def test_three_cards_serve_where_requests_are_split() -> None:
    """Data-parallel attention needs no even split: 3 cards hold 82 GB of caches."""
    three = Catalog(PRICES).sheet(f"{NAME}:3")
    assert answers(three, work(100_000, 200, 10, Fraction(1)), attention="data")


def test_a_context_beyond_the_model_s_limit_is_refused_as_a_vendor_would(sheet: PriceSheet) -> None:
    table = answers(sheet, work(131_000, 200, 2, Fraction(1)))
    assert {answer.status for answer in table.values()} == {"refused"}


@pytest.mark.parametrize(("model", "strategy"), [(NAME, "kept:ram"), ("gemini-2.5-pro", "stored")])
def test_a_cache_that_holds_the_first_context_alone_says_so_of_a_conversation(model: str, strategy: str) -> None:
    """Not where all turns are one, nor of one context with many questions."""
    note = "it holds the first context alone: what the turns add is sent uncached with every later turn"
    asked = ("compare", model, "-c", "100K", "--strategy", strategy, "--as-of", "2026-11-20", "--json")
    for words, said in ((("--turns", "2"), True), (("--turns", "1"), False), (("-n", "2"), False)):
        [answer] = run(*asked, *words).json["answers"]
        assert (note in answer["warnings"]) == said


def test_a_quote_in_tokens_says_what_to_ask_instead() -> None:
    """A machine has rates of seconds and GB-hours; how many a token takes is a question to compare."""
    ran = run("quote", NAME, "--input", "2K")
    assert (ran.code, ran.out) == (2, "")
    assert "has no rate for input; it sells prefill, load, decode, kept:hbm, kept:ram, kept:nvme, in seconds" in ran.err
    assert ran.err.endswith("; see compare, which works them out from tokens\n")


@pytest.mark.parametrize("assumed", [{"service": "batch"}, {"region": "us"}])
def test_a_machine_has_no_services_and_no_regions(sheet: PriceSheet, assumed: dict[str, Any]) -> None:
    with pytest.raises(NotSold):
        compare([(sheet, work(1_000, 0, 2, Fraction(1)))], today=TODAY, assumptions=Assumptions(**assumed))


def test_a_word_about_machines_needs_one() -> None:
    gemini = Catalog(PRICES).sheet("gemini-2.5-pro")
    with pytest.raises(BadWorkload, match="use: says how a self-hosted model is served"):
        compared([gemini], work(1_000, 0, 2, Fraction(1)), use=Fraction(1, 2))


@pytest.mark.parametrize(("context", "said"), [("131_072", False), ("131_073", True)])
def test_a_context_beyond_the_limit_of_the_model_is_noted(context: str, *, said: bool) -> None:
    """Llama 3.1 70B takes 131,072 tokens, whatever the cards hold."""
    ran = run("show", "llama-3.1-70b@aws/p5.48xlarge", "-c", context, "--as-of", "2026-11-28")
    assert ("! llama-3.1-70b takes at most 131,072 tokens" in ran.out) == said
