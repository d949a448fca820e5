"""One or two words of a question over a range: every cell is what a comparison at that point says."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadQuantity, BadWorkload, CachecostError, NotSold
from cachecost.output.answers.sweep import letters
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.axes import axes_of
from cachecost.strategies.assumptions import Assumptions
from cachecost.sweep.grid import MAX_CELLS, Cell, Grid
from cachecost.sweep.lines import OF_WORKLOAD, Axis, spaced
from cachecost.workload.workload import Workload

from ..command import run
from ..conftest import a_third
from ..counting import calls
from ..oracles.simulate import EPOCH, Case, asked, cases, real, sheets

CHECKED = date(2026, 11, 22)
SEED = Workload(1_000_000, 0, 0, 10, datetime(2024, 5, 25, tzinfo=UTC))
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def check(sheet: PriceSheet, workload: Workload, assumptions: Assumptions, axes: list[Axis]) -> None:
    """Every cell against a comparison at its point, total for total."""
    try:
        grid = Grid(sheet, workload, assumptions, axes, today=CHECKED)
    except NotSold:
        return
    where = {name: place for place, name in enumerate(grid.strategies)}
    for cell in grid.cells:
        point = dict(zip((axis.name for axis in axes), cell.values, strict=True))
        at: dict[str, Any] = {name: value for name, value in point.items() if name in OF_WORKLOAD}
        assume: dict[str, Any] = {name: value for name, value in point.items() if name not in OF_WORKLOAD}
        try:
            comparison = compare(
                [(sheet, replace(workload, **at))], today=CHECKED, assumptions=replace(assumptions, **assume)
            )
        except NotSold:
            assert cell.cheapest is None
            continue
        totals = {name: total for name, total in zip(grid.strategies, cell.totals, strict=True) if total is not None}
        assert totals == {answer.strategy: answer.total for answer in comparison.answers}, point
        warned = {answer.strategy: answer.warnings for answer in comparison.answers}
        assert {name: cell.warnings[where[name]] for name in warned} == warned, point
        first = comparison.answers[0]
        assert cell.fresh == first.fresh
        if cell.status == "ok" and not first.refusal:
            assert (cell.cheapest, cell.total, cell.savings_ratio) == (first.strategy, first.total, first.savings_ratio)
        assert not (cell.refusal and first.status == "ok")


def rising(values: st.SearchStrategy[Any], most: int = 9) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(sorted).map(tuple)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "context": st.integers(1, 300_000) | st.integers(1, 3_000),
    "question": st.integers(0, 3_000),
    "answer": st.integers(0, 3_000),
    "queries": st.integers(1, 40),
    "every": st.timedeltas(timedelta(0), timedelta(hours=2)),
    "over": st.timedeltas(timedelta(0), timedelta(hours=12)),
    "hold": st.timedeltas(timedelta(0), timedelta(hours=12)),
    "hit_share": st.integers(0, 1_000).map(lambda n: Decimal(n) / 1_000),
}


@st.composite
def axis_pairs(draw: st.DrawFn) -> list[Axis]:
    """One axis, or two that go together."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=2, unique=True))
    if set(names) == {"every", "over"}:
        names = names[:1]
    return [Axis(name, draw(rising(VALUES[name], 9 if len(names) == 1 else 6))) for name in names]


def without_rivals(case: Case, axes: list[Axis]) -> Case:
    """The case without the spread that a swept axis replaces."""
    names = {axis.name for axis in axes}
    return replace(case, every=None, over=None) if names & {"every", "over"} else case


# Laws -------------------------------------------------------------------


@a_third()
@given(sheet=sheets(changing=False), case=cases(start=st.just(EPOCH)), axes=axis_pairs())
def test_on_invented_sheets_every_cell_is_a_comparison(sheet: PriceSheet, case: Case, axes: list[Axis]) -> None:
    """Tiers, minimums, blocks, fees, windows, in any pair of axes."""
    check(sheet, *asked(without_rivals(case, axes)), axes)


@a_third()
@given(
    sheet=sheets(),
    case=cases(start=st.timedeltas(timedelta(0), timedelta(hours=30)).map(EPOCH.__add__)),
    axes=axis_pairs(),
)
def test_where_rates_change_every_cell_is_a_comparison(sheet: PriceSheet, case: Case, axes: list[Axis]) -> None:
    """Changes of card and windows among the queries."""
    check(sheet, *asked(without_rivals(case, axes)), axes)


@a_third()
@given(data=st.data(), axes=axis_pairs())
def test_on_real_sheets_every_cell_is_a_comparison(data: st.DataObject, axes: list[Axis], catalog: Catalog) -> None:
    """The project's own sheets, at their last card."""
    sheet = data.draw(st.sampled_from([each for each in real(catalog) if each.cards[-1].status != "cancelled"]))
    case = data.draw(cases(start=st.just(sheet.cards[-1].effective)))
    check(sheet, *asked(without_rivals(case, axes)), axes)


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "claude-opus-5-5", "gpt-5", "gpt-5.6-luna", "deepseek-v4-pro"])
def test_long_stretches_over_tiers_minimums_and_blocks_are_comparisons(model: str, catalog: Catalog) -> None:
    """Many points between two edges, which are drawn and not quoted; 7 s of rent never end in decimals."""
    work = Workload(1, 0, 100, 7, NOW)
    sizes = tuple(sorted({*range(900, 2_400, 37), *range(190_000, 210_000, 997)}))
    check(catalog.sheet(model), work, Assumptions(hold=timedelta(seconds=7)), [Axis("context", sizes)])
    check(
        catalog.sheet(model),
        replace(work, context=199_000),
        Assumptions(),
        [Axis("question", tuple(range(0, 2000, 97)))],
    )


@pytest.mark.parametrize("arrivals", [{"arrivals": "poisson", "rate": Fraction(12)}, {"grows": True, "tools": 50}])
def test_other_arrivals_and_conversations_are_swept_too(arrivals: dict[str, Any], catalog: Catalog) -> None:
    """At a Poisson rate, and with a prefix that grows over a tier."""
    work = Workload(150_000, 500, 500, 12, NOW, **arrivals)
    axes = [Axis("context", tuple(range(120_000, 230_000, 40_000))), Axis("queries", (1, 2, 12))]
    for model in ("claude-sonnet-4-5", "gemini-2.5-pro"):
        check(catalog.sheet(model), work, Assumptions(), axes)
    check(catalog.sheet("claude-sonnet-4-5"), work, Assumptions(), [Axis("hit_share", tuple(map(Decimal, (0, 1))))])


def test_given_instants_are_swept_too(catalog: Catalog) -> None:
    """Bursts of 3 every 7 minutes: all but the first of each hit in 5m, all but one in 1h."""
    times = tuple(timedelta(minutes=7 * (n // 3)) for n in range(12))
    work, sheet = Workload(1, 100, 100, 12, NOW, times=times), catalog.sheet("claude-sonnet-4-5")
    axes = [Axis("context", tuple(range(500, 20_000, 900))), Axis("hit_share", tuple(map(Decimal, (0, 1))))]
    check(sheet, work, Assumptions(), axes)
    with pytest.raises(BadWorkload, match="expected as many as queries"):
        Grid(sheet, work, Assumptions(), [Axis("queries", (1, 13))])


# Known answers ----------------------------------------------------------


def by_values(grid: Grid) -> dict[tuple[Any, ...], Cell]:
    return {cell.values: cell for cell in grid.cells}


def test_the_seed_question_over_the_number_of_queries_and_the_time_held(catalog: Catalog) -> None:
    """1M tokens at the announced prices: fresh 7 N; stored 7 + 3.50 N + 4.50 an hour."""
    hours = tuple(timedelta(hours=h) for h in (1, 2, 24))
    axes = [Axis("queries", (1, 3, 4, 10, 33)), Axis("hold", hours)]
    cells = by_values(Grid(catalog.sheet("gemini-1.5-pro"), SEED, Assumptions(), axes))
    for n in (1, 3, 4, 10, 33):
        for h, hold in zip((1, 2, 24), hours, strict=True):
            assert cells[n, hold].totals == (7 * n, 7 + Decimal("3.5") * n + Decimal("4.5") * h)
    # 3 queries: 21 against 7 + 10.50 + 4.50 = 22; 4: 28 against 25.50. A day: 33 queries, 231 against 230.50.
    assert [cells[n, hours[0]].cheapest for n in (1, 3, 4, 10)] == ["fresh", "fresh", "stored", "stored"]
    assert [cells[n, hours[2]].cheapest for n in (4, 10, 33)] == ["fresh", "fresh", "stored"]
    assert cells[10, hours[0]].savings_ratio == Fraction(235, 700)  # 70 - 46.50 of 70


def test_the_cheapest_strategy_follows_the_gap(catalog: Catalog) -> None:
    """20 queries, writes at 1.25 for 5m and 2 for 1h, reads at r: up to 5 min 5m, up to 1 h 1h, beyond fresh."""
    gaps = tuple(timedelta(minutes=m) for m in (1, 5, 6, 60, 61))
    work = Workload(100_000, 0, 0, 20, NOW)
    grid = Grid(catalog.sheet("claude-opus-5-5"), work, Assumptions(), [Axis("every", gaps)])
    assert [cell.cheapest for cell in grid.cells] == ["written:5m", "written:5m", "written:1h", "written:1h", "fresh"]


def test_cells_come_in_the_order_of_the_axes_whichever_is_quoted_first(catalog: Catalog) -> None:
    """The last axis runs fastest; swapping the axes swaps the cells."""
    one, other = Axis("context", (5_000, 9_000)), Axis("every", (timedelta(minutes=1), timedelta(hours=3)))
    sheet, work = catalog.sheet("claude-opus-5-5"), replace(SEED, start=NOW)
    grid, swapped = (Grid(sheet, work, Assumptions(), axes) for axes in ([one, other], [other, one]))
    assert [cell.values for cell in grid.cells] == [(c, e) for c in one.values for e in other.values]
    turned = {cell.values[::-1]: cell.totals for cell in swapped.cells}
    assert {cell.values: cell.totals for cell in grid.cells} == turned


def test_points_without_a_price_stay_empty_and_say_why(catalog: Catalog) -> None:
    """Only a strategy that is not sold: nothing to answer at all."""
    with pytest.raises(NotSold, match="written:5m"):
        Grid(catalog.sheet("gemini-1.5-pro"), SEED, Assumptions(), [Axis("queries", (1, 2))], strategies=["written:5m"])


def test_named_strategies_alone_are_shown_and_fresh_stays_the_measure(catalog: Catalog) -> None:
    """Savings are against fresh, shown or not."""
    sheet = catalog.sheet("gemini-1.5-pro")
    grid = Grid(sheet, SEED, Assumptions(), [Axis("queries", (1, 10))], strategies=["stored"])
    assert grid.strategies == ("stored",)
    assert [(cell.fresh, cell.total) for cell in grid.cells] == [(7, 15), (70, Decimal("46.5"))]


# Points -----------------------------------------------------------------


def test_points_are_even_or_by_a_factor() -> None:
    """From a hundredfold on by a factor; 1, 10, 100, 1000 are three steps of ten."""
    assert spaced(Fraction(1), Fraction(1000), 4, grain=Fraction(1)) == [1, 10, 100, 1000]
    assert spaced(Fraction(10), Fraction(990), 3, grain=Fraction(1)) == [10, 500, 990]
    assert spaced(Fraction(1), Fraction(3), 20, grain=Fraction(1)) == [1, 2, 3]
    assert spaced(Fraction(0), Fraction(1), 5) == [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1]
    assert spaced(Fraction(1, 10), Fraction(10), 3) == [Fraction(1, 10), 1, 10]
    assert spaced(Fraction(7), Fraction(7), 20) == [7]


@given(first=st.integers(0, 10**9), more=st.integers(0, 10**9), points=st.integers(2, 60))
def test_points_rise_from_the_first_to_the_last(first: int, more: int, points: int) -> None:
    """Whole, each once, no more than asked for."""
    result = spaced(Fraction(first), Fraction(first + more), points, grain=Fraction(1))
    assert result == sorted(set(result))
    assert (result[0], result[-1]) == (first, first + more)
    assert len(result) <= points
    assert all(value.denominator == 1 for value in result)


def test_an_axis_is_written_as_a_word_and_a_range() -> None:
    """Counts, durations and shares in their own grammars; both ends among the points."""
    assert axes_of(["context=10K..1M"])[0].values[0] == 10_000
    assert axes_of(["context=10K..1M"])[0].values[-1] == 1_000_000
    assert len(axes_of(["context=10K..1M"])[0].values) == 20
    assert axes_of(["every=1m..3m:3"])[0] == Axis("every", tuple(timedelta(minutes=m) for m in (1, 2, 3)))
    assert axes_of(["hit-share=0..1:3"])[0] == Axis("hit_share", (Decimal(0), Decimal("0.5"), Decimal(1)))
    assert axes_of(["rate=1/h..60/h:2"])[0] == Axis("rate", (Fraction(1), Fraction(60)))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "say what to vary"),
        (["colour=1..2"], "'colour' is no axis; expected"),
        (["context"], "'context' names no axis"),
        (["context=10K"], "'10K' is not a range"),
        (["context=10K.."], "is not a range"),
        (["context=1M..10K"], r"runs backwards: did you mean 10K\.\.1M\?"),
        (["context=10K..1h"], "context: '1h' is not a count"),
        (["every=1m..2"], "every: '2' is not a duration"),
        (["hit_share=0..2"], "more than the whole"),
        (["context=10K..1M:1"], "at least 2 points"),
        (["context=10K..1M:x"], "is not a count"),
        (["context=1..1B:1000001"], "1,000,001 cells are too many"),
        (["context=1..1M:1001", "queries=1..1M:1000"], "1,001,000 cells are too many; expected up to 1,000,000"),
    ],
)
def test_an_axis_that_makes_no_sense_is_refused(texts: list[str], said: str) -> None:
    """Each slip earns its own sentence, and nothing is worked out before."""
    with pytest.raises((BadQuantity, BadWorkload), match=said):
        axes_of(texts)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ([], "one axis or two"),
        ([Axis("queries", (1,)), Axis("answer", (1,)), Axis("question", (1,))], "one axis or two, not 3"),
        ([Axis("colour", (1,))], "'colour' is no axis"),
        ([Axis("queries", ())], "queries: expected values that rise"),
        ([Axis("queries", (2, 1))], "queries: expected values that rise"),
        ([Axis("queries", (1,)), Axis("queries", (2,))], "queries is given twice"),
        ([Axis("queries", tuple(range(1, MAX_CELLS + 2)))], "too many"),
        ([Axis("every", (timedelta(1),)), Axis("over", (timedelta(1),))], "both say how the queries are spread"),
        ([Axis("queries", (0, 1))], "queries: expected 1 to"),
        ([Axis("context", (0, 1))], "context: expected at least 1"),
        ([Axis("hit_share", (Decimal(0), Decimal(2)))], "hit_share: expected a share"),
    ],
)
def test_axes_that_cannot_be_are_refused(axes: list[Axis], said: str, catalog: Catalog) -> None:
    """By the engine itself, for every caller."""
    with pytest.raises(CachecostError, match=said):
        Grid(catalog.sheet("gemini-1.5-pro"), SEED, Assumptions(), axes)


def test_a_column_of_a_grid_is_drawn_as_a_whole(catalog: Catalog) -> None:
    """Four times as many sizes of context are not twice the work: 40,000 cells are not 40,000 comparisons."""

    def work(cells: int) -> int:
        axes = axes_of([f"context=10K..1M:{cells}", "every=1m..2h:20"])
        workload = Workload(1, 200, 500, 50, NOW)
        return calls(lambda: Grid(catalog.sheet("gemini-2.5-pro"), workload, Assumptions(), axes))

    assert work(100) < 2 * work(25)


# The command ------------------------------------------------------------

SEEDED = "sweep gemini-1.5-pro -q 0 -a 0 --as-of 2024-05-25 --sweep".split()


def test_the_command_answers_in_every_format() -> None:
    """1M tokens, 3 and 10 queries: 21 fresh against 22 stored, 70 against 46.50."""
    asked_for = [*SEEDED, "queries=3..10:2", "-c", "1M"]
    answer = run(*asked_for, "--json").json
    assert answer["axes"] == [{"name": "queries", "values": [3, 10]}]
    assert [cell["totals"] for cell in answer["cells"]] == [
        {"fresh": "21", "stored": "22"},
        {"fresh": "70", "stored": "46.5"},
    ]
    assert [cell["cheapest"] for cell in answer["cells"]] == ["fresh", "stored"]
    assert "queries" not in answer["workload"]
    rows = list(csv.DictReader(io.StringIO(run(*asked_for, "--format", "csv").out)))
    assert [(row["queries"], row["strategy"], row["total"], row["savings"], row["cheapest"]) for row in rows] == [
        ("3", "fresh", "21", "0", "true"),
        ("3", "stored", "22", "-1", "false"),
        ("10", "fresh", "70", "0", "false"),
        ("10", "stored", "46.5", "23.5", "true"),
    ]
    assert "$46.50" in run(*asked_for).out
    assert "|      10 |" not in run(*asked_for, "--format", "markdown").out.splitlines()[0]


@pytest.mark.parametrize("pace", [["--every", "50m"], ["--rate", "3/h", "--arrivals", "poisson"]])
def test_numbers_of_queries_in_office_hours_are_those_of_a_comparison(pace: list[str]) -> None:
    """More of them than the default number, into the second day: each cell is the bill of `compare` with that many."""
    office = ["gemini-2.5-pro", "-c", "100K", "--office", "09:00-12:00", "--as-of", "2026-11-01", *pace]
    cells = run("sweep", *office, "--sweep", "queries=1..19:4", "--json").json["cells"]
    assert [cell["queries"] for cell in cells] == [1, 7, 13, 19]
    for cell in cells:
        answers = run("compare", *office, "-n", str(cell["queries"]), "--json").json["answers"]
        assert cell["totals"] == {each["strategy"]: each["total"] for each in answers}


def test_two_axes_are_a_map_of_letters() -> None:
    """An hour pays from the 4th query on, a day not before the 33rd; durations are seconds in CSV."""
    asked_for = [*SEEDED, "queries=3..4:2", "--sweep", "hold=1h..24h:2", "-c", "1M"]
    lines = run(*asked_for).out.splitlines()
    assert lines[0] == "queries over 1,000,000 tokens (0 in, 0 out), prices of 2024-05-25"
    assert lines[1] == "hold  queries: 3 to 4, left to right"
    # Each cell has an own verdict about the scheduled rates: fresh stays or gives way, stored stays.
    assert lines[2:4] == ["  1h  f!s!", "  1d  f!f!"]
    assert "s stored cache (rent by the hour): cheapest in 1 of 4 cells (25%)" in lines[5]
    header, first, *_ = run(*asked_for, "--format", "csv").out.splitlines()
    assert header.startswith("model,version,currency,queries,hold_seconds,strategy,total")
    assert first.split(",")[3:7] == ["3", "3600", "fresh", "21"]
    assert "| 1h | no cache ! | stored cache (rent by the hour) ! |" in run(*asked_for, "--format", "markdown").out


def test_a_map_fits_a_narrow_terminal() -> None:
    """Columns are left out where there is no room, and it says so."""
    ran = run(*SEEDED, "context=40K..1M:100", "--sweep", "queries=1..10:5", columns=60)
    assert ran.code == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", ran.out)
    assert max(map(len, shown.splitlines())) <= 60
    assert "One column of 4 is shown here" in " ".join(shown.split())


def test_each_strategy_has_a_letter_of_its_own() -> None:
    """Two TTLs begin with the same letter, so the longer one takes another of its name."""
    assert letters(["fresh", "automatic", "written:5m", "written:1h", "stored"]) == {
        "fresh": "f", "automatic": "a", "written:5m": "w", "written:1h": "h", "stored": "s",
    }  # fmt: skip
    many = [f"written:{n}m" for n in range(30)]
    assert len(set(letters(many).values())) == 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "gemini-1.5-pro", "-c", "1M"], "--sweep: say what to vary"),
        ([*SEEDED, "context=1M..10K"], "--sweep: context: '1M..10K' runs backwards"),
        ([*SEEDED, "context=1K..2K", "-c", "1M"], "--sweep: context is given too, and both say context"),
        ([*SEEDED, "every=1m..2m", "-c", "1M", "--over", "8h"], "--every: over is given too"),
        ([*SEEDED, "queries=1..2", "-c", "1M", "--burst", "2@5m"], "--sweep: burst is given too, and both say queries"),
        ([*SEEDED, "every=1m..2m", "-c", "1M", "--burst", "2@5m"], "--sweep: burst is given too, and both say every"),
        ([*SEEDED, "queries=1..2"], "--context: say how long it is"),
    ],
)
def test_what_cannot_be_swept_is_refused_on_one_line(arguments: list[str], said: str) -> None:
    """Exit 2, nothing on stdout."""
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"cachecost: {said}")


def test_cells_of_an_estimated_document_have_ranges_and_name_the_steps_inside(catalog: Catalog) -> None:
    """80,000 to 120,000 tokens at 4.00: 0.32 to 0.48 a query. A limit of 1,000,000 inside the estimate is named."""
    sheet, work = catalog.sheet("claude-opus-5-5"), Workload(100_000, 0, 0, 2, datetime(2026, 11, 1, tzinfo=UTC))
    question = {"today": date(2026, 11, 1), "counted": (80_000, 120_000)}
    grid = Grid(sheet, work, Assumptions(), axes_of(["queries=1..2:2"]), **question)  # type: ignore[arg-type]
    assert [grid.ends(cell, "fresh") for cell in grid.cells] == [
        (Decimal("0.32") * n, Decimal("0.48") * n) for n in (1, 2)
    ]
    long = replace(work, context=900_000)
    grid = Grid(
        sheet, long, Assumptions(), axes_of(["queries=1..2:2"]), today=date(2026, 11, 1), counted=(800_000, 1_100_000)
    )
    assert any("the context limit is 1,000,000 tokens" in text for text in grid.cells[0].warnings[0])


def test_over_2500_cells_every_cell_says_that_other_warnings_are_left_out(catalog: Catalog) -> None:
    """51 x 51 cells are 2,601; those that the vendor would refuse say so instead."""
    work = Workload(100_000, 0, 0, 2, datetime(2026, 11, 1, tzinfo=UTC))
    axes = axes_of(["context=1M..1000050:51", "queries=1..51:51"])
    grid = Grid(catalog.sheet("claude-opus-5-5"), work, Assumptions(), axes, today=date(2026, 11, 1))
    warning = {text for cell in grid.cells for texts in cell.warnings for text in texts}
    assert {"left out over 2,500 cells" in text or "would be refused" in text for text in warning} == {True}
    assert "left out over 2,500 cells" in grid.cells[0].warnings[0][0]
