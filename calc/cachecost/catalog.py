"""`pricing/` -> price sheets, found by name and read when they are asked for."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from . import compiled
from .errors import BadSheet, Fault, UnknownModel
from .sheet import PriceSheet

MAX_PAGE = 256 * 1024
"""Bytes of the largest page that is read at all; a real one has a few thousand."""


def default_folder() -> Path:
    """`$CACHECOST_PRICES`, the sheets inside an installed package, or `pricing/` of a checkout."""
    if chosen := os.environ.get("CACHECOST_PRICES"):
        return Path(chosen)
    packed = Path(__file__).parent / "_pricing"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "pricing"


class Catalog:
    """Price sheets in a folder `<provider>/<model>.yaml`, each parsed when it is asked for."""

    def __init__(self, folder: Path | None = None, *, today: date) -> None:
        self.folder = folder or default_folder()
        self.today = today
        self._sheets: dict[Path, PriceSheet] = {}
        if not self.folder.is_dir():
            raise BadSheet([Fault(str(self.folder), 0, "is not a folder of price sheets; name one with --prices")])

    def paths(self) -> list[Path]:
        """Every page of the folder, sorted."""
        return sorted(self.folder.glob("*/*.yaml"))

    def sheets(self) -> list[PriceSheet]:
        """Every sheet; BadSheet with all faults of all pages where there are any."""
        found: list[PriceSheet] = []
        wrong: list[Fault] = []
        for path in self.paths():
            try:
                found.append(self._sheet(path))
            except BadSheet as error:
                wrong += error.faults
        wrong += self._claimed_twice(found)
        if wrong:
            raise BadSheet(wrong)
        return found

    def sheet(self, name: str) -> PriceSheet:
        """The sheet of `provider/model`, a model or an alias; UnknownModel with the nearest names otherwise."""
        provider, _, model = name.rpartition("/")
        folders = [self.folder / provider] if _is_plain(provider) and provider else self.folder.glob("*/")
        exact = [path for folder in folders if _is_plain(model) and (path := folder / f"{model}.yaml").is_file()]
        found = [self._sheet(path) for path in sorted(exact)] or list(self._by_alias(provider, model))
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownModel(name, [sheet.id for sheet in found])
        raise UnknownModel(name, self._nearest(name))

    def _by_alias(self, provider: str, alias: str) -> Iterator[PriceSheet]:
        """Sheets that claim the alias; only pages in which its text stands are parsed."""
        for path in self.paths():
            if provider and path.parent.name != provider:
                continue
            if alias and path.stat().st_size <= MAX_PAGE and alias.encode() in path.read_bytes():
                sheet = self._sheet(path)
                if alias in sheet.aliases:
                    yield sheet

    def _nearest(self, name: str) -> list[str]:
        names: dict[str, str] = {}
        for path in self.paths():
            try:
                sheet = self._sheet(path)
            except BadSheet:
                continue
            names |= dict.fromkeys((sheet.id, sheet.model, *sheet.aliases), sheet.id)
        close = difflib.get_close_matches(name.lower(), names, n=9, cutoff=0.5)
        return list(dict.fromkeys(names[each] for each in close))[:3]

    def _sheet(self, path: Path) -> PriceSheet:
        if path not in self._sheets:
            self._sheets[path] = read_page(path, today=self.today)
        return self._sheets[path]

    def _claimed_twice(self, sheets: Iterable[PriceSheet]) -> Iterator[Fault]:
        owners: dict[str, str] = {}
        for sheet in sheets:
            file = _shown(self.folder / sheet.provider / f"{sheet.model}.yaml")
            for name in (sheet.model, *sheet.aliases):
                if name in owners and (name in sheet.aliases or name != Path(owners[name]).stem):
                    message = f"{name} is also claimed by {owners[name]}; a name belongs to one sheet"
                    yield Fault(file, 1, message)
                owners.setdefault(name, file)


def _is_plain(name: str) -> bool:
    return bool(name) and not name.startswith(".") and "\\" not in name and "/" not in name and "\0" not in name


def _shown(path: Path) -> str:
    """The path as a person would type it here."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def read_page(path: Path, *, today: date) -> PriceSheet:
    """The sheet on one page; BadSheet with every fault of the page."""
    file = _shown(path)
    try:
        if path.stat().st_size > MAX_PAGE:
            raise BadSheet([Fault(file, 1, f"has over {MAX_PAGE // 1024} KiB; expected one model's rates")])
        page = path.read_bytes()
    except OSError as error:
        raise BadSheet([Fault(file, 1, f"cannot be read: {error.strerror}")]) from None
    sheet = compiled.load(page)
    if sheet is None or max(sheet.checked, *(card.seen for card in sheet.cards)) > today:
        from .reader import read_text

        sheet = read_text(_decoded(page, file), file=file, today=today)
        compiled.keep(page, sheet)
    if (path.parent.name, path.stem) != (sheet.provider, sheet.model):
        message = f"holds {sheet.id}; expected the page {sheet.provider}/{sheet.model}.yaml"
        raise BadSheet([Fault(file, 1, message)])
    return sheet


def _decoded(page: bytes, file: str) -> str:
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadSheet([Fault(file, page.count(b"\n", 0, error.start) + 1, "is not UTF-8 text")]) from None
