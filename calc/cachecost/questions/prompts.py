"""The words in which people ask how to cache the prompts that an application builds: breakpoints, summaries, parallel
first requests; once for every door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import units
from ..errors import BadWorkload
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..workload.workload import MAX_QUERIES, Workload
from . import reading
from .reading import piece, summary
from .word import TO, Word
from .words import WORD

if TYPE_CHECKING:  # each answer needs one of them
    from ..advice.breakpoints import Placement
    from ..advice.compaction import Compaction
    from ..advice.fanout import Fanout

RATES = (WORD["service"], WORD["region"])
BREAKPOINTS = (
    Word(
        "part",
        (),
        "NAME=TOKENS[@CHANGES]",
        "A part of the prompt, in order: system=8K (never changes), docs=80K@2/h, chat=200@each (every query).",
        "docs=80K@2/h",
    ),
    Word("rate", "", "N/h", "Queries per hour, at random (Poisson): 12/h, 3/d.", "12/h"),
    Word("every", "", "DURATION", "Instead, the even time between queries: 5m."),
    Word("ttl", (), "TTL", "Only this TTL; all that are sold otherwise.", "5m"),
    Word("at_most", "", "K", "Breakpoints of one request (default: as the sheet says, else 4).", "4"),
    *RATES,
)
COMPACTION = (
    WORD["context"]._replace(help="Tokens of the context that every turn sends.", example="150K"),
    TO,
    Word("ahead", "", "N", "What N later turns then save, or still owe.", "20"),
    *RATES,
)
FANOUT = (
    WORD["context"]._replace(help="Tokens that all requests begin with and none has sent."),
    Word("requests", "10", "N", "How many first requests there are.", "10", short="-n"),
    Word("then", "0", "N", "How many later ones, while the entry is alive.", "100"),
    WORD["question"]._replace(default="0", help="Fresh tokens of each request."),
    WORD["answer"]._replace(default="0"),
    *RATES,
)
Said = Mapping[str, Any]


def _context(said: Said, example: str) -> int:
    if not said["context"]:
        raise BadWorkload(f"say how long it is, such as {example}", word="context")
    return reading.read("context", units.count, said["context"])


def _assumed(said: Said) -> dict[str, Any]:
    return {"service": said["service"], "region": said["region"] or None}


def placed(said: Said, sheet: PriceSheet, at: datetime) -> Placement:
    """Where to put breakpoints in the prompt that the words of `BREAKPOINTS` describe."""
    from ..advice.breakpoints import Pace, Placement

    if not said["part"]:
        raise BadWorkload("say what the prompt is made of, such as system=20K and docs=80K@2/h", word="part")
    return Placement(
        sheet,
        [piece(text) for text in said["part"]],
        Pace(reading.maybe("rate", units.rate, said["rate"]), reading.maybe("every", units.duration, said["every"])),
        at=at,
        ttls=[units.show_duration(reading.read("ttl", units.duration, text)) for text in said["ttl"]],
        most=reading.maybe("at_most", units.count, said["at_most"]),
        **_assumed(said),
    )


def compacted(said: Said, sheet: PriceSheet, at: datetime) -> tuple[Compaction, int | None]:
    """When the summary that the words of `COMPACTION` describe pays, and how many later turns are asked about."""
    from ..advice.compaction import Compaction

    tokens = _context(said, "150K")
    turns = reading.maybe("ahead", units.count, said["ahead"])
    length, assumed = summary(said["to"], tokens), Assumptions(**_assumed(said))
    return Compaction(sheet, context=tokens, summary=length, at=at, assumptions=assumed), turns


def fanned(said: Said, sheet: PriceSheet, at: datetime) -> Fanout:
    """What the first requests that the words of `FANOUT` describe cost."""
    from ..advice.fanout import Fanout

    tokens, many = _context(said, "100K"), reading.read("requests", units.count, said["requests"])
    if not 1 <= many <= MAX_QUERIES:
        raise BadWorkload(f"expected 1 to {MAX_QUERIES:,}, not {many:,}", word="requests")
    question, answer, later = (reading.read(name, units.count, said[name]) for name in ("question", "answer", "then"))
    work = Workload(tokens, question, answer, many, at)
    return Fanout(sheet, work, later=later, assumptions=Assumptions(**_assumed(said)))
