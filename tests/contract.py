"""The OpenAPI of the application as schemathesis reads it: generated requests and what their answers must be.

schemathesis takes seconds to load, so tests import this module when they run, not when they are collected.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings

from cachecost_api import create_app

from .conftest import PATIENCE

SOLD = ("google/gemini-2.5-pro", "gpt-4o", "claude-opus-5-5", "deepseek-chat", "gemini-1.5-pro")
REFUSABLE = ["200", "404", "414", "422"]
"""A well-formed question may still name no model, be too long, or say two things that contradict each other."""
REFUSED = ["400", "404", "405", "413", "414", "422"]
REQUESTS: Counter[str] = Counter()
"""Requests by the way in which they were generated: positive, negative or chained."""
STATUSES: Counter[int] = Counter()


def described() -> Any:
    """The OpenAPI of a new application."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(reload=0), timeout=PATIENCE)
    schema.config.checks.positive_data_acceptance.expected_statuses = REFUSABLE
    schema.config.checks.negative_data_rejection.expected_statuses = REFUSED
    return schema


def steady(examples: int, **more: Any) -> settings:
    """The same cases in every run, 0 for the edges alone; nothing is shrunk, since a failure names its request."""
    phases = [Phase.explicit, *[Phase.generate] * bool(examples)]
    checks = list(HealthCheck)
    return settings(
        max_examples=examples or 1, derandomize=True, deadline=None, phases=phases, suppress_health_check=checks, **more
    )


def sensible(case: Any) -> None:
    """Let a well-formed question be about a model that is sold: chance would never find a name."""
    place = case.body if isinstance(case.body, dict) else case.query
    if case.meta.generation.mode.is_positive and place and place.get("model"):
        place["model"] = SOLD[len(str(place)) % len(SOLD)]


def check(case: Any) -> None:
    """Send the request and check the answer against everything that the OpenAPI says of it."""
    sensible(case)
    count(case.meta.generation.mode.value, case.call_and_validate())


def count(way: str, answer: Any) -> None:
    REQUESTS[way] += 1
    STATUSES[answer.status_code] += 1
