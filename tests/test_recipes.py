"""The recipes of docs/replay.md: what is piped in is a sample of what vendors answer."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from .command import run
from .conftest import ROOT

LOGS = ROOT / "tests" / "logs"
PAGE = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
SPAN = {
    "timestamp": "2026-11-01 10:00:00.123456789",
    "trace_id": "t",
    "span_id": "s",
    "name": "chat",
    "attributes": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-opus-4-8",
        "gen_ai.usage.input_tokens": "1000",
        "gen_ai.usage.output_tokens": "50",
    },
}
ACTIVITY = {"date": "2026-11-01", "model": "openai/gpt-5.6-sol", "byok_usage_inference": 0, "requests": 5}
ACTIVITY |= {"usage": 0.0045, "prompt_tokens": 500, "completion_tokens": 125, "provider_name": "OpenAI"}


def page_of(name: str) -> str:
    """A sample of lines as one page of an API."""
    return json.dumps({"data": [json.loads(line) for line in (LOGS / name).read_text().splitlines()]})


ANSWERS = {
    "usage_report/messages": (LOGS / "anthropic_usage.json").read_text(),
    "organization/usage/completions": (LOGS / "openai_usage.json").read_text(),
    "gcp_billing_export": json.dumps(json.loads(page_of("gcp_billing.jsonl"))["data"]),
    "LiteLLM_SpendLogs": (LOGS / "litellm_spend.jsonl").read_text(),
    "api/public/observations": page_of("langfuse.jsonl"),
    "otel_traces": json.dumps(SPAN),
    "openrouter.ai/api/v1/activity": json.dumps({"data": [ACTIVITY]}),
}
"""A word of what asks -> what is answered."""
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("command", [each for each in COMMANDS if "| cachecost replay" in each])
def test_a_recipe_reads_what_its_source_answers(command: str) -> None:
    """Every request or charge of the answer is read, and nothing is malformed."""
    question, _, reads = command.partition("| cachecost ")
    (answer,) = [answer for word, answer in ANSWERS.items() if word in question]
    reply = run(*shlex.split(reads), "--json", stdin=answer.encode()).json
    assert reply["totals"] or reply["billed"]
    assert reply["accounting"]["total"]["malformed"] == 0


def test_every_recipe_is_run() -> None:
    """None is left out because it is written in another way."""
    assert sum("| cachecost replay" in each for each in COMMANDS) == len(ANSWERS)


def test_files_of_a_folder_and_of_two_reports_are_read(tmp_path: Path) -> None:
    """Bedrock's logs, copied into a folder; usage and costs beside each other, which differ in these samples."""
    (tmp_path / "logs").mkdir()
    shutil.copy(LOGS / "bedrock.jsonl", tmp_path / "logs")
    shutil.copy(LOGS / "anthropic_usage.json", tmp_path / "usage.json")
    shutil.copy(LOGS / "anthropic_costs.json", tmp_path / "costs.json")
    folder, reports = (
        shlex.split(each)[1:] for each in COMMANDS if each.startswith("cachecost replay ") and "#" not in each
    )
    assert run(*folder, cwd=tmp_path).code == 0
    assert run(*reports, cwd=tmp_path).code == 1
