"""Price pages with one fault each: what the loader says of it, where, and nothing else.

`broken/NAME.yaml` opens with the fault that it must earn: `# expect: LINE: MESSAGE`. `...` stands for anything,
where a message lists every known key or quotes the YAML library.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.pages import MAX_PAGE, read_page
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet, Fault

BROKEN = sorted((Path(__file__).parents[1] / "broken").glob("*.yaml"))


def _expected(page: Path) -> list[tuple[int, str]]:
    """The faults that a page's first comment lines announce."""
    results: list[tuple[int, str]] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if not (match := re.fullmatch(r"# expect: (\d+): (.+)", line)):
            return results
        results.append((int(match[1]), match[2]))
    return results


def _says(message: str, expected: str) -> bool:
    """Whether a message is the expected one, `...` standing for anything."""
    return bool(re.fullmatch(".*".join(map(re.escape, expected.split("..."))), message))


def _faults(page: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadSheet) as refused:
        read_page(page)
    return refused.value.faults


@pytest.mark.parametrize("page", BROKEN, ids=lambda page: page.stem)
def test_a_broken_page_earns_exactly_its_fault(page: Path) -> None:
    """Line and message are those announced, and one slip does not set off other messages."""
    expected = _expected(page)
    result = _faults(page)
    assert len(expected) == 1
    assert [fault.line for fault in result] == [line for line, _ in expected], result
    assert all(_says(fault.message, message) for fault, (_, message) in zip(result, expected, strict=True)), result


def test_line_ends_of_another_system_change_no_fault(tmp_path: Path) -> None:
    """A page saved with CRLF earns the fault that it earns with LF, at the same line."""
    folder = tmp_path / BROKEN[0].parent.name
    folder.mkdir()
    for page in BROKEN:
        copy = folder / page.name
        copy.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
        ((line, message),) = _expected(page)
        (fault,) = _faults(copy)
        assert fault.line == line, fault
        assert _says(fault.message, message), fault


def test_all_faults_of_all_pages_come_together_by_file_and_line(tmp_path: Path) -> None:
    """One refusal of a folder holds what each of its pages earns alone, and a sound page adds nothing."""
    for number, page in enumerate(BROKEN):
        folder = tmp_path / f"provider-{number % 3}"
        folder.mkdir(exist_ok=True)
        shutil.copy(page, folder)
    _write(tmp_path, "acme", "sound")
    with pytest.raises(BadSheet) as refused:
        Catalog(tmp_path).sheets()
    alone = [fault for page in tmp_path.glob("provider-*/*.yaml") for fault in _faults(page)]
    assert list(refused.value.faults) == sorted(alone)
    assert len({fault.file for fault in refused.value.faults}) == len(BROKEN)
    assert str(refused.value).splitlines() == [f"{file}:{line}: {said}" for file, line, said in refused.value.faults]


SOUND = """\
provider: {provider}
model: {model}
name: A sound page
{more}unit: USD per 1M tokens
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-01-05
    tiers:
      - input: 3.50
        output: 10.50
"""


def _write(folder: Path, provider: str, model: str, more: str = "") -> Path:
    page = folder / provider / f"{model}.yaml"
    page.parent.mkdir(exist_ok=True)
    page.write_text(SOUND.format(provider=provider, model=model, more=more), encoding="utf-8")
    return page


def test_several_faults_of_one_page_come_together(tmp_path: Path) -> None:
    """A key given twice, an empty one, a misspelt one and a wrong number are four lines of one refusal."""
    page = _write(tmp_path, "acme", "one", "name: Another name\nnote:\nlimit: {context: 1}\n")
    page.write_text(page.read_text(encoding="utf-8").replace("input: 3.50", "input: 3,50"), encoding="utf-8")
    assert [(fault.line, fault.message.split(" ")[0]) for fault in _faults(page)] == [
        (4, "name"),
        (5, "note:"),
        (6, "limit"),
        (13, "input:"),
    ]


def test_every_service_with_a_gap_is_named(tmp_path: Path) -> None:
    """Two services that each leave prompts without a price are two faults, one a service."""
    page = _write(tmp_path, "acme", "one")
    row = "      - service: {}\n        prompt_over: 10\n        input: 1.00\n        output: 2.00\n"
    with page.open("a", encoding="utf-8") as file:
        file.write(row.format("batch") + row.format("flex"))
    said = [fault.message for fault in _faults(page)]
    assert [message.partition(" a prompt")[0] for message in said] == [
        "tiers: no row prices service batch,",
        "tiers: no row prices service flex,",
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing but a comment\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_page_is_no_price_sheet(content: bytes, tmp_path: Path) -> None:
    """A page without a word on it is refused at its first line."""
    page = _write(tmp_path, "acme", "empty")
    page.write_bytes(content)
    (fault,) = _faults(page)
    assert (fault.line, fault.message) == (
        1,
        "is not a price sheet; expected keys such as provider, model, rate_cards",
    )


def test_a_page_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    """The byte of another encoding stands on the fourth line, and the message says that line."""
    page = _write(tmp_path, "acme", "latin", "note: as of the Frühjahr\n")
    page.write_bytes(page.read_text(encoding="utf-8").encode("latin-1"))
    assert [(fault.line, fault.message) for fault in _faults(page)] == [
        (4, "is not UTF-8 text; save it in that encoding")
    ]


def test_a_page_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    """A page of exactly the limit is read, one byte more is not, however sound the rest."""
    page = _write(tmp_path, "acme", "large")
    room = MAX_PAGE - page.stat().st_size
    with page.open("a", encoding="utf-8") as file:
        file.write("#" * (room - 1) + "\n")
    assert read_page(page).id == "acme/large"
    with page.open("a", encoding="utf-8") as file:
        file.write("#")
    assert [(fault.line, fault.message) for fault in _faults(page)] == [
        (1, "has over 256 KiB; expected one model's rates")
    ]


def test_a_page_that_cannot_be_read_is_a_fault_like_any_other(tmp_path: Path) -> None:
    """A link to nowhere under a page's name is named beside the other faults, and stops no lookup; a folder is none."""
    _write(tmp_path, "acme", "sound", "aliases: [other]\n")
    (tmp_path / "acme" / "folder.yaml").mkdir()
    (tmp_path / "acme" / "nowhere.yaml").symlink_to(tmp_path / "missing")
    catalog = Catalog(tmp_path)
    with pytest.raises(BadSheet) as refused:
        catalog.sheets()
    assert [Path(fault.file).name for fault in refused.value.faults] == ["nowhere.yaml"]
    assert all(fault.message.startswith("cannot be read: ") for fault in refused.value.faults)
    assert catalog.sheet("other").id == "acme/sound"


@pytest.mark.parametrize(
    ("one", "other", "thief", "line", "name"),
    [
        ("aliases: [shared]\n", "aliases: [shared]\n", "best/two", 4, "shared"),
        ("", "aliases:\n  - fine\n  - one\n", "best/two", 6, "one"),
        ("aliases: [two]\n", "", "acme/one", 4, "two"),
    ],
    ids=["both as an alias", "a model as an alias", "an alias as a model"],
)
def test_a_name_that_two_sheets_claim_is_a_fault_at_the_alias(
    one: str, other: str, thief: str, line: int, name: str, tmp_path: Path
) -> None:
    """The message names the page that has the name already, and stands at the line of the one that may not have it."""
    pages = {"acme/one": _write(tmp_path, "acme", "one", one), "best/two": _write(tmp_path, "best", "two", other)}
    owner = next(page for page in pages if page != thief)
    with pytest.raises(BadSheet) as refused:
        Catalog(tmp_path).sheets()
    assert [tuple(fault) for fault in refused.value.faults] == [
        (str(pages[thief]), line, f"{name} is also claimed by {owner}; a name belongs to one sheet")
    ]


def test_a_host_may_share_a_name_with_the_maker_but_not_with_itself(tmp_path: Path) -> None:
    """Within one host's pages an alias is unique; the maker's own page may bear it as well."""
    _write(tmp_path, "acme", "one", "aliases: [shared]\n")
    _write(tmp_path, "host", "one", "maker: acme\naliases: [shared]\n")
    Catalog(tmp_path).sheets()
    _write(tmp_path, "host", "two", "maker: acme\naliases: [shared]\n")
    with pytest.raises(BadSheet, match="shared is also claimed by host/one"):
        Catalog(tmp_path).sheets()


def test_a_folder_that_is_none_says_how_to_name_one(tmp_path: Path) -> None:
    """A catalogue without its folder is refused before anything is asked of it."""
    with pytest.raises(BadSheet, match="is not a folder of price sheets; name one with --prices"):
        Catalog(tmp_path / "nowhere")


def test_a_withdrawn_model_keeps_the_last_rates_that_were_sold(tmp_path: Path) -> None:
    """A card that was cancelled before it began leaves no rates behind for the card after it."""
    text = SOUND.format(provider="acme", model="one", more="") + (
        "  - effective: 2026-06-01\n    status: cancelled\n    source: https://example.com/plan\n    seen: 2026-05-01\n"
        "    tiers:\n      - input: 99.00\n        output: 99.00\n"
        "  - effective: 2026-09-01\n    status: withdrawn\n    source: https://example.com/end\n    seen: 2026-09-01\n"
    )
    sheet = read_text(text, file="page.yaml")
    assert [str(card.rows[0].rates["input"].value) for card in sheet.cards] == ["3.50", "99.00", "3.50"]


def test_a_rate_of_creation_may_stand_for_the_other_reading() -> None:
    """Where sources dispute whether creation has a separate rate, the row says that rate, and may not omit it."""
    text = SOUND.format(provider="acme", model="one", more="").replace(
        "    tiers:",
        "    caching:\n      stored:\n        default_ttl: 1h\n        disputed:\n"
        "          creation: [{value: rate, source: https://example.com/forum, seen: 2026-01-05}]\n    tiers:",
    )
    text = text.replace("        output", "        cache_read: 0.35\n        storage_per_hour: 4.50\n        output")
    with pytest.raises(BadSheet, match="creation: missing"):
        read_text(text, file="page.yaml")
    sheet = read_text(text.replace("        output", "        creation: 2.00\n        output"), file="p")
    assert sheet.cards[0].rows[0].rates["creation"].value == 2
    assert [dispute.taken for dispute in sheet.cards[0].disputes] == ["input"]


def test_a_batch_row_may_sell_fewer_ttls_wherever_it_stands() -> None:
    """What can be written is what the standard rows sell, also where another service's row stands above them."""
    text = SOUND.format(provider="acme", model="one", more="").replace(
        "    tiers:\n",
        "    caching:\n      written: {min_tokens: 1_024}\n    tiers:\n"
        "      - service: batch\n        input: 1.75\n        cache_write: {5m: 2.00}\n        output: 5.25\n",
    )
    text = text.replace("- input: 3.50\n", "- input: 3.50\n        cache_write: {5m: 4.00, 1h: 7.00}\n")
    text = text.replace("        output: 10.50", "        cache_read: 0.35\n        output: 10.50")
    written = read_text(text, file="page.yaml").cards[0].caching.written
    assert written is not None
    assert written.ttls == ("5m", "1h")
