"""The formulas for spreadsheets work: each is taken out of the page that shows it, and asked of a real server."""

from __future__ import annotations

import csv
import re
from http.client import HTTPResponse
from urllib.parse import parse_qsl, quote, urlsplit
from urllib.request import Request, urlopen

import pytest

from ..command import run
from ..conftest import PATIENCE, ROOT
from ..server import Server

PAGE = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
HOST = "https://HOST"
FORMULAS = re.findall(r"^=(?:IMPORTDATA|NUMBERVALUE)\(.*\)$", PAGE, flags=re.MULTILINE)
QUERIES = re.findall(r"^```m\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
CELL = 32_767
"""Characters that a cell of Excel holds, and that WEBSERVICE answers: https://support.microsoft.com/en-us/Excel/webservice-function"""
ADDRESS = 2_048
"""Characters of an address that WEBSERVICE asks for, from the same page."""


def cells() -> dict[str, str]:
    """The cells of the little table in the page: {"A2": ..., ...}."""
    rows = re.findall(r"^\| (\d) \|(.*)\|$", PAGE, flags=re.MULTILINE)
    return {f"{'ABC'[at]}{row}": text.strip() for row, message in rows for at, text in enumerate(message.split("|"))}


def address(formula: str) -> str:
    """The address that a spreadsheet asks for: texts, cells and ENCODEURL(cell) joined by `&`."""
    parts = re.findall(r'"(https[^"]*|&[^"]*)"|ENCODEURL\((\w\d)\)|(?<=&)(\w\d)(?=[&,)])', formula)
    return "".join(
        text or (quote(cells()[encoded], safe="") if encoded else cells()[cell]) for text, encoded, cell in parts
    )


ADDRESSES = list(dict.fromkeys(address(each) for each in (*FORMULAS, *QUERIES)))
TABLE = address(QUERIES[0])


def get(server: Server, question: str) -> tuple[str, HTTPResponse]:
    """What a spreadsheet gets, which sends no key and no cookie."""
    request = Request(question.replace(HOST, server.url), headers={"User-Agent": "spreadsheet"})
    with urlopen(request, timeout=PATIENCE) as answer:
        return answer.read().decode("utf-8"), answer


def flags(question: str) -> list[str]:
    """The same question on the command line."""
    pairs = parse_qsl(urlsplit(question).query)
    models = [value for name, value in pairs if name == "model"]
    return models + [
        part for name, value in pairs if name != "model" for part in (f"--{name.replace('_', '-')}", value)
    ]


def test_the_page_shows_what_is_to_be_tested() -> None:
    """Numbers and tables, for both spreadsheets, from texts and from cells."""
    assert (len(FORMULAS), len(QUERIES)) == (7, 1)
    assert sum("ENCODEURL(A2)" in each for each in FORMULAS) == 2
    assert cells()["A2"] == "google/gemini-3.6-flash"
    assert all(each.startswith(f"{HOST}/v1/") for each in ADDRESSES)
    for each in FORMULAS:
        assert each.count("(") == each.count(")")
        assert each.count('"') % 2 == 0


@pytest.mark.parametrize("question", ADDRESSES)
def test_an_address_fits_into_a_cell_and_so_does_its_answer(server: Server, question: str) -> None:
    """And the answer is text in UTF-8 without a mark at its start."""
    text, answer = get(server, question)
    assert len(question) < ADDRESS - 200, "a real host has a longer name"
    assert len(text) < CELL
    assert answer.status == 200
    assert not text.startswith("\ufeff")
    assert answer.headers["Content-Type"].partition(";")[0] in ("text/plain", "text/csv")


@pytest.mark.parametrize("question", [each for each in ADDRESSES if "/cost.txt" in each])
def test_a_number_is_that_of_the_command_line(server: Server, question: str) -> None:
    """Digits and a point and nothing else, the cheapest total or that of the strategy named."""
    text, _ = get(server, question)
    assert re.fullmatch(r"\d+(\.\d+)?", text)
    assert text == run("compare", *flags(question), "--json").json["best"]["total"]


def test_the_number_of_the_announcement(server: Server) -> None:
    """7.00 + 10 x 3.50 + 4.50 = 46.50, as announced on 2024-05-14."""
    (question,) = (each for each in ADDRESSES if "strategy=stored" in each)
    assert get(server, question)[0] == "46.5"


@pytest.mark.parametrize("question", [each for each in ADDRESSES if ".csv" in each])
def test_a_table_is_that_of_the_command_line(server: Server, question: str) -> None:
    """The same cells, all rows as wide as the header."""
    text, _ = get(server, question)
    command = urlsplit(question).path.removeprefix("/v1/").removesuffix(".csv")
    assert text == run(command, *flags(question), "--format", "csv").out
    head, *rows = csv.reader(text.splitlines(), strict=True)
    assert rows
    assert {len(row) for row in rows} == {len(head)}


def test_power_query_types_columns_that_are_there(server: Server) -> None:
    """Numbers where it says so, whatever language Excel speaks."""
    (typed,) = QUERIES
    names = re.findall(r'\{"(\w+)", (?:type number|Int64\.Type)\}', typed)
    text, _ = get(server, TABLE)
    rows = list(csv.DictReader(text.splitlines()))
    assert len(names) == 6
    for name in names:
        assert all(re.fullmatch(r"(-?\d+(\.\d+)?)?", row[name]) for row in rows), name
    assert all(re.fullmatch(r"\d*", row[name]) for row in rows for name in ("first", "stable_from"))
