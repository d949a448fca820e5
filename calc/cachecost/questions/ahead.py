"""What is ahead of a live session, in the words in which people ask; once for every door."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any

from .. import units
from ..advice.ahead import Ahead, ahead
from ..advice.session import Call
from ..errors import CachecostError
from ..prices.sheet import PriceSheet
from ..prices.usage import as_sold
from ..replay.request import Request
from ..strategies.assumptions import Assumptions
from . import reading
from .reading import summary
from .word import HIT_SHARE, SWITCH_TO, TO, TOKEN_RATIO, Word

NEXT = (
    Word("at", "", "WHEN", "When the next turn is asked about (default: now).", "2026-11-20T10:03Z"),
    Word("pause", "", "DURATION", "How long until the next turn comes: 20m.", "20m"),
    Word("turns_left", "10", "N", "How many turns are to come, the next one among them.", "20"),
    Word("question", "200", "TOKENS", "What each turn adds beside the answer before it.", "200"),
    Word("answer", "2K", "TOKENS", "Tokens of each answer.", "500"),
    TO,
    SWITCH_TO._replace(default=(), help="Another model to go on with (default: a smaller sibling). Repeatable."),
    TOKEN_RATIO,
    HIT_SHARE,
)
"""The words beside the session itself."""
CALLED = {"start": "at", "turns": "turns_left", "context": ""}
"""What is said of a workload -> the word here; its context is no word, but the session's."""
Others = Callable[[PriceSheet, datetime], Sequence[tuple[PriceSheet, Fraction]]]
"""What finds models to switch to from a sheet at an instant, each with its tokens for one of that sheet's."""


def looked_ahead(
    said: Mapping[str, Any], requests: Sequence[Request], sheet: PriceSheet, now: datetime, others: Others | None = None
) -> Ahead:
    """The ways to go on with the session of these requests, on the sheet of its last one, at the instant that is said,
    or now; without `others` none of them is a switch."""
    at, last = reading.maybe("at", units.instant, said["at"]) or now, requests[-1]
    day = max(at, last.at or at)  # `ahead` refuses an instant before the last request
    row = sheet.card(day).plain_row()
    try:
        return ahead(
            sheet,
            [Call(each.at, as_sold(each.usage, row)) for each in requests if each.at],
            now=at,
            turns=reading.read("turns_left", units.count, said["turns_left"]),
            question=reading.read("question", units.count, said["question"]),
            answer=reading.read("answer", units.count, said["answer"]),
            pause=reading.read("pause", units.duration, said["pause"] or "0s"),
            summary=partial(summary, said["to"]),
            others=others(sheet, day) if others else (),
            hit_share=reading.maybe("hit_share", units.share, said["hit_share"]),
            assumptions=Assumptions(service=last.service, region=last.region, thinking=last.thinking),
        )
    except CachecostError as error:
        if error.word not in CALLED:
            raise
        raise type(error)(error.reason, word=CALLED[error.word]) from None
