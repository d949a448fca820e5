"""One question at several doors: as JSON and as CSV by its query, as JSON by a body, and as a tool for agents."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Body, Response

from cachecost.output.records import Record
from cachecost.output.reply import Reply, naming
from cachecost.questions.word import Word

from .engine import CSV, Answering
from .middleware.bodies import JsonRoute
from .models import Parameters, in_query, of_words
from .openapi import BY_BODY, refusals
from .sheets import Inquiry

Solve = Callable[[Inquiry], Reply]
Written = Callable[[Inquiry], str | bytes | None]


class Tool(NamedTuple):
    """One question without a route: what it is about, the model of its words, and what works out its record."""

    summary: str
    words: type[Parameters]
    answer: Callable[[Inquiry], Record]


QUESTIONS: dict[str, Tool] = {}
"""Every question that has a route, by its name: the package loads all routes."""


def question(
    router: APIRouter,
    path: str = "",
    *,
    words: Iterable[Word],
    answers: Any,
    responses: Mapping[int | str, dict[str, Any]] = MappingProxyType({}),
    required: tuple[str, ...] = (),
    one_model: bool = False,
    examples: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[Solve], Solve]:
    """Add the routes of a question to the function that solves it, whose name and docstring are those of the operation.
    `path` is `/v1/` and that name unless it is said; `examples` are those of its body, without which there is no route
    for one."""

    def add(solve: Solve) -> Solve:
        name, summary = solve.__name__, str(solve.__doc__)
        model, place = of_words(f"{name}_body", words, *required, one_model=one_model), path or f"/v1/{name}"

        def answer(inquiry: Inquiry) -> Reply:
            return naming(solve(inquiry), inquiry.names)

        QUESTIONS[name] = Tool(summary, model, lambda inquiry: answer(inquiry).record())

        @router.get(place, operation_id=name, summary=summary, response_model=answers, responses=dict(responses))
        async def as_json(parameters: Annotated[Parameters, in_query(model)], engine: Answering) -> Response:
            return await engine.json(lambda: answer(engine.inquiry(parameters)).record(), parameters.number)

        refused = {status: each for status, each in responses.items() if status != 200}
        in_csv: Any = {"operation_id": f"{name}_csv", "summary": f"{summary} As CSV."}

        @router.get(f"{place}.csv", response_class=CSV, responses=refused, **in_csv)
        async def as_csv(parameters: Annotated[Parameters, in_query(model, number=False)], engine: Answering) -> CSV:
            return await engine.csv(lambda: answer(engine.inquiry(parameters)).rows().as_csv())

        if examples is None:
            return solve
        said: Any = {name: {"value": each} for name, each in examples.items()}

        async def by_body(
            parameters: Annotated[model, Body(openapi_examples=said)],  # type: ignore[valid-type]
            how: Annotated[Parameters, in_query(Parameters)],
            engine: Answering,
        ) -> Response:
            return await engine.json(lambda: answer(engine.inquiry(parameters)).record(), how.number)

        more: Any = {"operation_id": f"{name}_by_body", "summary": f"{summary} The same words as a body."}
        more |= {"responses": {**responses, **BY_BODY, **refusals(404)}, "route_class_override": JsonRoute}
        router.add_api_route(place, by_body, methods=["POST"], response_model=answers, **more)
        return solve

    return add


def text(
    router: APIRouter, path: str, media: str, *, words: Iterable[Word], required: tuple[str, ...] = (), **more: Any
) -> Callable[[Written], Written]:
    """Add a route to the function that solves a question whose answer is one text, such as a number or a picture."""

    def add(solve: Written) -> Written:
        name = solve.__name__
        in_words = in_query(of_words(name, words, *required), number=False)

        class Text(Response):
            media_type = media

        @router.get(path, operation_id=name, summary=solve.__doc__, response_class=Text, **more)
        async def call(parameters: Annotated[Parameters, in_words], engine: Answering) -> Text:
            return Text(await engine.run(lambda: solve(engine.inquiry(parameters))))

        return solve

    return add
