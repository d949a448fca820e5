"""Routes that answer a question about a workload: compare, cost, curve, plan; each as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response

from cachecost import clock, units
from cachecost.advice.advice import plan as advise
from cachecost.bills.comparison import Comparison
from cachecost.bills.comparison import compare as compared
from cachecost.bills.survey import across, all_forgotten, all_history
from cachecost.errors import BadWorkload
from cachecost.output.answers import advice, over_history, survey
from cachecost.output.answers import comparison as comparisons
from cachecost.output.answers import curve as curves
from cachecost.output.answers import forgotten as forgotten_rents
from cachecost.output.figures import plain
from cachecost.output.reply import Reply
from cachecost.output.vega import curve_spec
from cachecost.questions import reading
from cachecost.sweep.curve import Curve
from cachecost.sweep.curve import curve as drawn

from .. import limits
from ..answering import CSV, TEXT, Door
from ..openapi.operations import link, operation, parameters, question_body
from ..openapi.shapes import ref
from ..parameters import QUESTION, Asked, of_body, of_query
from ..sheets import SheetSet

COMPARE = ("model", *QUESTION, "strategy")
CURVE = tuple(name for name in COMPARE if name not in ("times", "turns"))
PLAN = ("model", *QUESTION, "all", "over_history", "forgotten")
NUMBER = ("number",)
SHAPES = {"compare": "Comparison", "curve": "Curve", "plan": "Plan"}
BEST = {"model": "/best/model", "context": "/workload/context", "as_of": "/workload/start"}
LINKS = {
    "compare": link("curve", "The curve of the cheapest model.", **BEST)
    | link("plan", "What would have to change for another strategy on it.", **BEST)
    | link("cost", "The same total and nothing else.", **BEST, strategy="/best/strategy"),
    "curve": link("price_history", "Every rate that the model ever had.", model="/model"),
}
Words = tuple[str, ...]
Solve = Callable[[Asked, SheetSet, datetime], Reply]


def comparison(asked: Asked, sheets: SheetSet, now: datetime) -> Comparison:
    """What `cachecost compare` works out."""
    found = {sheet.id: sheet for sheet in map(sheets.sheet, asked.models)}
    work = limits.bounded(asked.workload(now), models=len(found))
    asks = [(sheet, work) for sheet in found.values()]
    strategies = asked.texts("strategy")
    return compared(asks, today=clock.today(), assumptions=asked.question.assumptions(), strategies=strategies)


def curve(asked: Asked, sheets: SheetSet, now: datetime) -> Curve:
    """What `cachecost curve` works out, at no more points than a picture can show."""
    points = reading.read("queries", units.reach, asked.text("queries") or "1..20")
    if len(points) > limits.POINTS:
        most = f"{len(points):,} points are too many; expected up to {limits.POINTS:,}, or a step: 1..1M:1000"
        raise BadWorkload(most, word="queries")
    if points[0] < 1:
        raise BadWorkload("expected to begin at 1 or later", word="queries")
    sheet, words = sheets.sheet(asked.model), asked.question.instead(queries=str(points[-1]))
    work = limits.bounded(asked.workload(now, question=words))
    limits.drawable(len(points), work)
    named, today = asked.texts("strategy"), clock.today()
    found = drawn(sheet, work, points, assumptions=words.assumptions(), strategies=named, today=today)
    if found.refusal:
        raise found.refusal.error(sheet.id)
    return found


def plan(asked: Asked, sheets: SheetSet, now: datetime) -> Reply:
    """What `cachecost plan` works out."""
    every, history, forgotten = (asked.flag(name) for name in ("all", "over_history", "forgotten"))
    if bool(asked.texts("model")) == every:
        raise BadWorkload("name one or more models, or every one with all=true, and not both", word="all")
    if history and forgotten:
        raise BadWorkload("over_history is given too; ask for one of them", word="forgotten")
    names = {} if every else {sheet.id: sheet for sheet in map(sheets.sheet, asked.models)}
    chosen = sheets.sheets if every else list(names.values())
    assumed = asked.question.assumptions()
    one = len(chosen) == 1 and not history and not forgotten
    work = limits.bounded(asked.workload(now), advice=one, models=len(chosen))
    asks = [(sheet, work) for sheet in chosen]
    if history:
        eras, left_out = all_history(asks, assumed)
        return over_history.reply(eras, work, left_out)
    if forgotten:
        return forgotten_rents.reply(*all_forgotten(asks, assumed))
    if not one:
        return survey.reply(across(asks, assumed), assumed)
    return advice.reply(advise(*asks[0], assumed, today=clock.today()))


def install(app: FastAPI, door: Door) -> None:
    """Add the routes."""

    def listed(name: str, words: Words, solve: Solve, summary: str, *, required: Words) -> None:
        """One question four ways: GET and POST as JSON, GET as CSV."""
        curved = name == "curve"

        async def by_query(request: Request) -> Response:
            asked = of_query(request.scope["query_string"], (*words, *NUMBER))
            return await door.json(asked, lambda sheets, now: solve(asked, sheets, now).record())

        async def by_body(request: Request) -> Response:
            number = of_query(request.scope["query_string"], NUMBER)
            asked = of_body(await request.body(), words)
            return await door.json(number, lambda sheets, now: solve(asked, sheets, now).record())

        async def as_csv(request: Request) -> Response:
            asked = of_query(request.scope["query_string"], words)
            return await door.csv(lambda sheets, now: solve(asked, sheets, now).rows())

        query = parameters(words, *required, curve=curved)
        number = parameters(NUMBER)
        answer: dict[str, Any] = {"schema": ref(SHAPES[name]), "links": LINKS.get(name)}
        add(f"/v1/{name}", by_query, name, summary, operation(**answer, asked=query + number))
        body = operation(**answer, asked=number, request=question_body(words, curve=curved))
        add(f"/v1/{name}", by_body, f"{name}_by_body", f"{summary} The same words as a body.", body, method="POST")
        table = operation(media=CSV.partition(";")[0], asked=query)
        add(f"/v1/{name}.csv", as_csv, f"{name}_csv", f"{summary} As CSV.", table)

    def add(path: str, call: Any, operation_id: str, summary: str, extra: Any, *, method: str = "GET") -> None:
        app.add_api_route(
            path,
            call,
            methods=[method],
            operation_id=operation_id,
            summary=summary,
            openapi_extra=extra,
            response_model=None,
            response_class=Response,
        )

    async def cost(request: Request) -> Response:
        asked = of_query(request.scope["query_string"], COMPARE)
        total = await door.run(lambda sheets, now: plain(comparison(asked, sheets, now).best.total))
        return Response(total, media_type=TEXT)

    async def spec(request: Request) -> Response:
        asked = of_query(request.scope["query_string"], CURVE)
        return await door.json(Asked(), lambda sheets, now: curve_spec(curve(asked, sheets, now)))

    listed(
        "compare",
        COMPARE,
        lambda *asked: comparisons.reply(comparison(*asked)),
        "What N queries cost under every strategy, and from which N on caching pays.",
        required=("model", "context"),
    )
    listed(
        "curve",
        CURVE,
        lambda *asked: curves.reply(curve(*asked)),
        "Cost against the number of queries, a line a strategy.",
        required=("model", "context"),
    )
    listed(
        "plan",
        PLAN,
        plan,
        "The cheapest strategy, and what would have to change for another.",
        required=("context",),
    )
    text = operation(media="text/plain", asked=parameters(COMPARE, "model", "context"))
    add("/v1/cost.txt", cost, "cost", "The cheapest total, one number and nothing else.", text)
    drawn_as = {"type": "object", "required": ["$schema", "layer"]}
    drawing = operation(schema=drawn_as, asked=parameters(CURVE, "model", "context", curve=True))
    add("/v1/curve.vl.json", spec, "curve_chart", "The curve as a Vega-Lite specification.", drawing)
