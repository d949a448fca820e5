"""The action for pull requests: its scripts run here, with a stand-in for GitHub's command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .cli.test_workloads import BOT
from .conftest import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, Any] = {step.get("name", "setup"): step for step in ACTION["runs"]["steps"]}


def test_every_input_reaches_a_script_as_a_variable_and_every_action_is_pinned() -> None:
    """An expression inside of a script would run what a pull request writes."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert "uses" in step or step["shell"] == "bash"
        assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
    values = [value for step in ACTION["runs"]["steps"] for value in step.get("env", {}).values()]
    assert all(f"${{{{ inputs.{name} }}}}" in values for name in ACTION["inputs"])


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("change", "limit", "code", "old"),
    [
        (("1000/d", "2000/d"), "", 0, ""),
        (("1000/d", "2000/d"), "300", 0, "17"),
        (("1000/d", "2000/d"), "200", 1, "17"),
        (("claude-sonnet-4-6", "claude-3-opus"), "", 0, ""),
        (("claude-sonnet-4-6", "claude-3-opus"), "300", 3, ""),
    ],
)
def test_a_pull_request_gets_one_comment_and_fails_over_its_budget(
    change: tuple[str, str], limit: str, code: int, old: str, tmp_path: Path
) -> None:
    """Twice the queries of 252.0345 a month are about 252 more, and what a withdrawn model costs is not known; `old` is
    the comment that is there already."""
    here, temp, bin_ = tmp_path / "here", tmp_path / "temp", tmp_path / "bin"
    for folder in (here, temp / "cachecost" / "bin", bin_):
        folder.mkdir(parents=True)
    (temp / "cachecost" / "bin" / "cachecost").symlink_to(Path(sys.executable).with_name("cachecost"))
    log = tmp_path / "calls"
    gh = bin_ / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> {log}\ncase "$*" in *--paginate*) echo "{old}";; esac\n', encoding="utf-8")
    gh.chmod(0o755)

    def git(*words: str) -> None:
        who = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
        subprocess.run(["git", *who, *words], cwd=here, check=True, capture_output=True)

    file = here / "workloads.yaml"
    file.write_text(BOT, encoding="utf-8")
    git("init", "--initial-branch", "main")
    git("add", ".")
    git("commit", "-m", "one")
    file.write_text(BOT.replace(*change), encoding="utf-8")
    known = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    known |= {"RUNNER_TEMP": str(temp), "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "FILE": "workloads.yaml"}
    known |= {"BASE": "main", "LIMIT": limit, "REPOSITORY": "o/r", "NUMBER": "5", "GH_TOKEN": "t"}

    def step(name: str, **more: str) -> int:
        ran = subprocess.run(["bash", "-e", "-c", STEPS[name]["run"]], cwd=here, env=os.environ | known | more)
        return ran.returncode

    assert step("Compare") == 0
    assert step("Update the comment, or write it") == 0
    assert (temp / "cachecost.md").read_text(encoding="utf-8").startswith("<!-- cachecost diff -->\n| workload |")
    wrote = log.read_text(encoding="utf-8").splitlines()[-1]
    there = f"--method PATCH repos/o/r/issues/comments/{old}" if old else "--method POST repos/o/r/issues/5/comments"
    assert there in wrote
    result = dict(line.split("=") for line in (tmp_path / "GITHUB_OUTPUT").read_text(encoding="utf-8").split())
    assert (result["code"], step("Fail over the budget", CODE=result["code"])) == (str(code), int(code > 0))
