"""What the README and docs/ show is what happens: commands are run and code is executed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cachecost_api.sheets import Shelf
from cachecost_api.tools import answer, every_tool

from .command import run
from .conftest import PRICES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
TEXT = "".join([README, *(page.read_text(encoding="utf-8") for page in PAGES)])
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, flags=re.DOTALL)


def _commands() -> list[tuple[str, str]]:
    """Each command of the console blocks, with what the README prints under it."""
    results = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            results.append((command, shown.strip()))
    return results


@pytest.mark.parametrize(("command", "shown"), dict.fromkeys(_commands()))
def test_a_command_of_the_readme_prints_what_stands_under_it(command: str, shown: str) -> None:
    """In this process, or as typed in a shell with this environment's cachecost first on the path."""
    if command.startswith("cachecost ") and not re.search("[|>&;$`\n]", command):
        ran = run(*shlex.split(command)[1:], cwd=ROOT)
        assert (ran.code, ran.err, _timeless(ran.out.strip())) == (0, "", _timeless(shown))
        return
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    shell = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert (shell.returncode, shell.stderr, _timeless(shell.stdout.strip())) == (0, "", _timeless(shown))


def _timeless(text: str) -> str:
    """Without the days on which a source was read: a pull request moves them."""
    return re.sub(r"(checked|seen|read) \d{4}-\d\d-\d\d", r"\1 DAY", text)


def test_the_python_of_the_pages_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its assertions hold, in a checkout."""
    monkeypatch.chdir(ROOT)
    for block in re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL):
        exec(compile(block, "README.md", "exec"), {})


def test_every_path_that_a_page_names_exists() -> None:
    """Links of every page, and the folders that the README lists."""
    for page in [ROOT / "README.md", *PAGES]:
        for path in re.findall(r"\]\(([\w./-]+)\)|^(\w[\w/]+/) ", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert (page.parent / (path[0] or path[1])).exists(), page


@pytest.mark.parametrize("page", ["docs/dashboards.md", "api/dashboards/prometheus.yml"])
def test_the_size_of_a_scrape_is_about_what_the_pages_say(page: str) -> None:
    """A series for each rate in force, as `GET /v1/prices` lists them. The catalogue grows: within a third."""
    [said] = re.findall(r"about ([0-9,]+) series", (ROOT / page).read_text(encoding="utf-8"), flags=re.IGNORECASE)
    series = len(answer(every_tool(), "prices", {}, Shelf(PRICES).current)[0])
    assert 2 / 3 < int(said.replace(",", "")) / series < 4 / 3


def test_the_number_of_formats_and_machines_is_the_one_that_the_pages_say() -> None:
    """As `cachecost logs` lists formats, and pricing/self-hosted/ has pages of models and machines."""
    formats = len(run("logs", "--json").json["formats"])
    [said] = re.findall(r"Some ([0-9]+) formats", README)
    assert abs(int(said) - formats) < 10
    deployments = [each["model"].split("@") for each in run("models", "--self-hosted", "--json").json["deployments"]]
    [numbers] = re.findall(r"with (\d+) models, (\d+) machines", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert numbers == tuple(str(len({each[place] for each in deployments})) for place in (0, 1))
