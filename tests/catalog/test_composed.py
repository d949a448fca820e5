"""What a card leaves out: `rest: as above` is the card above it, `resells: PROVIDER/MODEL` the page that it follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.composed import compose
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet
from cachecost.prices.card import RateCard
from cachecost.prices.sheet import PriceSheet
from cachecost.review.check import check, laws_of
from cachecost.review.diff import difference
from cachecost.review.drafts import NewRates, bump

FIRST = """\
provider: acme
model: one
name: One
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    note: The first day.
    source: https://acme.dev/pricing
    seen: 2026-01-05
    regions: {eu: 1.1}
    caching:
      written: {default_ttl: 5m}
    tiers:
      - prompt_up_to: 200_000
        input: 2.00
        cache_write: {5m: 2.50}
        cache_read: 0.20
        output: 10.00
        plausible: {output: Looked up twice.}
      - prompt_over: 200_000
        input: 4.00
        cache_write: {5m: 5.00}
        cache_read: 0.40
        output: 20.00
"""
SHORT = """\
  - effective: 2026-06-01
    source: https://acme.dev/news
    seen: 2026-06-02
    rest: as above
    tiers:
      - prompt_up_to: 200_000
        cache_write: {1h: 4.00}
        output: 9.00
      - prompt_over: 200_000
        cache_write: {1h: 8.00}
      - service: batch
        input: 1.00
        output: 4.50
"""
LONG = """\
  - effective: 2026-06-01
    source: https://acme.dev/news
    seen: 2026-06-02
    regions: {eu: 1.1}
    caching:
      written: {default_ttl: 5m}
    tiers:
      - prompt_up_to: 200_000
        input: 2.00
        cache_write: {5m: 2.50, 1h: 4.00}
        cache_read: 0.20
        output: 9.00
      - prompt_over: 200_000
        input: 4.00
        cache_write: {5m: 5.00, 1h: 8.00}
        cache_read: 0.40
        output: 20.00
      - service: batch
        input: 1.00
        output: 4.50
"""


def test_a_short_card_is_the_long_one_without_what_is_as_above() -> None:
    assert read_text(FIRST + SHORT, file="one") == read_text(FIRST + LONG, file="one")


def test_what_speaks_of_the_card_above_is_not_taken_over() -> None:
    """Neither its note, nor the reason why a rate is right that this card prints anew."""
    tree = compose(FIRST + SHORT, "one")[0]
    card = tree["rate_cards"][1]
    assert "note" not in card
    assert "plausible" not in card["tiers"][0]


def test_what_is_taken_over_keeps_the_line_on_which_it_is_written() -> None:
    card = compose(FIRST + SHORT, "one")[0]["rate_cards"][1]
    page = (FIRST + SHORT).splitlines()
    row = card["tiers"][1]
    assert page[row["output"].line - 1].strip() == "output: 20.00"
    assert page[row["cache_write"].line - 1].strip() == "cache_write: {1h: 8.00}"
    assert page[card["tiers"][2]["output"].line - 1].strip() == "output: 4.50"
    assert page[card["caching"].line - 1].strip() == "caching:"


def test_a_service_that_ends_keeps_none_of_its_rates() -> None:
    text = FIRST + SHORT + "  - effective: 2026-09-01\n    source: https://acme.dev/news\n    seen: 2026-09-01\n"
    text += "    rest: as above\n    tiers:\n      - {service: batch, not_sold: It ended.}\n"
    row = read_text(text, file="one").cards[2].rows[2]
    assert (row.rates, row.not_sold) == ({}, "It ended.")


def test_a_cancelled_card_is_not_the_one_above() -> None:
    """It was never in force: the card after it goes on from the one before it."""
    later = SHORT.replace("2026-06-0", "2026-07-0")
    cancelled = LONG.replace("    source", "    status: cancelled\n    source", 1).replace("input: 2.00", "input: 3.00")
    card = read_text(FIRST + cancelled + later, file="one").cards[2]
    plain = read_text(FIRST + LONG, file="one").cards[1]
    assert (card.rows, card.caching) == (plain.rows, plain.caching)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rest: as above", "rest: as below", "one:29: rest: 'as below' is not one of 'as above'"),
        ("- service: batch", "- service: 3.5.1 x", "one:36: service"),
        ("        output: 4.50\n", "", "one:36: output: missing"),
        ("    tiers:\n", "    limits: 4\n    tiers:\n", "one:30: limits"),
    ],
)
def test_a_fault_of_a_short_card_is_named_on_its_own_line(old: str, new: str, said: str) -> None:
    with pytest.raises(BadSheet) as error:
        read_text(FIRST + SHORT.replace(old, new), file="one")
    assert str(error.value.faults[0]).startswith(said)


def test_the_text_of_both_cards_prices_alike_after_a_change_of_the_first() -> None:
    """A correction of what is as above corrects the short card too."""
    corrected = FIRST.replace("input: 4.00", "input: 3.00")
    card = read_text(corrected + SHORT, file="one").cards[1]
    assert str(card.rows[1].rates["input"].value) == "3.00"
    assert replace(card, rows=()) == replace(read_text(FIRST + LONG, file="one").cards[1], rows=())


# -- pages that resell another


MAKER = """\
provider: acme
model: one
name: One
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://acme.dev/pricing
    seen: 2026-11-05
    regions: {us: 1.1}
    caching:
      automatic: {min_tokens: 1_024}
      written: {default_ttl: 5m}
    fees: {web_search: 10.00 per 1k}
    tiers:
      - input: 2.00
        cache_write: {5m: 2.50, 1h: 4.00}
        cache_read: {automatic: 0.20, written: 0.10}
        output: 10.00
        note: The maker's own remark.
      - service: batch
        input: 1.00
        cache_read: 0.10
        output: 5.00
"""
CUT = """\
  - effective: 2026-06-01
    status: scheduled
    source: https://acme.dev/news
    seen: 2026-05-20
    rest: as above
    tiers:
      - input: 1.50
        output: 8.00
"""
HOST = """\
provider: host
model: one
resells: acme/one
name: One at Host
aliases: []
rate_cards:
  - effective: 2026-02-01
    source: https://host.dev/pricing
    seen: 2026-11-05
"""
Folder = Callable[..., Catalog]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    def write(host: str, maker: str = MAKER) -> Catalog:
        for provider, text in (("acme", maker), ("host", host)):
            (tmp_path / provider).mkdir(exist_ok=True)
            (tmp_path / provider / "one.yaml").write_text(text)
        return Catalog(tmp_path)

    return write


def rates(sheet: PriceSheet, day: str, service: str = "standard") -> dict[str, Decimal]:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    row = sheet.card(at).row(at=at, prompt=1_000, service=service)
    return {name: rate.value for name, rate in row.rates.items()}


def faults(catalog: Catalog) -> list[str]:
    with pytest.raises(BadSheet) as caught:
        catalog.sheet("host/one")
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def test_a_host_has_the_standard_rates_and_the_terms_of_caching_of_the_maker_and_no_more(folder: Folder) -> None:
    sheet = folder(HOST).sheet("host/one")
    assert (sheet.maker, sheet.currency, sheet.resells) == ("acme", "USD", "acme/one")
    (card,) = sheet.cards
    assert [row.service for row in card.rows] == ["standard"]
    assert {name: str(value) for name, value in rates(sheet, "2026-02-01").items()} == {
        "input": "2.00",
        "cache_read:automatic": "0.20",
        "cache_read:written": "0.10",
        "cache_write:5m": "2.50",
        "cache_write:1h": "4.00",
        "output": "10.00",
    }
    assert card.caching.automatic
    assert card.caching.automatic.min_tokens == 1_024
    assert not card.regions
    assert card.sources == ("https://host.dev/pricing",)
    assert card.rows[0].note is None


def test_a_change_of_the_maker_is_written_once_and_holds_at_the_host_from_the_same_day(folder: Folder) -> None:
    before, after = folder(HOST).sheets(), folder(HOST, MAKER + CUT).sheets()
    old, new = (next(sheet for sheet in sheets if sheet.provider == "host") for sheets in (before, after))
    assert rates(new, "2026-05-31") == rates(old, "2026-05-31")
    assert (rates(new, "2026-06-01")["input"], rates(new, "2026-06-01")["output"]) == (Decimal("1.50"), Decimal("8.00"))
    followed = new.cards[-1]
    assert (followed.status, followed.confidence, followed.sources) == (
        "scheduled",
        "medium",
        ("https://acme.dev/news",),
    )
    changes = difference(before, after, now=datetime(2026, 5, 21, tzinfo=UTC)).changes
    assert {change.model for change in changes} == {"acme/one", "host/one"}
    assert not any(change.correction for change in changes)


def test_a_later_card_of_the_maker_that_changes_nothing_for_the_host_adds_no_card(folder: Folder) -> None:
    batch = CUT.partition("    tiers:")[0] + "    tiers:\n      - service: batch\n        output: 4.00\n"
    assert len(folder(HOST, MAKER + batch).sheet("host/one").cards) == 1


def test_a_host_may_take_a_factor_more_services_and_fewer_rates(folder: Folder) -> None:
    own = "    factor: 1.05\n    services: [standard, batch]\n    without: [cache_write:1h]\n    regions: {eu: 1.1}\n"
    sheet = folder(HOST + own).sheet("host/one")
    # 2.00 x 1.05, 0.10 x 1.05 and 5.00 x 1.05
    assert rates(sheet, "2026-03-01")["input"] == Decimal("2.10")
    assert rates(sheet, "2026-03-01")["cache_read:written"] == Decimal("0.105")
    assert rates(sheet, "2026-03-01", "batch")["output"] == Decimal("5.25")
    assert "cache_write:1h" not in rates(sheet, "2026-03-01")
    assert sheet.cards[0].regions == {"eu": Decimal("1.1")}


def test_rates_that_the_hosts_caching_does_not_sell_are_left_out(folder: Folder) -> None:
    automatic = folder(HOST + "    caching: {automatic: {}}\n").sheet("host/one")
    assert list(rates(automatic, "2026-03-01")) == ["input", "cache_read:automatic", "output"]
    none = folder(HOST + "    caching: {}\n").sheet("host/one")
    assert list(rates(none, "2026-03-01")) == ["input", "output"]


def test_rows_of_the_host_go_over_those_of_the_maker(folder: Folder) -> None:
    rows = "    tiers:\n      - output: 11.00\n      - service: flex\n        input: 1.20\n        output: 6.00\n"
    sheet = folder(HOST + rows, MAKER + CUT).sheet("host/one")
    assert rates(sheet, "2026-03-01")["output"] == rates(sheet, "2026-07-01")["output"] == Decimal("11.00")
    assert rates(sheet, "2026-07-01")["input"] == Decimal("1.50")
    assert rates(sheet, "2026-07-01", "flex")["output"] == Decimal("6.00")


def test_a_host_with_its_own_dates_keeps_a_rate_until_its_next_card(folder: Folder) -> None:
    later = "  - effective: 2026-09-01\n    source: https://host.dev/cut\n    seen: 2026-09-02\n"
    sheet = folder(HOST + "    follows: no\n" + later, MAKER + CUT).sheet("host/one")
    days = ("2026-08-31", "2026-09-01")
    assert [rates(sheet, day)["input"] for day in days] == [Decimal("2.00"), Decimal("1.50")]
    assert len(sheet.cards) == 2


@pytest.mark.parametrize(
    ("host", "maker", "said"),
    [
        (HOST.replace("acme/one", "acme/two"), MAKER, "3: resells: 'acme/two' is no page beside this one"),
        (HOST.replace("acme/one", "two"), MAKER, "3: resells: 'two' is no page beside this one"),
        (HOST, HOST, "3: resells: acme/one resells acme/one itself"),
        (HOST.replace("2026-02-01", "2025-02-01"), MAKER, "7: effective: acme/one has no rates on this day"),
        (HOST + "    services: [standard, flex]\n", MAKER, "10: services: flex is nothing that acme/one sells"),
        (HOST + "    without: [cache_write:2h]\n", MAKER, "10: without: cache_write:2h is nothing that acme/one sells"),
        (HOST + "    factor: -1\n", MAKER, "10: factor: '-1': expected plain digits"),
        (
            HOST.replace("aliases: []", "unit: EUR per 1M tokens"),
            MAKER,
            "5: unit: the rates of acme/one are in USD",
        ),
        (MAKER.replace("acme", "host") + "    factor: 2\n", MAKER, "25: factor: given, but the page resells no other"),
    ],
)
def test_what_cannot_be_resold_is_a_fault_with_its_line(folder: Folder, host: str, maker: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(folder(host, maker)))


def test_a_sheet_is_read_anew_when_the_page_that_it_resells_changes(folder: Folder) -> None:
    assert rates(folder(HOST).sheet("host/one"), "2026-03-01")["input"] == Decimal("2.00")
    changed = folder(HOST, MAKER.replace("input: 2.00", "input: 3.00")).sheet("host/one")
    assert rates(changed, "2026-03-01")["input"] == Decimal("3.00")


def test_a_catalogue_in_memory_holds_the_pages_that_are_resold(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(HOST)
    monkeypatch.chdir(tmp_path)
    catalog = Catalog(Path(), in_memory=True)
    (tmp_path / "acme" / "one.yaml").unlink()
    assert rates(catalog.sheet("host/one"), "2026-03-01")["input"] == Decimal("2.00")


def test_a_check_of_a_page_that_resells_names_its_lines(folder: Folder) -> None:
    catalog = folder(HOST + "    tiers:\n      - output: 1.00\n")
    page = catalog.folder / "host" / "one.yaml"
    result = check([page], catalog, today=date(2026, 11, 22), now=datetime(2026, 11, 22, tzinfo=UTC))
    assert not result.faults
    assert [warning.line for warning in result.warnings] == [11]


def test_a_cut_of_the_maker_asks_about_the_rows_of_a_host_and_fails_no_check(folder: Folder) -> None:
    """The host's batch was half of 2.00 and is two thirds of 1.50: a change of the maker's
    page does not show whether the host follows."""
    host = HOST + "    tiers:\n      - service: batch\n        input: 1.00\n        output: 5.00\n"
    cut = CUT.replace("2026-06-01", "2027-01-01").replace("output: 8.00", "output: 7.50")
    cut += "        cache_write: {5m: 1.875, 1h: 3.00}\n        cache_read: {automatic: 0.15, written: 0.075}\n"
    catalog = folder(host, MAKER + cut)
    page = catalog.folder / "host" / "one.yaml"
    result = check([page], catalog, today=date(2026, 11, 22), now=datetime(2026, 11, 22, tzinfo=UTC))
    assert not result.faults
    assert not result.warnings
    (note,) = result.notes
    assert note.line == 3
    assert note.message.startswith("beside the rates of acme/one, batch input 1.00 is 0.67 of standard (1.50)")


def test_a_bump_adds_what_the_host_changes_and_leaves_the_rest_to_the_maker(folder: Folder) -> None:
    catalog = folder(HOST)
    path, sheet = catalog.folder / "host" / "one.yaml", catalog.sheet("host/one")
    page = bump(
        path.read_text(),
        sheet,
        laws_of(catalog.folder),
        NewRates({"output": Decimal(12)}, "2026-12-01", "https://host.dev/news"),
        resold=MAKER,
        today=date(2026, 11, 22),
    )
    assert page.card.endswith("    rest: as above\n    tiers:\n      - output: 12.00\n")
    path.write_text(page.page)
    bumped: RateCard = Catalog(catalog.folder).sheet("host/one").cards[-1]
    assert {name: rate.value for name, rate in bumped.rows[0].rates.items()} == rates(sheet, "2026-11-01") | {
        "output": Decimal(12)
    }
