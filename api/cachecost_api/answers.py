"""One question at several doors: as JSON and as CSV by its query, and as JSON by a body."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Response

from cachecost.output.records import Record
from cachecost.output.reply import Reply, naming
from cachecost.questions.word import Word

from .dependencies import CSV, Answering
from .middleware.bodies import JsonRoute
from .models import Parameters, in_body, in_query, of_words
from .openapi import BY_BODY, refusals
from .sheets import QuestionSheets, SheetSet

Solve = Callable[[Parameters, QuestionSheets, datetime], Reply]


class Tool(NamedTuple):
    """One question without a route: what it is about, the model of its words, and what works out its record."""

    summary: str
    words: type[Parameters]
    answer: Callable[[Any, SheetSet, datetime], Record]


QUESTIONS: dict[str, Tool] = {}
"""Every question that has a route, by its name."""


def route(
    router: APIRouter,
    path: str,
    name: str,
    summary: str,
    *,
    words: Iterable[Word],
    solve: Solve,
    response_model: Any,
    responses: Mapping[int | str, dict[str, Any]] = MappingProxyType({}),
    required: tuple[str, ...] = (),
    one_model: bool = False,
    examples: Mapping[str, Any] | None = None,
) -> None:
    """Add the routes of a question; `examples` are those of its body, without which there is no route for one."""
    model = of_words(f"{name}_body", words, *required, one_model=one_model)

    def answer(question: Parameters, sheets: SheetSet, now: datetime) -> Reply:
        own = QuestionSheets(sheets, question, now)
        return naming(solve(question, own, now), own.names)

    QUESTIONS[name] = Tool(summary, model, lambda *asked: answer(*asked).record())

    def add(path: str, call: Any, name: str, summary: str, method: str = "GET", **more: Any) -> None:
        router.add_api_route(path, call, methods=[method], operation_id=name, summary=summary, **more)

    async def as_json(question: Annotated[Parameters, in_query(model)], engine: Answering) -> Response:
        return await engine.json(lambda: answer(question, engine.sheets, engine.now).record(), question.number)

    async def as_csv(question: Annotated[Parameters, in_query(model, number=False)], engine: Answering) -> Response:
        return await engine.csv(lambda: answer(question, engine.sheets, engine.now).rows().as_csv())

    add(path, as_json, name, summary, response_model=response_model, responses=dict(responses))
    refused = {status: each for status, each in responses.items() if status != 200}
    add(f"{path}.csv", as_csv, f"{name}_csv", f"{summary} As CSV.", response_class=CSV, responses=refused)
    if examples is None:
        return

    async def by_body(
        question: Annotated[Parameters, in_body(model, examples)],
        how: Annotated[Parameters, in_query(Parameters)],
        engine: Answering,
    ) -> Response:
        return await engine.json(lambda: answer(question, engine.sheets, engine.now).record(), how.number)

    by = f"{summary} The same words as a body."
    how: Any = {"response_model": response_model, "route_class_override": JsonRoute}
    add(path, by_body, f"{name}_by_body", by, "POST", responses={**responses, **BY_BODY, **refusals(404)}, **how)


def text_route(
    router: APIRouter,
    path: str,
    name: str,
    summary: str,
    *,
    words: Iterable[Word],
    required: tuple[str, ...] = (),
    solve: Callable[[Parameters, QuestionSheets, datetime], str | bytes | None],
    answers: type[Response],
    **more: Any,
) -> None:
    """Add the route of a question whose answer is one text, such as a number or a picture."""
    asks = in_query(of_words(name, words, *required), number=False)

    async def call(question: Annotated[Parameters, asks], engine: Answering) -> Response:
        return answers(await engine.run(lambda: solve(question, engine.sheets_for(question), engine.now)))

    router.add_api_route(
        path, call, methods=["GET"], operation_id=name, summary=summary, response_class=answers, **more
    )
