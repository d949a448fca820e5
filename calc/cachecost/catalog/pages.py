"""Page files of a folder of price sheets: which there are, the sheet on each, and the names found in their text."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from stat import S_ISREG

from ..errors import BadSheet, Fault
from ..files.reading import exists, is_folder
from ..prices.sheet import PriceSheet
from . import cache

SELF_HOSTED = "self-hosted"
"""The folder of models to host oneself and of machines to host them on, which are no price sheets."""
GPUS, MACHINES, MODELS = "gpus.yaml", "machines", "models"
"""What that folder holds: the table of cards, and folders of pages."""
MAX_PAGE = 256 * 1024
"""Bytes of the largest page that is read at all; a real one has a few thousand."""


def pages_of(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The pages of a folder of price sheets, in no order. Hidden files, such as those that editors and file systems put
    beside a page, folders and pipes are no pages; a link to nowhere is a page that cannot be read."""
    return filter(_is_page, _beside_pages(folder))


def misnamed(folder: Path) -> Iterator[Path]:
    """Files that would be pages but for their ending, such as `gpt-5.yml`."""
    for file in _beside_pages(folder):
        if file.name.lower().endswith((".yml", ".yaml")) and not file.name.endswith(".yaml"):
            yield Path(file.path)


def _beside_pages(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What lies in the folders of providers and is not hidden."""
    for provider in _listed(folder):
        if provider.is_dir() and provider.name != SELF_HOSTED:
            yield from _listed(provider.path)


def hardware_of(hosted: Path) -> Iterator[os.DirEntry[str]]:
    """The pages in the folder of what is self-hosted: the table of cards, machines and models; in no order."""
    for place in (hosted, hosted / MACHINES, hosted / MODELS):
        for page in _listed(place) if is_folder(place) else ():
            if _is_page(page) and (place != hosted or page.name == GPUS):
                yield page


def _is_page(file: os.DirEntry[str]) -> bool:
    return file.name.endswith(".yaml") and (file.is_file() or (file.is_symlink() and not exists(Path(file.path))))


def _listed(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    """What a folder holds and is not hidden."""
    with os.scandir(folder) as entries:
        yield from (entry for entry in entries if not entry.name.startswith("."))


def line_of_name(page: str, name: str) -> int:
    """The line on which a page gives itself a name."""
    from .composed import compose

    tree, _ = compose(page, "")
    aliases = [*tree.get("aliases", []), *chain(*tree.get("aliases_in", {}).values())]
    return next((alias.line for alias in aliases if alias == name), tree["model"].line)  # type: ignore[no-any-return]


def claimed(page: bytes) -> Iterator[str]:
    """The aliases in the text of a page, found without checking the page: parsing all of them takes a second."""
    for block in _CLAIMS.findall(page.decode(errors="replace")):
        for word in _WORD.findall(_REMARK.sub("", block)):
            if not word.endswith(":") and word != "-":
                yield word


_CLAIMS = re.compile(r"^aliases(?:_in)?:(.*(?:\n[ \t-].*)*)", re.MULTILINE)
HOSTED = re.compile(rb"^(?:maker|resells):", re.MULTILINE)
_RESELLS = re.compile(rb"^[\"']?resells[\"']?: *[\"']?([\w.:@+-]+)/([\w.:@+-]+)", re.MULTILINE)
_REMARK = re.compile(r"(?:^|\s)#.*", re.MULTILINE)
_WORD = re.compile(r"[^\s,\[\]{}'\"]+")


def bytes_of(path: Path) -> bytes:
    """The text of a page; empty where it cannot be read or is too large to be one."""
    try:
        return _read(path)
    except BadSheet:
        return b""


def shown(path: Path) -> str:
    """The path as a person would type it here."""
    with suppress(OSError):  # the current folder may be gone
        if path.is_relative_to(here := Path.cwd()):
            return path.relative_to(here).as_posix()
    return str(path)


def whole(path: Path, text: Callable[[Path], bytes] = bytes_of) -> tuple[bytes, bytes]:
    """The text of a page, and of the page beside it that it resells."""
    page = text(path)
    if not (resells := _RESELLS.search(page)):
        return page, b""
    provider, model = resells[1].decode(), resells[2].decode()
    return page, text(path.parents[1] / provider / f"{model}.yaml")


def read_page(path: Path, *, text: Callable[[Path], bytes] = bytes_of, cached: bool = True) -> PriceSheet:
    """The sheet on one page; BadSheet with every fault of the page. `text` reads a page, and gives nothing where that
    is not possible. Without `cached` it is checked even if a page with these bytes was checked before."""
    file = shown(path)
    page, resold = whole(path, text)
    page = page or _read(path)  # reading it again says why it could not be read
    sheet = cache.load(page + resold) if cached else None
    if sheet is None:
        from .reader import read_text

        sheet = read_text(decoded(path, page), file=file, resold=resold.decode(errors="replace"))
        if cached:
            cache.keep(page + resold, sheet)
    if (path.parent.name, path.name) != (sheet.provider, f"{sheet.model}.yaml"):
        message = f"holds {sheet.id}; expected the page {sheet.provider}/{sheet.model}.yaml"
        raise BadSheet([Fault(file, 1, message)])
    return sheet


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if S_ISREG(status.st_mode) and status.st_size <= MAX_PAGE:
            return path.read_bytes()
        why = f"has over {MAX_PAGE // 1024} KiB; expected one model's rates"
        why = why if S_ISREG(status.st_mode) else "cannot be read: not a file"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    raise BadSheet([Fault(shown(path), 1, why)])


def decoded(path: Path, page: bytes) -> str:
    """The text of a page; BadSheet where it is none, or cannot be read and so is empty."""
    page = page or _read(path)
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError as error:
        line = page.count(b"\n", 0, error.start) + 1
        raise BadSheet([Fault(shown(path), line, "is not UTF-8 text; save it in that encoding")]) from None
