"""What every test shares: no home folder is touched, and one day is today."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from cachecost.catalog import Catalog

os.environ["CACHECOST_CACHE"] = "off"
os.environ["SOURCE_DATE_EPOCH"] = str(int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()))
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The project's own price sheets, as of the day on which they were checked."""
    return Catalog(ROOT / "pricing", today=TODAY)
