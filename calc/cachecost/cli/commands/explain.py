"""`cachecost explain`: what the words of answers mean."""

from typing import Annotated

import typer

from ...output.answers.glossary import meanings, reply
from ...output.reply import Reply
from .. import completion
from ..flags import answered

WORD = typer.Argument(
    metavar="WORD", help="Such as TTL or break-even; all words otherwise.", autocompletion=completion.glossary
)


@answered
def explain(word: Annotated[list[str], WORD] = []) -> Reply:  # noqa: B006
    """Explain a word of the answers, such as TTL or break-even.

    Example: cachecost explain break-even
    """
    return reply(meanings(" ".join(word)))
