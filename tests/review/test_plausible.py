"""Numbers that do not look like prices: what `prices check` says of them, and how a page explains one that is right."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.pages import read_page, whole
from cachecost.review.check import Checker, check, laws_of

from ..command import Ran, run
from ..conftest import LATEST, ROOT
from .slips import KINDS, noticed, slips

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOW.date() + timedelta(1)
PAGE = """\
provider: acme
model: one
name: One
unit: USD per 1M tokens
aliases: []
limits: {context: 200_000, output: 64_000}
rate_cards:
  - effective: 2026-01-01
    source: https://acme.test/pricing
    seen: 2026-11-22
    caching:
      automatic: {min_tokens: 1_024}
      written: {min_tokens: 1_024, default_ttl: 5m}
    tiers:
      - input: 1.00
        cache_write: {5m: 1.25, 1h: 2.00}
        cache_read: 0.10
        output: 5.00
      - service: batch
        input: 0.50
        cache_write: {5m: 0.625, 1h: 1.00}
        cache_read: 0.05
        output: 2.50
"""


def _said(tmp_path: Path, *edits: tuple[str, str], page: str = PAGE) -> list[str]:
    """`LINE: what is said` of the page after some edits, faults before warnings."""
    for old, new in edits:
        assert old in page
        page = page.replace(old, new, 1)
    path = tmp_path / "acme" / "one.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    result = check([path], Catalog(tmp_path), today=TODAY, now=NOW)
    return [f"{line}: {message}" for file, line, message in result.faults + result.warnings if file == str(path)]


def test_an_ordinary_page_is_left_in_peace(tmp_path: Path) -> None:
    """Batch is half, a read a tenth, writes 1.25 and 2 times the input: nothing to say."""
    assert _said(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "input: 1.00\n",
            "input: 1.20\n",
            "20: batch input 0.50 is 0.42 of standard (1.20); expected half of standard",
        ),
        (
            "cache_read: 0.10",
            "cache_read: 2.00",
            "17: cache_read 2.00 is over input 1.00; expected 0.02 to 0.6 of input",
        ),
        ("5m: 1.25", "5m: 0.50", "16: cache_write:5m 0.50 is 0.5 of input (1.00); expected 1.25x input"),
        ("1h: 2.00}", "1h: 1.20}", "cache_write:1h 1.20 is below cache_write:5m 1.25, but lives longer"),
        ("min_tokens: 1_024", "min_tokens: 1_024_000", "12: automatic.min_tokens 1,024,000 is not usual; expected 64"),
        ("default_ttl: 5m", "default_ttl: 1h", ""),
        ("output: 64_000", "output: 500_000", "6: limits.output 500,000 is over limits.context 200,000"),
        ("context: 200_000, output: 64_000", "input: 8_192, output: 16_384", ""),  # Gemini's TTS: stated apart
        ("context: 200_000", "input: 200", "6: limits.input 200 is not usual; expected 8"),
        ("2026-01-01", "2062-01-01", "8: effective 2062-01-01 is more than 730 days away; is the year right?"),
        ("2026-01-01", "2026-12-24", "8: effective 2026-12-24 is still to come, but the card is in force"),
        ("2026-01-01", "0001-01-01", "8: effective 0001-01-01 is before 2023-03-01; is the year right?"),
        ("seen: 2026-11-22", "seen: 1990-01-05", "10: seen: 1990-01-05 lies before"),
        ("unit: USD", "unit: CNY", "4: unit: CNY is not a currency of acme (USD)"),
        (
            "https://acme.test/",
            "https://www.example.com/",
            "9: source: https://www.example.com/pricing is a placeholder",
        ),
        ("input: 1.00\n", "input: 1000000.00\n", "15: input 1000000.00 USD is not usual at acme; expected 0.01 to 50"),
    ],
)
def test_a_slip_is_told_at_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    """Where it stands, what it is, and what was expected."""
    result = _said(tmp_path, (old, new))
    assert any(each.startswith(said) or said in each for each in result) if said else result == []


CARD = """\
  - effective: 2026-12-01
    status: scheduled
    source: https://acme.test/pricing
    seen: 2026-11-20
    caching:
      automatic: {min_tokens: 1_024}
      written: {min_tokens: 1_024, default_ttl: 5m}
    tiers:
      - input: 1.00
        cache_write: {5m: 1.25, 1h: 2.00}
        cache_read: 0.10
        output: 50.00
"""


def test_a_card_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    """An answer ten times as dear, and batch rows that are not there any more: the line of each is that of its card."""
    assert _said(tmp_path, page=PAGE + CARD) == [
        "31: service batch was on the card before and is missing here; is it still sold?",
        "35: output 50.00 is 50x input (1.00); expected 1 to 8.4 of input; "
        "output 50.00 is 10x the card before (5.00); expected 0.2 to 5 of the card before",
    ]


SAME = """\
  - effective: 2026-11-01
    note: As printed on this day.
    source: https://acme.test/prices
    seen: 2026-11-20
    rest: as above
"""
NOTHING = "the card of 2026-11-01 changes nothing; move `source` and `seen` to the card before it, and delete it"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", [f"24: {NOTHING}"]),
        # the same rates in another order, with a note
        ("", "    tiers:\n      - {service: batch, input: 0.50, note: As printed.}\n", [f"24: {NOTHING}"]),
        ("", "    tiers:\n      - {service: batch, output: 2.00, plausible: {output: As printed.}}\n", []),
        ("", "    caching: {automatic: {min_tokens: 2_048}, written: {min_tokens: 1_024, default_ttl: 5m}}\n", []),
        ("    note: As printed on this day.\n", "    promised_until: 2026-12-31\n", []),
        ("    note: As printed on this day.\n", "    confidence: low\n", [f"24: {NOTHING}"]),
    ],
)
def test_a_card_that_changes_nothing_is_to_go(old: str, new: str, said: list[str], tmp_path: Path) -> None:
    """Its source confirms the card before; a term, a rate or a promise is news, less confidence is not."""
    card = SAME.replace(old, new) if old else SAME + new
    assert _said(tmp_path, page=PAGE + card) == said


def test_a_card_that_is_surer_of_the_same_rates_says_something(tmp_path: Path) -> None:
    """A dataset's rates, which the vendor's page shows from a later day on."""
    unsure = PAGE.replace("    source:", "    confidence: medium\n    source:", 1)
    assert _said(tmp_path, page=unsure + SAME) == []


def test_a_host_is_compared_with_the_page_of_the_maker(tmp_path: Path) -> None:
    """Every rate of it a hundred times too small: inside the page all is well, beside the maker's it is not."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "one.yaml").write_text(PAGE, encoding="utf-8")
    host = PAGE.replace("provider: acme", "provider: best\nmaker: acme").replace("1.00\n", "0.10\n")
    host = host[: host.index("      - service")].replace("{5m: 1.25, 1h: 2.00}", "{5m: 0.125, 1h: 0.20}")
    host = host.replace("cache_read: 0.10", "cache_read: 0.01").replace("output: 5.00", "output: 0.50")
    path = tmp_path / "best" / "one.yaml"
    path.parent.mkdir()
    path.write_text(host, encoding="utf-8")
    result = check([path], Catalog(tmp_path), today=TODAY, now=NOW)
    assert "input 0.10 is far from the maker's page (acme/one: 1.0)" in [message for _, _, message in result.warnings]


@pytest.mark.parametrize(
    ("after", "indent"), [("cache_read: 2.00\n", 8), ("seen: 2026-11-22\n", 4), ("aliases: []\n", 0)]
)
def test_a_page_explains_a_true_exception(after: str, indent: int, tmp_path: Path) -> None:
    """On the row, on the card or on the page; the reason is for readers, and has to be there."""
    dear = PAGE.replace("cache_read: 0.10", "cache_read: 2.00").replace("cache_read: 0.05", "cache_read: 1.00")
    assert len(_said(tmp_path, page=dear)) == 2
    words = " " * indent + "plausible: {cache_read: A cache that costs more than none.}\n"
    assert len(_said(tmp_path, (after, after + words), page=dear)) == (1 if indent == 8 else 0)
    without = words.replace("A cache that costs more than none.", "")
    assert any("has no value" in each for each in _said(tmp_path, (after, after + without), page=dear))


def test_an_explanation_of_nothing_is_told(tmp_path: Path) -> None:
    """It would hide the next slip."""
    words = "        plausible: {cache_read: no longer so}\n"
    assert _said(tmp_path, ("cache_read: 0.10\n", "cache_read: 0.10\n" + words)) == [
        "18: plausible: cache_read explains nothing that looks wrong here; remove it"
    ]


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.external)])
def test_the_catalogue_looks_like_prices(every: int, whole_catalog: Catalog) -> None:
    """Each number of today's pages that is reported says on its page why it is right. `make prices-check` looks at all
    pages as well."""
    pages = whole_catalog.paths[::every]
    result = check(pages if every > 1 else [], whole_catalog, today=LATEST, now=NOW)
    assert [str(each) for each in result.faults + result.warnings] == []
    assert len(result.sheets) == len(pages)


def test_a_card_appended_with_the_same_rates_raises_one_doubt(catalog: Catalog, tmp_path: Path) -> None:
    """What follows the card before in everything changes nothing; reasons need not be repeated."""
    checker = Checker(catalog, today=TODAY, now=NOW)
    for page in catalog.paths[::20]:
        text = page.read_text(encoding="utf-8").rstrip("\n") + "\n"
        last = text[text.rindex("  - effective: ") :]
        if "status: withdrawn" in last:
            continue
        _, _, rest = last.partition("\n")
        rest = rest.replace("    status: scheduled\n", "", 1)
        path = tmp_path / page.parent.name / page.name
        path.parent.mkdir(exist_ok=True)
        if resold := whole(page)[1]:
            (tmp_path / str(read_page(page).resells)).parent.mkdir(exist_ok=True)
            (tmp_path / f"{read_page(page).resells}.yaml").write_bytes(resold)
        path.write_text(f"{text}  - effective: 2027-06-01\n    status: scheduled\n{rest}", encoding="utf-8")
        result = checker.look(path, read_page(path))
        doubts = [each.message for each in result.warnings if "explains nothing" not in each.message]
        assert doubts == [NOTHING.replace("2026-11-01", "2027-06-01")], page


def test_at_least_nineteen_of_twenty_slips_are_noticed(catalog: Catalog, tmp_path: Path) -> None:
    """Three slips of each of some fifty kinds on real pages. `python -m tests.review.slips 60` prints each share."""
    checker = Checker(catalog, today=TODAY, now=NOW)
    made = list(slips(catalog, each=3, seed=1))
    missed = [f"{each.kind}: {each.page}" for each in made if not noticed(each, checker, tmp_path)]
    print(f"{len(made) - len(missed)} of {len(made)} slips of {len(KINDS)} kinds are noticed")
    assert len(made) >= 2 * len(KINDS)
    assert len(missed) <= len(made) / 20, missed


def test_a_folder_without_laws_is_measured_by_the_built_in_ones(tmp_path: Path) -> None:
    """Also where the environment names that folder."""
    _said(tmp_path)
    result = run("prices", "check", env={"CACHECOST_PRICES": str(tmp_path), "SOURCE_DATE_EPOCH": "1795867200"})
    assert (result.code, result.out) == (0, "1 sheet, 1 rate card, 0 faults\n")


def test_laws_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """A user's page of laws is used where it lies beside the sheets, and its fault is named."""
    (tmp_path / "plausibility.yaml").write_text("rates: []\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"plausibility\.yaml:1: services: missing"):
        laws_of(tmp_path)


def _cli_check(tmp_path: Path, page: str, *flags: str, at: datetime = NOW) -> Ran:
    path = tmp_path / "acme" / "one.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return run("prices", "check", *flags, "--prices", tmp_path, env={"SOURCE_DATE_EPOCH": str(int(at.timestamp()))})


def test_warnings_fail_only_where_that_is_asked(tmp_path: Path) -> None:
    """A warning has file and line and leaves the exit code alone; `--strict` is for CI. The read is over the input, and
    that of batch is no longer half of it."""
    dear = PAGE.replace("cache_read: 0.10", "cache_read: 2.00")
    result = _cli_check(tmp_path, dear)
    assert (result.code, result.out) == (0, "1 sheet, 1 rate card, 0 faults, 2 warnings\n")
    assert f"warning: {tmp_path}/acme/one.yaml:17: cache_read 2.00 is over input 1.00" in result.err
    assert _cli_check(tmp_path, dear, "--strict").code == 1
    assert _cli_check(tmp_path, PAGE, "--strict").code == 0
    assert _cli_check(tmp_path, PAGE.replace("cache_read: 0.10", "cache_read: 0"), "--strict").code == 1


def test_a_page_with_a_fault_is_counted_beside_those_that_were_read(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "two.yaml").write_text(PAGE.replace("model: one", "model: two"), encoding="utf-8")
    result = _cli_check(tmp_path, PAGE.replace("output: 5.00", "outputs: 5.00"))
    assert (result.code, result.out) == (1, "1 sheet, 1 rate card, 1 fault\n")


@pytest.mark.parametrize("name", ["two.yml", "two.YAML"])
def test_a_page_with_another_ending_is_a_fault(name: str, tmp_path: Path) -> None:
    """It would pass the check, and no answer would have its rates."""
    (tmp_path / "acme").mkdir()
    page = tmp_path / "acme" / name
    page.write_text(PAGE.replace("model: one", "model: two"), encoding="utf-8")
    whole = _cli_check(tmp_path, PAGE)
    assert (whole.code, f"{page}: is not read; expected the ending .yaml" in whole.err) == (1, True)
    alone = run("prices", "check", str(page), "--prices", str(tmp_path))
    assert (alone.code, "expected the page acme/two.yaml" in alone.err) == (1, True)


def test_a_page_dated_today_in_tokyo_is_not_in_the_future(tmp_path: Path) -> None:
    """At 15:15 UTC on the 28th it is the 29th in Tokyo, and by noon UTC nowhere the 30th."""
    evening = datetime(2026, 11, 28, 15, 15, tzinfo=UTC)
    assert _cli_check(tmp_path, PAGE.replace("seen: 2026-11-22", "seen: 2026-11-29"), at=evening).code == 0
    later = _cli_check(tmp_path, PAGE.replace("seen: 2026-11-22", "seen: 2026-11-30"), at=evening)
    assert later.code == 1
    assert "one.yaml:10: seen: 2026-11-30 lies in the future; expected a day from 2023-03-01 to 2026-11-29" in later.err


def test_a_source_read_in_the_future_is_a_fault_wherever_it_stands(tmp_path: Path) -> None:
    """On a rate card, and on a disputed rate."""
    disputed = "disputed: {input: [{value: 0.60, source: https://acme.test/blog, seen: 2027-01-05}]}\n"
    page = PAGE.replace("seen: 2026-11-22", "seen: 2027-01-06") + "        " + disputed
    result = _cli_check(tmp_path, page)
    assert result.code == 1
    for day in ("2027-01-05", "2027-01-06"):
        assert f"seen: {day} lies in the future" in result.err


def test_no_date_of_a_page_stops_a_quote(tmp_path: Path) -> None:
    """A machine whose clock is years behind, or a page of tomorrow, still gets its answer."""
    _cli_check(tmp_path, PAGE.replace("2026-11-22", "2031-01-01").replace("2026-11-22", "2031-01-01"))
    for flags in (["models"], ["quote", "one", "--input", "1M", "--as-of", "2026-02-01"]):
        result = run(*flags, "--prices", tmp_path, env={"SOURCE_DATE_EPOCH": "1767225600"})
        assert (result.code, result.err) == (0, "")


def test_an_ordinary_question_does_not_load_what_checks_pages() -> None:
    """`compare` asks for a price, not for its plausibility."""
    code = (
        "import sys; from cachecost.cli import main\n"
        "sys.argv = 'cachecost compare gpt-4o -c 1M -n 2 -q 0 -a 0'.split()\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print({'cachecost.review.check', 'cachecost.review.plausible', 'cachecost.review.laws'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.splitlines()[-1] == "set()"
