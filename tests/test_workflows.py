"""The workflows: pinned, with the least permissions, and no code of a pull request beside a token that can write."""

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

from .conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
JOBS = [
    pytest.param(path, job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
]
CHECKOUT = "actions/checkout@"


@pytest.mark.parametrize(("path", "job"), JOBS)
def test_every_action_is_pinned_and_no_checkout_keeps_its_token(path: Path, job: dict[str, Any]) -> None:
    """A tag can be moved, a commit cannot; a token on disk can be read by what runs later."""
    for step in job["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), path
            assert not step["uses"].startswith(CHECKOUT) or step["with"]["persist-credentials"] is False
    assert job["timeout-minutes"] <= 30


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_permissions_of_a_workflow_are_read_only(path: Path) -> None:
    """What writes asks for it in its own job."""
    permissions = yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"]
    assert set(permissions.values()) <= {"read"}


@pytest.mark.parametrize(("path", "job"), JOBS)
def test_a_job_that_may_write_runs_no_code_of_a_checkout(path: Path, job: dict[str, Any]) -> None:
    """It only downloads a text and sends it; expressions reach a script as environment variables."""
    if "write" in (job.get("permissions") or {}).values():
        assert not [step for step in job["steps"] if "uses" in step], path
        assert {line.split()[0] for step in job["steps"] for line in step["run"].splitlines()} <= {
            "gh", "number=$(gh", "test", "mark='<!--", "old=$(gh", "--jq", "if", "else", "fi",
        }  # fmt: skip
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")], path


def test_the_bot_s_comment_comes_from_the_code_of_the_main_branch() -> None:
    """Nothing of the pull request is checked out: the only ref is the main branch, and no artifact of it is read."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "comment.yml").read_text(encoding="utf-8"))["jobs"]["diff"]
    checkouts = [step for step in job["steps"] if step.get("uses", "").startswith(CHECKOUT)]
    assert [step["with"]["ref"] for step in checkouts] == ["${{ github.event.repository.default_branch }}"]
    assert job["permissions"] == {"contents": "read"}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_comment_s_script_compares_the_data_of_a_pull_request(tmp_path: Path) -> None:
    """Run here on a repository whose pull request changes a rate and the Makefile; then on one with a broken page."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "comment.yml").read_text(encoding="utf-8"))["jobs"]["diff"]
    script = next(step["run"] for step in job["steps"] if "git fetch" in step.get("run", ""))
    here = tmp_path / "here"
    page = here / "pricing" / "google" / "gemini-1.5-pro.yaml"
    page.parent.mkdir(parents=True)
    shutil.copy(ROOT / "pricing" / "google" / page.name, page)

    def git(*arguments: str) -> str:
        run = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
        return subprocess.run(run, cwd=here, check=True, capture_output=True, text=True).stdout.strip()

    def commented(name: str, text: str) -> str:
        git("checkout", "-qb", name, "main")
        page.write_text(text, encoding="utf-8")
        (here / "Makefile").write_text("prices-diff:\n\techo No changes. > prices-diff.md\n", encoding="utf-8")
        git("add", "pricing", "Makefile")
        git("commit", "-qm", "two")
        head = git("rev-parse", "HEAD")
        git("checkout", "-q", "main")
        environment = os.environ | {"PULL": head, "CACHECOST_PRICES": str(here / "pricing")}
        subprocess.run(["bash", "-e", "-c", script], cwd=here, env=environment, check=True)
        return (here / "prices-diff.md").read_text(encoding="utf-8")

    git("init", "-qb", "main")
    git("add", "pricing")
    git("commit", "-qm", "one")
    git("remote", "add", "origin", str(here))
    (here / ".venv" / "bin").mkdir(parents=True)
    (here / ".venv" / "bin" / "cachecost").symlink_to(Path(sys.executable).with_name("cachecost"))
    old = page.read_text(encoding="utf-8")
    assert "CORRECTS CARDS IN FORCE: google/gemini-1.5-pro" in commented(
        "corrected", old.replace("output: ", "output: 1", 1)
    )
    broken = commented("broken", old.replace("output: ", "outputs: ", 1))
    assert broken.startswith("<!-- cachecost prices diff -->\nThe code of the main branch cannot read")
    assert "outputs is not a limit" in broken


def test_the_form_for_a_changed_price_asks_for_what_a_rate_card_needs() -> None:
    """Model, rates, day and source are required; every field has one id and a label."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "price-changed.yml").read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"] if field["type"] != "markdown"}
    assert len(fields) == len(form["body"]) - 1
    assert all(field["attributes"]["label"] for field in fields.values())
    required = {name for name, field in fields.items() if field.get("validations", {}).get("required")}
    assert required == {"model", "rates", "effective", "source", "seen"}
