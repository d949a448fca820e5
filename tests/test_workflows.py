"""The workflows: pinned, with the least permissions, and no code of a pull request beside a token that can write."""

from __future__ import annotations

import base64
import json
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
            "gh", "number=$(gh", "test", "mark='<!--", "old=$(gh", "--jq", "if", "else", "fi", "for", "while", "done",
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


@pytest.mark.external
@pytest.mark.skipif(not (shutil.which("git") and shutil.which("jq")), reason="git or jq is not installed")
def test_the_watch_s_script_writes_a_pull_request_for_each_provider(tmp_path: Path) -> None:
    """On two recorded releases of litellm, with genai-prices as a second source: of Beam 1.0, which was at $1.30."""
    recorded = ROOT / "tests" / "review" / "recorded"
    page = tmp_path / "pricing" / "baseten" / "beam-1.0.yaml"
    page.parent.mkdir(parents=True)
    page.write_text(
        "provider: baseten\nmodel: beam-1.0\nname: Beam\nunit: USD per 1M tokens\n"
        "aliases: [reflection/Beam-1.0]\nrate_cards:\n  - effective: 2026-09-01\n    source: https://vendor.test/\n"
        "    seen: 2026-10-14\n    tiers: [{input: 1.30, output: 4.30}]\n",
        encoding="utf-8",
    )
    program = tmp_path / ".venv" / "bin" / "cachecost"
    program.parent.mkdir(parents=True)
    files = [f"--previous {recorded}/litellm-1.106.2.json", "--between 2026-10-20..2026-11-20"]
    files += [f"--from {recorded}/{name}" for name in ("litellm-1.110.2.json", "genai_prices-0.2.3.txt")]
    real = Path(sys.executable).with_name("cachecost")
    # In place of the package index: recorded files.
    program.write_text(f'#!/bin/sh\nexec {real} $(echo "$@" | sed "s|--packages packages|{" ".join(files)}|")\n')
    program.chmod(0o755)
    (tmp_path / ".gitignore").write_text(".venv\n", encoding="utf-8")
    environment = os.environ | {"REPOSITORY": "acme/prices", "CACHECOST_PRICES": str(tmp_path / "pricing")}
    environment |= {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t"}
    environment |= {"GIT_COMMITTER_EMAIL": "t@example.com"}
    for words in ("init -qb main", "add .", "commit -qm one"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, env=environment, check=True)
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "watch.yml").read_text(encoding="utf-8"))["jobs"]["watch"]
    script = next(step["run"] for step in job["steps"] if "prices propose" in step.get("run", ""))
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
    pulls = {
        path.name: json.loads((path / "commit.json").read_text()) for path in (tmp_path / "out" / "pulls").iterdir()
    }
    added = {
        name: [each["path"] for each in commit["variables"]["input"]["fileChanges"]["additions"]]
        for name, commit in pulls.items()
    }
    assert added == {
        "baseten": ["pricing/baseten/beam-1.0.yaml"],
        "watch": ["pricing/watch.lock"],
    }
    commit = pulls["baseten"]["variables"]["input"]
    assert commit["branch"] == {"repositoryNameWithOwner": "acme/prices", "branchName": "prices/baseten"}
    assert commit["message"] == {"headline": "Change rates of beam-1.0"}
    assert "input: 0.40" in base64.b64decode(commit["fileChanges"]["additions"][0]["contents"]).decode()
    assert "new rates from 2026-11-02" in (tmp_path / "out" / "pulls" / "baseten" / "body.md").read_text()
    assert "proposal: baseten/beam" in (tmp_path / "out" / "questions.md").read_text()


def test_a_card_whose_day_has_come_is_said_as_one_line(tmp_path: Path) -> None:
    """A promise that has ended and a scheduled card that has begun, picked out of what the check says. Lines of pages
    are left out, since they move, and the issue would be opened again."""
    for model, why in (
        ("acme-1", "promised_until: 2026-11-20"),
        ("acme-2", "status: scheduled"),
        ("acme-3", "note: n"),
    ):
        page = tmp_path / "pricing" / "acme" / f"{model}.yaml"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(
            f"provider: acme\nmodel: {model}\nname: A\nunit: USD per 1M tokens\nrate_cards:\n"
            f"  - effective: 2026-09-01\n    {why}\n    source: https://acme.test/\n"
            "    seen: 2026-10-14\n    tiers: [{input: 1.30, output: 4.30}]\n",
            encoding="utf-8",
        )
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "cachecost").symlink_to(Path(sys.executable).with_name("cachecost"))
    environment = os.environ | {"CACHECOST_PRICES": "pricing"}
    _run_step("due", "Find the cards whose day has come", tmp_path, environment)
    assert (tmp_path / "due.txt").read_text(encoding="utf-8").splitlines() == [
        "pricing/acme/acme-1.yaml: promised only until 2026-11-20; look at https://acme.test/",
        "pricing/acme/acme-2.yaml: the card of 2026-09-01 has begun but is still called scheduled; confirm it",
    ]


def _run_step(job: str, step: str, folder: Path, environment: dict[str, str]) -> None:
    """A step of watch.yml, by its name, as the runner would run it."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "watch.yml").read_text(encoding="utf-8"))["jobs"]
    script = next(each["run"] for each in jobs[job]["steps"] if each.get("name") == step)
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=True)


def _asked_of_gh(job: str, step: str, folder: Path, answers: dict[str, str]) -> list[str]:
    """What a step asks of GitHub, whose program answers by how the question begins, and else with nothing."""
    program, asked = folder / "bin" / "gh", folder / "asked"
    program.parent.mkdir(exist_ok=True)
    cases = "".join(f'"{question}"*) {answer};;\n' for question, answer in answers.items())
    program.write_text(f'#!/bin/sh\necho "$*" >> "{asked}"\ncase "$*" in\n{cases}esac\n', encoding="utf-8")
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"REPOSITORY": "acme/prices", "BASE": "0123abc", "MAIN": "main"}
    _run_step(job, step, folder, environment)
    return asked.read_text(encoding="utf-8").splitlines()


def test_an_issue_is_opened_once_for_each_card_whose_day_has_come(tmp_path: Path) -> None:
    """One of the two has an issue, open or closed."""
    (tmp_path / "due.txt").write_text("acme-1.yaml: promised only\nacme-2.yaml: the card\n", encoding="utf-8")
    answers = {"api --paginate": "echo 'acme-1.yaml: promised only'"}
    asked = _asked_of_gh("remind", "Open an issue for each, once", tmp_path, answers)
    assert asked[1:] == [
        "issue create --repo acme/prices --title acme-2.yaml: the card --body acme-2.yaml: the card",
    ]


def test_a_pull_request_is_opened_for_each_provider_that_has_none(tmp_path: Path) -> None:
    """The other one already has a branch, with an open pull request."""
    for name in ("baseten", "google"):
        (tmp_path / "pulls" / name).mkdir(parents=True)
        (tmp_path / "pulls" / name / "title").write_text(f"Change rates of {name}\n", encoding="utf-8")
        (tmp_path / "pulls" / name / "commit.json").write_text("{}", encoding="utf-8")
    there = {"api --silent repos/acme/prices/git/refs --field ref=refs/heads/prices/google": "exit 1"}
    asked = _asked_of_gh("send", "Open a pull request for each provider that has none", tmp_path, there)
    assert asked == [
        "api --silent repos/acme/prices/git/refs --field ref=refs/heads/prices/baseten --field sha=0123abc",
        "api graphql --silent --input pulls/baseten/commit.json",
        "pr create --repo acme/prices --base main --head prices/baseten --title Change rates of baseten "
        "--body-file pulls/baseten/body.md",
        "api --silent repos/acme/prices/git/refs --field ref=refs/heads/prices/google --field sha=0123abc",
    ]


@pytest.mark.parametrize(
    ("number", "last"),
    [
        ("7", "issue edit 7 --repo acme/prices --body-file questions.md"),
        (
            "",
            "issue create --repo acme/prices --label prices-watch --title Questions about prices "
            "--body-file questions.md",
        ),
    ],
)
def test_one_issue_holds_the_questions(number: str, last: str, tmp_path: Path) -> None:
    answers = {"issue list": f"echo {number}"}
    asked = _asked_of_gh("send", "Update the issue with the questions, or open it", tmp_path, answers)
    assert asked[-1] == last


def test_the_form_for_a_changed_price_asks_for_what_a_rate_card_needs() -> None:
    """Model, rates, day and source are required; every field has one id and a label."""
    form = yaml.safe_load((ROOT / ".github" / "ISSUE_TEMPLATE" / "price-changed.yml").read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"] if field["type"] != "markdown"}
    assert len(fields) == len(form["body"]) - 1
    assert all(field["attributes"]["label"] for field in fields.values())
    required = {name for name, field in fields.items() if field.get("validations", {}).get("required")}
    assert required == {"model", "rates", "effective", "source", "seen"}
