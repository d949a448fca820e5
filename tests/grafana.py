"""Grafana's part of a dashboard, as far as data goes: variables put into addresses, answers read as Infinity does.

A target's fields: https://grafana.com/docs/plugins/yesoreyeram-infinity-datasource/latest/data-formats/csv
How its backend makes a frame: https://github.com/grafana/infinity-libs, lib/go/gframer/gframer.go
Formats of variables: https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

Frame = dict[str, list[Any]]
PLAIN = re.compile(r"-?\d+(\.\d+)?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}")


def defaults(dashboard: Mapping[str, Any]) -> dict[str, Any]:
    """What the variables are when the dashboard is opened; the data source itself is Grafana's matter."""
    listed = (each for each in dashboard["templating"]["list"] if each["type"] != "datasource")
    return {each["name"]: each["current"]["value"] for each in listed}


def filled(text: str, values: Mapping[str, Any]) -> str:
    """An address as the data source is given it; several values stand between commas. Raises KeyError for a variable
    that is none."""

    def put(result: re.Match[str]) -> str:
        name, form = result.groups()
        assert form in (None, "percentencode"), f"{form} is not known to every Grafana since 11.6"
        value = values[name] if isinstance(values[name], str) else ",".join(values[name])
        return quote(value, safe="") if form else value

    return VARIABLE.sub(put, text)


def targets(dashboard: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every query by its panel's title, and those that fill the drop-down lists."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target
    for each in dashboard["templating"]["list"]:
        if each["type"] == "query":
            yield each["name"], each["query"]["infinityQuery"]


def frame(target: Mapping[str, Any], answer: str) -> Frame:
    """The columns that a target asks for, by type; one that the answer does not have is left out, as there."""
    rows = _csv(answer) if target["type"] == "csv" else [json.loads(answer)]
    result = {column["selector"]: column["type"] for column in target["columns"] if column["selector"] in rows[0]}
    return {name: [_value(kind, row[name]) for row in rows] for name, kind in result.items()}


def _csv(answer: str) -> list[dict[str, str]]:
    assert not answer.startswith("\ufeff")
    head, *rows = csv.reader(answer.splitlines(), strict=True)
    assert len(set(head)) == len(head)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _value(kind: str, cell: Any) -> Any:
    """Nothing where a cell is empty. Raises AssertionError where it is not what its column says."""
    if cell in ("", None):
        return None
    if kind == "number":
        assert PLAIN.fullmatch(str(cell)), cell
        return float(cell)
    if kind == "timestamp":
        assert INSTANT.fullmatch(cell), cell
        return datetime.fromisoformat(cell)
    assert kind == "string", kind
    assert isinstance(cell, str), cell
    return cell
