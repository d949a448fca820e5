"""Charts as Vega-Lite specifications, made once and used everywhere: a file, the HTTP answer, the page, a picture.

A chart is a picture: its numbers are rounded to floating point, while tables, CSV and JSON keep every digit. Colour
never carries meaning alone: lines differ in their dashes, cells of a heat map bear letters.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import BadDocument
from ..files.installed import install
from ..files.output import written
from ..sweep.curve import Curve
from ..sweep.grid import Grid
from ..sweep.lines import FACTOR, Axis
from .answers.curve import drawn as drawn_lines
from .answers.sweep import letters, shown
from .figures import NOUNS, SIGNS, amount, cited, many

Spec = dict[str, Any]
Bill = tuple[float, str, Decimal, Decimal, Decimal]
"""A point of a line: where it lies, its strategy, its total, and the lowest and highest of what is left open."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
VERSION = "5.21"
KINDS: dict[str, dict[str, Any]] = {".svg": {}, ".png": {"scale": 2}, ".html": {"bundle": True}, ".vl.json": {}}
"""The ends of the names of files, and how each kind is drawn."""
SHOWN = 500
"""Points of a line, more than a screen can tell apart."""
LETTERED = 25
"""Letters side by side in a heat map."""
WIDTH, HEIGHT = 640, 360
COLOURS = ("#444444", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999933")
DASHES = ((1, 0), (8, 3), (2, 2), (8, 3, 2, 3), (12, 4), (4, 4), (1, 3), (6, 2, 2, 2))


def curves_spec(curves: Sequence[Curve], marked: int | None = None) -> Spec:
    """Cost against the number of queries. Of one model a line a strategy, each break-even marked where it lies in the
    picture; of several a line each for its cheapest strategy."""
    first, alone = curves[0], len(curves) == 1
    lines = drawn_lines(curves, marked)
    names = [each.line.strategy if alone else each.name for each in lines]
    bills = [
        (curve.points[place], name, line.totals[place], lows[place], highs[place])
        for name, (_, _, curve, line, *_) in zip(names, lines, strict=True)
        for lows, highs in [(line.lows, line.highs)]
        for place in _thinned(len(curve.points))
        if not curve.refusals[place]
    ]
    work = first.workload
    title = f"{many(work.context, 'token')} of context, {work.question:,} of question, {work.answer:,} of answer"
    x = _field("queries", title=NOUNS[work.grows][1])
    layers = _lines(bills, x, names, first.sheet.currency)
    layers += _crossings(first, x) if alone else []
    return _framed(f"{first.sheet.name}: {title}" if alone else title, curves) | {"layer": layers}


def _crossings(curve: Curve, x: Spec) -> list[Spec]:
    """The first number of queries that pays, by strategy, where the curve has that very point: a mark and a text."""
    places, specs = {n: place for place, n in enumerate(curve.points)}, []
    for line in curve.lines:
        first = line.break_even.first if line.break_even else None
        if first is not None and first in places and not curve.refusals[places[first]]:
            cost = line.totals[places[first]]
            pays = "pays from" if line.break_even and line.break_even.stable_from == first else "first pays at"
            text = f"{line.strategy} {pays} N = {first:,} ({amount(cost, curve.sheet.currency)})"
            specs.append({"queries": first, "strategy": line.strategy, "cost": float(cost), "text": text})
    here = {"x": x, "y": _field("cost")}
    point = {"type": "point", "size": 90, "filled": True, "color": "#000000", "tooltip": True}
    labelled, texts = here | {"text": _field("text", NAME)}, []
    for place, each in enumerate(specs):  # two at the same point would write over each other, so each has its line
        mark = {"type": "text", "align": "left", "dx": 8, "dy": 14 + 13 * place, "fontSize": 11}
        texts.append(_layer(mark, labelled, [each]))
    return [_layer(point, here, specs), *texts] if specs else []


def grid_spec(grid: Grid) -> Spec:
    """One axis: cost against it, a line a strategy. Two: the cheapest strategy of a cell, as a colour and a letter."""
    spec = _framed(f"{grid.sheet.name}: {' and '.join(axis.name for axis in grid.axes)}", [grid])
    return spec | (_of_one(grid) if len(grid.axes) == 1 else _of_two(grid))


def _of_one(grid: Grid) -> Spec:
    (axis,) = grid.axes
    first, last = (_number(axis.values[place]) for place in (0, -1))
    kind = "log" if first > 0 and last / first >= FACTOR else "linear"
    scale, title = {"type": kind, "zero": False, "nice": False}, _title(axis)
    served = [grid.cells[place] for place in _thinned(len(grid.cells)) if not grid.cells[place].refusal]
    bills = [
        (_number(cell.values[0]), name, total, *(grid.ends(cell, name) or ()))
        for cell in served
        for name, total in zip(grid.strategies, cell.totals, strict=True)
        if total is not None
    ]
    x = _field("x", title=title, scale=scale, axis={"labelOverlap": "greedy"})
    return {"layer": _lines(bills, x, grid.strategies, grid.sheet.currency)}


def _of_two(grid: Grid) -> Spec:
    marks = letters(grid.strategies)
    across, up = grid.axes
    columns, rows = (_every_few(len(axis.values)) for axis in grid.axes)
    places = ((x, y) for x in range(len(across.values)) for y in range(len(up.values)))
    values = [
        {
            "x": shown(cell.values[0]),
            "y": shown(cell.values[1]),
            "cheapest": f"{marks[cell.cheapest]}: {cell.cheapest}",
            "cost": float(cell.total or 0),
        }
        | ({"letter": marks[cell.cheapest]} if x in columns and y in rows else {})
        for (x, y), cell in zip(places, grid.cells, strict=True)
        if cell.cheapest is not None
    ]
    names = [f"{marks[name]}: {name}" for name in grid.strategies]
    place = {"x": _ordinal("x", across), "y": _ordinal("y", up) | {"sort": [shown(v) for v in reversed(up.values)]}}
    scale = {"domain": names, "range": _cycled(PALE, len(names))}
    colour = _field("cheapest", NAME, title="cheapest", scale=scale)
    tooltip = [_field(name, NAME) for name in ("x", "y", "cheapest", "cost")]
    text = _layer({"type": "text", "fontSize": 10}, place | {"text": _field("letter", NAME)})
    cells = _layer({"type": "rect"}, place | {"color": colour, "tooltip": tooltip})
    letters_alone = {"transform": [{"filter": "isValid(datum.letter)"}]}
    return {"data": {"values": values}, "layer": [cells, letters_alone | text]}


NAME = "nominal"
PALE = ("#d9d9d9", "#9ecae1", "#fdbe85", "#a1d99b", "#e7b8d6", "#ffe08a", "#bcdff5", "#d6d68f")


def _ordinal(name: str, axis: Axis) -> Spec:
    labels = [shown(axis.values[place]) for place in _every_few(len(axis.values))]
    ticks = {"values": labels, "labelOverlap": True}
    return _field(name, "ordinal", title=_title(axis, numbers=False), sort=[*map(shown, axis.values)], axis=ticks)


def _lines(bills: Sequence[Bill], x: Spec, strategies: Sequence[str], currency: str) -> list[Spec]:
    """A line a strategy; behind it, as a pale area, the bills that a question leaves open."""
    at, names = x["field"], list(strategies)
    colours, dashes = _cycled(COLOURS, len(names)), [list(dash) for dash in _cycled(DASHES, len(names))]
    strategy, cost = _field("strategy", NAME, title="strategy"), _field("cost", title=f"cost ({SIGNS[currency]})")
    colour, dash = (strategy | {"scale": {"domain": names, "range": each}} for each in (colours, dashes))
    values = [{at: value, "strategy": name, "cost": float(total)} for value, name, total, *_ in bills]
    encoding = {"x": x, "y": cost, "color": colour, "strokeDash": dash}
    lines = {"mark": {"type": "line", "tooltip": True}, "encoding": encoding, "data": {"values": values}}
    ranged = {name for _, name, _, low, high in bills if low != high}
    ranges = [
        {at: value, "strategy": name, "low": float(low), "high": float(high)}
        for value, name, _, low, high in bills
        if name in ranged
    ]
    symbols = {"symbolType": "stroke", "symbolOpacity": 1}  # the legend shows lines, not areas
    area = {"x": x, "y": _field("low"), "y2": {"field": "high"}, "color": colour | {"legend": symbols}}
    return [lines, _layer({"type": "area", "opacity": 1 / 6}, area, ranges)] if ranged else [lines]


def _layer(mark: Spec, encoding: Spec, values: Sequence[Spec] | None = None) -> Spec:
    """A layer of a chart, with data where it does not show those of the whole chart."""
    return ({} if values is None else {"data": {"values": values}}) | {"mark": mark, "encoding": encoding}


def _field(name: str, kind: str = "quantitative", **more: Any) -> Spec:
    """A field of the data as a channel of the chart."""
    return {"field": name, "type": kind, **more}


def _framed(title: str, answers: Sequence[Curve] | Sequence[Grid]) -> Spec:
    below = [cited(each.sheet, each.version) for each in answers]
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "subtitle": below, "anchor": "start"},
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
    }


def _cycled(values: Sequence[Any], many: int) -> list[Any]:
    return [values[place % len(values)] for place in range(many)]


def _thinned(many: int) -> list[int]:
    """Places of at most `SHOWN` of the points, the first and the last among them."""
    if many <= SHOWN:
        return list(range(many))
    return sorted({round(step * (many - 1) / (SHOWN - 1)) for step in range(SHOWN)})


def _every_few(many: int) -> range:
    """Places at equal steps, no more of them than letters stand side by side."""
    return range(0, many, -(-many // LETTERED))


def _title(axis: Axis, *, numbers: bool = True) -> str:
    units = {"context": " (tokens)", "question": " (tokens)", "answer": " (tokens)", "rate": " (per hour)"}
    units |= dict.fromkeys(("every", "over", "hold"), " (hours)") if numbers else {}
    return axis.name.replace("_", " ") + units.get(axis.name, "")


def _number(value: Any) -> float:
    return value / timedelta(hours=1) if isinstance(value, timedelta) else float(value)


def save(spec: Spec, *paths: Path) -> None:
    """Write a chart as SVG, PNG, stand-alone HTML or the specification itself, as each file's name ends; BadDocument
    where one cannot be. Nothing is fetched from a network."""
    drawings = []
    for path in paths:
        kind = next((each for each in KINDS if path.name.lower().endswith(each)), None)
        if kind is None:
            ends = ", ".join(KINDS)
            raise BadDocument(f"{path.name} is of no known kind; expected a name that ends in {ends}", word="chart")
        drawings.append((path, drawn(spec, kind)))
    for path, content in drawings:
        with written(path, "chart") as file:
            file.write(content)


def drawn(spec: Spec, kind: str) -> bytes:
    """A chart as the content of a file of that kind; BadDocument where the package that draws is missing."""
    if kind == ".vl.json":
        return (json.dumps(spec, ensure_ascii=False, indent=2) + "\n").encode()
    try:
        import vl_convert
    except ImportError:
        raise BadDocument(f"drawing one needs another package: {install('charts')}", word="chart") from None
    content = getattr(vl_convert, f"vegalite_to_{kind[1:]}")(spec, vl_version=VERSION, **KINDS[kind])
    return content if isinstance(content, bytes) else str(content).encode()
