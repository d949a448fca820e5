"""Bills worked elsewhere: each case in `conformance/cases/` names its model, instant, usage and source, and amounts."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import yaml

from cachecost.catalog.catalog import Catalog
from cachecost.prices.quote import Quote
from cachecost.questions.usage import quote_record

from .conftest import ROOT

CONFORMANCE = ROOT / "conformance"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted(CONFORMANCE.joinpath("cases").glob("*.yaml"))
    for case in yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))[
        "cases"
    ]
]


def _count(text: str) -> int:
    return int(text.replace("_", ""))


def _record(case: dict[str, Any]) -> dict[str, Any]:
    """The case as a record asks: every scalar of a case is text, counts become whole numbers."""
    usage = {
        key: value
        if key == "storage_token_hours"
        else {part: _count(number) for part, number in value.items()}
        if isinstance(value, dict)
        else _count(value)
        for key, value in case["usage"].items()
    }
    optional = {key: case[key] for key in ("service", "region") if key in case}
    return {"model": case["model"], "at": case["at"], "usage": usage, **optional}


def _worked(part: str) -> Fraction:
    """The value of `input (500 - 200) x 3.00 / 1M x 1.1, a remark`."""
    formula = (
        re.sub(r"^[a-z][\w.:]* (?=[\d(])", "", part.partition(", ")[0])
        .replace("1M", "1_000_000")
        .replace("1k", "1_000")
    )
    signs = re.sub(
        r"\b[a-wyz][\w-]*", "", formula.replace(",", "").replace(" x ", " * ")
    )  # without words such as tokens
    return Fraction(eval(re.sub(r"[\d._]+", lambda number: f"Fraction('{number[0]}')", signs)))


def _quote(case: dict[str, Any], catalog: Catalog) -> Quote:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return quote_record(_record(case), sheet=catalog.sheet, default_at=now, today=now.date())


@pytest.mark.parametrize("case", CASES)
def test_a_bill_worked_elsewhere_is_met_line_by_line(case: dict[str, Any], catalog: Catalog) -> None:
    """The engine's lines and total are those of the case, to the last digit."""
    quoted = _quote(case, catalog)
    amounts: dict[str, Decimal] = {}
    for line in quoted.lines:
        amounts[line.name] = amounts.get(line.name, Decimal(0)) + line.amount
    assert amounts == {name: Decimal(amount) for name, amount in case["lines"].items()}
    assert quoted.total == Decimal(case["total"])


def test_a_worked_bill_adds_up_and_says_where_its_rates_were_published() -> None:
    """A case whose own lines do not make its own total would prove nothing."""
    for (case,) in (each.values for each in CASES):
        assert isinstance(case, dict)
        assert sum(map(Decimal, case["lines"].values())) == Decimal(case["total"]), case
        assert case["source"].startswith(("https://", "PyPI ")) or "@" in case["source"], case
        assert date.fromisoformat(case["seen"]) >= date(2024, 1, 1)


@pytest.mark.parametrize("case", CASES)
def test_the_sum_that_a_case_states_makes_its_amounts(case: dict[str, Any]) -> None:
    """`input 10,000 x 3.00 / 1M; output 1,000 x 15.00 / 1M`: each part is worked out again."""
    parts = case["why"].split("; ")
    worked = [_worked(part) for part in parts]
    assert worked == [Fraction(amount) for amount in case["lines"].values()]


def test_the_runner_scores_any_library_by_the_cases() -> None:
    """cachecost meets every case; one without prices meets none, and one that adds a dollar to each is wrong."""
    runner = runpy.run_path(str(CONFORMANCE / "run.py"))
    ours = runpy.run_path(str(CONFORMANCE / "libraries" / "cachecost.py"))["price"]
    score, number = runner["scores"](ours), len(CASES)
    assert (score["all", "right"], score["all", "wrong"], score["all", "none"]) == (number, 0, 0)
    assert runner["scores"](lambda case: None)["all", "none"] == number
    assert runner["scores"](lambda case: 1 + Decimal(case["total"]))["all", "wrong"] == number
