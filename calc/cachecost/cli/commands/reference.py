"""`cachecost models`, `show`, `logs` and `explain`: what can be looked up of prices, formats of logs, and words."""

from typing import Annotated, Any

import typer

from ... import units
from ...catalog.catalog import of_provider
from ...errors import BadUsage, BadWorkload
from ...logs.files import on_this_machine
from ...logs.formats import FAILURE, FORMATS, plain
from ...output.answers.glossary import meanings, reply as meanings_reply
from ...output.answers.logs import columns, reply as logs_reply
from ...output.prices.sheets import models_reply, sheet_reply
from ...output.reply import AnswerFormat, Reply
from ...questions import reading
from ...questions.search import WORDS, search, without_one
from ...questions.words import AGAINST, SERVING, WORD, Question
from .. import completion, options
from ..progress import message

FILTERS = tuple(word for word in WORDS if word.name != "q")
TEXT = typer.Argument(metavar="TEXT", help=next(word.help for word in WORDS if word.name == "q"))
DEPLOYED = (*(WORD[name] for name in ("context", *SERVING)), AGAINST)
"""Words about a deployment."""
MEANT = typer.Argument(
    metavar="WORD", help="Such as TTL or break-even; all words otherwise.", autocompletion=completion.glossary
)


@options.answered
def models(
    text: Annotated[list[str], TEXT] = [],  # noqa: B006
    *,
    wanted: Annotated[dict[str, Any], FILTERS],
    as_of: options.AsOf = "",
    prices: options.Prices = None,
    format: options.FormatOption = AnswerFormat.table,
    json: options.Json = False,
    self_hosted: Annotated[bool, typer.Option("--self-hosted", help="Models and the machines to run them on.")] = False,
) -> Reply | None:
    """List the models sold on a day, their rates and caching.

    Example: cachecost models sonnet --cached --max-input 3 --sort price
    """
    at, said = options.instant("as_of", as_of), {"q": " ".join(text), **wanted}
    if self_hosted:
        from ...output.prices.deployment import list_reply

        if idle := next((_flag(word) for word, value in said.items() if value), None):
            raise BadUsage(f"leaves nothing for {idle} to say; leave out one of the two", word="self_hosted")
        return list_reply(list(options.catalog(prices).fleet.deployments(at)))
    sheets = of_provider(options.catalog(prices).sheets(), wanted["provider"])
    listed = search(sheets, at, said)
    if not listed and not json and format is not AnswerFormat.json:
        others = without_one(sheets, at, said).items()
        counts = [f"{many:,} {'with' if word == 'withdrawn' else 'without'} {_flag(word)}" for word, many in others]
        message(f"no {'such ' if counts else ''}model had rates then; {', '.join(counts) or 'try another --as-of'}")
        if format is AnswerFormat.table:
            return None
    return models_reply(listed)


def _flag(word: str) -> str:
    return "TEXT" if word == "q" else "--" + word.replace("_", "-")


@options.answered
def show(
    model: options.Model,
    words: Annotated[dict[str, Any], DEPLOYED],
    as_of: options.AsOf = "",
    prices: options.Prices = None,
) -> Reply:
    """Show a model's rates in force, its history and sources.

    Of a deployment it shows memory, time and rent.

    Example: cachecost show gemini-3.6-flash
    """
    at, catalog = options.instant("as_of", as_of), options.catalog(prices)
    sheet, against = options.sheet(catalog, model, at), words.pop("against")
    if sheet.meter.cards:
        from ...catalog.hosted import shown
        from ...output.prices.deployment import reply

        question = Question(**words)
        tokens = reading.maybe("context", units.count, question.context)
        return reply(shown(catalog, sheet, question.assumptions().serving, at, tokens=tokens, against=against))
    if said := next((name for name, value in {**words, "against": against}.items() if value), None):
        raise BadWorkload("is said of a deployment, such as llama-3.1-70b@aws/p5.48xlarge", word=said)
    from ...catalog.confirmed import confirmed

    return sheet_reply(sheet, at, confirmed(catalog.folder, sheet, at))


@options.answered
def explain(word: Annotated[list[str], MEANT] = []) -> Reply:  # noqa: B006
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
    return logs_reply([each for each in FORMATS.values() if each is not FAILURE], on_this_machine())
