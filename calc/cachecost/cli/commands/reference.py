"""`cachecost explain` and `logs`: what the words of answers mean, which logs are read, and where they are here."""

from typing import Annotated

import typer

from ...errors import BadUsage
from ...logs.files import on_this_machine
from ...logs.formats import FAILURE, FORMATS, plain
from ...output.answers.glossary import meanings
from ...output.answers.glossary import reply as meanings_reply
from ...output.answers.logs import columns, reply
from ...output.reply import Reply
from .. import completion, options

WORD = typer.Argument(
    metavar="WORD", help="Such as TTL or break-even; all words otherwise.", autocompletion=completion.glossary
)


@options.answered
def explain(word: Annotated[list[str], WORD] = []) -> Reply:  # noqa: B006
    """Explain a word of the answers, such as TTL or break-even.

    Example: cachecost explain break-even
    """
    return meanings_reply(meanings(" ".join(word)))


@options.answered
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
