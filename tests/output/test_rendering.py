"""Figures, tables and records say what is true: rounded once, said so, and nothing lost for a machine."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.output import figures
from cachecost.output.screen import Screen
from cachecost.output.table import Table

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=12) | st.decimals(
    min_value=-1, max_value=1, places=18
)
FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6)
CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=12)
"""Texts of which every character is seen; `test_hostile_text.py` has the others."""


def read(text: str) -> Fraction:
    """A shown amount as a number."""
    return Fraction(text.replace("$", "").replace(",", ""))


# -- money -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "$0.00"),
        ("46.5", "$46.50"),
        ("7", "$7.00"),
        ("-8", "-$8.00"),
        ("1234567.891", "$1,234,567.89"),
        ("1.161", "$1.161"),
        ("0.0375", "$0.0375"),
        ("0.0000125", "$0.0000125"),
        ("99.99996", "$100.00"),
        ("100.005", "$100.00"),  # half to even
        ("100.015", "$100.02"),
        ("-0.00000001", "-$0.00000001"),
    ],
)
def test_an_amount_is_written_as_people_write_it(value: str, shown: str) -> None:
    """Two decimals from $100, four below, more where it is small; groups of three; the sign before the dollar."""
    assert figures.amount(Decimal(value)) == shown


@given(AMOUNTS | FRACTIONS)
def test_an_amount_is_the_number_within_its_digits(value: Decimal | Fraction) -> None:
    """Read back it is off by at most half its last place, has at least two decimals, and four digits that tell."""
    shown = figures.amount(value)
    assert re.fullmatch(r"-?\$(0|[1-9][0-9]{0,2}(,[0-9]{3})*)\.[0-9]{2,}", shown)
    size = abs(Fraction(value))
    off = abs(read(shown) - Fraction(value))
    assert off <= (Fraction(1, 200) if size >= 100 else Fraction(1, 20_000))
    if size >= Fraction(1, 10**14):
        assert off <= size / 1000


@given(AMOUNTS | FRACTIONS)
def test_rounding_is_said_exactly_where_it_happens(value: Decimal | Fraction) -> None:
    """`is_rounded` is true if and only if the text is another number."""
    assert figures.is_rounded(value) is (read(figures.amount(value)) != Fraction(value))


@pytest.mark.parametrize(("currency", "shown"), [("USD", "$1.50"), ("CNY", "¥1.50"), ("EUR", "€1.50")])
def test_every_currency_of_a_sheet_has_its_sign(currency: str, shown: str) -> None:
    """Those that a page may be written in."""
    assert figures.amount(Decimal("1.5"), currency) == figures.rate(Decimal("1.5"), currency) == shown


@given(st.decimals(min_value=0, max_value=10**6, places=9))
def test_a_rate_is_never_rounded(value: Decimal) -> None:
    """Every digit of the page, two decimals at least."""
    shown = figures.rate(value)
    assert read(shown) == Fraction(value)
    assert re.fullmatch(r"\$[0-9,]+\.[0-9]{2,}", shown)


# -- figures for machines ----------------------------------------------------------------------------------------


@given(st.integers(-(10**20), 10**20) | AMOUNTS | st.decimals(allow_nan=False, allow_infinity=False, places=30))
def test_plain_text_is_the_number_itself(value: int | Decimal) -> None:
    """Every digit; no exponent, no zeros at the end, no minus before nothing."""
    text = figures.plain(value)
    assert text is not None
    assert Fraction(text) == Fraction(value)
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", text)
    assert text != "-0"


@given(st.integers(-(10**12), 10**12), st.integers(0, 40), st.integers(0, 40))
def test_plain_text_of_a_fraction_that_ends_is_the_number_itself(top: int, twos: int, fives: int) -> None:
    """Denominators of twos and fives only, however many decimals they take."""
    value = Fraction(top, 2**twos * 5**fives)
    assert Fraction(figures.plain(value) or "") == value


@given(FRACTIONS)
def test_plain_text_of_a_fraction_without_end_is_cut_far_out(value: Fraction) -> None:
    """At 18 decimals, half of the last one off at most."""
    assert abs(Fraction(figures.plain(value) or "") - value) <= Fraction(1, 2 * 10**18)


def test_unknown_is_null() -> None:
    """Never zero, never an empty text."""
    assert figures.plain(None) is None


# -- shares, counts, times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
        (Fraction(1, 3), "33%"),
        (Fraction(5, 23), "22%"),
        (Fraction(43, 1000), "4.3%"),
        (Fraction(-1, 4), "25%"),
        (Fraction(3, 2), "150%"),
        (Fraction(1, 10_000), "0.01%"),
        (Fraction(9_999, 10_000), "99.99%"),
        (Fraction(1, 10**9), "under 0.000001%"),
        (1 - Fraction(1, 10**9), "under 100%"),
        (1 + Fraction(1, 10**9), "over 100%"),
    ],
)
def test_a_share_is_written_in_percent(share: Fraction, shown: str) -> None:
    """Whole from 10%, one decimal below, more where it would become nothing or everything."""
    assert figures.percent(share) == shown


@given(st.fractions(min_value=0, max_value=3) | st.fractions(0, 1, max_denominator=10**15).map(lambda x: x**4))
def test_a_share_is_0_or_100_percent_only_where_it_is(share: Fraction) -> None:
    """And otherwise within half of what its digits tell."""
    shown = figures.percent(share)
    assert (shown == "0%") is (share == 0)
    assert (shown == "100%") is (share == 1)
    if shown[0].isdigit():
        assert abs(Fraction(shown.removesuffix("%")) - share * 100) <= Fraction(1, 2)


# Merriam-Webster, "ordinal number": 1st 2nd 3rd 4th ... 11th 12th 13th ... 21st 22nd 23rd ... 101st 111th.
@pytest.mark.parametrize(
    "shown",
    "1st 2nd 3rd 4th 9th 10th 11th 12th 13th 14th 20th 21st 22nd 23rd 24th 100th 101st 111th 112th 113th".split(),
)
def test_an_ordinal_ends_as_english_does(shown: str) -> None:
    """The teens are all th."""
    assert figures.ordinal(int(shown[:-2])) == shown


@given(st.integers(1, 10**9))
def test_an_ordinal_of_the_teens_is_th_in_every_hundred(number: int) -> None:
    """11, 12, 13, 111, 1,012 ..., and the number before it has its commas."""
    shown = figures.ordinal(number)
    assert shown[:-2] == f"{number:,}"
    assert (shown[-2:] == "th") is (number // 10 % 10 == 1 or number % 10 not in (1, 2, 3))


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(0), "0 s"),
        (timedelta(hours=1), "1 h"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(seconds=2800), "46 min 40 s"),
        (timedelta(days=8, hours=3), "8 d 3 h"),
        (timedelta(seconds=1.25), "1.25 s"),
        (timedelta(milliseconds=250), "250 ms"),
        (timedelta(minutes=5, milliseconds=250), "5 min 250 ms"),
    ],
)
def test_a_time_is_written_in_words(length: timedelta, shown: str) -> None:
    """Largest unit first, a blank between number and unit."""
    assert figures.duration(length) == shown


@given(st.integers(0, 10**15))
def test_a_time_in_words_is_the_time(microseconds: int) -> None:
    """The parts add up."""
    length = timedelta(microseconds=microseconds)
    units = {"d": 86_400, "h": 3600, "min": 60, "s": 1, "ms": Fraction(1, 1000)}
    words = figures.duration(length).split(" ")
    parts = zip(words[::2], words[1::2], strict=True)
    assert sum(Fraction(number) * units[unit] for number, unit in parts) == Fraction(microseconds, 10**6)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (1_000_000, "1,000,000"),
        (Decimal("2.50"), "2.5"),
        (Decimal("1000000.00"), "1,000,000"),
        (Fraction(9, 7), "1.29"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(25000, 3), "8,333.33"),
    ],
)
def test_a_count_is_grouped_and_not_nothing_where_it_is_something(number: int | Decimal | Fraction, shown: str) -> None:
    """Expected counts may have two decimals, or as many as it takes."""
    assert figures.count(number) == shown


# -- tables ------------------------------------------------------------------------------------------------------

TABLES = st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(CELLS, min_size=n, max_size=n, unique=True),
        st.lists(st.lists(CELLS, min_size=n, max_size=n), max_size=5),
    )
)


@given(TABLES)
def test_csv_is_read_back_by_a_reader_of_csv(table: tuple[list[str], list[list[str]]]) -> None:
    """Commas, quotes and all: https://www.rfc-editor.org/rfc/rfc4180."""
    headings, *rows = [[f"x{cell}" for cell in row] for row in (table[0], *table[1])]  # x: no cell is a formula
    written = Table(headings, rows).as_csv()
    assert list(csv.reader(io.StringIO(written, newline=""))) == [headings, *rows]


@pytest.mark.parametrize("cell", ["a,b", 'a "b"', "", " a ", "-1.5", "+2", "-3e-7"])
def test_csv_keeps_what_would_end_a_cell(cell: str) -> None:
    """Commas and quotes; numbers stay numbers, whatever their sign."""
    written = Table(["x", "y"], [[cell, "z"]]).as_csv()
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [cell, "z"]


def cells_of_markdown(line: str) -> list[str]:
    """The cells of a row by the rules of https://github.github.com/gfm/#tables-extension-: `\\|` is no border.

    A backslash before punctuation makes it plain: https://spec.commonmark.org/0.31.2/#backslash-escapes.
    """
    assert line.startswith("| ")
    assert line.endswith(" |")
    cells = re.findall(r"((?:\\.|[^\\|])*)\|", line[1:])
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell).strip() for cell in cells]


@given(TABLES)
def test_markdown_has_the_cells_that_it_was_given(table: tuple[list[str], list[list[str]]]) -> None:
    """A pipe inside a cell or a heading does not end it, and every row has the same number of cells."""
    headings, rows = table
    first, rule, *others = Table(headings, rows, right=headings[:1]).as_markdown().split("\n")
    assert re.fullmatch(r"\| ---: \|( --- \|)*", rule)
    assert [cells_of_markdown(line) for line in (first, *others)] == [
        [cell.strip() for cell in row] for row in (headings, *rows)
    ]


def test_markdown_keeps_a_row_on_its_line() -> None:
    """A line break would end the table; it is shown as `\\n`."""
    assert Table(["a"], [["b\nc|d"]]).as_markdown().split("\n") == ["| a |", "| --- |", "| b\\\\nc\\|d |"]


def test_text_is_aligned_and_has_no_blanks_at_the_end() -> None:
    """Figures to the right, words to the left, two blanks between."""
    table = Table(["name", "n", "note"], [["a", "1", ""], ["bcdef", "1,000", "x"]], right=("n",))
    assert table.as_text() == "name       n  note\na          1\nbcdef  1,000  x"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A pipe that wants colour, so that a screen has a width."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    return monkeypatch


@pytest.mark.parametrize(("columns", "fit"), [(60, 4), (71, 5), (72, 6), (80, 6), (200, 8)])
def test_a_table_loses_its_spare_columns_first(
    columns: int, fit: int, terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And only as many as it must: a name of 12 characters and 10 for every other column."""
    terminal.setenv("COLUMNS", str(columns))
    screen = Screen()
    headings = ["model", *(f"column {number}" for number in range(8))]
    screen.table(Table(headings, [["m" * 12, *"12345678"]], spare=headings[:4:-1]))
    screen.show()
    head, _, row = capsys.readouterr().out.splitlines()
    assert re.findall(r"column \d", head) == headings[1 : fit + 1]
    assert row.split() == ["m" * 12, *"12345678"[:fit]]


@pytest.mark.parametrize(("columns", "alone"), [(80, False), (44, True)])
def test_a_table_that_is_still_too_wide_puts_its_first_column_above(
    columns: int, alone: bool, terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No cell is cut: the name of a row becomes a separate line."""
    terminal.setenv("COLUMNS", str(columns))
    screen = Screen()
    rows = [["anthropic/claude-opus-5-5 written:5m", "cache_write:5m", "1,000"], ["", "cache_read", "20"]]
    screen.table(Table(["strategy", "line", "quantity"], rows, right=("quantity",)))
    screen.show()
    lines = capsys.readouterr().out.splitlines()
    assert (rows[0][0] in lines) is alone
    assert all(len(line) <= columns for line in lines)
    assert [word for line in lines[-3:] for word in line.split() if word[0] in "c12"] == [
        "cache_write:5m", "1,000", "cache_read", "20",
    ]  # fmt: skip


def test_a_paragraph_is_broken_between_words_only(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address longer than the line stays whole."""
    terminal.setenv("COLUMNS", "40")
    address = f"https://example.org/{'a' * 60}"
    screen = Screen()
    screen.paragraph(f"Source: some words that go on for a while {address} (seen 2026-11-01)")
    screen.show()
    lines = capsys.readouterr().out.splitlines()
    assert f"  {address}" in lines
    assert all(len(line) <= 40 for line in lines if address not in line)
    assert " ".join(" ".join(lines).split()) == f"Source: some words that go on for a while {address} (seen 2026-11-01)"


def test_figures_stand_at_the_right_below_a_heading_that_has_an_escape() -> None:
    """The heading is written as `a\\x1b`, five characters wide."""
    assert Table(["a\x1b"], [["1"], ["22"]], ["a\x1b"]).as_text() == "a\\x1b\n    1\n   22"
