"""The price sheets in force: one set that changes as a whole, and only for one that is right."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from cachecost import clock
from cachecost.catalog.catalog import Catalog
from cachecost.catalog.pages import SELF_HOSTED, hardware_of, pages_of
from cachecost.catalog.terms import discounted
from cachecost.errors import BadSheet, CachecostError, Fault
from cachecost.prices.sheet import PriceSheet
from cachecost.prices.terms import Terms, in_dollars
from cachecost.questions import reading
from cachecost.questions.words import Question

from .models import Parameters

LOG = logging.getLogger("cachecost.sheets")
SETTLED = 50 / 1000
"""Seconds for which a folder must not have changed before it is read: an editor may be half-way through a page."""
GONE = 30
"""Seconds for which a folder must not have changed before pages that it lacks are out of force."""
Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(eq=False)
class SheetSet:
    """Every page as it was at one moment; a sheet is parsed when it is first needed."""

    catalog: Catalog
    signature: Signature
    loaded: datetime

    def __post_init__(self) -> None:
        self._checking = threading.Lock()

    @cached_property
    def digest(self) -> str:
        """A name for the very bytes of all pages."""
        digest_of_pages = blake2b(digest_size=12)
        for path, page in self.catalog.pages.items():
            digest_of_pages.update(f"{path.parent.name}/{path.name}:{len(page)};".encode() + page)
        return digest_of_pages.hexdigest()

    @property
    def checked(self) -> tuple[list[PriceSheet], list[Fault]]:
        """Every sheet of a page without faults, and the faults of the others."""
        with self._checking:
            return self._checked

    @cached_property
    def _checked(self) -> tuple[list[PriceSheet], list[Fault]]:
        sheets, faults = self.catalog.checked()
        return sheets, [*faults, *self.catalog.fleet.faults()]

    @property
    def sheets(self) -> list[PriceSheet]:
        return self.checked[0]


class Inquiry:
    """A question, the minute in which it came, and a set as it sees it: under its discount, in dollars where it has
    rates of exchange, and with short names of models, which mean what they mean on its day. `names`: the model that
    each of them means."""

    def __init__(self, whole: SheetSet, parameters: Parameters, now: datetime) -> None:
        self.parameters, self.now, self.names = parameters, now, dict[str, str]()
        self.catalog, self._whole = whole.catalog, whole
        discount = getattr(parameters, "discount", "")
        self._terms = reading.read("discount", discounted, discount) if discount else Terms()
        self._rates = Question(exchange=getattr(parameters, "exchange", "")).rates_of_exchange()

    @property
    def at(self) -> datetime:
        """The instant at whose prices it is asked."""
        return self.parameters.day(self.now)

    def named(self) -> list[PriceSheet]:
        """The models that it names, each once."""
        sheets = (self.sheet_at(name, self.at) for name in self.parameters.model)
        return list({sheet.id: sheet for sheet in sheets}.values())

    def sheet_at(self, name: str, at: datetime) -> PriceSheet:
        """The sheet of a name, a short one too, at an instant."""
        full = self.catalog.full_name(name, at)
        if full != name:
            self.names[name] = full
        return self.sheet(full)

    def sheet(self, name: str, *, suggest: bool = True) -> PriceSheet:
        """The sheet of a name, as `Catalog.sheet` looks it up."""
        return self._changed(self.catalog.sheet(name, suggest=suggest))

    @property
    def sheets(self) -> list[PriceSheet]:
        return [self._changed(sheet) for sheet in self._whole.sheets]

    def _changed(self, sheet: PriceSheet) -> PriceSheet:
        return in_dollars(self._terms.on(sheet), self._rates)


class Shelf:
    """The set in force. A changed folder is read beside it and takes its place only where every page is right."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.faults: tuple[Fault, ...] = ()
        self._set: SheetSet | None = None
        self._refused: Signature | None = None
        self._lacking: Signature = ()
        self._since, self.patience = float("-inf"), float(GONE)
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
    def loaded(self) -> SheetSet | None:
        """The set in force; None where the folder has not been read yet."""
        return self._set

    @property
    def faults_now(self) -> tuple[Fault, ...]:
        """Faults of the pages in force, or of an edit that was refused."""
        current = self.current
        return self.faults or tuple(current.checked[1] if "_checked" in vars(current) else ())

    def _read(self) -> SheetSet:
        catalog = Catalog(self.folder)
        signature = _signature(catalog.folder)
        return SheetSet(Catalog(catalog.folder, in_memory=True).with_pages(), signature, clock.now())

    def look(self) -> bool:
        """Read the folder again if it has changed; whether another set is in force now."""
        old = self.current
        folder = old.catalog.folder
        try:
            signature = _signature(folder)
            if signature != old.signature:
                signature = _settled(folder)
        except OSError as error:
            return self._refuse(None, [Fault(str(folder), 0, f"cannot be read: {error.strerror}")])
        if signature == old.signature:
            self._refused, self.faults = None, ()
            return False
        if signature == self._refused:
            return False
        if gone := self._gone(signature):
            return self._refuse(None, [Fault(str(folder), 0, gone)])
        try:
            new = self._read()
            faults = new.checked[1]
        except CachecostError as error:
            faults = list(error.faults) if isinstance(error, BadSheet) else [Fault(str(self.folder), 0, str(error))]
        if faults and not old.checked[1]:
            return self._refuse(signature, faults)
        self._refused, self.faults, self._set = None, (), new
        LOG.info("another set of price sheets is in force", extra={"sheets": len(new.sheets), "digest": new.digest})
        return True

    def _refuse(self, signature: Signature | None, faults: list[Fault]) -> bool:
        """Leave the last set in force, and say so once; never read the folder again while it has this signature."""
        if tuple(faults) != self.faults:
            LOG.error("an edit is not in force", extra={"faults": [str(fault) for fault in faults]})
        self._refused, self.faults = signature, tuple(faults)
        return False

    def _gone(self, signature: Signature) -> str:
        """Why a folder that has lost pages is not read yet: a checkout or a move may be half-way through."""
        gone = sorted({page for page, *_ in self.current.signature} - {page for page, *_ in signature})
        if signature != self._lacking:
            self._lacking, self._since = signature, time.monotonic()
        if not gone or time.monotonic() - self._since >= self.patience:
            return ""
        pages = f"{len(gone)} {'page is' if len(gone) == 1 else 'pages are'} gone, such as {gone[0]}"
        return f"{pages}; they stay in force until the folder has not changed for {self.patience:g} seconds"

    def watch(self, every: float) -> None:
        """Check all pages in the background, then look at the folder every so many seconds (0: never again)."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, args=(every,), name="price sheets", daemon=True)
        self._thread.start()

    def _watch(self, every: float) -> None:
        try:
            for fault in self.current.checked[1]:
                LOG.error("a page is not in force", extra={"faults": [str(fault)]})
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
    parts = []
    for page in (*pages_of(folder), *hardware_of(folder / SELF_HOSTED)):
        stat = page.stat(follow_symlinks=page.is_file())
        parts.append((page.path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(sorted(parts))


def _settled(folder: Path) -> Signature:
    """The signature, once it has stood for a moment."""
    before = _signature(folder)
    while True:
        time.sleep(SETTLED)
        if (now := _signature(folder)) == before:
            return now
        before = now
