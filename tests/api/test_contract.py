"""The application answers as its OpenAPI says: generated requests, right ones and wrong ones, and chains of them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis.errors import Unsatisfiable


@pytest.mark.external
def test_generated_requests_are_answered_as_described() -> None:
    """Words by chance on every path; then the links of the OpenAPI, from a comparison to its models and its curve."""
    pytest.importorskip("schemathesis", reason="needs schemathesis, of the extra `test`")
    from schemathesis import GenerationMode

    from .. import contract

    schema = contract.described()
    for operation in (each.ok() for each in schema.get_all_operations()):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # no request is wrong where a path takes no words
                contract.steady(3)(given(operation.as_strategy(generation_mode=mode))(contract.check))()

    class Chains(schema.as_state_machine()):  # type: ignore[misc]
        """Answers followed by what they lead to."""

        def before_call(self, case: Any) -> None:
            contract.sensible(case)

        def after_call(self, response: Any, case: Any) -> None:
            contract.count("chained", response)

    Chains.run(settings=contract.steady(10, stateful_step_count=6))
    assert min(contract.REQUESTS[way] for way in ("positive", "negative", "chained")) > 20
    assert contract.STATUSES[200] > 20
