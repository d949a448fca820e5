"""What every test shares: no home folder is touched, one day is today, and the pages are parsed once.

Questions are asked on `TODAY` of `PRICES`, the catalogue without later cards, so that a price change makes no
expected bill wrong. Tests of the pages themselves read all of them, as of `LATEST`, which follows from the pages.
"""

from __future__ import annotations

import atexit
import gc
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from cachecost.catalog.catalog import Catalog
from cachecost.engines import intake

from .frozen import as_of, newest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from xdist.scheduler import LoadFileScheduling

    from .server import Server

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)
LATEST = max(TODAY, newest(ROOT / "pricing"))
"""The day on which the newest source was read."""
PATIENCE = 600
"""Seconds that a test waits for what must happen, and that a server of the tests allows: enough on any machine."""


SHARED = {"browser": r"/test_page\w*\.py", "cluster": r"spark|/test_(sql|doubts)\.py"}
"""Files whose tests share what takes long to start."""


def epoch(day: date) -> str:
    """Noon of a day as `SOURCE_DATE_EPOCH` has it: seconds since 1970."""
    return str(int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()))


os.environ["SOURCE_DATE_EPOCH"] = epoch(TODAY)
# A shell ignores Ctrl-C for what it starts in the background, and so would the commands that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile(
    "steady", derandomize=True, deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=50)
settings.load_profile("steady")


def a_thousand() -> settings:
    """For tests whose examples cost little: a thousand of them in `make test-all`."""
    usual = settings()
    return settings(max_examples=1_000) if usual.max_examples > settings.get_profile("steady").max_examples else usual


def a_third() -> settings:
    """For tests whose examples each take long: a third as many of them."""
    return settings(max_examples=settings().max_examples // 3)


# One folder for this session, its workers (which inherit the variables) and the commands that they start.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _FOLDER = Path(tempfile.mkdtemp(prefix="cachecost-tests-"))
    atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)  # make size and make bench import this, too
    os.environ["CACHECOST_CACHE"] = str(_FOLDER / "cache")
    os.environ.pop("CACHECOST_PRICES", None)
    if LATEST > TODAY:
        os.environ["CACHECOST_PRICES"] = str(as_of(TODAY, ROOT / "pricing", _FOLDER / "pricing"))
PRICES = Path(os.environ.get("CACHECOST_PRICES", ROOT / "pricing"))


def pytest_configure(config: pytest.Config) -> None:
    """Fill the folder before several processes would each parse every page."""
    if getattr(config.option, "numprocesses", None):
        Catalog(PRICES).checked()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Each process takes a file at a time; files that share a browser, a cluster or a database go to the same one."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return next((name for name, files in SHARED.items() if re.search(files, file)), file)

    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end: no search for garbage looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session", autouse=True)
def patient() -> None:
    """Applications in this process give up no question because the machine is busy."""
    if limits := sys.modules.get("cachecost_api.limits"):
        vars(limits).update(SECONDS=PATIENCE, SLOW=PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def small_logs_by_the_database() -> None:
    """The database reads logs of a few lines too, which are left to their readers otherwise."""
    intake.SMALL = 0


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """One application for all tests of a process that only ask it questions."""
    from fastapi.testclient import TestClient

    from cachecost_api import create_app, limits

    vars(limits).update(SECONDS=PATIENCE, SLOW=PATIENCE)
    with TestClient(create_app(reload=0)) as client:
        yield client


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests of a process that only ask it questions."""
    from .server import Server

    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The sheets of which questions are asked, read once."""
    return Catalog(PRICES, in_memory=True)


@pytest.fixture(scope="session")
def whole_catalog() -> Catalog:
    """The project's own sheets, all of them, read once."""
    return Catalog(ROOT / "pricing", in_memory=True)


@pytest.fixture
def packed_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read the prices that are installed with them."""
    monkeypatch.delenv("CACHECOST_PRICES", raising=False)
