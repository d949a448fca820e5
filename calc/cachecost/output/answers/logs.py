"""Which logs are read, where each tool keeps its own, and what of that is on this machine."""

from collections.abc import Sequence

from ...logs.files import LogPlace
from ...logs.format import Format
from ...logs.formats.plain import Column
from ..figures import count, many
from ..records import Answered, Count, RecordFields, Text, fields, of, record, rows
from ..reply import Page, Reply
from ..table import Table


class PlaceRecord(RecordFields):
    """Where a tool keeps its logs, and how many files are there."""

    pattern: Text
    files: Count = of(lambda place: len(place.files))
    bytes: Count


class FormatRecord(RecordFields):
    """A format that is read; no places where its files have no fixed one."""

    name: Text
    tool: Text | None = of(lambda shape: shape.tool or None)
    note: Text | None = of(lambda shape: shape.note or None)
    places: list[PlaceRecord]


class LogsRecord(Answered):
    """All formats."""

    formats: list[FormatRecord]


def reply(formats: Sequence[Format], places: Sequence[LogPlace]) -> Reply:
    """Formats and places in every form."""

    def as_record() -> dict[str, object]:
        known = [
            record(FormatRecord, each, places=[place for place in places if place.format == each.name])
            for each in formats
        ]
        return record(LogsRecord, None, formats=known)

    def page() -> Page:
        cells = [
            [each.tool, each.pattern, count(len(each.files)), _size(each.bytes)]
            if each.files
            else [each.tool, each.pattern, "-", ""]
            for each in places
        ]
        table = Table(["tool", "keeps its logs in", "files", "size"], cells, ("files", "size"))
        elsewhere = ", ".join(each.name for each in formats if not each.places)
        sources = [f"Also read, wherever their files are: {elsewhere}."]
        tools = dict.fromkeys(each.tool for each in places if each.files)
        files = many(sum(len(each.files) for each in places), "file")
        sentence = f"cachecost replay prices {files} of {', '.join(tools)}."
        return Page("", [table], (), sources, sentence if tools else "No logs of these tools on this machine.")

    def as_rows() -> Table:
        files = ({"format": each.format, "tool": each.tool} | record(PlaceRecord, each) for each in places)
        return rows(["format", "tool", *fields(PlaceRecord)], files)

    return Reply(page=page, record=as_record, rows=as_rows)


def _size(size: int) -> str:
    """Bytes in the unit of a thousand that leaves few digits."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size} {unit}"
        size = -(-size // 1000)
    return f"{size:,} GB"


SHOWN, MANY = 3, 100
"""Other names of a column that people see, and that programs do."""
NEEDED = "A table has one row a request, as CSV, Parquet or lines of JSON; a model and a count of tokens are needed."
AMBIGUITY = (
    "Names are compared without regard to case and punctuation; --json has all of them. input_tokens includes cached "
    "tokens that are called cached_tokens, as with OpenAI, and not those that are called cache_read_tokens, as with "
    "Anthropic; a total decides."
)


class ColumnRecord(RecordFields):
    """A column of the plain table and other names for it."""

    name: Text
    meaning: Text
    other_names: list[Text] = of(lambda column: column.others.split())


class ColumnsRecord(Answered):
    """All columns of the plain table."""

    columns: list[ColumnRecord] = of(lambda columns: columns)


def columns(known: Sequence[Column]) -> Reply:
    """The columns of the plain table in every form; people see a few of the other names."""

    def table(shown: int) -> Table:
        others = (each.others.split() for each in known)
        texts = (", ".join([*names[:shown], *(["..."] if names[shown:] else [])]) for names in others)
        cells = [[each.name, each.meaning, text] for each, text in zip(known, texts, strict=True)]
        return Table(["column", "meaning", "also read"], cells)

    return Reply(
        page=lambda: Page("", [table(SHOWN)], (), [AMBIGUITY], NEEDED),
        record=lambda: record(ColumnsRecord, known),
        rows=lambda: table(MANY),
    )
