"""The application answers as its OpenAPI says at every edge of every parameter: thousands of requests."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("schemathesis", reason="needs schemathesis, of the extra `test`")

from ..contract import check, described, steady

TWINS = r"\.(csv|txt|svg|vl\.json)$"
"""Paths whose words are those of another path, which is tried at every edge."""


@pytest.mark.external
@described().exclude(path_regex=TWINS).parametrize()
@steady(0)
def test_an_answer_is_as_described_at_every_edge(case: Any) -> None:
    """No 5xx, no status, media type or key that is not documented, and nothing wrong is taken for right."""
    check(case)
