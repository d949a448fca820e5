"""The OpenAPI held against the application: generated requests, right ones, wrong ones, at every edge, and chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from cachecost_api import create_app

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis, of the extra `test`")

LEAST = 100
"""Requests that have to be asked by chance and in chains together; the edges are thousands more."""
TWINS = r"\.(csv|txt|vl\.json)$"
"""Paths whose words are those of another path, which is tried at every edge."""
SOLD = ("google/gemini-2.5-pro", "gpt-4o", "claude-opus-5-5", "deepseek-chat", "gemini-1.5-pro")
REFUSABLE = ["200", "404", "414", "422"]
"""A well-formed question may still name no model, be too long, or say two things that contradict each other."""
REFUSED = ["400", "404", "405", "413", "414", "422"]
ASKED: Counter[str] = Counter()
ANSWERED: Counter[int] = Counter()


def described(**phases: bool) -> Any:
    """The OpenAPI of an application of its own."""
    found = schemathesis.openapi.from_asgi("/openapi.json", create_app(reload=0))
    found.config.checks.positive_data_acceptance.expected_statuses = REFUSABLE
    found.config.checks.negative_data_rejection.expected_statuses = REFUSED
    for name, enabled in phases.items():
        getattr(found.config.phases, name).enabled = enabled
    return found


EDGES, CHANCE, CHAINS = described(), described(coverage=False), described()


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
    if place and place.get("model"):
        place["model"] = SOLD[len(str(place)) % len(SOLD)]


def hold(case: Any) -> None:
    """Ask, and hold the answer against everything that the OpenAPI says of it."""
    mode = case.meta.generation.mode
    if mode.is_positive:
        sensible(case)
    count(mode.value, case.call_and_validate())


def count(how: str, answer: Any) -> None:
    ASKED[how] += 1
    ANSWERED[answer.status_code] += 1


@pytest.mark.external
@EDGES.exclude(path_regex=TWINS).parametrize()
@steady(0)
def test_an_answer_is_as_described_at_every_edge(case: Any) -> None:
    """No 5xx, no status, media type or key that is not documented, and nothing wrong is taken for right."""
    hold(case)


@CHANCE.parametrize()
@steady(5)
def test_an_answer_is_as_described_by_chance(case: Any) -> None:
    """The same for words that nobody thought of, on every path."""
    hold(case)


class Chains(CHAINS.as_state_machine()):  # type: ignore[misc]
    """Answers followed by what they lead to: the models by a comparison, the comparison by its curve."""

    def before_call(self, case: Any) -> None:
        if case.meta.generation.mode.is_positive:
            sensible(case)

    def after_call(self, response: Any, case: Any) -> None:
        count("chained", response)


def test_an_answer_is_as_described_where_another_leads_to_it() -> None:
    """The links of the OpenAPI, walked."""
    Chains.run(settings=steady(10, stateful_step_count=6))


@pytest.fixture(autouse=True, scope="module")
def counted() -> Iterator[None]:
    """However the tests are chosen, a whole run has asked enough, in every way, and was answered often."""
    yield
    if all(name in ASKED for name in ("positive", "negative", "chained")):
        assert sum(ASKED.values()) >= LEAST, ASKED
        assert ANSWERED[200] >= LEAST // 10
