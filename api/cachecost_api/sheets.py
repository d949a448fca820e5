"""The price sheets in force: one set that changes as a whole, and only for one that is right."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from cachecost import clock
from cachecost.catalog.catalog import Catalog
from cachecost.errors import BadSheet, CachecostError, Fault, UnknownModel
from cachecost.prices.sheet import PriceSheet

LOG = logging.getLogger("cachecost.sheets")
SETTLED = 50 / 1000
"""Seconds for which a folder must not have changed before it is read: an editor may be half-way through a page."""
NAMES = 10_000
"""Names that are remembered, with their sheets or as unknown."""
Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(eq=False)
class SheetSet:
    """Every page as it was at one moment; a sheet is parsed when it is first needed, and looked up once."""

    catalog: Catalog
    signature: Signature
    loaded: datetime

    def __post_init__(self) -> None:
        self._found: dict[str, PriceSheet] = {}
        self._unknown: dict[str, tuple[str, ...]] = {}
        self._checking = threading.Lock()

    @cached_property
    def digest(self) -> str:
        """A name for the very bytes of all pages."""
        found = blake2b(digest_size=12)
        for path, page in (self.catalog.pages or {}).items():
            found.update(f"{path.parent.name}/{path.name}:{len(page)};".encode() + page)
        return found.hexdigest()

    def sheet(self, name: str) -> PriceSheet:
        """The sheet of a name, as `Catalog.sheet` finds it."""
        if name in self._unknown:
            raise UnknownModel(name, self._unknown[name])
        if name not in self._found:
            try:
                found = self.catalog.sheet(name)
            except UnknownModel as error:
                if len(self._unknown) < NAMES:
                    self._unknown[name] = error.nearest
                raise
            if len(self._found) < NAMES:
                self._found[name] = found
            return found
        return self._found[name]

    @property
    def checked(self) -> tuple[list[PriceSheet], list[Fault]]:
        """Every sheet of a page without faults, and the faults of the others."""
        with self._checking:
            return self._checked

    @cached_property
    def _checked(self) -> tuple[list[PriceSheet], list[Fault]]:
        return self.catalog.checked()

    @property
    def sheets(self) -> list[PriceSheet]:
        return self.checked[0]


class Shelf:
    """The set in force. A changed folder is read beside it and takes its place only where every page is right."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.faults: tuple[Fault, ...] = ()
        self._set: SheetSet | None = None
        self._refused: Signature | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> SheetSet:
        """The set in force; read on first use. BadSheet where there is no folder, or no page in it."""
        if self._set is None:
            with self._lock:
                if self._set is None:
                    self._set = self._read()
        return self._set

    @property
    def waiting(self) -> bool:
        """Whether the folder has not been read yet."""
        return self._set is None

    @property
    def faults_now(self) -> tuple[Fault, ...]:
        """Faults of the pages in force, or of an edit that was refused."""
        found = self.current
        return self.faults or tuple(found.checked[1] if "_checked" in vars(found) else ())

    def _read(self) -> SheetSet:
        catalog = Catalog(self.folder)
        signature = _signature(catalog.folder)
        return SheetSet(Catalog(catalog.folder, held=True).with_pages(), signature, clock.now())

    def look(self) -> bool:
        """Read the folder again if it has changed; whether another set is in force now."""
        old = self.current
        signature = _signature(old.catalog.folder)
        if signature != old.signature:
            signature = _settled(old.catalog.folder)
        if signature in (self._refused, old.signature):
            return False
        try:
            new = self._read()
            faults = new.checked[1]
        except CachecostError as error:
            faults = list(error.faults) if isinstance(error, BadSheet) else [Fault(str(self.folder), 0, str(error))]
        if faults and not old.checked[1]:
            self._refused, self.faults = signature, tuple(faults)
            LOG.error("an edit is not in force", extra={"faults": [str(fault) for fault in faults]})
            return False
        self._refused, self.faults, self._set = None, (), new
        LOG.info("another set of price sheets is in force", extra={"sheets": len(new.sheets), "digest": new.digest})
        return True

    def watch(self, every: float, begun: Callable[[], object] = lambda: None) -> None:
        """Check all pages in the background, then look at the folder every so many seconds (0: never again)."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, args=(every, begun), name="price sheets", daemon=True)
        self._thread.start()

    def _watch(self, every: float, begun: Callable[[], object]) -> None:
        try:
            for fault in self.current.checked[1]:
                LOG.error("a page is not in force", extra={"faults": [str(fault)]})
            begun()
        except CachecostError as error:
            LOG.error("no price sheets", extra={"faults": [str(error)]})
        while every and not self._stop.wait(every):
            try:
                self.look()
            except (CachecostError, OSError) as error:
                LOG.error("the folder of price sheets cannot be read", extra={"faults": [str(error)]})

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=2)


def _signature(folder: Path) -> Signature:
    """What tells that some page has changed: name, size, time and number of every one."""
    found = []
    for provider in os.scandir(folder):
        if not provider.is_dir():
            continue
        for page in os.scandir(provider.path):
            if page.name.endswith(".yaml"):
                stat = page.stat()
                found.append((page.path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(sorted(found))


def _settled(folder: Path) -> Signature:
    """The signature, once it has stood for a moment."""
    before = _signature(folder)
    while True:
        time.sleep(SETTLED)
        if (now := _signature(folder)) == before:
            return now
        before = now
