"""Spark as the tests start it; a test that imports this is skipped, with its reason, where there is none."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is missing", allow_module_level=True)

QUIET = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")
FEW = (("spark.sql.shuffle.partitions", "2"), ("spark.driver.memory", "512m"), ("spark.driver.host", "127.0.0.1"))
