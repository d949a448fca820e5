"""What is installed is the whole of it: a wheel with its prices inside answers from anywhere, without the checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from .command import environment
from .conftest import ROOT

pytest.importorskip("hatchling")

PAGE = {".html", ".css", ".js", ".svg"}
"""What the page is made of that the server shows."""
LEFT = shutil.ignore_patterns(".*", "__pycache__", "*.pyc", "dist", "build", "node_modules")


def build(source: Path, target: Path, kind: str) -> Path:
    """The distribution that hatchling builds from a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target]
    ran = subprocess.run(command, cwd=source, capture_output=True, text=True, env=environment())
    assert ran.returncode == 0, ran.stderr
    (result,) = target.iterdir()
    return result


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, as a checkout has it."""
    copy = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(ROOT, copy, ignore=LEFT)
    shutil.copy(ROOT / ".gitignore", copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project."""
    return build(source, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel does: an installer adds scripts to that, and nothing else."""
    target = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(target)
    return target


def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_a_wheel_holds_every_price_and_every_module(wheel: Path) -> None:
    """Page for page and module for module what the checkout has, the marks of typing and the licence too."""
    held = names(wheel)
    pages = {path.relative_to(ROOT / "pricing").as_posix() for path in (ROOT / "pricing").rglob("*.yaml")}
    assert pages
    assert {name.removeprefix("cachecost/_pricing/") for name in held if "_pricing" in name} >= pages
    drawn = {path.relative_to(ROOT / "api").as_posix() for path in (ROOT / "api").rglob("*") if path.suffix in PAGE}
    assert drawn
    assert held >= drawn
    for folder in ("calc", "api"):
        modules = {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob("*.py")}
        assert held >= modules
    assert {"cachecost/py.typed", "cachecost_api/py.typed"} <= held
    assert any(name.endswith("/LICENSE") for name in held)


def test_a_wheel_holds_nothing_else(wheel: Path) -> None:
    """No tests, no compiled files, nothing called calc or api in site-packages."""
    tops = {name.split("/")[0] for name in names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cachecost", "cachecost_api"}
    suffixes: dict[str, set[str]] = {"cachecost": set(), "cachecost_api": set()}
    for name in names(wheel):
        if ".dist-info/" not in name:
            suffixes[name.split("/")[0]].add(Path(name).suffix)
    assert suffixes["cachecost"] == {".py", ".typed", ".yaml", ".md", ".toml", ".json", ".lock", ".csv"}
    assert suffixes["cachecost_api"] == {".py", ".typed", *PAGE}
    assert not [name for name in names(wheel) if "tests/" in name or "test_" in name]


@pytest.mark.external
def test_a_source_distribution_builds_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    """What `python -m build` does: first the one, from it the other."""
    archive = build(source, tmp_path / "sdist", "sdist")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert names(build(unpacked, tmp_path / "again", "wheel")) == names(wheel)


@pytest.mark.usefixtures("packed_prices")
def test_an_installed_command_answers_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """Its own modules, its own prices. 7.00 + 10 x 3.50 + 4.50 = 46.50, as announced on 2024-05-14."""
    code = (
        "import sys, cachecost.catalog.catalog as catalog; from cachecost.cli import main\n"
        "print(catalog.__file__, catalog.default_folder(), file=sys.stderr); main(sys.argv[1:])"
    )
    question = "compare gemini-1.5-pro -c 1M -q 0 -a 0 --as-of 2024-05-25 --json".split()
    env = environment(PYTHONPATH=str(installed))
    command = [sys.executable, "-c", code, *question]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=env, check=True)
    assert json.loads(ran.stdout)["best"]["total"] == "46.5"
    file, folder = map(Path, ran.stderr.split())
    assert file.is_relative_to(installed)
    assert folder.is_relative_to(installed)


def test_an_installed_page_with_a_fault_is_told_from_where_it_lies(installed: Path, tmp_path: Path) -> None:
    """An override by --prices goes before what is packed; the packed sheets are checked as any other."""
    page = tmp_path / "acme" / "one.yaml"
    page.parent.mkdir()
    page.write_text("provider: acme\n", encoding="utf-8")
    code = "import sys; from cachecost.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "show", "acme/one", "--prices", tmp_path]
    env = environment(PYTHONPATH=str(installed))
    ran = subprocess.run(command, cwd=installed, capture_output=True, text=True, env=env)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert str(page) in ran.stderr


def test_the_project_asks_for_what_it_imports_and_no_more(wheel: Path) -> None:
    """The user's packages are the base; what only some need is an extra. Version and command are those of pyproject."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (metadata,) = (name for name in names(wheel) if name.endswith("/METADATA"))
    messages = zipfile.ZipFile(wheel).read(metadata).decode().partition("\n\n")[0].splitlines()
    required = {
        line.partition(": ")[2].split(">")[0]
        for line in messages
        if line.startswith("Requires-Dist") and "extra" not in line
    }
    assert {"pydantic", "typer", "rich", "pyyaml", "fastapi", "fastapi-offline", "uvicorn", "duckdb"} <= required <= {
        "pydantic", "typer", "rich", "pyyaml", "fastapi", "fastapi-offline", "uvicorn", "duckdb", "tzdata",
    }  # fmt: skip
    assert f"Version: {project['version']}" in messages
    assert "Requires-Python: >=3.11" in messages
    assert project["scripts"]["cachecost"] == "cachecost.cli:main"
