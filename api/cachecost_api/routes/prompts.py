"""Routes about the prompts that an application builds: breakpoints, summaries, parallel first requests."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from cachecost.output.answers import breakpoints, compaction, fanout
from cachecost.output.reply import Reply
from cachecost.prices.sheet import PriceSheet
from cachecost.questions.prompts import BREAKPOINTS, COMPACTION, FANOUT, compacted, fanned, placed
from cachecost.questions.word import Word
from cachecost.questions.words import MODEL, WORD

from ..answers import route
from ..models import Parameters
from ..openapi import model_of, refusals
from ..sheets import QuestionSheets

CACHING = "claude-opus-5-5"
"""A model whose requests say what is cached, which breakpoints ask for."""
router = APIRouter(responses=refusals(404, 422))


def question(
    name: str,
    summary: str,
    words: Iterable[Word],
    solve: Callable[[Mapping[str, Any], PriceSheet, datetime], Reply],
    declared: type,
    example: Mapping[str, Any],
    required: str,
) -> None:
    """The routes of a question about one model at the prices of a day."""
    words = tuple(words)

    def solved(parameters: Parameters, sheets: QuestionSheets, now: datetime) -> Reply:
        (sheet,) = sheets.named()
        return solve(parameters.only(words), sheet, parameters.day(now))

    route(
        router,
        f"/v1/{name}",
        name,
        summary,
        words=(MODEL._replace(example=CACHING), *words, WORD["discount"], WORD["as_of"]),
        required=("model", required),
        one_model=True,
        solve=solved,
        response_model=model_of(declared),
        examples={"plain": {"value": {"model": [CACHING], "as_of": "2026-11-01", **example}}},
    )


question(
    "breakpoints",
    "Where to put cache breakpoints in a prompt of several parts.",
    BREAKPOINTS,
    lambda *asked: breakpoints.reply(placed(*asked)),
    breakpoints.PlacementRecord,
    {"part": ["system=20K", "docs=80K@2/h", "chat=5K@each"], "rate": "12/h"},
    "part",
)
question(
    "compact",
    "After how many later turns a summary has paid for itself.",
    COMPACTION,
    lambda *asked: compaction.reply(*compacted(*asked)),
    compaction.CompactionRecord,
    {"context": "150K", "to": "10%"},
    "context",
)
question(
    "fanout",
    "What parallel first requests cost: all at once, or one before the others.",
    FANOUT,
    lambda *asked: fanout.reply(fanned(*asked)),
    fanout.FanoutRecord,
    {"context": "100K", "requests": "10"},
    "context",
)
