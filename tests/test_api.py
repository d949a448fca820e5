"""The HTTP answers are those of the command line."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from cachecost_api import create_app


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app())


def test_the_announced_gemini_price_is_answered_as_published(client: TestClient) -> None:
    """1 creation x $7.00 + 10 reads x $3.50 + 1 h x $4.50 = $46.50; fresh 10 x $7.00."""
    asked = {"model": "gemini-1.5-pro", "context": "1M", "queries": "10", "as_of": "2024-05-25"}
    answer = client.get("/v1/compare", params=asked).json()
    assert {each["strategy"]: each["total"] for each in answer["answers"]} == {"stored": "46.5", "fresh": "70"}
    assert answer["sentence"].startswith("Caching pays from the 4th query")


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"model": "no-such-model", "context": "1M"}, 404, "unknown-model"),
        ({"model": "gpt-4o", "context": "1m"}, 422, "bad-quantity"),
        ({"model": "gpt-4o", "context": "0"}, 422, "bad-workload"),
        ({"model": "gpt-4o", "context": "1M", "strategy": "stored"}, 422, "not-sold"),
    ],
)
def test_a_refusal_is_a_problem_with_a_stable_type(
    client: TestClient, asked: dict[str, str], status: int, kind: str
) -> None:
    """RFC 9457: media type, type, status and a detail for people."""
    answer = client.get("/v1/compare", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:cachecost:{kind}"


def test_models_and_health_speak_of_every_sheet(client: TestClient) -> None:
    """Every sheet that can be read is counted, and those sold today are listed."""
    sheets = int(client.get("/healthz").json()["sheets"])
    assert 0 < len(client.get("/v1/models").json()["models"]) <= sheets
