"""`cachecost prices bump`: a price change as one command."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog

from ..command import Ran, run
from ..conftest import PRICES

URL = "https://platform.claude.com/docs/en/about-claude/pricing"
SEARCHES = "https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool"
HAIKU = Path("anthropic", "claude-haiku-4-5.yaml")
CLOCK = {"SOURCE_DATE_EPOCH": "1795867200"}  # 2026-11-28T12:00Z


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Four pages of the catalogue in a separate folder."""
    for page in (HAIKU, Path("openai/gpt-6-sol.yaml"), Path("zai/glm-4.6.yaml"), Path("google/gemini-2.5-pro.yaml")):
        (tmp_path / page).parent.mkdir(exist_ok=True)
        shutil.copy(PRICES / page, tmp_path / page)
    return tmp_path


def _bump(folder: Path, model: str, *flags: str) -> Ran:
    return run("prices", "bump", model, *flags, "--prices", folder, env=CLOCK)


def _rates(folder: Path, model: str) -> dict[tuple[str, int, str], Decimal]:
    card = Catalog(folder).sheet(model).cards[-1]
    return {(r.service, r.prompt.low, name): rate.value for r in card.rows for name, rate in r.rates.items()}


def test_what_was_a_stated_multiple_stays_one(copy: Path) -> None:
    """Input 1.00 -> 1.20: a read a tenth, writes 1.25 and 2 times, batch half of each. Output stays."""
    before = (copy / HAIKU).read_text(encoding="utf-8")
    result = _bump(copy, "claude-haiku-4-5", "--from", "2026-12-15", "--input", "1.20", "--source", URL)
    assert result.code == 0, result.err
    rates = {f"{service} {name}": str(value) for (service, _, name), value in _rates(copy, "claude-haiku-4-5").items()}
    assert rates == {
        "standard input": "1.20",
        "standard cache_read": "0.12",
        "standard cache_write:5m": "1.50",
        "standard cache_write:1h": "2.40",
        "standard output": "5.00",
        "standard fee.web_search": "0.01",
        "batch input": "0.60",
        "batch cache_read": "0.06",
        "batch cache_write:5m": "0.75",
        "batch cache_write:1h": "1.20",
        "batch output": "2.50",
        "batch fee.web_search": "0.01",
    }
    after = (copy / HAIKU).read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n") + "\n")
    card = Catalog(copy).sheet("claude-haiku-4-5").cards[-1]
    assert (f"{card.effective:%Y-%m-%d}", card.status, card.sources, f"{card.seen}") == (
        "2026-12-15",
        "scheduled",
        (URL, SEARCHES),
        "2026-11-28",
    )
    assert "| standard, any size | input | $1.00 | $1.20 |" in result.out
    assert "Unchanged: output; fee.web_search." in result.out
    assert "### What changes" in result.out


def test_the_rest_is_scaled_where_that_is_asked(copy: Path) -> None:
    """Output 15 -> 15 x 1.2 with the input, the read of GLM by its own ratio: 0.11 x 1.2 = 0.132."""
    old = _rates(copy, "glm-4.6")
    flags = ("--from", "2027-01-15", "--input", "0.72", "--source", "https://docs.z.ai/guides/overview/pricing")
    assert _bump(copy, "glm-4.6", *flags, "--scale-rest").code == 0
    factor = Decimal("0.72") / old["standard", 0, "input"]
    assert _rates(copy, "glm-4.6") == {key: value * factor for key, value in old.items()}


def test_the_row_for_larger_prompts_follows_the_first(copy: Path) -> None:
    """OpenAI beyond 272,000 tokens: twice the input, one and a half times the output; batch is half of each."""
    flags = ("--from", "2027-02-01", "--input", "3.00", "--output", "11.00")
    assert _bump(copy, "gpt-6-sol", *flags, "--source", "https://developers.openai.com/api/docs/pricing").code == 0
    rates = _rates(copy, "gpt-6-sol")
    assert rates["standard", 272_001, "input"] == Decimal("6.00")
    assert rates["standard", 272_001, "output"] == Decimal("16.50")
    assert rates["batch", 0, "output"] == Decimal("5.50")
    assert rates["standard", 0, "cache_write:30m"] == Decimal("3.75")


@pytest.mark.parametrize(
    ("model", "flags", "said"),
    [
        ("no-such-model", "--from 2026-12-15 --input 1.20 --source URL", "is not a model with a price sheet"),
        ("claude-haiku-4-5", "--from 2025-10-15 --input 1.20 --source URL", "is not after the last card"),
        ("claude-haiku-4-5", "--from 2026-12-15 --input 1.00 --source URL", "nothing would change"),
        ("claude-haiku-4-5", "--from 2026-12-15 --input 1.20", "source: missing"),
        ("claude-haiku-4-5", "--from 2026-12-15 --source URL", "no rate is given"),
        ("claude-haiku-4-5", "--from 2026-12-15 --input x --source URL", "is not an amount of money"),
        ("claude-haiku-4-5", "--from soon --input 1.20 --source URL", "soon"),
        ("claude-haiku-4-5", "--from 2026-12-15 --cache-write 12h=1 --source URL", "cache_write:12h is not a rate"),
        ("claude-haiku-4-5", "--from 2026-12-15 --input 1.20 --source here", "source: 'here': expected the address"),
        ("gemini-2.5-pro", "--from 2027-12-15 --input 1.20 --source URL", "google/gemini-2.5-pro.yaml:"),
        (
            "gemini-2.5-pro",
            "--from 2027-12-15 --input 1.20 --source URL",
            "its last card is withdrawn, and a bump changes",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(model: str, flags: str, said: str, copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*.yaml")}
    result = _bump(copy, model, *flags.replace("URL", URL).split())
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_rent_by_the_minute_stays_and_its_line_is_named(tmp_path: Path) -> None:
    """Rent hangs on no other rate, so no law moves it: the message says where it is printed."""
    page = tmp_path / "moonshot-cn" / "moonshot-v1-128k.yaml"
    page.parent.mkdir()
    text = (PRICES / "moonshot-cn" / page.name).read_text(encoding="utf-8")
    page.write_text(text.partition("\n  - effective: 2025-07-11")[0] + "\n", encoding="utf-8")
    flags = ("--from", "2027-12-15", "--input", "12.00", "--source", URL, "--scale-rest")
    result = _bump(tmp_path, "moonshot-v1-128k", *flags)
    assert result.code == 0, result.err
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
    rents = [(number, line.strip()) for number, line in lines if "storage_per_minute" in line]
    assert [text for _, text in rents] == [f"storage_per_minute: {each}" for each in ("10.00", "5.00")]
    assert f"{page}:{rents[-1][0]}: storage stays as it is; add the new one to the card if" in result.err


def test_a_dry_run_prints_the_card_alone(copy: Path) -> None:
    before = (copy / HAIKU).read_bytes()
    flags = ("--from", "2026-11-20", "--input", "1.20", "--source", URL, "--dry-run")
    result = _bump(copy, "claude-haiku-4-5", *flags)
    assert result.code == 0
    card = f"  - effective: 2026-11-20\n    source: {URL}\n    seen: 2026-11-28\n    rest: as above\n    tiers:\n"
    assert result.out.startswith(f"{card}      - input: 1.20\n        cache_read: 0.12\n")
    assert (copy / HAIKU).read_bytes() == before


@pytest.mark.parametrize("every", [120, pytest.param(20, marks=pytest.mark.external)])
def test_a_bump_of_any_page_reads_as_it_was_meant(every: int, catalog: Catalog, tmp_path: Path) -> None:
    """One page in so many with its input a fifth dearer: the new card reads as it was meant."""
    bumped = 0
    for page in catalog.paths[::every]:
        sheet = catalog.sheet(f"{page.parent.name}/{page.stem}")
        if sheet.cards[-1].status in ("withdrawn", "cancelled"):
            continue
        for name in filter(None, (sheet.id, sheet.resells)):
            copied = tmp_path / f"{name}.yaml"
            copied.parent.mkdir(exist_ok=True)
            shutil.copy(catalog.folder / f"{name}.yaml", copied)
        row = next(row for row in sheet.cards[-1].rows if row.service == "standard" and not row.window)
        dearer = row.rates["input"].value * Decimal("1.2") or Decimal(1)
        flags = ("--from", "2027-12-15", "--input", f"{dearer:f}", "--source", URL, "--scale-rest")
        result = _bump(tmp_path, sheet.id, *flags)
        assert result.code == 0, (sheet.id, result.err)
        bumped += 1
    assert bumped > 5
