"""Where Google ran a request decides what it costs, as far as its price sheet has rates of that place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.errors import NotSold
from cachecost.logs.formats import FORMATS
from cachecost.logs.names import Names
from cachecost.prices.quote import quote
from cachecost.replay.epochs import Epochs, microseconds
from cachecost.replay.request import Request

from ..command import run

MODEL = "publishers/google/models/gemini-3.5-flash"


def answer(model: str = "gemini-3.5-flash", **counts: Any) -> dict[str, Any]:
    """A million tokens of prompt."""
    return {"modelVersion": model, "usageMetadata": {"promptTokenCount": 1_000_000} | counts}


def logged(at: str = "2026-11-01", **around: Any) -> Request:
    """What the reader makes of an answer in a record."""
    (request,) = FORMATS["gemini"].read({"time": at, "response": answer()} | around)
    assert isinstance(request, Request)
    return request


@pytest.fixture(scope="module")
def names(catalog: Catalog) -> Names:
    return Names(catalog)


def price(names: Names, request: Request) -> tuple[str, Decimal]:
    """The page that a request is priced on, and its dollars."""
    assert request.at
    sheet = names.sheet(request.model, request.provider)
    return sheet.id, quote(request.usage, sheet, at=request.at, region=request.region).total


FLASH, PRO = "google-vertex/gemini-3.5-flash", "google-vertex/gemini-2.5-pro"
ON_VERTEX = answer(trafficType="ON_DEMAND")


@pytest.mark.parametrize(
    ("around", "sheet", "dollars"),
    [
        # 1.50 per million; endpoints other than the global one cost a tenth more from 2026-07-01 on
        ({"model": f"projects/p/locations/global/{MODEL}"}, FLASH, "1.50"),
        ({"model": f"projects/p/locations/us-central1/{MODEL}"}, FLASH, "1.65"),
        ({"model": f"projects/p/locations/eu/{MODEL}"}, FLASH, "1.65"),
        ({"model": f"projects/p/locations/us-central1/{MODEL}", "time": "2026-06-30"}, FLASH, "1.50"),
        ({"endpoint": "projects/1/locations/europe-west4/endpoints/2"}, FLASH, "1.65"),
        ({"model": MODEL, "location": "europe-west4"}, FLASH, "1.65"),
        ({"model": MODEL}, FLASH, "1.50"),
        ({"location": "asia-northeast1", "response": ON_VERTEX}, FLASH, "1.65"),
        ({"location": "global", "response": ON_VERTEX}, FLASH, "1.50"),
        # no sign of Vertex, or no place of Google's: the page of the Developer API, which has no places
        ({"location": "us-central1"}, "google/gemini-3.5-flash", "1.50"),
        ({"location": "Berlin", "response": ON_VERTEX}, "google/gemini-3.5-flash", "1.50"),
        ({"model": "models/gemini-3.5-flash"}, "google/gemini-3.5-flash", "1.50"),
        # Gemini 2.5 costs the same everywhere: 2.50 per million for prompts above 200,000 tokens
        ({"model": f"projects/p/locations/us-east5/{MODEL}", "response": answer("gemini-2.5-pro")}, PRO, "2.50"),
        ({"model": f"projects/p/locations/us/{MODEL}", "response": answer("gemini-2.5-pro")}, PRO, "2.50"),
    ],
)
def test_a_place_costs_what_its_sheet_asks(names: Names, around: dict[str, Any], sheet: str, dollars: str) -> None:
    """A place without separate rates costs the same as any other: nothing is left unpriced for it."""
    assert price(names, logged(**around)) == (sheet, Decimal(dollars))


def test_a_model_that_is_only_a_resource_is_vertex_s(names: Names) -> None:
    """Without `modelVersion` the name of the resource is the model's."""
    record = {"time": "2026-11-01", "model": f"projects/p/locations/us-central1/{MODEL}", "response": answer("")}
    (request,) = FORMATS["gemini"].read(record)
    assert isinstance(request, Request)
    assert price(names, request) == (FLASH, Decimal("1.65"))


def test_a_stored_cache_is_rented_where_it_stands(names: Names) -> None:
    """A million tokens for an hour: 1.50 to create and 1.00 to store, both a tenth more in Belgium."""
    place = "projects/p/locations/europe-west1"
    record = {
        "name": f"{place}/cachedContents/7",
        "model": f"{place}/{MODEL}",
        "usageMetadata": {"totalTokenCount": 1_000_000},
        "createTime": "2026-11-01T10:00:00Z",
        "expireTime": "2026-11-01T11:00:00Z",
    }
    (request,) = FORMATS["gemini_cached"].read(record)
    assert isinstance(request, Request)
    assert price(names, request) == (FLASH, Decimal("2.75"))


SAID = (
    "Priced as the global endpoint, since the log names no region and none is given: google-vertex/claude-sonnet-4-5."
)


@pytest.mark.parametrize(
    ("region", "total", "notes"),
    [
        # Claude Sonnet 4.5 on Vertex, per 1M tokens: input 3.00, output 15.00; other endpoints than the global one a
        # tenth more: 1,000 x 3 + 100 x 15 = 0.0045, and 0.00495
        ("", "0.0045", [SAID]),
        ("global", "0.0045", [SAID]),
        ("us-east5", "0.00495", []),
        ("eu", "0.00495", []),
    ],
)
def test_a_region_can_be_said_where_the_log_names_none(
    tmp_path: Path, region: str, total: str, notes: list[str]
) -> None:
    """The id of the message tells Vertex; no word of the record tells the endpoint."""
    usage = {"input_tokens": 1_000, "output_tokens": 100}
    body = {"id": "msg_vrtx_9", "type": "message", "model": "claude-sonnet-4-5-20250929", "usage": usage}
    (tmp_path / "log.jsonl").write_text(json.dumps({"timestamp": "2026-11-10T10:00:00Z", "response": body}) + "\n")
    for engine in ("python", "duckdb"):
        flags = ["--region", region] if region else []
        answer = run("replay", tmp_path / "log.jsonl", "--paid-only", "--json", "--engine", engine, *flags).json
        assert answer["totals"] == {"USD": total}
        assert [note for note in answer["notes"] if "region" in note] == notes


def test_a_region_without_rates_is_said(tmp_path: Path) -> None:
    """DeepSeek sells one price everywhere."""
    record = {"at": "2026-11-10T10:00:00Z", "model": "deepseek-chat", "input": 5}
    (tmp_path / "log.jsonl").write_text(json.dumps(record) + "\n")
    answer = run("replay", tmp_path / "log.jsonl", "--paid-only", "--json", "--region", "eu").json
    assert "No model of this log has other rates in the region eu: the general ones are used." in answer["notes"]


def test_keys_have_the_sheet_s_own_names_of_regions(names: Names) -> None:
    """Many places are one region, so that a bill has few keys; a region that was asked for is still refused."""
    epochs = Epochs(names.sheet("gemini-3.5-flash", "google-vertex"))
    before, after = (microseconds(card.effective) for card in epochs.sheet.cards[:2])
    question = ["location:us-central1", "location:europe-west4", "location:eu", "eu", None]
    result = [epochs.key(after, 1, region=region).region for region in question]
    assert result == ["regional", "regional", "eu", "eu", None]
    assert epochs.key(before, 1, region="location:us-central1").region is None
    with pytest.raises(NotSold, match="region 'us-central1'"):
        epochs.key(after, 1, region="us-central1")
