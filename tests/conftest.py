"""What every test shares: no home folder is touched, one day is today, and the pages are parsed once.

Questions are asked on `TODAY`, whatever is added to the catalogue: a card that takes effect later changes no
expected bill, and a page that was read later is still a page. Only `prices check` compares the dates of a page
with the clock; its tests use `LATEST`, which follows from the pages themselves.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from cachecost.catalog import Catalog

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)
NEWEST = max(
    match[1].decode()
    for page in (ROOT / "pricing").glob("*/*.yaml")
    for match in re.finditer(rb"\b(?:checked|seen): *(\d{4}-\d\d-\d\d)", page.read_bytes())
)
LATEST = max(TODAY, date.fromisoformat(NEWEST))
"""The newest day on which a source was read, found in the text of the pages, which takes milliseconds."""
PATIENCE = 120
"""Seconds that a test waits for what must happen, and that a server of the tests allows: enough on any machine."""


def epoch(day: date) -> str:
    """Noon of a day as `SOURCE_DATE_EPOCH` has it: seconds since 1970."""
    return str(int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()))


os.environ["SOURCE_DATE_EPOCH"] = epoch(TODAY)
# A shell ignores Ctrl-C for what it starts in the background, and so would the commands that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("steady")

# One folder of parsed pages for this session, its workers (which inherit the variable) and the commands they start.
_OWN_CACHE = "PYTEST_XDIST_WORKER" not in os.environ
if _OWN_CACHE:
    os.environ["CACHECOST_CACHE"] = tempfile.mkdtemp(prefix="cachecost-tests-")


def pytest_configure(config: pytest.Config) -> None:
    """Fill the folder before several processes would each parse every page."""
    if getattr(config.option, "numprocesses", None):
        Catalog(ROOT / "pricing", today=LATEST).checked()


def pytest_unconfigure() -> None:
    if _OWN_CACHE:
        shutil.rmtree(os.environ["CACHECOST_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def patient() -> None:
    """Applications in this process give up no question because the machine is busy."""
    if limits := sys.modules.get("cachecost_api.limits"):
        vars(limits).update(SECONDS=PATIENCE, SLOW=PATIENCE)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The project's own price sheets, read once."""
    return Catalog(ROOT / "pricing", today=LATEST, held=True)
