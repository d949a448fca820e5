"""`pricing/` -> price sheets, found by name and read when they are asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from .. import clock
from ..errors import AmbiguousModel, BadQuantity, BadSheet, CachecostError, Fault, NotInForce, UnknownModel
from ..files.reading import is_folder
from ..prices.card import STANDARD
from ..prices.sheet import PriceSheet
from ..units import show_instant
from .pages import HOSTED, SELF_HOSTED, bytes_of, claimed, decoded, line_of_name, pages_of, read_page, shown, whole

if TYPE_CHECKING:
    from ..prices.terms import Terms
    from .fleet import Fleet
    from .spellings import NamedPage


def default_folder() -> Path:
    """`$CACHECOST_PRICES`, the sheets inside an installed package, or `pricing/` of a checkout."""
    chosen = os.environ.get("CACHECOST_PRICES")
    return Path(chosen) if chosen else built_in_folder()


def built_in_folder() -> Path:
    """The sheets inside an installed package, or `pricing/` of a checkout."""
    packed = Path(__file__).parents[1] / "_pricing"
    return packed if is_folder(packed) else Path(__file__).parents[3] / "pricing"


NAMES = 10_000
"""Names that are remembered, with their sheets or with what is wrong."""
LONGEST_NAME = 200
"""Characters of a name that is remembered: longer ones would only fill the memory."""
_SERVICE = re.compile(rb"\bservice: *[\"']?([\w.:@+-]+)")


class Catalog:
    """Price sheets in a folder `<provider>/<model>.yaml`, each parsed when it is asked for.

    With `in_memory` every page is read here and now, so that what changes on disk later changes no answer. Without
    `cached` every page is checked anew. `terms`: the customer's own, which every sheet is under.
    """

    def __init__(self, folder: Path | str | None = None, *, in_memory: bool = False, cached: bool = True) -> None:
        self.folder = Path(folder) if folder else default_folder()
        self.cached = cached
        self.terms: Terms | None = None
        self._sheets: dict[Path, PriceSheet] = {}
        self._names: dict[Path, NamedPage] = {}
        self._remembered = lru_cache(NAMES)(self._look_up)
        self._remembered_nearest = lru_cache(NAMES)(self._nearest)
        self.pages: dict[Path, bytes] = {}
        """The text of each page that has been read."""
        if not is_folder(self.folder):
            raise BadSheet([Fault(str(self.folder), 0, "is not a folder of price sheets; name one with --prices")])
        for path in [*self.paths, *self.fleet.paths] if in_memory else ():
            self.text(path)

    @cached_property
    def _index(self) -> dict[str, dict[str, str]]:
        """Provider -> model -> page, as they are when first looked for."""
        index: dict[str, dict[str, str]] = {}
        for page in pages_of(self.folder):
            index.setdefault(page.path.split(os.sep)[-2], {})[page.name.removesuffix(".yaml")] = page.path  # noqa: PTH206  (fast)
        return index

    def with_pages(self) -> Catalog:
        """This catalog; BadSheet where its folder holds no page."""
        if self._index:
            return self
        expected = "holds no price sheets, expected PROVIDER/MODEL.yaml; name another folder with --prices"
        raise BadSheet([Fault(str(self.folder), 0, expected)])

    @cached_property
    def paths(self) -> list[Path]:
        """Every page of the folder, sorted."""
        return [Path(page) for page in self.pages_by_name.values()]

    @cached_property
    def pages_by_name(self) -> dict[tuple[str, str], str]:
        """Provider and model -> the name of its page, sorted by both: in a tenth of the time that paths take."""
        pages = ((provider, page, model) for provider, each in self._index.items() for model, page in each.items())
        return {(provider, model): page for provider, page, model in sorted(pages)}

    def uncached(self) -> Catalog:
        """This catalog, with the same pages and no terms, each of which is checked anew."""
        anew = Catalog(self.folder, cached=False)
        anew._index = self._index
        return anew

    @property
    def folders(self) -> list[Path]:
        """Those whose listings say which pages there are."""
        return [self.folder, *(self.folder / provider for provider in self._index)]

    @property
    def providers(self) -> list[str]:
        """Every provider that has a page."""
        return list(self._index)

    def has_name(self, pattern: str) -> bool:
        """Whether a model or an alias fits a pattern such as `claude-*`, with or without its provider."""
        names = chain.from_iterable((model, f"{provider}/{model}") for provider, model in self.pages_by_name)
        aliases = chain.from_iterable(claimed(self.text(path)) for path in self.paths)
        return any(fnmatchcase(name, pattern) for name in chain(names, aliases))

    @property
    def services(self) -> set[str]:
        """Every service that a page sells, and the standard one; read from the texts, as aliases are."""
        return {STANDARD, *(name.decode() for path in self.paths for name in _SERVICE.findall(self.text(path)))}

    def has_service(self, pattern: str) -> bool:
        """Whether a page sells a service that fits a pattern."""
        return any(fnmatchcase(name, pattern) for name in self.services)

    def sheets(self) -> list[PriceSheet]:
        """Every sheet; BadSheet with all faults of all pages where there are any."""
        pages, wrong = self.checked()
        if wrong:
            raise BadSheet(wrong)
        return pages

    def checked(self) -> tuple[list[PriceSheet], list[Fault]]:
        """Every sheet of a page without faults, and the faults of the others."""
        sheets, wrong = self._parsed(self.paths)
        return sheets, [*wrong, *self.claimed_twice(sheets)]

    def _parsed(self, paths: Iterable[Path]) -> tuple[list[PriceSheet], list[Fault]]:
        sheets: list[PriceSheet] = []
        wrong: list[Fault] = []
        for path in paths:
            try:
                sheets.append(self.at(path))
            except BadSheet as error:
                wrong += error.faults
        return sheets, wrong

    def sheet(self, name: str, *, suggest: bool = True) -> PriceSheet:
        """The sheet of `provider/model`, a model or an alias; UnknownModel otherwise, with the nearest names if wanted.

        A bare name means the page of the model's maker before those of providers that only host it. A name with a
        machine after an `@` means a deployment. Each name is looked up once; threads may share a catalogue.
        """
        short = len(name) <= LONGEST_NAME
        known = (self._remembered if short else self._look_up)(name)
        if known is None:
            nearest = self._remembered_nearest if short else self._nearest
            raise UnknownModel(name, nearest(name) if suggest else ())
        if isinstance(known, CachecostError):
            raise copy(known)  # raised again, it would gather the frames of each time
        return known

    def _look_up(self, name: str) -> PriceSheet | CachecostError | None:
        """The sheet of a name, the refusal of one whose page has faults or that means several, or None."""
        try:
            return self._sheet(name)
        except CachecostError as error:
            return copy(error)  # without its frames

    def _sheet(self, name: str) -> PriceSheet | None:
        if "@" in name and (deployment := self._deployment(name)):
            return deployment
        first, slash, rest = name.partition("/")
        provider, model = (first, rest) if slash and first in self._index else ("", name)
        folders = [self._index[provider]] if provider else self._index.values()
        exact = [self.at(page) for page in sorted(Path(each[model]) for each in folders if model in each)]
        claims = [] if _makers(exact) or (exact and provider) else self._by_alias(provider, model)
        named = _makers(exact) or _makers(claims) or exact or claims
        if len(named) > 1:
            raise UnknownModel(name, [sheet.id for sheet in named])
        named = named or self._named(name)
        return named[0] if len(named) == 1 else None

    def full_name(self, name: str, at: datetime) -> str:
        """The name itself, or the id of the model that a short name such as `claude-opus` means, see `lines`, or one
        that a gateway or a cloud writes, see `meant`.

        UnknownModel, AmbiguousModel where a short name means several models that are sold at the instant, or
        NotInForce where it means none then, but one today.
        """
        try:
            known = self.sheet(name, suggest=False)
        except UnknownModel as error:
            if error.nearest or error.name != name:  # the model or the machine of a deployment
                raise
            known = None
        first, slash, rest = name.partition("/")
        provider, model = (first, rest) if slash and first in self._index else ("", name)
        hosted = known and known.maker and not provider  # a host's name for a model gives way to its maker's line
        if known and not hosted and (known.model == model or known.sold(at)):
            return name
        from . import lines  # a name that is written out need not wait for it

        if provider:
            pages = [page for page in self.paths if page.parent.name == provider]
        else:
            pages = [page for page in self.paths if not HOSTED.search(self.text(page))]
        models = lines.meant(model, pages, self.sound, at)
        if len(models) == 1:
            return models[0].id
        if known:
            return name
        if models:
            raise AmbiguousModel(name, sorted(sheet.id for sheet in models))
        if later := lines.meant(model, pages, self.sound, clock.now()):
            means = " or ".join(sorted(sheet.id for sheet in later))
            raise NotInForce(f"nothing called {name!r} was sold at {show_instant(at)}; today it means {means}")
        try:
            return self.meant(name).id
        except UnknownModel as error:
            short = [f"{provider}{slash * bool(provider)}{family}" for family in lines.alike(model, pages)]
            raise UnknownModel(name, [*short, *error.nearest][:3]) from None

    def meant(self, name: str, provider: str = "") -> PriceSheet:
        """The sheet that a name means as logs, gateways and clouds write it, such as `azure_ai/claude-opus-5-5`;
        UnknownModel with the nearest names where no page claims it.

        A named provider's own page is meant and never another's; without one, the page of the model's maker.
        """
        from .spellings import candidates, folder_of  # a name that is written as its page need not wait for it

        first: UnknownModel | None = None
        for each in candidates(name, folder_of(provider), folders=self._index.keys()):
            try:
                return self.sheet(each, suggest=first is None)
            except UnknownModel as error:
                first = first or error
        raise UnknownModel(f"{provider}/{name}" if provider else name, first.nearest if first else ())

    def _deployment(self, name: str) -> PriceSheet | None:
        """The sheet of `MODEL@HOST/MACHINE`; None for other names with an `@`, as those of Vertex have:
        `claude@20240620`, which names no machine and no host."""
        place = name.rpartition("@")[2]
        named = (word for machine in self.fleet.machines() for word in (machine.name, machine.host))
        if "/" not in place and place.partition(":")[0] not in named:
            return None
        return self.fleet.sheet(name)

    @cached_property
    def fleet(self) -> Fleet:
        """The pages of self-hosted models and of machines, which few questions need."""
        from .fleet import Fleet

        return Fleet(self.folder / SELF_HOSTED, lambda path: decoded(path, self.text(path)), shown)

    def _by_alias(self, provider: str, alias: str) -> list[PriceSheet]:
        """Sheets that claim the alias; only pages in which its text stands are parsed.

        A page with faults is passed over where a maker's own page claims the alias: it may only mention the name.
        """
        word = alias.encode(errors="replace")
        alone = re.compile(rb"(?<![\w./@+-])%b(?![\w/@+-])" % re.escape(word))
        pages = (path for path in self.paths if alias and provider in ("", path.parent.name))
        texts = ((path, self.text(path)) for path in pages)
        sheets, wrong = self._parsed(path for path, text in texts if word in text and alone.search(text))
        named = [sheet.called(alias) for sheet in sheets if alias in sheet.names]
        if wrong and all(sheet.maker for sheet in named):
            raise BadSheet(wrong)
        return named

    def _nearest(self, name: str) -> list[str]:
        from .spellings import candidates, nearest, page  # a name that is spelled right need not wait for them

        name = next(candidates(name, "", folders=self._index.keys()), name)
        if not self._names:
            self._names = {path: page(path.stem, claimed(self.text(path))) for path in self.paths}
        first, slash, rest = name.partition("/")
        inside = {path: names for path, names in self._names.items() if slash and path.parent.name == first}
        wanted = rest if inside else name.rpartition("/")[2]
        return nearest(wanted, inside or self._names, self.sound, clock.today())

    def mentions(self, path: Path, word: bytes) -> bool:
        """Whether a word is in the text of a page or of the one that it resells."""
        return any(word in page for page in whole(path, self.text))

    def sound(self, path: Path) -> PriceSheet | None:
        """The sheet of a page; None where it has faults."""
        return next(iter(self._parsed([path])[0]), None)

    def _named(self, name: str) -> list[PriceSheet]:
        """The makers' sheets with this display name, such as `Claude Haiku 4.5`; capitals do not count."""
        if not re.fullmatch(r"[\w.() -]*[ A-Z][\w.() -]*", name):
            return []
        line = re.compile(rb"^name: *['\"]?%b['\"]? *$" % re.escape(name.encode()), re.MULTILINE | re.IGNORECASE)
        return _makers(self._parsed(path for path in self.paths if line.search(self.text(path)))[0])

    def at(self, path: Path) -> PriceSheet:
        """The sheet of a page; BadSheet with every fault of it."""
        if path not in self._sheets:
            sheet = read_page(path, text=self.text, cached=self.cached)
            if not self._is_built_in and (digest := self._digest(path)):
                sheet = replace(sheet, digest=digest)
            self._sheets[path] = self.terms.on(sheet) if self.terms else sheet
        return self._sheets[path]

    @cached_property
    def _is_built_in(self) -> bool:
        return self.folder == built_in_folder()

    def _digest(self, path: Path) -> str:
        """What tells a page from the one that comes with cachecost under its name; nothing where they are the same."""
        own = built_in_folder() / path.relative_to(self.folder)
        if (page := whole(path, self.text)) == whole(own):
            return ""
        return blake2b(b"".join(page), digest_size=4).hexdigest()

    def text(self, path: Path) -> bytes:
        if path not in self.pages:
            self.pages[path] = bytes_of(path)
        return self.pages[path]

    def claimed_twice(self, sheets: Iterable[PriceSheet]) -> Iterator[Fault]:
        """A name belongs to one maker's sheet, and at each host to one; two makers may call a model the same.

        The fault is that of the sheet that has the name as an alias, of the later one where both have.
        """
        owners: dict[tuple[str, str], PriceSheet] = {}
        for sheet in sheets:
            for name in sheet.names:
                owner = owners.setdefault((sheet.provider if sheet.maker else "", name), sheet)
                if owner is not sheet and (name != sheet.model or name != owner.model):
                    thief, owner = (owner, sheet) if name == sheet.model else (sheet, owner)
                    path = self.folder / thief.provider / f"{thief.model}.yaml"
                    message = f"{name} is also claimed by {owner.id}; a name belongs to one sheet"
                    yield Fault(shown(path), line_of_name(decoded(path, self.text(path)), name), message)


def of_provider(sheets: list[PriceSheet], provider: str) -> list[PriceSheet]:
    """The sheets of one provider, all of them where none is named; BadQuantity for a provider that has none."""
    matches = [sheet for sheet in sheets if not provider or sheet.provider == provider]
    if not matches and sheets:
        known = sorted({sheet.provider for sheet in sheets})
        raise BadQuantity(f"{provider!r} has no price sheets; expected {', '.join(known)}", word="provider")
    return matches


def _makers(sheets: Iterable[PriceSheet]) -> list[PriceSheet]:
    """Those of the makers of models, without hosts."""
    return [sheet for sheet in sheets if sheet.maker is None]
