"""What agents are given: a skill whose every command runs, and a server of tools over a real session on stdio."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cachecost_api.sheets import Shelf
from cachecost_api.tools import answer, every_tool

from .command import environment, run
from .conftest import PRICES, ROOT

SKILL = run("skill").out
COMMANDS = re.findall(r"^cachecost .*$", SKILL, flags=re.MULTILINE)
WORKLOAD = "workloads:\n  - {name: bot, model: claude-sonnet-4-6, context: 10K, question: 0, answer: 0, rate: 1/h}\n"
TOOLS = every_tool()
LOG = ROOT / "docs" / "session.jsonl"
NEXT = {"at": "2026-11-20T10:03:48Z"}
ASKED = {"model": "claude-opus-5-5", "input": "100K", "max_output": "4K", "at": "2026-11-20"}


def test_a_skill_has_a_head_that_tools_read() -> None:
    """https://agentskills.io/specification: a name in lower case, and when to use it, in up to 1,024 characters."""
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: (.+)\n---\n", SKILL)
    assert head
    assert (head[1], len(head[2]) <= 1024) == ("cachecost", True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_skill_answers_as_json(command: str) -> None:
    """As it stands; LOG is the session of the documentation."""
    words = [str(LOG) if word == "LOG" else word for word in shlex.split(command)[1:]]
    assert "--json" in words
    assert run(*words).json["schema_version"] == 1


def test_the_skill_has_six_commands() -> None:
    """What to ask before, after and during a session."""
    assert len(COMMANDS) == 6


def test_the_words_of_a_tool_are_those_of_the_api() -> None:
    """One model makes both."""
    words = TOOLS["bounds"].words.model_json_schema()
    assert (words["required"], words["additionalProperties"]) == (["model", "input"], False)
    assert "max_output" in words["properties"]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("bounds", {"model": "claude-opus-5-5"}, "input: missing; expected a value"),
        ("bounds", ASKED | {"input": "many"}, "'many' is not a count"),
        ("bounds", ASKED | {"model": "no-such-model"}, "is not a model with a price sheet"),
        ("bounds", ASKED | {"colour": "red"}, "'colour' is not a word here; expected at, discount, "),
        ("deployments", {"colour": "red"}, "'colour' is not a word here; expected as_of"),
        ("weather", {}, "'weather' is not a tool"),
        ("next", {}, "text: missing; expected a value"),
        ("next", {"path": "session.jsonl"}, "'path' is not a word here"),
        ("next", {"text": "hello"}, "its last record is not JSON"),
        ("next", {"text": LOG.read_text(encoding="utf-8"), "at": "2026-11-20"}, "is before the last request"),
        ("run", {"text": "workloads: []"}, "expected `workloads:` at the top"),
        ("run", {"text": WORKLOAD.replace("context: 10K", "parts: {d: ./d.md}")}, "files are not read here"),
        ("run", {"text": WORKLOAD, "months": 121}, "expected 1 to 120"),
        ("replay", {"text": ""}, "text: missing; expected a value"),
    ],
)
def test_a_tool_says_what_was_wrong(name: str, arguments: dict[str, Any], said: str) -> None:
    """To the agent, which can ask again."""
    record, refused = answer(TOOLS, name, arguments, Shelf(PRICES).current)
    assert refused
    assert said in record["error"]


def test_a_discount_is_a_word_as_well() -> None:
    """A tenth off 0.88, and off a switch."""
    sheets = Shelf(PRICES).current
    record, _ = answer(TOOLS, "bounds", ASKED | {"discount": "10%"}, sheets)
    assert Decimal(record["highest"]["total"]) == Decimal("0.792")
    talk = {"model": "claude-opus-5-5", "context": "50K", "turns": "3", "switch_to": "claude-sonnet-5-5"}
    full, less = (answer(TOOLS, "switch", talk | {"discount": each}, sheets)[0] for each in ("0%", "10%"))
    assert Decimal(less["switch"]["total"]) == Decimal(full["switch"]["total"]) * Decimal("0.9")


def test_a_session_is_looked_ahead_from_its_text() -> None:
    """As `cachecost next` answers: 102,000 x 0.20 + 1,200 x 5.00 + 2,000 x 20.00 per million."""
    record, refused = answer(TOOLS, "next", NEXT | {"text": LOG.read_text(encoding="utf-8")}, Shelf(PRICES).current)
    assert (refused, record["ways"][0]["next_turn"]["likely"]) == (False, "0.0664")
    assert json.loads(json.dumps(record)) == run("next", LOG, "--at", NEXT["at"], "--json").json


def test_a_file_of_workloads_is_run_from_its_text() -> None:
    """November has 720 queries, one an hour; without a cache each costs 10,000 x 3.00 per million."""
    text = WORKLOAD.replace("rate", "policy: fresh, rate")
    record, _ = answer(TOOLS, "run", {"text": text, "from": "2026-11", "months": 1}, Shelf(PRICES).current)
    assert record["totals"] == {"USD": "21.6"}


@pytest.mark.external
@pytest.mark.skipif(find_spec("mcp") is None, reason="the extra `mcp` is not installed")
def test_a_client_asks_over_a_real_session() -> None:
    """The official client starts `cachecost mcp`, lists its tools, and asks each: 100,000 x 8.00 + 4,000 x 20.00 per
    million at most; 0.0664 for the next turn of the session of the documentation, which has cost 0.57."""
    from mcp import Client, StdioServerParameters

    script = str(Path(sys.executable).with_name("cachecost"))
    files = ["--files", str(ROOT / "docs")]
    server = StdioServerParameters(command=script, args=["mcp", *files], env=environment())
    log = LOG.read_text(encoding="utf-8")
    asked = {
        "bounds": ASKED,
        "next": NEXT | {"path": "session.jsonl"},
        "run": {"path": "workloads.yaml", "from": "2026-11", "months": 1},
        "replay": {"text": log, "as_of": "2026-11-20"},
        "plan": {"model": "claude-opus-5-5"},
        "models": {"q": "claude-opus-5-5"},
        "deployments": {},
        "prices": {"model": "claude-opus-5-5"},
        "price_history": {"model": "claude-opus-5-5"},
        "breakpoints": {"model": "claude-opus-5-5", "part": ["a=8K"], "rate": "12/h"},
        "compact": {"model": "claude-opus-5-5", "context": "150K"},
        "fanout": {"model": "claude-opus-5-5", "context": "100K", "requests": "10"},
        "compare": {"model": "claude-opus-5-5", "context": "100K"},
        "curve": {"model": "claude-opus-5-5", "context": "100K"},
        "sweep": {"model": "claude-opus-5-5", "context": "100K", "sweep": "queries=1..10"},
        "switch": {"model": "claude-opus-5-5", "context": "50K", "turns": "3", "switch_to": "claude-sonnet-5-5"},
        "quote": {"model": "claude-opus-5-5", "input": "2K", "output": "500"},
    }

    async def session() -> tuple[set[str], dict[str, Any]]:
        async with Client(server) as client:
            assert client.server_info.version == version("cachecost")
            tools = await client.list_tools()
            answers = {name: await client.call_tool(name, words) for name, words in asked.items()}
            return {tool.name for tool in tools.tools if tool.input_schema["properties"]}, answers

    with ThreadPoolExecutor(1) as pool:  # a browser in this process leaves an event loop running in this thread
        names, answers = pool.submit(asyncio.run, session()).result()
    assert names == {*asked}
    record = {name: each.structured_content for name, each in answers.items()}
    assert [name for name, each in answers.items() if each.is_error] == ["plan"]
    assert "context" in record["plan"]["error"]
    assert Decimal(record["bounds"]["highest"]["total"]) == Decimal("0.88")
    assert record["next"]["ways"][0]["next_turn"]["likely"] == "0.0664"
    assert record["run"]["workloads"][0]["total"] == "252.0345"
    assert record["replay"]["totals"] == {"USD": "0.57"}
    assert {row["model"] for row in record["prices"]["result"]} == {"anthropic/claude-opus-5-5"}
    assert record["quote"]["total"] == "0.018"  # 2,000 x 4.00 + 500 x 20.00 per million
    assert record["fanout"]["strategies"][0]["one_first"] == "0.68"  # 100,000 x 5.00 + 9 x 100,000 x 0.20 per million


def test_a_document_of_a_workload_lies_below_the_folder_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named from the folder on, wherever the server was started."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "manual.md").write_text("word " * 80, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    workload = WORKLOAD.replace("context: 10K", "parts: {d: ./manual.md}")
    for folder in (Path("files"), tmp_path / "files"):
        record, refused = answer(every_tool(folder), "run", {"text": workload}, Shelf(PRICES).current)
        assert (refused, Decimal(record["totals"]["USD"]) > 0) == (False, True)


@pytest.mark.parametrize("path", ["../README.md", "/etc/passwd", "link.jsonl", "inside/../../secret.jsonl"])
def test_no_path_leads_out_of_the_folder_of_the_server(path: str, tmp_path: Path) -> None:
    """Nor does a link, nor a document of a workload."""
    (tmp_path / "files").mkdir()
    (tmp_path / "secret.jsonl").write_bytes(LOG.read_bytes())
    (tmp_path / "files" / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    tools, sheets = every_tool(tmp_path / "files"), Shelf(PRICES).current
    workload = WORKLOAD.replace("10K", f"{{d: {path if '/' in path else f'./{path}'}}}").replace("context", "parts")
    for name, words in (("next", {"path": path}), ("replay", {"path": path}), ("run", {"text": workload})):
        record, refused = answer(tools, name, words, sheets)
        assert (refused, "outside of" in record["error"]) == (True, True)


@pytest.mark.skipif(find_spec("mcp") is not None, reason="the extra `mcp` is installed")
def test_without_its_package_the_server_says_how_to_install_it() -> None:
    """Exit 2 and one line."""
    ran = run("mcp")
    assert (ran.code, ran.out) == (2, "")
    assert "mcp" in ran.err
