"""What is checked before a command writes files: the suffix chooses the format, and no output is an input."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import combinations, product
from os.path import realpath
from pathlib import Path
from typing import Any

from ..errors import BadUsage, CachecostError
from ..files.reading import is_folder, is_there
from .settings import OUTPUTS, by_flag, files

SUFFIXES = {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".parquet": "parquet",
    ".txt": "table",
}
"""The format that a file's suffix stands for."""
ONLY = {"table": (".md", ".markdown"), "schema": (".json",), "new": (".yaml",)}
"""The suffixes of the commands that write one format alone."""
LINES = {".jsonl": "json", ".ndjson": "json", ".json": "json"}
"""The same where records are answered one a line: `quote --from`."""
ALSO = {("csv", "focus")}
"""A suffix's format, and another that is written in files of that suffix."""
INPUTS = ("file", "times", "from_", "log", "base", "head")
"""Parameters that name what a command reads beside settings and price sheets."""


def prepare(context: Any) -> None:
    """Look at all parameters of a command before it runs: choose the format, and refuse an output that is an input."""
    parameters: dict[str, Any] = context.params
    out = parameters.get("out")
    if out == Path("-"):
        out = parameters["out"] = None
    if out is not None:
        _choose(context, out)
    if outputs := [(name, Path(path)) for name, path in _each(parameters, OUTPUTS)]:
        _refuse_inputs(parameters, outputs)


def _choose(context: Any, out: Path) -> None:
    """Set the format that the suffix of a file stands for; BadUsage where the command does not write it, or where
    another format is said on the command line."""
    parameters, suffix = context.params, out.suffix.lower()
    if not suffix:
        return
    if "format" not in parameters or parameters.get("emit_sql"):
        _expect(out, (".sql",) if parameters.get("emit_sql") else ONLY.get(context.command.name, (suffix,)))
        return
    formats = next(each for each in context.command.params if each.name == "format").type_descriptor.annotation
    known = LINES if parameters.get("from_") else {end: name for end, name in SUFFIXES.items() if name in list(formats)}
    if by_flag(context, "format", "json"):  # what a settings file says gives way to the suffix
        said = "json" if parameters["json"] else str(parameters["format"].value)
        if suffix in SUFFIXES and "table" != SUFFIXES[suffix] != said and (SUFFIXES[suffix], said) not in ALSO:
            raise BadUsage(f"{out} ends in {suffix}, and the format is {said}; leave one of the two out", word="out")
        return
    _expect(out, known)
    parameters |= {"format": formats(known[suffix]), "json": False}


def _expect(out: Path, suffixes: Collection[str]) -> None:
    if out.suffix.lower() not in suffixes:
        expected = f"expected {', '.join(suffixes)}, or a name without a suffix"
        raise BadUsage(f"{out} ends in {out.suffix}, which this command does not write; {expected}", word="out")


def _each(record: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The paths in parameters of these names, each of which may have several."""
    for name in names:
        value = record.get(name)
        yield from ((name, str(each)) for each in (value if isinstance(value, list | tuple) else [value]) if each)


def _refuse_inputs(record: Mapping[str, Any], outputs: list[tuple[str, Path]]) -> None:
    """BadUsage where an output is the same file as an input or as another output, by whatever name or link."""
    for (other, first), (name, path) in combinations(outputs, 2):
        if _is_same(first, path):
            raise BadUsage(f"{path} is written by --{other} too; name two files", word=name)
    written = [(name, path) for name, path in outputs if is_there(path)]  # what does not exist yet cannot be read
    pages = any(realpath(path).endswith(".yaml") for _, path in written)  # to look at every page takes a while
    for read, (name, path) in product(_inputs(record, pages=pages) if written else (), written):
        if _is_same(read, path):
            raise BadUsage(f"{path} is a file that this command reads; name another one", word=name)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return realpath(path) == realpath(other)  # which, unlike `Path.resolve`, survives a link to itself


def _inputs(record: Mapping[str, Any], *, pages: bool) -> Iterator[Path]:
    """Every file that the command reads; of a folder or a pattern those that would be read. `pages`: price sheets, too,
    of which each is called `*.yaml`."""
    from ..catalog.catalog import default_folder

    yield from files()
    for name, path in _each(record, INPUTS):
        yield from _files(name, path)
    if pages:
        yield from Path(record.get("prices") or record.get("folder") or default_folder()).rglob("*.yaml")


def _files(name: str, path: str) -> Iterable[Path]:
    from ..logs.files import files_of

    if path == "-":
        return [Path("/dev/stdin")]
    if name == "file":
        from ..documents.text import paths_of

        return (file for each in paths_of(path) for file in ([each] if not is_folder(each) else each.rglob("*")))
    if name == "log":
        with suppress(CachecostError):  # the command itself says that a path means no log
            return files_of([path])
    return Path(path).rglob("*") if is_folder(Path(path)) else [Path(path)]
