"""Routes that answer a question about a workload: compare, cost, curve, sweep, plan; each as JSON and as CSV."""

from fractions import Fraction
from functools import partial
from math import prod
from typing import Annotated, Any

from fastapi import APIRouter, Response

from cachecost.advice.advice import Advice, across
from cachecost.bills.comparison import Comparison, compare as compared, refuse_mixed
from cachecost.bills.history import all_history
from cachecost.bills.rents import all_forgotten
from cachecost.errors import BadDocument
from cachecost.output.answers import (
    advice,
    comparison as comparisons,
    curve as curve_answers,
    over_history,
    survey,
    sweep as sweeps,
    switch as switches,
)
from cachecost.output.badge import badge as badge_of
from cachecost.output.figures import percent, plain
from cachecost.output.reply import Reply, counting
from cachecost.output.vega import curves_spec, drawn
from cachecost.questions import reading
from cachecost.questions.axes import axes_of, begun
from cachecost.questions.context import Asking, asking
from cachecost.questions.switch import switched
from cachecost.questions.word import SWITCH
from cachecost.questions.words import (
    ALL,
    BUDGET,
    FORGOTTEN,
    MODEL,
    OVER_HISTORY,
    PER,
    STRATEGY,
    Question,
    number_marked,
    points_of,
    refuse_two_scopes,
)
from cachecost.strategies.names import FRESH
from cachecost.sweep.curve import Curve, curves
from cachecost.sweep.grid import Grid

from .. import limits
from ..answers import question, text
from ..engine import Answering
from ..models import CURVE, QUESTION, SWEEP, Parameters, in_query, of_words
from ..openapi import link, links, model_of, refusals
from ..problems import RefusedRequest, bad_request
from ..sheets import Inquiry

router = APIRouter(responses=refusals(404, 422))
COMPARED = (MODEL, *QUESTION, STRATEGY, PER, BUDGET)
UNTURNED = ("queries", "over", "for", "arrivals", "burst", "times", "office")
"""Words of pace that a conversation cannot have: its turns come by `every` or `rate`."""
SVG = "image/svg+xml"
DRAWN = (MODEL, *CURVE, STRATEGY)
SWITCHING = {
    "model": ["claude-opus-5-5"],
    "switch_to": "claude-sonnet-5-5",
    "at_turn": 8,
    "context": "50K",
    "turns": 20,
    "as_of": "2026-11-01",
}
BEST = {"model": "/best/model", "context": "/workload/context", "as_of": "/workload/start"}
PLAIN = {
    "model": ["google/gemini-2.5-pro"],
    "context": "100K",
    "queries": 10,
    "question": 200,
    "answer": 500,
    "as_of": "2026-11-01",
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "over_a_day": PLAIN | {"queries": 50, "over": "8h"},
    "random": PLAIN | {"over": "8h", "arrivals": "random"},
    "steady_traffic": PLAIN | {"rate": "12/h", "arrivals": "poisson"},
    "conversation": PLAIN | {"turns": 20, "tools": 300},
    "given_instants": PLAIN | {"times": ["2026-11-01T09:00Z", "2026-11-01T09:04Z", "2026-11-01T11:00Z"]},
}


def ask(
    inquiry: Inquiry,
    words: Question | None = None,
    *,
    every: bool = False,
    advice: bool = False,
    models: int = 0,
    points: int = 1,
    eras: bool = False,
) -> Asking:
    """The question to each of the models named, or to `every` one, as far as this door answers it: how it is asked, and
    of how many `models`, makes it take longer. Advice about one model takes longer than all else."""
    named, parameters = inquiry.sheets if every else inquiry.named(), inquiry.parameters
    words = words or parameters.as_question()
    advice = advice and len(named) == 1
    work = limits.bounded(parameters.workload(inquiry.now, words), advice=advice, models=models or len(named))
    asked = asking(words, named, work, inquiry.catalog.folder)
    strategies = getattr(parameters, "strategy", ())
    limits.affordable(asked.models, strategies, points=points, advice=advice, eras=eras)
    return asked


def comparison(inquiry: Inquiry) -> tuple[Comparison, Fraction, str]:
    """What `cachecost compare` works out, the factor by which it shows bills, and how media were counted."""
    parameters = inquiry.parameters
    words = parameters.as_question().projected(parameters.per)
    asks, assumptions, counted, how = ask(inquiry, words)
    answer = compared(
        asks,
        today=inquiry.now.date(),
        assumptions=assumptions,
        strategies=parameters.strategy,
        counted=counted,
        budget=reading.maybe("budget", reading.price, parameters.budget),
    )
    return answer, words.factor(parameters.per, answer.workload), how


@question(
    router,
    words=COMPARED,
    required=("model",),
    answers=model_of(comparisons.ComparisonRecord),
    responses=links(
        link("curve", "The curve of the cheapest model.", **BEST),
        link("plan", "What would have to change for another strategy on it.", **BEST),
        link("cost", "The same total and nothing else.", **BEST, strategy="/best/strategy"),
    ),
    examples=EXAMPLES,
)
def compare(inquiry: Inquiry) -> Reply:
    """What N queries cost under every strategy, and from which N on caching pays."""
    answer, times, how = comparison(inquiry)
    return counting(comparisons.reply(answer, per=inquiry.parameters.per, factor=times), how)


@text(router, "/v1/cost.txt", "text/plain", words=COMPARED, required=("model",))
def cost(inquiry: Inquiry) -> str | None:
    """The cheapest total, one number and nothing else."""
    answer, times, _ = comparison(inquiry)
    return plain(answer.scaled(times).best.total)


@text(router, "/v1/badge.svg", SVG, words=COMPARED, required=("model",))
def badge(inquiry: Inquiry) -> str:
    """What caching saves, as a badge."""
    best = comparison(inquiry)[0].best
    share = best.savings_ratio
    if best.strategy == FRESH or not share:
        return badge_of(best.sheet.name, "no cache is cheaper", good=False)
    return badge_of(best.sheet.name, f"caching saves {percent(share)}", good=True)


def drawn_curves(inquiry: Inquiry) -> tuple[list[Curve], list[str], str, int | None]:
    """What `cachecost curve` works out, at no more points than a picture can show: a curve for each model, why others
    have none, how media were counted, and the number of queries that is asked about."""
    parameters = inquiry.parameters
    points = points_of(parameters.queries, limits.POINTS)
    words = parameters.as_question().instead(queries=str(points[-1]))
    asks, assumptions, counted, how = ask(inquiry, words, points=len(points))
    refuse_mixed(sheet for sheet, _ in asks)
    strategies, today = parameters.strategy, inquiry.now.date()
    lines, left_out = curves(asks, points, assumptions=assumptions, strategies=strategies, today=today, counted=counted)
    return lines, left_out, how, number_marked(parameters.queries, points)


@question(
    router,
    words=DRAWN,
    required=("model",),
    answers=model_of(curve_answers.CurveRecord) | model_of(curve_answers.CurvesRecord),
    responses=links(link("price_history", "Every rate that the model ever had.", model="/model")),
    examples={name: EXAMPLES[name] | {"queries": "1..50"} for name in list(EXAMPLES)[:4]},
)
def curve(inquiry: Inquiry) -> Reply:
    """Cost against the number of queries, a line a strategy."""
    lines, left_out, how, marked = drawn_curves(inquiry)
    return counting(curve_answers.reply(lines, left_out, inquiry.parameters.service, marked), how)


@router.get(
    "/v1/curve.vl.json",
    operation_id="curve_chart",
    summary="The curve as a Vega-Lite specification.",
    response_model=dict[str, Any],
)
async def curve_chart(
    parameters: Annotated[Parameters, in_query(of_words("curve_chart", DRAWN, "model"), number=False)],
    engine: Answering,
) -> Response:
    return await engine.json(lambda: chart(engine.inquiry(parameters)))


def chart(inquiry: Inquiry) -> dict[str, Any]:
    lines, *_, marked = drawn_curves(inquiry)
    return curves_spec(lines, marked)


@text(router, "/v1/curve.svg", SVG, words=DRAWN, required=("model",), responses=refusals(501))
def curve_picture(inquiry: Inquiry) -> bytes:
    """The curve as a picture."""
    spec = chart(inquiry)
    try:
        return drawn(spec, ".svg")
    except BadDocument as error:
        raise RefusedRequest(501, "not-installed", str(error)) from None


@question(
    router,
    words=(MODEL, *(word for word in QUESTION if word.name != "times"), SWEEP, STRATEGY),
    required=("model", "sweep"),
    one_model=True,
    answers=model_of(sweeps.GridRecord),
    examples={
        "map": PLAIN | {"sweep": ["every=1m..2h", "queries=1..100"]},
        "line": PLAIN | {"sweep": ["hit_share=0..1:11"]},
    },
)
def sweep(inquiry: Inquiry) -> Reply:
    """How the bill and the cheapest strategy change with one or two words of the question."""
    axes = axes_of(inquiry.parameters.sweep)
    points = prod(len(axis.values) for axis in axes)
    if points > limits.POINTS:
        raise bad_request(f"sweep: {points:,} points are too many; expected up to {limits.POINTS:,}", where="sweep")
    words = begun(inquiry.parameters.as_question(), axes)
    [(sheet, work)], assumptions, counted, how = ask(inquiry, words, points=points)
    strategies, today = inquiry.parameters.strategy, inquiry.now.date()
    grid = Grid(sheet, work, assumptions, axes, strategies=strategies, today=today, counted=counted.get(sheet.id))
    return counting(sweeps.reply(grid), how)


@question(
    router,
    words=(MODEL, *QUESTION, ALL, OVER_HISTORY, FORGOTTEN),
    answers=model_of(advice.AdviceRecord)
    | model_of(survey.SurveyRecord)
    | model_of(over_history.HistoryRecord)
    | model_of(survey.ForgottenRecord),
    examples=EXAMPLES,
)
def plan(inquiry: Inquiry) -> Reply:
    """The cheapest strategy, and what would have to change for another."""
    parameters, today = inquiry.parameters, inquiry.now.date()
    scope = {"over_history": parameters.over_history, "forgotten": parameters.forgotten}
    refuse_two_scopes(models=bool(parameters.model), all=parameters.all, **scope)
    alone = not any(scope.values())
    asks, assumed, counted, how = ask(inquiry, every=parameters.all, eras=parameters.over_history, advice=alone)
    if parameters.over_history:
        eras, left_out = all_history(asks, assumed, counted=counted, today=today)
        return counting(over_history.reply(eras, asks[0][1], left_out), how)
    if parameters.forgotten:
        return counting(survey.rents_reply(*all_forgotten(asks, assumed, counted)), how)
    if len(asks) > 1:
        return counting(survey.reply(across(asks, assumed, counted=counted, today=today), assumed.service), how)
    ((sheet, work),) = asks
    advised = Advice(sheet, work, assumed, counted=counted.get(sheet.id), today=today)
    return counting(advice.reply(advised), how)


@question(
    router,
    words=(MODEL, *(word for word in QUESTION if word.name not in UNTURNED), STRATEGY, *SWITCH),
    required=("model", "turns", "switch_to"),
    one_model=True,
    answers=model_of(switches.SwitchRecord),
    examples={"plain": SWITCHING},
)
def switch(inquiry: Inquiry) -> Reply:
    """Stay on a model or switch to another in mid-conversation, and from how many more turns on that pays."""
    asks, assumed, _, how = ask(inquiry, models=2)
    said, find = inquiry.parameters.only(SWITCH), partial(inquiry.sheet_at, at=asks[0][1].start)
    strategies = inquiry.parameters.strategy
    return counting(switches.reply(switched(said, asks, find, assumed, strategies, inquiry.catalog.folder)), how)
