"""Pictures of a log's bill: the cost of every day by class of tokens, and every policy beside what was paid."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import BadDocument
from ...files.installed import install
from ...replay.account import Account
from ...replay.breakdown import kind, time_of
from ...replay.report import Report
from ...replay.tally import price
from ..figures import SIGNS
from ..vega import COLOURS, SCHEMA, VERSION, Spec
from .tables import named

KINDS = ("input", "cache_write", "cache_read", "storage", "output")
WIDTH, BAR = 640, 18


def specs(report: Report, account: Account) -> Iterator[Spec]:
    """Every picture that has something to show, one currency each."""
    for currency in report.totals:
        if len(report.by["day"]) > 1:
            yield days_spec(account, currency)
    for on in dict.fromkeys(each.on for each in report.alternatives):
        yield policies_spec(report, on)


def days_spec(account: Account, currency: str) -> Spec:
    """Bars of days, stacked by class of tokens."""
    sums: dict[tuple[str, str], float] = {}
    for part, tally in account.parts.items():
        for key, item in price(tally, account.sheets).items:
            if account.sheets[key.sheet].sheet.currency == currency:
                place = (time_of(part, "day", account), kind(item.name) if kind(item.name) in KINDS else "fees")
                sums[place] = sums.get(place, 0) + float(item.amount)
    values = [{"day": day, "class": name, "cost": cost} for (day, name), cost in sums.items()]
    names = [*KINDS, "fees"]
    return _framed(f"Cost of each day ({currency})", values) | {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "title": None, "axis": {"labelOverlap": True}},
            "y": {"field": "cost", "type": "quantitative", "title": f"cost ({SIGNS[currency]})"},
            "color": {
                "field": "class",
                "type": "nominal",
                "title": "class",
                "scale": {"domain": names, "range": list(COLOURS[: len(names)])},
            },
        },
    }


def policies_spec(report: Report, on: str) -> Spec:
    """Bars of policies on one model, the cheapest first, and a rule at what was paid."""
    rows = [each for each in report.alternatives if each.on == on]
    names = {each: named(each) for each in rows}
    values = [{"policy": names[each], "cost": float(each.total)} for each in rows]
    place = {"field": "cost", "type": "quantitative", "title": f"cost ({SIGNS[rows[0].currency]})"}
    order = {"field": "policy", "type": "nominal", "title": None, "sort": {"field": "cost"}}
    layers: list[Spec] = [{"mark": {"type": "bar", "color": COLOURS[1]}, "encoding": {"x": place, "y": order}}]
    spec = _framed(f"The same requests on {on}", values) | {"height": {"step": BAR}}
    if rows[0].paid is not None:
        paid = {"values": [{"cost": float(rows[0].paid), "told": "paid"}]}
        rule = {"data": paid, "mark": {"type": "rule", "strokeDash": [4, 3], "size": 2}, "encoding": {"x": place}}
        text = {"mark": {"type": "text", "align": "left", "dx": 4, "y": -6}, "data": paid}
        layers += [rule, text | {"encoding": {"x": place, "text": {"field": "told", "type": "nominal"}}}]
    return spec | {"layer": layers}


def _framed(title: str, values: list[Spec]) -> Spec:
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "anchor": "start"},
        "width": WIDTH,
        "background": "white",
        "padding": {"left": 40, "right": 10, "top": 10, "bottom": 30},
        "data": {"values": values},
    }


def drawn(spec: Spec) -> str:
    """A chart as SVG for a page; BadDocument where the package is missing that draws it."""
    try:
        import vl_convert
    except ImportError:
        raise BadDocument(f"html: drawing needs another package: {install('charts')}") from None
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VERSION))
