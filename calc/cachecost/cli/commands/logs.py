"""`cachecost logs`: which logs are read, and where they are on this machine."""

from typing import Annotated

import typer

from ...errors import BadUsage
from ...logs.formats import FAILURE, FORMATS, plain
from ...logs.places import on_this_machine
from ...output.answers.logs import columns, reply
from ...output.reply import Reply
from ..flags import answered


@answered
def logs(
    name: Annotated[str, typer.Argument(metavar="plain", help="The columns of a table of requests.")] = "",
) -> Reply:
    """List the formats of logs, and the logs on this machine.

    Example: cachecost logs plain
    """
    if name == plain.FORMAT.name:
        return columns(plain.COLUMNS)
    if name:
        raise BadUsage(f"{name!r} has no columns to list; expected {plain.FORMAT.name}, or nothing", word="name")
    return reply([each for each in FORMATS.values() if each is not FAILURE], on_this_machine())
