"""What agents are given: a skill whose every command runs, and a server of tools over a real session on stdio."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from cachecost_api.sheets import Shelf
from cachecost_api.tools import answer, schema

from .command import environment, run
from .conftest import PRICES, ROOT

SKILL = run("skill").out
COMMANDS = re.findall(r"^cachecost .*$", SKILL, flags=re.MULTILINE)
ASKED = {"model": "claude-opus-5-5", "input": "100K", "max_output": "4K", "at": "2026-11-20"}


def test_a_skill_has_a_head_that_tools_read() -> None:
    """https://agentskills.io/specification: a name in lower case, and when to use it, in up to 1,024 characters."""
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: (.+)\n---\n", SKILL)
    assert head
    assert (head[1], len(head[2]) <= 1024) == ("cachecost", True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_skill_answers_as_json(command: str) -> None:
    """As it stands; LOG is the session of the documentation."""
    words = [str(ROOT / "docs" / "session.jsonl") if word == "LOG" else word for word in shlex.split(command)[1:]]
    assert "--json" in words
    assert run(*words).json["schema_version"] == 1


def test_the_skill_has_six_commands() -> None:
    """What to ask before, after and during a session."""
    assert len(COMMANDS) == 6


def test_the_words_of_a_tool_are_those_of_the_api() -> None:
    """One model makes both."""
    words = schema("bounds")
    assert (words["required"], words["additionalProperties"]) == (["model", "input"], False)
    assert "max_output" in words["properties"]


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("bounds", {"model": "claude-opus-5-5"}, "input: Field required"),
        ("bounds", ASKED | {"input": "many"}, "'many' is not a count"),
        ("bounds", ASKED | {"model": "no-such-model"}, "is not a model with a price sheet"),
        ("bounds", ASKED | {"colour": "red"}, "colour"),
        ("weather", {}, "'weather' is not a tool"),
    ],
)
def test_a_tool_says_what_was_wrong(name: str, arguments: dict[str, Any], said: str) -> None:
    """To the agent, which can ask again."""
    record, refused = answer(name, arguments, Shelf(PRICES).current)
    assert refused
    assert said in record["error"]


def test_a_discount_is_a_word_as_well() -> None:
    """A tenth off 0.88, and off a switch."""
    sheets = Shelf(PRICES).current
    record, _ = answer("bounds", ASKED | {"discount": "10%"}, sheets)
    assert Decimal(record["highest"]["total"]) == Decimal("0.792")
    talk = {"model": "claude-opus-5-5", "context": "50K", "turns": "3", "switch_to": "claude-sonnet-5-5"}
    full, less = (answer("switch", talk | {"discount": each}, sheets)[0] for each in ("0%", "10%"))
    assert Decimal(less["switch"]["total"]) == Decimal(full["switch"]["total"]) * Decimal("0.9")


@pytest.mark.external
@pytest.mark.skipif(find_spec("mcp") is None, reason="the extra `mcp` is not installed")
def test_a_client_asks_over_a_real_session() -> None:
    """The official client starts `cachecost mcp`, lists its tools, and asks one: 100,000 x 8.00 + 4,000 x 20.00 per
    million at most."""
    from mcp import Client, StdioServerParameters

    script = str(Path(sys.executable).with_name("cachecost"))
    server = StdioServerParameters(command=script, args=["mcp"], env=environment())

    async def session() -> tuple[set[str], Any, Any]:
        async with Client(server) as client:
            tools = await client.list_tools()
            right = await client.call_tool("bounds", ASKED)
            wrong = await client.call_tool("bounds", {"model": "claude-opus-5-5"})
            return {tool.name for tool in tools.tools}, right, wrong

    with ThreadPoolExecutor(1) as pool:  # a browser in this process leaves an event loop running in this thread
        names, right, wrong = pool.submit(asyncio.run, session()).result()
    assert {"compare", "plan", "quote", "bounds", "switch", "curve"} <= names
    assert (right.is_error, Decimal(right.structured_content["highest"]["total"])) == (False, Decimal("0.88"))
    assert (wrong.is_error, "input: Field required" in wrong.content[0].text) == (True, True)


@pytest.mark.skipif(find_spec("mcp") is not None, reason="the extra `mcp` is installed")
def test_without_its_package_the_server_says_how_to_install_it() -> None:
    """Exit 2 and one line."""
    ran = run("mcp")
    assert (ran.code, ran.out) == (2, "")
    assert "mcp" in ran.err
