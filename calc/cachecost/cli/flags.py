"""Flags that many commands share, said once: the words of a question, its documents, and the form of the answer."""

from collections.abc import Callable, Iterable, Sequence
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .. import clock
from ..output.escapes import visible
from ..output.reply import Format, Reply, naming, show
from ..prices.sheet import PriceSheet
from ..prices.terms import in_dollars
from ..questions.context import Asking, Counter, Length, asking, counted_text, counter
from ..questions.word import Word
from ..questions.words import WORDS, Question
from . import options
from .help import EVERYDAY, HelpAll
from .progress import working

Flags = dict[str, tuple[Any, Any]]
"""The name of each flag, its type and its default."""


def _flags(words: Iterable[Word]) -> Flags:
    """The flags of words; one that may be given several times has a list."""
    kinds: list[tuple[Word, Any]] = [(word, list[str] if word.default == () else type(word.default)) for word in words]
    return {word.field: (Annotated[kind, options.flag(word)], word.default or kind()) for word, kind in kinds}


ANSWER = {"format": (options.FormatOption, Format.table), "json": (options.Json, False), "out": (options.Out, None)}
"""How to answer, and where."""


def ask(words: Question, models: Iterable[str] | None, prices: Path | None) -> Asking:
    """The question of the flags, from now on, to each of the models named, or to all of the catalogue: a document has
    another length on each. `--times` names a file here."""
    catalog, at = options.catalog(prices, words.discount, words.terms), options.instant("as_of", words.as_of)
    named = (options.sheet(catalog, name, at) for name in models or ())
    sheets = catalog.sheets() if models is None else {sheet.id: sheet for sheet in named}.values()
    if rates := words.rates_of_exchange():
        sheets = [in_dollars(sheet, rates) for sheet in sheets]
    assumptions = words.assumptions(options.evictions(words.eviction, catalog.folder))
    work = words.workload(now=clock.now(), times=options.instants(words.times))
    return asking(sheets, work, assumptions, counter(words, catalog.folder, of_documents))


def answered(command: Callable[..., Reply | None]) -> Callable[..., None]:
    """The command with --format, --json and --out beside its own flags: the answer that it returns is shown so, and
    gives the exit code.

    A parameter of type `Question` stands for a flag for every word of a question, and one that is annotated with words
    for a flag for each of them. A parameter after it that has a word's name takes the place of that word's flag; its
    text is the word's too.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Sequence[Word]] = {}
    flags: Flags = {}
    for name, each in signature(command).parameters.items():
        if hints[name] is Question or isinstance(_beside(hints[name]), tuple):
            groups[name] = WORDS if hints[name] is Question else _beside(hints[name])
            flags |= _flags(groups[name])
        else:
            flags[name] = hints[name], each.default
    flags = {name: flag for name, flag in flags.items() if name not in ANSWER} | ANSWER
    if command.__name__ in EVERYDAY:
        flags["help_all"] = HelpAll, False

    def called(**given: Any) -> None:
        own = {name: value for name, value in given.items() if name in hints}
        for name, words in groups.items():
            said = {word.field: given[word.field] for word in words}
            own[name] = Question(**said) if hints[name] is Question else said
        options.SHORT_NAMES.clear()
        if reply := command(**own):
            reply = naming(reply, options.SHORT_NAMES)
            show(reply, Format.json if given["json"] else given["format"], given["out"])
            if reply.exit_code:
                raise typer.Exit(reply.exit_code)

    # Typer reads the signature and the annotations of a function, its name and its text.
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, (hint, default) in flags.items()
    ]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {name: hint for name, (hint, _) in flags.items()}
    called.__name__, called.__doc__ = command.__name__, command.__doc__
    return called


def _beside(hint: Any) -> Any:
    return getattr(hint, "__metadata__", (None,))[0]


def of_documents(words: Question, folder: Path) -> Counter:
    """What counts the tokens of the documents that `file` names, by the ratios in the folder of price sheets."""
    from ..documents.folder import read

    with working("reading documents"):
        document = read(words.file, words.exclude)
    name = visible(document.name) if document.name != "-" else "standard input"
    contents = visible(document.contents())
    count = counted_text(document.text, folder)

    def tokens(sheet: PriceSheet) -> Length:
        with working("counting tokens"):
            _, counted = count(sheet)
        how = "exact" if counted.exact else f"{counted.low:,} to {counted.high:,}"
        text = f"{name}: {counted.tokens:,} tokens ({how}), {counted.method}"
        text += f"\n{contents}" if contents else ""
        return Length(counted.tokens, text, None if counted.exact else (counted.low, counted.high))

    return tokens
