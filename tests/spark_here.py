"""Spark as the tests start it: how such tests are marked, and small settings."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

MARKS = [
    pytest.mark.external,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="the extra `spark` is not installed"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is missing"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning"),
]
FEW = (("spark.sql.shuffle.partitions", "2"), ("spark.driver.memory", "512m"), ("spark.driver.host", "127.0.0.1"))
