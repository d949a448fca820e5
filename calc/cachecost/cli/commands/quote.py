"""`cachecost quote`: what does this usage cost, for one request or for a file of them?"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from stat import S_ISCHR
from typing import IO, Annotated, Any

import typer

from ... import clock
from ...catalog.catalog import Catalog
from ...errors import BadDocument, BadUsage
from ...output.answers.quote import answer, reply
from ...output.escapes import visible
from ...output.figures import many
from ...output.records import Record
from ...output.reply import AnswerFormat, Reply, target
from ...questions.usage import BEFORE, WORDS, bounds_of, parsed, quoted
from ...questions.words import WORD
from .. import options
from ..progress import message

HOW = tuple(WORD[name] for name in ("service", "region", "thinking", "discount", "terms"))
AT = typer.Option("--at", "--as-of", metavar="WHEN", help="When it was asked (default: now).")
BOUNDS = typer.Option("--bounds", help="What a request of --input can cost before it is sent: least, likely, most.")
FROM = typer.Option("--from", metavar="FILE", help="Price JSON records, one a line. In order; - reads stdin.")


@options.answered
def quote(
    model: options.Model = "",
    *,
    used: Annotated[dict[str, Any], WORDS],
    how: Annotated[dict[str, Any], HOW],
    at: Annotated[str, AT] = "",
    bounds: Annotated[bool, BOUNDS] = False,
    before: Annotated[dict[str, Any], BEFORE],
    from_: Annotated[str, FROM] = "",
    prices: options.Prices = None,
    format: options.FormatOption = AnswerFormat.table,
    out: options.Out = None,
) -> Reply | None:
    """Price one request's usage, line by line, or a file of them.

    cachecost quote claude-opus --input 2K --cache-read 80K --output 500
    cachecost quote claude-sonnet-4-5 --input 2K --cache-write 1h=20K
    cachecost quote --from records.jsonl --out priced.jsonl
    """
    catalog = options.catalog(prices, how.pop("discount"), how.pop("terms"))
    how["region"] = how["region"] or None
    when = options.instant("at", at)
    if from_:
        if model:
            raise BadUsage("each record names its own model; leave MODEL out", word="from")
        if any(text not in ("0", "") for said in used.values() for text in ([said] if isinstance(said, str) else said)):
            raise BadUsage("each record has its own usage; leave flags such as --input out", word="from")
        if format in (AnswerFormat.csv, AnswerFormat.markdown):
            raise BadUsage(f"records are answered as JSON, one a line; leave {format} out", word="format")
        _many(from_, catalog, when, how, out)
        return None
    if not model:
        raise BadUsage("say which model, such as google/gemini-2.5-pro, or give records with --from FILE")
    sheet = options.sheet(catalog, model, when)
    if bounds:
        from ...output.answers.bounds import reply as bounds_reply  # loads more than a quote takes

        return bounds_reply(bounds_of(used | before, sheet, at=when, **how))
    if alone := next((word for word, text in before.items() if text), None):
        raise BadUsage("belongs to --bounds; give that too, or leave this out", word=alone)
    return reply(quoted(used, sheet, at=when, today=clock.today(), **how))


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        if S_ISCHR(Path(path).stat().st_mode):  # a pipe may be named, as by <(command)
            raise BadDocument(f"{path}: a device; expected a file of JSON records, one a line", word="from")
        with Path(path).open("rb") as file:
            yield file
    except OSError as error:
        raise BadDocument(
            f"{path}: {error.strerror}; expected a file of JSON records, one a line", word="from"
        ) from None


def _many(path: str, catalog: Catalog, when: datetime, unsaid: dict[str, Any], out: Path | None) -> None:
    """One line out for each line in, in order; a bad line never stops the rest. `unsaid` is for what none says."""
    from json import dumps

    how: dict[str, Any] = {"sheet": catalog.sheet, "default_at": when, "today": clock.today(), "warned": set()}
    with _opened(path) as file:
        answers = (_answer(line, unsaid, how) for line in file)
        read = failed = 0
        with target(out) as write:
            for answer in answers:
                write(visible(dumps(answer, ensure_ascii=False)) + "\n")
                read, failed = read + 1, failed + ("error" in answer)
    if failed:
        message(f"{failed:,} of {many(read, 'record')} could not be priced")
        raise typer.Exit(1)


def _answer(line: bytes, unsaid: Mapping[str, Any], how: Mapping[str, Any]) -> Record:
    try:
        record = parsed(line)
    except BadUsage as error:
        return {"id": None, "error": {"type": error.kind, "message": str(error)}}
    if isinstance(record, dict):
        record |= {key: value for key, value in unsaid.items() if record.get(key) in (None, "")}
    return answer(record, **how)
