"""Routes about the prompts that an application builds: breakpoints, summaries, parallel first requests."""

from typing import Any

from fastapi import APIRouter

from cachecost.output.answers import breakpoints as placements, compaction as compactions, fanout as fanouts
from cachecost.output.reply import Reply
from cachecost.questions.prompts import BREAKPOINTS, COMPACTION, FANOUT, compacted, fanned, placed
from cachecost.questions.words import MODEL, WORD

from ..answers import question
from ..openapi import model_of, refusals
from ..sheets import Inquiry

CACHING = "claude-opus-5-5"
"""A model whose requests say what is cached, which breakpoints ask for."""
router = APIRouter(responses=refusals(404, 422))
BEFORE, AFTER = (MODEL._replace(example=CACHING),), (WORD["discount"], WORD["as_of"])


def example(**said: Any) -> dict[str, Any]:
    """The example of a body."""
    return {"plain": {"model": [CACHING], "as_of": "2026-11-01", **said}}


@question(
    router,
    words=(*BEFORE, *BREAKPOINTS, *AFTER),
    required=("model", "part"),
    one_model=True,
    answers=model_of(placements.PlacementRecord),
    examples=example(part=["system=20K", "docs=80K@2/h", "chat=5K@each"], rate="12/h"),
)
def breakpoints(inquiry: Inquiry) -> Reply:
    """Where to put cache breakpoints in a prompt of several parts."""
    return placements.reply(placed(inquiry.parameters.only(BREAKPOINTS), inquiry.named()[0], inquiry.at))


@question(
    router,
    words=(*BEFORE, *COMPACTION, *AFTER),
    required=("model", "context"),
    one_model=True,
    answers=model_of(compactions.CompactionRecord),
    examples=example(context="150K", to="10%"),
)
def compact(inquiry: Inquiry) -> Reply:
    """After how many later turns a summary has paid for itself."""
    return compactions.reply(*compacted(inquiry.parameters.only(COMPACTION), inquiry.named()[0], inquiry.at))


@question(
    router,
    words=(*BEFORE, *FANOUT, *AFTER),
    required=("model", "context"),
    one_model=True,
    answers=model_of(fanouts.FanoutRecord),
    examples=example(context="100K", requests="10"),
)
def fanout(inquiry: Inquiry) -> Reply:
    """What parallel first requests cost: all at once, or one before the others."""
    return fanouts.reply(fanned(inquiry.parameters.only(FANOUT), inquiry.named()[0], inquiry.at))
