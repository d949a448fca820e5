"""The catalogue: a name finds its sheet, a sheet says what its page says, and what is kept is never stale."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import cycle, groupby, product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, strategies as st

from cachecost.catalog import cache, reader
from cachecost.catalog.catalog import Catalog, default_folder
from cachecost.catalog.pages import claimed, read_page
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet, NotSold, UnknownModel
from cachecost.prices.card import Row
from cachecost.prices.sheet import PriceSheet
from cachecost.review.check import check

from ..conftest import ROOT
from ..frozen import price_pages
from ..oracles.pages import words_of

PRICING = ROOT / "pricing"
PAGES = sorted(price_pages(PRICING))
SAMPLE = [page for _, pages in groupby(PAGES, lambda page: page.parent) for page in list(pages)[::12]]
"""Some pages of every provider."""
of_pages = pytest.mark.parametrize(
    "pages", [pytest.param(SAMPLE, id="a sample"), pytest.param(PAGES, id="all", marks=pytest.mark.external)]
)

SOUND = """\
provider: {provider}
model: {model}
name: A sound page
aliases: [{aliases}]
{more}unit: USD per 1M tokens
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-01-05
    tiers:
      - input: 3.50
        output: 10.50
"""


@pytest.fixture(scope="module")
def catalog(whole_catalog: Catalog) -> Catalog:
    """All pages, also those that came later."""
    return whole_catalog


def _write(folder: Path, name: str, aliases: str = "", more: str = "") -> Path:
    """A page `provider/model` under the folder."""
    provider, model = name.split("/")
    page = folder / provider / f"{model}.yaml"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(SOUND.format(provider=provider, model=model, aliases=aliases, more=more), encoding="utf-8")
    return page


@pytest.fixture
def small(tmp_path: Path) -> Catalog:
    """Three models of two makers, in `pricing/` below a folder that holds a page outside of it as well."""
    _write(tmp_path / "pricing", "acme/alpha-1", "alpha, alpha:latest")
    _write(tmp_path / "pricing", "acme/alpha-2")
    _write(tmp_path / "pricing", "best/zebra", "best/quagga, gnu-by-best")
    _write(tmp_path, "outside/secret").rename(tmp_path / "secret.yaml")
    _write(tmp_path, "outside/secret")
    return Catalog(tmp_path / "pricing")


# -- a name finds its sheet


def test_an_embedding_gives_no_answers() -> None:
    """Its price for them is 0, which made it the cheapest model of all for a question with an answer."""
    texts = {page: page.read_text("utf-8") for page in PAGES}
    said = {page for page, text in texts.items() if "embedding has no answer" in text}
    assert said == {page for page, text in texts.items() if "limits: {output: 0}" in text} != set()


def test_a_host_names_a_model_as_its_maker_does() -> None:
    """`Claude Sonnet 5 5 on Azure AI Foundry` stood beside Claude Sonnet 5.5 in the list of models, as another one."""
    names = [
        name[1] for page in PAGES if (name := re.search(r"^name: (.*?)( (on|at) .*)?$", page.read_text("utf-8"), re.M))
    ]
    assert [name for name in names if re.sub(r"\b(\d) (\d)\b", r"\1.\2", name) in {*names} - {name}] == []


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("acme/alpha-1", "acme/alpha-1"),
        ("alpha-1", "acme/alpha-1"),
        ("alpha", "acme/alpha-1"),
        ("alpha:latest", "acme/alpha-1"),
        ("acme/alpha", "acme/alpha-1"),
        ("alpha-2", "acme/alpha-2"),
        ("zebra", "best/zebra"),
        ("gnu-by-best", "best/zebra"),
        ("best/gnu-by-best", "best/zebra"),
    ],
)
def test_a_sheet_is_found_by_any_of_its_names(name: str, result: str, small: Catalog) -> None:
    """The model or an alias, alone or behind its provider."""
    assert small.sheet(name).id == result


def test_an_alias_may_hold_a_slash(tmp_path: Path) -> None:
    """Some vendors' own ids have one: what stands before it is not a provider of this catalogue."""
    _write(tmp_path, "host/llama", "meta-llama/Llama-4:free")
    catalog = Catalog(tmp_path)
    assert catalog.sheet("meta-llama/Llama-4:free").id == "host/llama"
    assert catalog.sheet("host/meta-llama/Llama-4:free").id == "host/llama"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("acme/alpha-5", {"acme/alpha-1", "acme/alpha-2"}),
        ("alpha-l", {"acme/alpha-1", "acme/alpha-2"}),
        ("ALPHA-2", {"acme/alpha-1", "acme/alpha-2"}),
        ("zebbra", {"best/zebra"}),
        ("gnu-by-beast", {"best/zebra"}),
        ("0123456789", set()),
    ],
)
def test_an_unknown_model_gives_the_nearest_names(name: str, nearest: set[str], small: Catalog) -> None:
    """At most three sheets, only such as look like the name, each by the id under which it is found."""
    with pytest.raises(UnknownModel) as unknown:
        small.sheet(name)
    assert set(unknown.value.nearest) == nearest
    assert all(small.sheet(near).id == near for near in unknown.value.nearest)
    assert ("did you mean" in str(unknown.value)) == bool(nearest)


def test_the_nearest_names_are_three_and_the_nearest_comes_first(tmp_path: Path) -> None:
    """Of many that look alike, the one with a single other letter leads."""
    for model in ("nebula-large", "nebula-small", "nebula-tiny", "nebula-mini", "quark"):
        _write(tmp_path, f"acme/{model}")
    with pytest.raises(UnknownModel) as unknown:
        Catalog(tmp_path).sheet("nebula-smalk")
    assert unknown.value.nearest[0] == "acme/nebula-small"
    assert len(set(unknown.value.nearest)) == 3
    assert "acme/quark" not in unknown.value.nearest


def test_names_are_found_in_pages_without_reading_them(catalog: Catalog) -> None:
    """For every page of the project the same names as its sheet has, inline, in a list, and by region."""
    for path in catalog.paths:
        sheet = catalog.sheet(f"{path.parent.name}/{path.stem}")
        assert {path.stem, *claimed(path.read_bytes())} == set(sheet.names), sheet.id


TRICKS = [
    *("", "/", ".", "..", "~", "*", "?", " ", "acme", "acme/", "/alpha-1", "alpha-1/", "acme/*", "acme/alpha-?"),
    *("../secret", "../outside/secret", "acme/../../outside/secret", "outside/secret", "./acme/alpha-1"),
    *("../acme/alpha-1", "acme/../acme/alpha-1", "a/b/c", "x/acme/alpha-1", "acme/acme/alpha-1", "acme//alpha-1"),
    *("acme\\alpha-1", "..\\outside\\secret", "acme/alpha-1.yaml", "alpha-1.yaml", " alpha-1", "alpha-1\n"),
    *("\0", "acme/\0", "acme/alpha-1\0", "\0/alpha-1", "\udcff", "acme/\udcff", "\U0001f984" * 60),
    *("x" * 300, "acme/" + "x" * 300, "x" * 300 + "/alpha-1", "x" * 100_000, "../" * 10_000 + "etc/passwd"),
]


@pytest.mark.parametrize("name", TRICKS, ids=lambda name: ascii(name)[:40])
def test_a_name_is_no_path(name: str, small: Catalog) -> None:
    """Whatever is asked, only the folder's own pages answer, and only to their own names."""
    with pytest.raises(UnknownModel):
        small.sheet(name)


def test_an_absolute_path_is_no_name(small: Catalog, tmp_path: Path) -> None:
    """A page is not opened by where it lies, neither inside nor outside of the folder."""
    for page in (tmp_path / "pricing/acme/alpha-1", tmp_path / "outside/secret"):
        for name in (str(page), f"{page}.yaml", f"acme/{page}"):
            with pytest.raises(UnknownModel):
                small.sheet(name)


@given(name=st.text(max_size=70) | st.from_regex(r"[./\\a-z0-9-]{0,20}(acme|alpha-1|outside)[./\\a-z0-9-]{0,20}"))
def test_any_text_is_a_name_or_an_unknown_one(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No text makes the lookup fail in another way, and a found sheet bears the name that was asked."""
    folder = tmp_path_factory.getbasetemp() / "any-text"
    if not folder.exists():
        _write(folder, "acme/alpha-1")
    try:
        sheet = Catalog(folder).sheet(name)
    except UnknownModel:
        return
    assert name in (sheet.id, sheet.model)


def test_a_name_is_looked_up_once(small: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known, unknown or on a page with faults: a file of a million records has a handful of names."""
    page = _write(small.folder, "acme/broken")
    page.write_text(page.read_text(encoding="utf-8").replace("3.50", "3,50"), encoding="utf-8")
    names = ("alpha", "acme/alpha-2", "zebbra", "broken")

    def asked(name: str) -> tuple[object, Exception | None]:
        try:
            return small.sheet(name), None
        except (BadSheet, UnknownModel) as error:
            return (type(error), str(error), vars(error)), error

    first = [asked(name) for name in names]
    monkeypatch.setattr(Catalog, "_sheet", None)
    monkeypatch.setattr("cachecost.catalog.spellings.nearest", None)
    again = [asked(name) for name in names]
    assert [each for each, _ in again] == [each for each, _ in first]
    assert "did you mean best/zebra?" in str(again[2][1])
    assert "3,50" in str(again[3][1])
    # Each time another exception: one alone would hold on to the frames of everyone who met it.
    assert all(one is not other for (_, one), (_, other) in zip(first, again, strict=True) if one)


def test_names_that_are_remembered_do_not_fill_the_memory(small: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone may ask a server for any number of names, each of a megabyte."""
    monkeypatch.setattr("cachecost.catalog.catalog.NAMES", 3)
    catalog = Catalog(small.folder)
    for name in ("alpha", *map(str, range(9)), "x" * 201):
        with suppress(UnknownModel):
            catalog.sheet(name)
    for remembered in (catalog._remembered, catalog._remembered_nearest):
        assert remembered.cache_info().currsize == 3
    misses = catalog._remembered.cache_info().misses
    assert misses == 10  # alpha and nine numbers; the name of 201 characters was not looked for in the memory


def test_a_broken_page_does_not_stop_the_lookup_of_another(small: Catalog) -> None:
    """A page with faults is met only by those who ask for it, also where it mentions another's alias."""
    page = _write(small.folder, "acme/broken", more="note: replaces alpha, see zebra\n")
    page.write_text(page.read_text(encoding="utf-8").replace("3.50", "3,50"), encoding="utf-8")
    for name in ("acme/alpha-1", "alpha-2", "alpha", "best/zebra", "acme/alpha"):
        assert name.split("/")[-1] in (small.sheet(name).model, *small.sheet(name).aliases)
    with pytest.raises(UnknownModel) as unknown:
        small.sheet("alpha-9")
    assert "acme/broken" not in unknown.value.nearest
    for name in ("broken", "acme/broken"):
        with pytest.raises(BadSheet, match=r"broken\.yaml:12: input: '3,50'"):
            small.sheet(name)


def test_a_broken_page_that_may_be_the_one_asked_for_says_so(small: Catalog) -> None:
    """Where no sound page claims a name and a broken one mentions it, its faults are the answer."""
    page = _write(small.folder, "acme/broken", "mended-soon")
    page.write_text(page.read_text(encoding="utf-8").replace("3.50", "3,50"), encoding="utf-8")
    with pytest.raises(BadSheet, match="input: '3,50'"):
        small.sheet("mended-soon")
    with pytest.raises(UnknownModel):
        small.sheet("mended")


def test_a_name_that_two_makers_share_has_to_be_said_in_full(tmp_path: Path) -> None:
    """Neither is preferred in silence: the refusal names both."""
    _write(tmp_path, "acme/same")
    _write(tmp_path, "best/same")
    catalog = Catalog(tmp_path)
    with pytest.raises(UnknownModel) as unknown:
        catalog.sheet("same")
    assert unknown.value.nearest == ("acme/same", "best/same")
    assert (catalog.sheet("acme/same").id, catalog.sheet("best/same").id) == ("acme/same", "best/same")
    assert [sheet.id for sheet in catalog.sheets()] == ["acme/same", "best/same"]


def test_a_bare_name_means_the_makers_page_and_a_host_is_named(tmp_path: Path) -> None:
    """Model or alias: the maker's own rates before those of providers that host it."""
    _write(tmp_path, "acme/same", "same-1")
    _write(tmp_path, "host/same", "same-1, only-here", "maker: acme\n")
    catalog = Catalog(tmp_path)
    assert [catalog.sheet(name).id for name in ("same", "same-1", "acme/same-1")] == ["acme/same"] * 3
    _write(tmp_path, "host/same-2", more="maker: acme\n")
    catalog = Catalog(tmp_path)
    assert catalog.sheet("same-2").id == "host/same-2"
    _write(tmp_path, "acme/same", "same-1, same-2")
    assert Catalog(tmp_path).sheet("same-2").id == "acme/same"
    assert Catalog(tmp_path).sheet("host/same-2").id == "host/same-2"
    assert [catalog.sheet(name).id for name in ("host/same", "host/same-1", "only-here")] == ["host/same"] * 3


def test_a_hosts_page_does_not_stand_in_for_the_makers_broken_one(tmp_path: Path) -> None:
    """A silent change of provider would be a wrong price: the maker's faults are said instead."""
    page = _write(tmp_path, "acme/same", "same-1")
    _write(tmp_path, "host/same", "same-1", "maker: acme\n")
    page.write_text(page.read_text(encoding="utf-8").replace("3.50", "3,50"), encoding="utf-8")
    for name in ("same", "same-1"):
        with pytest.raises(BadSheet, match="input: '3,50'"):
            Catalog(tmp_path).sheet(name)


def test_prices_come_from_the_folder_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`$CACHECOST_PRICES` names the folder where none is given; without it the project's own sheets are read."""
    _write(tmp_path, "acme/own")
    monkeypatch.setenv("CACHECOST_PRICES", str(tmp_path))
    assert Catalog().sheet("own").id == "acme/own"
    assert Catalog(PRICING).sheet("gemini-1.5-pro").id == "google/gemini-1.5-pro"
    monkeypatch.delenv("CACHECOST_PRICES")
    assert (default_folder() / "google" / "gemini-1.5-pro.yaml").is_file()
    monkeypatch.setenv("CACHECOST_PRICES", str(tmp_path / "nowhere"))
    with pytest.raises(BadSheet, match=r"nowhere.*: is not a folder of price sheets"):
        Catalog()


# -- what is kept for the next start


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which checked sheets are kept."""
    folder = tmp_path / "kept" / "deep"
    monkeypatch.setenv("CACHECOST_CACHE", str(folder))
    return folder / "sheets"


def _unread(*_: object, **__: object) -> PriceSheet:
    raise AssertionError("the page was read although its sheet is kept")


def _whole(sheet: PriceSheet) -> list[object]:
    """A sheet with all that is worked out from it."""
    cards = [
        (card.caution, card.least_read, card.least_written, card.least_cached, card.ladders) for card in sheet.cards
    ]
    rows = [(dict(row.rates), dict(row.each), row.fees) for card in sheet.cards for row in card.rows]
    return [sheet, cards, rows, sheet.card(datetime(9999, 1, 1, tzinfo=UTC))]


def test_a_kept_sheet_is_the_sheet_read_anew(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For some pages of every provider, without a second look at their text."""
    pages = SAMPLE
    anew = [read_page(page, cached=False) for page in pages]
    first = [read_page(page) for page in pages]
    assert len(list(kept.iterdir())) == len(pages)
    monkeypatch.setattr(reader, "read_text", _unread)
    again = [read_page(page) for page in pages]
    assert [_whole(sheet) for sheet in again] == [_whole(sheet) for sheet in first] == [_whole(sheet) for sheet in anew]


@pytest.mark.usefixtures("kept")
def test_a_changed_page_is_never_served_stale(tmp_path: Path) -> None:
    """Not even if the change keeps size and time of the file."""
    page = _write(tmp_path, "acme/one")
    stat = page.stat()
    assert read_page(page).cards[0].rows[0].rates["input"].value == Decimal("3.50")
    page.write_text(page.read_text(encoding="utf-8").replace("3.50", "3.60"), encoding="utf-8")
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (page.stat().st_size, page.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert read_page(page).cards[0].rows[0].rates["input"].value == Decimal("3.60")


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda entry: entry[: len(entry) // 2],
    "noise": lambda entry: bytes(255 - byte for byte in entry),
    "not a sheet": lambda _: b'["tuple","acme/one",3.5]',
    "of an unknown class": lambda entry: entry.replace(b'"PriceSheet"', b'"Popen"'),
    "a pickle": lambda _: pickle.dumps(Decimal(1)),
    "nested too deep": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_is_ignored_and_mended(damage: Callable[[bytes], bytes], kept: Path, tmp_path: Path) -> None:
    """The page is read instead, and what is kept is whole again."""
    page = _write(tmp_path, "acme/one")
    sheet = read_page(page)
    (entry,) = kept.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))
    assert entry.read_bytes() != whole
    assert read_page(page) == sheet
    assert list(kept.iterdir()) == [entry]
    assert entry.read_bytes() == whole


@pytest.mark.skipif(os.name == "nt", reason="folders have other permissions there")
def test_a_folder_that_others_can_open_is_neither_read_nor_written(kept: Path, tmp_path: Path) -> None:
    """Another user may have written what is in it."""
    page = _write(tmp_path, "acme/one")
    sheet = read_page(page)
    assert kept.stat().st_mode & 0o777 == 0o700
    (entry,) = kept.iterdir()
    entry.write_bytes(entry.read_bytes().replace(b"3.50", b"9.99"))
    assert read_page(page) != sheet
    kept.chmod(0o755)
    assert read_page(page) == sheet
    assert b"9.99" in entry.read_bytes()


def test_prices_check_reads_no_entry(kept: Path, tmp_path: Path) -> None:
    """A page is checked even where an entry says that it was."""
    page = _write(tmp_path, "acme/one")
    read_page(page)
    (entry,) = kept.iterdir()
    entry.write_bytes(entry.read_bytes().replace(b"3.50", b"9.99"))
    for pages in ([page], []):
        checked = check(pages, Catalog(tmp_path), today=date(2026, 11, 28), now=datetime(2026, 11, 28, tzinfo=UTC))
        assert [sheet.cards[0].rows[0].rates["input"].value for sheet in checked.sheets] == [Decimal("3.50")]


def test_entries_of_long_ago_are_removed(kept: Path, tmp_path: Path) -> None:
    """Another sheet is kept 8 days later."""
    read_page(_write(tmp_path, "acme/one"))
    (entry,) = kept.iterdir()
    written = entry.stat().st_mtime - 8 * 24 * 3600
    os.utime(entry, (written, written))
    cache._remove_old.cache_clear()
    read_page(_write(tmp_path, "acme/two"))
    assert len(list(kept.iterdir())) == 1
    assert not entry.exists()


def test_an_entry_that_is_a_folder_is_survived(kept: Path, tmp_path: Path) -> None:
    """Nothing can be read from it or written over it; the page still answers."""
    page = _write(tmp_path, "acme/one")
    sheet = read_page(page)
    (entry,) = kept.iterdir()
    entry.unlink()
    (entry / "in the way").mkdir(parents=True)
    assert read_page(page) == sheet


def test_a_folder_that_cannot_be_written_is_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file stands in the way of the folder, sheets are read from their pages, each time."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("CACHECOST_CACHE", str(tmp_path / "file" / "kept"))
    page = _write(tmp_path, "acme/one")
    assert [read_page(page).id for _ in "twice"] == ["acme/one"] * 5
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"CACHECOST_CACHE": "off", "XDG_CACHE_HOME": "{}/xdg", "HOME": "{}/home"}, None),
        ({"CACHECOST_CACHE": "{}/own", "XDG_CACHE_HOME": "{}/xdg", "HOME": "{}/home"}, "own/sheets"),
        ({"XDG_CACHE_HOME": "{}/xdg", "HOME": "{}/home"}, "xdg/cachecost/sheets"),
        ({"CACHECOST_CACHE": "", "HOME": "{}/home"}, "home/.cache/cachecost/sheets"),
        ({"XDG_CACHE_HOME": "not/absolute", "HOME": "{}/home"}, None),
        ({}, None),
    ],
    ids=["off", "own", "the user's", "home", "relative", "nowhere"],
)
@pytest.mark.skipif(os.name == "nt", reason="these are the folders of other systems")
def test_sheets_are_kept_where_the_user_wants_them(
    settings: dict[str, str], where: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`off` and a user without a home folder keep nothing anywhere."""
    page = _write(tmp_path / "pricing", "acme/one")
    monkeypatch.chdir(tmp_path)
    for name in ("CACHECOST_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    read_page(page)
    written = {path.parent for path in tmp_path.rglob("*") if path.is_file() and path != page}
    assert written == ({tmp_path / where} if where else set())


def test_a_broken_page_is_refused_each_time(kept: Path, tmp_path: Path) -> None:
    """Faults are never kept, and a sound page under a wrong name stays wrong when it is."""
    page = _write(tmp_path, "acme/one")
    page.rename(wrong := page.with_name("two.yaml"))
    for _ in range(2):
        with pytest.raises(BadSheet, match=r"holds acme/one; expected the page acme/one\.yaml"):
            read_page(wrong)
    shutil.rmtree(kept)
    wrong.write_text("provider: acme\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BadSheet, match="model: missing"):
            read_page(wrong)
    assert not kept.exists()


def test_another_version_of_the_checks_trusts_nothing_that_was_kept(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any module that the reader of pages stands on makes every entry unknown; words of errors do not."""
    modules = [tmp_path / path.name for path in cache.CHECKED_BY]
    for module in modules:
        module.write_text("one version\n")
    monkeypatch.setattr(cache, "CHECKED_BY", modules)
    monkeypatch.setattr(cache, "_version_of_checks", cache._version_of_checks.__wrapped__)
    sheet = read_text(SOUND.format(provider="acme", model="one", aliases="", more=""), file="page")
    for module in modules:
        cache.keep(b"page", sheet)
        assert cache.load(b"page") == sheet
        module.write_text("another version\n")
        assert cache.load(b"page") is None, module
    assert kept.is_dir()


# -- the project's own catalogue


def _sheets(catalog: Catalog, pages: list[Path]) -> Iterator[tuple[Path, PriceSheet]]:
    """Each page with its sheet."""
    return ((page, catalog.sheet(f"{page.parent.name}/{page.stem}")) for page in pages)


def _printed(row: dict[str, Any]) -> dict[str, str]:
    """Line name -> number as printed; per minute is left as it is."""
    results: dict[str, str] = {}
    for key in ("input", "output", "creation", "reasoning"):
        results |= {key: row[key]} if key in row else {}
    read = row.get("cache_read", {})
    results |= {"cache_read": read} if isinstance(read, str) else {f"cache_read:{kind}": read[kind] for kind in read}
    results |= {f"cache_write:{ttl}": value for ttl, value in row.get("cache_write", {}).items()}
    for key in ("storage_per_hour", "storage_per_minute"):
        results |= {"storage": row[key]} if key in row else {}
    for modality in ("audio", "image", "video"):
        results |= {f"{modality}.{part}": value for part, value in row.get(modality, {}).items()}
    fees = {fee: value for fee, value in row.get("fees", {}).items() if fee not in ("source", "seen")}
    return results | {f"fee.{fee}": value for fee, value in fees.items()}


def _with_fees(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a card, each with the card's fees, which hold for all."""
    return [{**row, "fees": {**card.get("fees", {}), **row.get("fees", {})}} for row in card["tiers"]]


def _says(row: Row, words: dict[str, Any]) -> bool:
    """Whether a row holds exactly the printed numbers, to the last digit, and money for one of each unit."""
    printed = {} if "not_sold" in words else _printed(words)
    hourly = 60 if "storage_per_minute" in words else 1
    for name, text in printed.items():
        rate = row.rates[name]
        if text.endswith(" per 1k"):
            if not rate.value == rate.each == Decimal(text.removesuffix(" per 1k")) / 1000:
                return False
            continue
        times = hourly if name == "storage" else 1
        per = 1 if name.startswith("fee.") else 1_000_000
        if times == 1 and rate.value.as_tuple() != Decimal(text).as_tuple():
            return False
        if Fraction(rate.value) != Fraction(text) * times or Fraction(rate.each) != Fraction(text) * times / per:
            return False
    return set(printed) == set(row.rates)


@of_pages
def test_every_page_of_the_catalogue_loads(catalog: Catalog, pages: list[Path]) -> None:
    """No page has a fault, none claims another's name, and each is found by its provider and every one of its names."""
    assert [sheet.id for sheet in catalog.sheets()] == [f"{page.parent.name}/{page.stem}" for page in PAGES]
    for _, sheet in _sheets(catalog, pages):
        assert all(catalog.sheet(f"{sheet.provider}/{name}") is sheet for name in (sheet.model, *sheet.aliases))


def test_every_sheet_of_the_catalogue_can_be_kept(kept: Path, catalog: Catalog) -> None:
    """What a page holds, in whatever kind of card, comes back as it was: a start would read the page again without a
    word, in twice the time."""
    for number, sheet in enumerate(catalog.sheets()):
        page = str(number).encode()
        cache.keep(page, sheet)
        assert cache.load(page) == sheet, sheet.id
    assert kept.is_dir()


def test_a_bare_alias_is_its_makers(catalog: Catalog) -> None:
    """The first alias of every maker's own page leads to that page; another sheet's id goes before an alias."""
    ids = {sheet.id for sheet in catalog.sheets()}
    own = {sheet.aliases[0]: sheet for sheet in catalog.sheets() if sheet.maker is None and sheet.aliases}
    assert {alias for alias, sheet in own.items() if alias not in ids and catalog.sheet(alias) is not sheet} == set()
    assert all(catalog.sheet(alias).id == alias for alias in ids.intersection(own))


@of_pages
def test_every_rate_is_the_number_printed_on_its_page(catalog: Catalog, pages: list[Path]) -> None:
    """Row by row, card by card: 3.50 stays 3.50, nothing is added and nothing is lost."""
    for page, sheet in _sheets(catalog, pages):
        for card, written in zip(sheet.cards, words_of(page)["rate_cards"], strict=True):
            if written.get("status") != "withdrawn":
                assert len(card.rows) == len(written["tiers"]), page
                assert all(map(_says, card.rows, _with_fees(written))), page


@of_pages
def test_the_input_rates_are_those_that_a_plain_search_finds(catalog: Catalog, pages: list[Path]) -> None:
    """`input:` at the start of a line or of a row, without any reader of YAML in between: all of a card's rows, or some
    of them where the card says `rest: as above`; pages that resell others print none."""
    for page, sheet in _sheets(catalog, pages):
        if sheet.resells:
            continue
        _, *texts = page.read_text(encoding="utf-8").split("\n  - effective: ")
        for card, text in zip(sheet.cards, texts, strict=True):
            result = re.findall(r"^ +(?:- )?input: ([0-9.]+)(?: |$)", text, re.MULTILINE)
            rows = [row for row in card.rows if not row.not_sold and card.status != "withdrawn"]
            inputs = [str(row.rates["input"].value) for row in rows]
            assert set(result) <= set(inputs) if "    rest: as above" in text else result == inputs, page


def test_no_host_has_the_makers_largest_prompt_as_its_context(catalog: Catalog) -> None:
    """litellm's `max_input_tokens` leaves the answer out: as a context it refused long prompts with long answers."""
    sheets = {sheet.id: sheet for sheet in catalog.sheets()}
    for host in sheets.values():
        maker = sheets.get(f"{host.maker}/{host.model}", host)
        limits = maker.cards[0].limits
        if limits.input and limits.context and maker is not host:
            assert host.cards[0].limits.context != limits.input, host.id


def test_every_source_is_an_address(catalog: Catalog) -> None:
    """A page of the web, a file at a commit, or a release of a package. `prices check` refuses days to come."""
    address = r"https://[\w-]+(\.[\w-]+)+(/\S*)?|[\w.-]+/[\w.-]+@[0-9a-f]{7,40}:\S+|PyPI [\w.-]+ [0-9]\S*"
    for page, sheet in _sheets(catalog, PAGES):
        for card in sheet.cards:
            disputed = [source for dispute in card.disputes for _, source in dispute.others]
            assert card.sources, page
            assert [source for source in (*card.sources, *disputed) if not re.fullmatch(address, source)] == []


def _instant(text: str) -> datetime:
    """The instant of a card: a day begins at midnight UTC."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T00:00Z")


def _in_force(words: Any, at: datetime) -> dict[str, Any]:
    """The card whose rows price an instant: of those that have begun, the last one with rates."""
    cards = [card for card in words["rate_cards"] if card.get("status") not in ("cancelled", "withdrawn")]
    begun: list[dict[str, Any]] = [card for card in cards if _instant(card["effective"]) <= at]
    return begun[-1]


def _fits(row: dict[str, Any], axis: str, size: int) -> bool:
    """Whether a size lies in a row's band, said in the row's own words."""
    tests: dict[str, Callable[[int], bool]] = {
        "up_to": lambda end: size <= end,
        "below": lambda end: size < end,
        "over": lambda end: size > end,
        "from": lambda end: size >= end,
    }
    return all(test(int(row[f"{axis}_{word}"])) for word, test in tests.items() if f"{axis}_{word}" in row)


def _open(window: dict[str, Any], at: datetime) -> bool:
    """Whether one of the window's stretches, begun on this day or the day before, holds the instant."""
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    days = set()
    for part in window.get("days", "mon-sun").split(","):
        first, _, last = part.strip().partition("-")
        begin, end = week.index(first), week.index(last or first)
        days |= {week[day % 7] for day in range(begin, end + 1 if end >= begin else end + 8)}
    local = at.astimezone(ZoneInfo(window["zone"])).replace(tzinfo=None)
    hours = window["hours"] if isinstance(window["hours"], list) else [window["hours"]]
    for day in (local.date(), local.date() - timedelta(1)):
        if week[day.weekday()] not in days or day.isoformat() in window.get("closed_on", []):
            continue
        midnight = datetime.combine(day, datetime.min.time())
        for begin, end in (stretch.split("-") for stretch in hours):
            opens, closes = (timedelta(hours=int(hour[:2]), minutes=int(hour[3:])) for hour in (begin, end))
            closes += timedelta(1) if closes <= opens else timedelta(0)
            if midnight + opens <= local < midnight + closes:
                return True
    return False


def _rows(
    card: dict[str, Any], at: datetime, prompt: int, service: str, output: int, thinking: bool
) -> list[dict[str, Any]]:
    """The rows that price a request, found by asking every row of the card: an open window goes before."""
    fitting = [
        row
        for row in card["tiers"]
        if row.get("service", "standard") == service
        and _fits(row, "prompt", prompt)
        and _fits(row, "output", output)
        and row.get("thinking", "on" if thinking else "off") == ("on" if thinking else "off")
    ]
    windowed = [row for row in fitting if "window" in row and _open(row["window"], at)]
    return windowed or [row for row in fitting if "window" not in row]


def _priced_once(page: Path, sheet: PriceSheet, words: Any, **request: Any) -> None:
    """Exactly one row of the page fits, and the sheet finds that one."""
    written = _in_force(words, request["at"])
    rows = _rows(written | {"tiers": _with_fees(written)}, **request)
    assert len(rows) == 1, (page, request, rows)
    card = sheet.card(request["at"])
    if "not_sold" in rows[0]:
        with pytest.raises(NotSold):
            card.row(**request)
    else:
        assert _says(card.row(**request), rows[0]), (page, request, rows)


def _edges(card: dict[str, Any], axis: str) -> list[int]:
    """Sizes on both sides of every boundary that a card's rows mention."""
    ends = {int(row[key]) for row in card["tiers"] for key in row if key.startswith(f"{axis}_")}
    return sorted({0, 1} | {end + step for end in ends for step in (-1, 0, 1)})


@of_pages
def test_both_sides_of_every_boundary_are_priced_by_one_row(catalog: Catalog, pages: list[Path]) -> None:
    """Every prompt and answer size at an edge, every service, every hour of the card's first days."""
    for page, sheet in _sheets(catalog, pages):
        words = words_of(page)
        cards = [card for card in words["rate_cards"] if card.get("status") not in ("cancelled", "withdrawn")]
        starts = [_instant(card["effective"]) for card in cards]
        for card, start, end in zip(cards, starts, [*starts[1:], starts[-1] + timedelta(30)], strict=True):
            for request in _requests_at_edges(card, start, end):
                _priced_once(page, sheet, words, **request)


def _requests_at_edges(card: dict[str, Any], start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """Every pair of sizes at the card's first and last instant, and one pair after another through its hours."""
    last = end - timedelta.resolution
    hours = [start + timedelta(hours=hour) for hour in range(24 * 8)]
    for day in {day for row in card["tiers"] for day in row.get("window", {}).get("closed_on", [])}:
        hours += [_instant(day) + timedelta(hours=hour) for hour in range(-14, 38)]
    windowed, thought = (any(key in row for row in card["tiers"]) for key in ("window", "thinking"))
    instants = [at for hour in hours * windowed for at in (hour, hour - timedelta.resolution) if start <= at < end]
    for service in {row.get("service", "standard") for row in card["tiers"]}:
        pairs = list(product(_edges(card, "prompt"), _edges(card, "output")))
        for (prompt, output), at in [*product(pairs, (start, last)), *zip(cycle(pairs), instants, strict=False)]:
            for thinking in {False, thought}:
                yield {"prompt": prompt, "service": service, "output": output, "at": at, "thinking": thinking}


WINDOWS = """\
provider: acme
model: nights
name: Nights, weekends and holidays
unit: USD per 1M tokens
rate_cards:
  - effective: 2026-10-20
    source: https://example.com/pricing
    seen: 2026-10-20
    tiers:
      - input: 3.00
        output: 9.00
      - window:
          hours: [22:00-06:00, 12:00-13:30]
          days: fri-mon
          zone: America/New_York
          closed_on: [2026-11-06, 2026-11-08]
        input: 2.00
        output: 6.00
      - window: {hours: 09:15-24:00, days: 'tue, thu', zone: America/New_York}
        input: 1.00
        output: 3.00
"""


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """Every quarter of an hour of three weeks, and the moment before it: over midnight, over the week's end, on both
    sides of holidays and of the night in which New York's clocks go back (2026-11-01)."""
    sheet, words = read_text(WINDOWS, file="page.yaml"), yaml.load(WINDOWS, Loader=yaml.BaseLoader)
    request = {"prompt": 1000, "service": "standard", "output": 0, "thinking": False}
    start = datetime(2026, 10, 20, tzinfo=UTC)
    for quarter in range(1, 21 * 96):
        at = start + timedelta(minutes=15 * quarter)
        _priced_once(Path("windows"), sheet, words, at=at, **request)
        _priced_once(Path("windows"), sheet, words, at=at - timedelta(microseconds=1), **request)


@pytest.mark.parametrize(
    ("at", "rate"),
    [
        ("2026-10-24T02:00Z", 2),  # Friday 22:00: the night begins
        ("2026-10-24T01:59Z", 3),  # Friday 21:59
        ("2026-10-27T09:59Z", 2),  # Tuesday 05:59, of the night that began on Monday
        ("2026-10-27T10:00Z", 3),  # Tuesday 06:00: the end is not part of it
        ("2026-10-23T05:00Z", 3),  # Friday 01:00, of Thursday's night, which is none
        ("2026-11-01T04:00Z", 2),  # Sunday 00:00 of summer time
        ("2026-11-01T10:59Z", 2),  # Sunday 05:59 of standard time
        ("2026-11-01T11:00Z", 3),  # Sunday 06:00 of standard time
        ("2026-11-07T04:00Z", 3),  # Friday 23:00 of a holiday
        ("2026-11-07T08:00Z", 3),  # Saturday 03:00, of the holiday's night
        ("2026-11-08T08:00Z", 2),  # Sunday 03:00 of a holiday, but of Saturday's night
        ("2026-11-09T08:00Z", 3),  # Monday 03:00, of the holiday's night
        ("2026-11-10T14:15Z", 1),  # Tuesday 09:15
        ("2026-11-11T04:59Z", 1),  # Tuesday 23:59
        ("2026-11-11T05:00Z", 3),  # Wednesday 00:00
    ],
)
def test_hours_worked_by_hand(at: str, rate: int) -> None:
    """New York is 4 hours behind UTC in October 2026, and 5 from 2026-11-01 06:00 UTC on."""
    row = read_text(WINDOWS, file="page.yaml").card(_instant(at)).row(at=_instant(at), prompt=1)
    assert row.rates["input"].value == rate


@given(data=st.data())
def test_a_sheet_prices_every_prompt_at_every_minute_exactly_once(data: st.DataObject, catalog: Catalog) -> None:
    """Any instant of any page's life, any service of the card in force, any size: one row, that of brute force."""
    page = data.draw(st.sampled_from(PAGES))
    sheet, words = catalog.sheet(f"{page.parent.name}/{page.stem}"), words_of(page)
    first, last = (_instant(words["rate_cards"][index]["effective"]) for index in (0, -1))
    life = (last - first) // timedelta(minutes=1) + 500 * 1440
    at = first + timedelta(minutes=data.draw(st.integers(0, life)))
    card = _in_force(words, at)
    edges = st.sampled_from(_edges(card, "prompt"))
    _priced_once(
        page,
        sheet,
        words,
        at=at,
        prompt=data.draw(edges | st.integers(0, 3_000_000)),
        service=data.draw(st.sampled_from(sorted({row.get("service", "standard") for row in card["tiers"]}))),
        output=data.draw(st.integers(0, 100_000)),
        thinking=data.draw(st.booleans()),
    )
