"""The Grafana dashboard shows what the command line says: every query of it is put to a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.output.prices.records import rates
from cachecost.prices.card import RateCard, Row
from cachecost.prices.sheet import PriceSheet

from .. import grafana
from ..command import run
from ..conftest import ROOT
from ..server import Server

FOLDER = ROOT / "api" / "dashboards"
BOARD: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
PANELS = {panel["title"]: panel for panel in BOARD["panels"]}
DEFAULTS = grafana.defaults(BOARD)
CHOSEN = DEFAULTS["model"]
WORDS = ["context", "queries", "question", "answer"]
CURVE = "Cost against N: ${model}"
SPENT = "What was paid"
INFINITY = "yesoreyeram-infinity-datasource"
TARGETS = [(title, target) for title, target in grafana.targets(BOARD) if title != SPENT]
TITLES = [title for title, _ in TARGETS]
KNOWN = set(
    "refId datasource type source parser format url url_options root_selector columns filters csv_options".split()
)
"""Fields of a query, from the data source's own types: its repository, src/types/query.types.ts."""


def asked(server: Server, target: dict[str, Any], **instead: str) -> grafana.Frame:
    """The frame that a query has in Grafana, with some variables chosen otherwise."""
    values = DEFAULTS | {"base": server.url} | instead
    address = grafana.filled(target["url"], values)
    assert address.startswith(server.url)
    return grafana.frame(target, server.get(address.removeprefix(server.url)))


def query(title: str) -> dict[str, Any]:
    target = PANELS[title]["targets"][0]
    result: dict[str, Any] = target
    return result


def rows_of(sheet: PriceSheet) -> Iterator[tuple[RateCard, Row]]:
    return ((card, row) for card in sheet.cards for row in card.rows)


def typed() -> list[str]:
    """The same question as flags."""
    return [part for word in WORDS for part in (f"--{word}", DEFAULTS[word])]


@pytest.mark.parametrize(("title", "target"), TARGETS, ids=TITLES)
def test_every_query_is_answered_with_the_columns_that_it_names(
    server: Server, title: str, target: dict[str, Any]
) -> None:
    """GET without a secret, a header row, numbers and instants that can be read."""
    result = asked(server, target)
    assert all(values for values in result.values())
    named = {column["selector"] for column in target["columns"]}
    assert named == set(result)
    for column in target["columns"]:
        if column["type"] != "string" and column["selector"] != "prompt_to":
            assert any(value is not None for value in result[column["selector"]]), column


@pytest.mark.parametrize(("title", "target"), TARGETS, ids=TITLES)
def test_every_query_has_the_shape_of_the_data_source(title: str, target: dict[str, Any]) -> None:
    """Parsed in Grafana's backend, so that alerts and shared dashboards work; a column keeps the name of its cell,
    since the backend looks a renamed one up under its new name."""
    assert set(target) <= KNOWN
    assert (target["source"], target["parser"], target["format"]) == ("url", "backend", "table")
    assert target["type"] in ("csv", "json")
    assert target["url_options"] == {"method": "GET", "data": ""}
    assert target["datasource"] == {"type": INFINITY, "uid": "${source}"}
    for column in target["columns"]:
        assert column["text"] == column["selector"]
        assert column["type"] in ("string", "number", "timestamp")
    assert target["url"].startswith("${base}/")
    assert not re.search(r"\$\{(?!base\})\w+\}", target["url"]), "what a person types is escaped"


def test_whatever_a_panel_refers_to_is_a_column_of_it() -> None:
    """Axes, sorting, lines and overrides would otherwise show nothing, and say nothing."""
    for title, panel in PANELS.items():
        messages = json.dumps({key: panel.get(key) for key in ("options", "transformations", "fieldConfig")})
        names = re.findall(r'"(?:xField|field|fieldName)": "(\w+)"', messages)
        names += re.findall(r"\$\{__(?:field\.labels|data\.fields)\.(\w+)\}", messages)
        names += [each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]]
        for each in panel.get("transformations", []):
            names += each["options"].get("fields", {}) if each["id"] == "partitionByValues" else []
            names += each["options"].get("indexByName", {})
            # a field that is renamed so keeps that name, and the name that the panel gives its lines is never seen
            assert not each["options"].get("renameByName"), title
        columns = {column["selector"] for target in panel["targets"] for column in target["columns"]}
        assert set(names) <= columns, title


def test_every_variable_is_used_and_every_used_one_is_there() -> None:
    """A base address that a viewer could change would let Grafana's server be sent anywhere: it is a constant."""
    variables = {each["name"]: each for each in BOARD["templating"]["list"]}
    body = {key: value for key, value in BOARD.items() if key != "templating"}
    lists = [each.get("query") for each in variables.values()]
    used = {name for name, _ in grafana.VARIABLE.findall(json.dumps([body, lists]))}
    assert used == set(variables)
    for name in ("base", "spend"):
        assert (variables[name]["type"], variables[name]["skipUrlSync"]) == ("constant", True)
    assert variables["source"]["query"] == INFINITY


def test_panels_stand_side_by_side() -> None:
    """No two on one place, none beyond the 24 columns, each with a number and a sentence."""
    places: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not places & cells
        places |= cells
        assert panel["description"]
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_answer_is_the_sentence_of_the_command_line(server: Server) -> None:
    """The same words on both roads."""
    assert asked(server, query("The answer")) == {
        "sentence": [run("compare", *CHOSEN, *typed(), "--json").json["sentence"]]
    }
    assert asked(server, query("Price sheets"))["status"] == ["ok"]


def test_totals_and_break_evens_are_those_of_the_command_line(server: Server) -> None:
    """Every strategy of the three models, to the digits that Grafana holds."""
    answers = run("compare", *CHOSEN, *typed(), "--json").json["answers"]
    expected = {
        (each["model"], each["strategy"]): (
            float(each["total"]),
            each["break_even"] and each["break_even"]["first"],
        )
        for each in answers
    }
    result = asked(server, query("Break-even by model"))
    rows = zip(result["model"], result["strategy"], result["total"], result["first"], strict=True)
    assert {(model, strategy): (total, first) for model, strategy, total, first in rows} == expected
    assert {model for model, _ in expected} == set(CHOSEN)
    bars = asked(server, query("What the queries cost"))
    assert sorted(bars["total"]) == sorted(total for total, _ in expected.values())


@pytest.mark.parametrize("model", CHOSEN)
def test_a_curve_crosses_where_the_break_even_is(server: Server, model: str) -> None:
    """The panel is repeated for each model; the first N of a line that is below `fresh` is the one in the table."""
    assert PANELS[CURVE]["repeat"] == "model"
    curve = asked(server, query(CURVE), model=model)
    table = asked(server, query("Break-even by model"))
    lines: dict[str, dict[float, float]] = {}
    for n, strategy, total in zip(curve["queries"], curve["strategy"], curve["total"], strict=True):
        lines.setdefault(strategy, {})[n] = total
    rows = zip(table["model"], table["strategy"], table["first"], strict=True)
    firsts = {strategy: first for each, strategy, first in rows if each == model}
    assert set(lines) == set(firsts)
    for strategy in set(lines) - {"fresh"}:
        assert list(lines[strategy]) == list(range(1, 61))
        crossed = (n for n, total in lines[strategy].items() if total < lines["fresh"][n])
        assert next(crossed, None) == (firsts[strategy] if (firsts[strategy] or 61) <= 60 else None)


def test_bills_have_the_currency_of_the_answer_as_their_unit(server: Server) -> None:
    """A second query of the same address has it; Grafana writes a unit that it does not know behind the figure:
    https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/transform-data/#config-from-query-results"""
    for title in ("What the queries cost", CURVE):
        first, money = PANELS[title]["targets"]
        transformation = PANELS[title]["transformations"][0]
        assert (transformation["id"], first["url"]) == ("configFromData", money["url"])
        assert transformation["options"]["configRefId"] == money["refId"]
        assert transformation["options"]["mappings"] == [{"fieldName": "currency", "handlerKey": "unit"}]
        assert set(asked(server, money, model="moonshot-cn/moonshot-v1-8k", context="1K")["currency"]) == {"CNY"}


def test_what_was_paid_is_read_from_the_export_of_a_replay() -> None:
    """The sum of its rows is the total of the log."""
    log = str(ROOT / "tests/logs/claude_code.jsonl")
    rows = grafana.frame(query(SPENT), run("replay", log, "--format", "focus").out)
    assert query(SPENT)["url"] == "${spend}"
    total = run("replay", log, "--json").json["totals"]["USD"]
    assert sum(rows["BilledCost"]) == pytest.approx(float(total))
    assert set(rows["BillingCurrency"]) == {"USD"}


def test_every_kind_of_rate_that_is_sold_has_a_history(server: Server, catalog: Catalog) -> None:
    """And no other can be chosen; it is asked of a model that has it, beside two that may not."""
    (kinds,) = (each["query"].split(",") for each in BOARD["templating"]["list"] if each["name"] == "kind")
    sellers = {kind: sheet.id for sheet in catalog.sheets() for _, row in rows_of(sheet) for kind in row.rates}
    assert set(kinds) == set(sellers)
    for kind in kinds:
        result = asked(server, query("Rates over time: ${kind}"), kind=kind, model=sellers[kind])
        assert sellers[kind] in result["model"], kind


def test_no_two_rates_stand_on_one_line_at_one_instant(catalog: Catalog) -> None:
    """What the panel parts its lines by is enough for every model: or steps would be drawn over each other."""
    (parted,) = (
        each for each in PANELS["Rates over time: ${kind}"]["transformations"] if each["id"].startswith("part")
    )
    for sheet in catalog.sheets():
        flat = [rate for card in sheet.cards if card.status != "cancelled" for rate in rates(sheet, card)]
        standard = [rate for rate in flat if rate["service"] == "standard"]
        points = [
            tuple(rate[name] for name in (*parted["options"]["fields"], "kind", "effective")) for rate in standard
        ]
        assert len(set(points)) == len(points), sheet.id


def test_the_page_beside_it_tells_of_every_panel_and_what_it_asks() -> None:
    """Its table names the panels in their order, each with its route."""
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    messages = re.findall(r"^\| ([A-Z][\w -]+) \| `(/[\w./]+)` \|", page, flags=re.MULTILINE)
    asks = {
        title.partition(":")[0]: urlsplit(query(title)["url"].removeprefix("${base}")).path
        for title in PANELS
        if title != SPENT
    }
    assert dict(messages) == asks


def test_the_link_opens_the_page_with_the_same_question(server: Server) -> None:
    """Every word in the address bar is one that the page's own request may carry."""
    (link,) = BOARD["links"]
    address = urlsplit(grafana.filled(link["url"], DEFAULTS | {"base": server.url}))
    assert parse_qs(address.query)["model"] == [",".join(CHOSEN)]
    assert "<title>" in server.get(f"/?{address.query}")
    assert json.loads(server.get(f"/v1/compare?{address.query}"))["sentence"]
