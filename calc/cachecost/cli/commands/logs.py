"""`cachecost logs`: which logs are read, and where they are on this machine."""

from __future__ import annotations

from ...logs.formats import FAILURE, FORMATS
from ...logs.places import on_this_machine
from ...output.answers.logs import reply
from ...output.reply import Reply
from ..flags import answered


@answered
def logs() -> Reply:
    """List the formats of logs, where each tool keeps its files, and what of that is on this machine.

    Example: cachecost logs
    """
    return reply([each for each in FORMATS.values() if each is not FAILURE], on_this_machine())
