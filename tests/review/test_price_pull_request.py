"""A stranger's pull request with prices: made by the guide, on a later day, it is green without touching a test.

The tree is copied, changed as pricing/README.md says, and put through the guide's three commands and through the
tests that read the catalogue.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ..command import SCRIPT, environment
from ..conftest import LATEST, ROOT, epoch

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

LATER = LATEST + timedelta(23)
CHANGED = "xai/grok-4.5"
HOSTED = "azure/gpt-4.1"
SOURCE = "https://docs.x.ai/developers/pricing"
CATALOGUE = ["every_page_of_the_catalogue", "a_bare_alias", "every_rate_is_the_number", "every_source_is"]
READS_PRICES = [
    *("tests/review/test_datasets.py", "tests/catalog/test_multipliers.py", "tests/catalog/test_catalog.py"),
    *("tests/catalog/test_hardware_pages.py", "tests/selfhosted/test_bills.py"),
]
"""Tests that read every page, of the catalogue's own those that take seconds; and bills of a machine."""


def cachecost(tree: Path, *arguments: str) -> str:
    ran = subprocess.run([SCRIPT, *arguments], cwd=tree, env=_env(tree), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def make(tree: Path, *arguments: str) -> str:
    """A target of the copied Makefile, run by the commands that are installed here."""
    command = ["make", f"BIN={SCRIPT.parent}", f"PYTHON={sys.executable}", *arguments]
    ran = subprocess.run(command, cwd=tree, env=_env(tree), capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _env(tree: Path) -> dict[str, str]:
    return environment(CACHECOST_PRICES=str(tree / "pricing"), SOURCE_DATE_EPOCH=epoch(LATER))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a pull request of prices is made in: the same code, and a copy of everything that may change with it."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("pricing", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("calc", "api"):
        (copy / name).symlink_to(ROOT / name, target_is_directory=True)
    for name in ("Makefile", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copy)
    (copy / ".venv").mkdir()
    (copy / ".venv" / "run").touch()  # newer than pyproject.toml: nothing is installed
    _changed_price(copy, CHANGED)
    _changed_price(copy, HOSTED)
    _changed_rent(copy)
    _new_page(copy, "xai", "grok-5-test")
    _new_page(copy, "acme", "large-1")
    make(copy, "prices")
    return copy


def _changed_price(tree: Path, model: str) -> None:
    """`prices bump` to half the price, from a later day."""
    rows = json.loads(cachecost(tree, "show", model, "--json"))["rate_cards"][-1]["rows"]
    rates = next(row["rates"] for row in rows if row["service"] == "standard")
    half = [f"--{name.replace('_', '-')}={Decimal(rates[name]) / 2}" for name in ("input", "cache_read", "output")]
    cachecost(tree, "prices", "bump", model, f"--from={LATER}", f"--source={SOURCE}", "--scale-rest", *half)


def _changed_rent(tree: Path) -> None:
    """A card below the first one of the machine whose bills are worked by hand in tests/selfhosted."""
    page = tree / "pricing" / "self-hosted" / "machines" / "aws.yaml"
    text = page.read_text(encoding="utf-8")
    end = text.index("  - machine: ", text.index("rate_cards:"))
    lines = (
        f"- effective: {LATER}",
        "  per_hour: 44.00",
        "  region: us-east-1",
        f"  source: {SOURCE}",
        f"  seen: {LATER}",
    )
    page.write_text(text[:end] + "".join(f"      {line}\n" for line in lines) + text[end:], encoding="utf-8")


def _new_page(tree: Path, provider: str, model: str) -> None:
    """`prices new`, with its blanks filled in."""
    page = Path("pricing", provider, f"{model}.yaml")
    cachecost(tree, "prices", "new", provider, model, "-o", str(page))
    text = (tree / page).read_text(encoding="utf-8")
    for word, value in (("source", SOURCE), ("input", "2.00"), ("cache_read", "0.20"), ("output", "8.00")):
        text = re.sub(rf"^( +(?:- )?{word}:)(?: +[^\s#]+)?", rf"\1 {value}", text, count=1, flags=re.MULTILINE)
    (tree / page).write_text(text, encoding="utf-8")


@pytest.mark.external
def test_the_three_commands_of_the_guide_are_content(tree: Path) -> None:
    """No page has a fault, and the diff shows the change and both new models."""
    assert "0 faults" in make(tree, "prices-check")
    make(tree, "prices-diff", f"BASE={ROOT / 'pricing'}")
    messages = (tree / "prices-diff.md").read_text(encoding="utf-8")
    assert all(each in messages for each in (CHANGED, HOSTED, "xai/grok-5-test", "acme/large-1"))


@pytest.mark.external
def test_the_tests_that_read_the_catalogue_pass(tree: Path) -> None:
    """No test was touched."""
    chosen = " or ".join(["test_datasets", "test_multipliers", "test_hardware_pages", "test_bills", *CATALOGUE])
    options = ["-q", "-p", "no:cacheprovider", "-m", "not external", "-k", chosen]
    command = [sys.executable, "-m", "pytest", *options, *READS_PRICES]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-5_000:]
