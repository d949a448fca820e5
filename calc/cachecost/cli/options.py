"""What commands share: their flags, the words of a question among them, the way from a text to a value, and the form of
the answer."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .. import clock, units
from ..catalog.catalog import Catalog
from ..errors import AmbiguousModel, BadDocument, BadUsage
from ..output.escapes import visible
from ..output.reply import AnswerFormat, Reply, naming, show
from ..prices.sheet import PriceSheet
from ..prices.terms import in_dollars
from ..questions import reading
from ..questions.context import Asking, Counter, Length, asking, counted_text
from ..questions.word import Word
from ..questions.words import MODEL, STRATEGY, WORD, WORDS, Question
from . import completion
from .help import EVERYDAY, HelpAll
from .progress import working

Models = Annotated[list[str], typer.Argument(metavar=MODEL.metavar, help=MODEL.help, autocompletion=completion.models)]
Model = Annotated[str, typer.Argument(metavar=MODEL.metavar, help=MODEL.help, autocompletion=completion.models)]
OTHERWISE = {"times": ("FILE", "The instants at which queries come, one a line; instead of --queries.")}
"""Words whose flags read a file where other doors take the value itself."""


def flag(word: Word) -> Any:
    metavar, text = OTHERWISE.get(word.name, (word.metavar or None, word.help))
    lower = _lower if word.name == "service" else None
    return typer.Option(*word.flags, metavar=metavar, help=text, callback=lower, autocompletion=completion.of(word))


def _lower(name: str) -> str:
    """The name of a service; vendors write Batch and batch."""
    return name.lower()


Discount = Annotated[str, flag(WORD["discount"])]
TermsFile = Annotated[str, flag(WORD["terms"])]
Strategies = Annotated[list[str], flag(STRATEGY)]
AsOf = Annotated[str, flag(WORD["as_of"])]
CHART = typer.Option("--chart", metavar="FILE", help="Draw it too. As FILE.svg, .png, .html or .vl.json. Repeatable.")
Charts = Annotated[list[Path], CHART]
Alias = Annotated[
    list[str],
    typer.Option("--alias", metavar="LOGNAME=MODEL", help="What a name in logs means. =MODEL where they name none."),
]
Prices = Annotated[Path | None, typer.Option("--prices", metavar="DIR", help="Another folder of price sheets.")]
FormatOption = Annotated[AnswerFormat, typer.Option("--format", help="How to answer.")]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
VERBOSE = typer.Option("--verbose", "-v", help="Show every note, what is assumed, and where the rates come from.")
Verbose = Annotated[bool, VERBOSE]
OUT = typer.Option(
    "--out", "-o", metavar="FILE", help="Write to a file. Its suffix chooses the format: .json, .csv, .md."
)
Out = Annotated[Path | None, OUT]
ANSWER = {"format": (FormatOption, AnswerFormat.table), "json": (Json, False), "out": (Out, None)}
"""How to answer, and where: the name of each flag, its type and its default."""


def instant(name: str, text: str) -> datetime:
    """The instant of a flag, or now; the command line may say so, the engine may not."""
    return reading.read(name, units.instant, text) if text else clock.now()


def catalog(prices: Path | None, discount: str = "", terms: str = "") -> Catalog:
    """The price sheets of a folder, under the customer's own terms where they are given."""
    catalog = Catalog(prices).with_pages()
    if discount and terms:
        raise BadUsage("terms are given too; write this discount into their file, or leave one out", word="discount")
    if discount or terms:
        from ..catalog.terms import discounted, load_terms

        catalog.terms = reading.read("discount", discounted, discount) if discount else load_terms(Path(terms), catalog)
    return catalog


SHORT_NAMES: dict[str, str] = {}
"""The model that each short name, or name of a gateway, of this command line means; its answer says so."""


def sheet(catalog: Catalog, name: str, at: datetime) -> PriceSheet:
    """The sheet of a name as a person types it, such as `claude-opus`; one that means several models is asked back
    where a person can answer."""
    try:
        full = catalog.full_name(name, at)
    except AmbiguousModel as error:
        full = _chosen(error)
    if full != name:
        SHORT_NAMES[name] = full
    return catalog.sheet(full)


def _chosen(error: AmbiguousModel) -> str:
    """Asks which of several models is meant; raises the error where there is no terminal to ask on."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise error
    for number, model in enumerate(error.nearest, 1):
        print(f"{number:>3}  {model}", file=sys.stderr)
    try:
        choice = typer.prompt(f"Which {error.name}?", type=str, err=True).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None
    if not (choice.isascii() and choice.isdigit() and 0 < int(choice) <= len(error.nearest)):
        raise error
    return error.nearest[int(choice) - 1]


MOST_TIMES = 1 << 26
"""Bytes of a file of instants: over a million of them."""


def instants(file: str) -> list[datetime]:
    """The instants in a file, one a line, in order; empty lines do not count."""
    if not file:
        return []
    from ..files.reading import read

    content = read(Path(file), most=MOST_TIMES, expected="one instant a line", word="times")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise BadDocument(f"{file} cannot be read: {error}; expected one instant a line", word="times") from None
    numbered = ((f"times: {file}:{number}", line) for number, line in enumerate(lines, 1) if line.strip())
    times = [reading.read(where, units.instant, line) for where, line in numbered]
    if not times:
        raise BadDocument(f"{file} holds no instant; expected lines such as 2026-08-10T02:00Z", word="times")
    return sorted(times)


def aliases(texts: Iterable[str], catalog: Catalog) -> dict[str, str]:
    """`LOGNAME=MODEL` as a mapping; a MODEL without a sheet is refused at once."""
    names: dict[str, str] = {}
    for text in texts:
        name, equals, model = text.rpartition("=")
        if not equals or not model:
            raise BadUsage(
                f"{text!r} is no alias; expected LOGNAME=MODEL, such as my-opus=claude-opus-4-8", word="alias"
            )
        names[name] = catalog.sheet(model).id if not catalog.sheet(model).region else model
    return names


def ask(words: Question, models: Iterable[str] | None, prices: Path | None) -> Asking:
    """The question of the flags, from now on, to each of the models named, or to all of the catalogue: a document has
    another length on each. `--times` names a file here."""
    known, at = catalog(prices, words.discount, words.terms), instant("as_of", words.as_of)
    named = (sheet(known, name, at) for name in models or ())
    sheets = known.sheets() if models is None else {each.id: each for each in named}.values()
    if rates := words.rates_of_exchange():
        sheets = [in_dollars(each, rates) for each in sheets]
    work = words.workload(now=clock.now(), times=instants(words.times))
    return asking(words, sheets, work, known.folder, of_documents)


def answered(command: Callable[..., Reply | None]) -> Callable[..., None]:
    """The command with --format, --json and --out beside its own flags: the answer that it returns is shown so, and
    gives the exit code.

    A parameter of type `Question` stands for a flag for every word of a question, and one that is annotated with words
    for a flag for each of them. A parameter after it that has a word's name takes the place of that word's flag; its
    text is the word's too.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Sequence[Word]] = {}
    flags: dict[str, tuple[Any, Any]] = {}
    for name, each in signature(command).parameters.items():
        words = WORDS if hints[name] is Question else getattr(hints[name], "__metadata__", (None,))[0]
        if isinstance(words, tuple):
            groups[name] = words
            kinds: Any = ((word, list[str] if word.default == () else type(word.default)) for word in words)
            flags |= {word.field: (Annotated[kind, flag(word)], word.default or kind()) for word, kind in kinds}
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
        SHORT_NAMES.clear()
        if reply := command(**own):
            reply = naming(reply, SHORT_NAMES)
            show(reply, AnswerFormat.json if given["json"] else given["format"], given["out"])
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


def of_documents(words: Question, folder: Path) -> Counter:
    """What counts the tokens of the documents that `file` names, by the ratios in the folder of price sheets."""
    from ..documents.text import document_of

    with working("reading documents"):
        document = document_of(words.file, words.exclude)
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
