"""What decides the price of a request in LiteLLM's spend log lies in its metadata."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.logs.formats import FORMATS, sniff
from cachecost.logs.names import Names
from cachecost.prices.quote import quote
from cachecost.replay.request import Request, Skipped


def row(model: str = "gpt-5.5", provider: str = "openai", **metadata: Any) -> dict[str, Any]:
    """A row of LiteLLM_SpendLogs: 10,000 tokens of prompt and 1,000 of output."""
    return {
        "request_id": "r",
        "call_type": "acompletion",
        "spend": 0,
        "prompt_tokens": 10_000,
        "completion_tokens": 1_000,
        "total_tokens": 11_000,
        "startTime": "2026-11-10T10:00:00Z",
        "endTime": "2026-11-10T12:00:00Z",
        "model": model,
        "custom_llm_provider": provider,
        "metadata": json.dumps(metadata),
    }


def read(record: dict[str, Any]) -> Request:
    shape = sniff(record)
    assert shape is FORMATS["litellm_spend"]
    (request,) = shape.read(record)
    assert isinstance(request, Request)
    return request


@pytest.fixture(scope="module")
def names(catalog: Catalog) -> Names:
    return Names(catalog)


OPUS = "claude-opus-5-5"
FLASH = "gemini-3.5-flash"


@pytest.mark.parametrize(
    ("record", "service", "region"),
    [
        (row(cost_breakdown={"service_tier": "priority"}), "priority", None),
        (row(cost_breakdown={"service_tier": "default"}), "standard", None),
        (row(usage_object={"service_tier": "flex"}), "flex", None),
        (row(service_tier="flex"), "flex", None),
        (row(cost_breakdown={"service_tier": None}, usage_object={"service_tier": "flex"}), "flex", None),
        (row() | {"cost_breakdown": {"service_tier": "batch"}}, "batch", None),
        (row(cost_breakdown={"data_residency": "eu"}), "standard", "eu"),
        (row(OPUS, "anthropic", usage_object={"speed": "fast"}), "fast", None),
        (row(OPUS, "anthropic", usage_object={"speed": "standard", "inference_geo": "us"}), "standard", "us"),
        (row(OPUS, "anthropic", usage_object={"inference_geo": "global"}), "standard", None),
        (row(FLASH, "vertex_ai", cost_breakdown={"vertex_location": "us-east5"}), "standard", "location:us-east5"),
        (row(FLASH, "vertex_ai", cost_breakdown={"vertex_location": "global"}), "standard", None),
        (
            row(FLASH, "vertex_ai") | {"api_base": "https://us-east5-aiplatform.googleapis.com/v1"},
            "standard",
            "location:us-east5",
        ),
        (row(FLASH, "vertex_ai") | {"api_base": "https://aiplatform.googleapis.com/v1/projects"}, "standard", None),
    ],
)
def test_the_basis_of_a_cost_is_that_of_the_price(record: dict[str, Any], service: str, region: str | None) -> None:
    """As LiteLLM writes it beside the costs, in the usage or in the metadata."""
    assert (read(record).service, read(record).region) == (service, region)


@pytest.mark.parametrize(
    ("record", "dollars"),
    [
        # Gemini 3.5 Flash: input 1.50, output 9.00 per 1M; regional endpoints a tenth more: (0.015 + 0.009) x 1.1
        (row(FLASH, "vertex_ai", cost_breakdown={"vertex_location": "us-east5"}), "0.0264"),
        (row(FLASH, "vertex_ai"), "0.024"),
    ],
)
def test_a_place_of_vertex_costs_a_tenth_more(names: Names, record: dict[str, Any], dollars: str) -> None:
    """https://cloud.google.com/vertex-ai/generative-ai/pricing"""
    request = read(record)
    assert request.at
    sheet = names.sheet(request.model, request.provider)
    assert quote(request.usage, sheet, at=request.at, region=request.region).total == Decimal(dollars)


def test_a_batch_that_was_retrieved_is_a_sum_of_requests() -> None:
    """10,000 tokens in 40 answers are 250 each; what was begun cost nothing yet."""
    batch = row("gpt-6-batch", batch_models=["gpt-6-sol"], batch_successful_requests=40)
    request = read(batch | {"call_type": "aretrieve_batch"})
    assert (request.model, request.service, request.count, request.sizes) == ("gpt-6-sol", "batch", 40, (1, 250, 9_961))
    assert str(request.lasting) == "2:00:00"
    begun = FORMATS["litellm_spend"].read(batch | {"call_type": "acreate_batch"})
    assert begun == [Skipped("a batch that was begun: what it cost stands where it was retrieved")]


def test_a_batch_without_a_count_is_taken_as_short_requests() -> None:
    """Also where several models answered, and the row's own name is all that is known."""
    request = read(row(batch_models=["gpt-6-sol", "gpt-5.5"]) | {"call_type": "aretrieve_batch"})
    assert (request.model, request.service, request.sizes) == ("gpt-5.5", "batch", (1, 1, 10_000))
