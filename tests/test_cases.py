"""Bills worked elsewhere: each case in `cases/` names its model, instant, usage and source, and every line's amount."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from cachecost.catalog.catalog import Catalog
from cachecost.prices.quote import Quote
from cachecost.questions.usage import quote_record

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['title']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
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
