"""One declaration gives an answer's JSON, its CSV and its schema."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from cachecost.output.records import Count, Point, RecordFields, fields, of, record, rows


class PauseRecord(RecordFields):
    """A pause."""

    from_: Count = of("low")
    gap: timedelta | None


class PauseWithoutGap(PauseRecord):
    """The same without its length."""

    omits = frozenset({"gap"})


class BillRecord(RecordFields):
    """A bill."""

    total: Decimal
    share: Fraction
    day: date
    at: datetime
    pause: PauseRecord | None
    totals: list[Decimal | None]
    by: dict[timedelta, Decimal]
    best: str = of(lambda bill: bill.name.upper())
    free: bool
    warnings: list[str]


BILL = SimpleNamespace(
    total=Fraction(1, 3),
    share=Fraction(1, 3),
    day=date(2026, 11, 28),
    at=datetime(2026, 11, 28, 12, tzinfo=UTC),
    pause=SimpleNamespace(low=3, gap=timedelta(minutes=5)),
    totals=(Decimal("1.10"), None),
    by={timedelta(hours=1): Decimal(2)},
    name="fresh",
    free=False,
    warnings=("one", "two"),
)


def test_values_are_written_as_the_types_of_their_fields_say() -> None:
    """A Decimal has every digit, a Fraction reads back as the same number, unknown is null."""
    assert record(BillRecord, BILL) == {
        "total": "0.333333333333333333",
        "share": "1/3",
        "day": "2026-11-28",
        "at": "2026-11-28T12:00Z",
        "pause": {"from": 3, "gap": "5m"},
        "totals": ["1.1", None],
        "by": {"1h": "2"},
        "best": "FRESH",
        "free": False,
        "warnings": ["one", "two"],
    }


def test_a_value_that_the_answer_does_not_know_is_given() -> None:
    """What is given takes the place of what the answer has; a record that is plain already stays as it is."""
    pause = {"from": 1, "gap": None}
    assert record(BillRecord, BILL, pause=pause, best="stored")["pause"] == pause
    assert record(BillRecord, BILL, best="stored")["best"] == "stored"


def test_a_declaration_that_inherits_may_leave_fields_out() -> None:
    """The keys are those of the base, but for those that it omits, in JSON and in the schema."""
    assert record(PauseWithoutGap, BILL.pause) == {"from": 3}
    assert list(fields(PauseWithoutGap)) == ["from"]
    assert list(fields(PauseRecord)) == ["from", "gap"]


@pytest.mark.parametrize(
    ("value", "written"), [(4, 4), (timedelta(seconds=90), "1m30s"), (Fraction(1, 4), "0.25"), (Decimal(2), "2")]
)
def test_a_point_of_an_axis_is_written_as_what_it_is(value: object, written: object) -> None:
    """An axis has counts, durations or shares."""

    class Turn(RecordFields):
        at: Point

    assert record(Turn, SimpleNamespace(at=value)) == {"at": written}


def test_csv_is_the_record_flattened() -> None:
    """A nested value under the last part of its name, texts joined, true and false as JSON writes them."""
    table = rows("total pause.gap free warnings", [record(BillRecord, BILL)], model="a/b")
    assert table.headings == ["model", "total", "gap", "free", "warnings"]
    assert table.rows == [["a/b", "0.333333333333333333", "5m", "false", "one; two"]]


def test_what_is_unknown_is_an_empty_cell() -> None:
    """Null is nothing in CSV, also where the record that would hold a value is null."""
    assert rows("pause.gap", [{"pause": None}, {"pause": {"gap": None}}]).rows == [[""], [""]]
