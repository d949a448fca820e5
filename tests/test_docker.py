"""The image is harmless and starts: its Dockerfile is read, and what it runs is run here, where there is no Docker."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .command import environment, shelf
from .conftest import ROOT
from .frozen import price_pages
from .server import Server

pytest.importorskip("hatchling", reason="needs hatchling, of the extra `test`")
FILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def instructions(text: str) -> list[tuple[str, str]]:
    """(`RUN`, its line) for each, comments left out and continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined if line.strip())]


TOLD = instructions(FILE)
LAST = TOLD[max(at for at, (name, _) in enumerate(TOLD) if name == "FROM") :]
"""The stage that is the image."""


def of(name: str, message: list[tuple[str, str]] = TOLD) -> list[str]:
    return [rest for each, rest in message if each == name]


def sources() -> list[str]:
    """What is copied out of the checkout."""
    return [path for rest in of("COPY") if "--from=" not in rest for path in shlex.split(rest)[:-1]]


def ignored(path: str) -> bool:
    """Whether a file is kept from the build: the last pattern that fits it or a folder of it decides.

    The rules: https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    parents = [path.rsplit("/", up)[0] for up in range(path.count("/") + 1)]
    result = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
            if any(re.fullmatch(pattern, each) for each in parents):
                result = not line.startswith("!")
    return result


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build stage has in its folder: the files copied and no others."""
    folder = tmp_path_factory.mktemp("src")
    for source in sources():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / source, folder)
    return folder


@pytest.fixture(scope="module")
def installed(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as the image has it: installed from that folder; its dependencies are those of this environment."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation", "--target", target]
    ran = subprocess.run([*command, *offline, "."], cwd=context, capture_output=True, text=True, env=environment())
    assert ran.returncode == 0, ran.stderr
    return target


def test_every_copied_file_is_in_the_checkout_and_nothing_else_is_sent() -> None:
    """Secrets, histories and environments stay at home."""
    assert sources()
    for source in sources():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source
    assert not ignored("calc/cachecost/money.py")
    assert not ignored("pricing/google/gemini-2.5-pro.yaml")
    for path in (
        ".git/config",
        ".venv/bin/python",
        ".env",
        "tests/conftest.py",
        "calc/cachecost/__pycache__/money.pyc",
    ):
        assert ignored(path), path


def test_the_image_does_not_run_as_root() -> None:
    """A number, so that it can be seen not to be 0."""
    (user,) = of("USER", LAST)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    names = [name for name, _ in LAST]
    assert names.index("USER") < names.index("CMD")
    assert "RUN" not in names, "the image itself is only copied together"


def test_both_stages_have_the_same_base_and_build_tools_stay_behind() -> None:
    """An environment copied to another Python would not start."""
    assert [rest.split()[0] for rest in of("FROM")] == ["${BASE}", "${BASE}"]
    (base,) = (rest.partition("=")[2] for rest in of("ARG") if rest.startswith("BASE="))
    assert re.fullmatch(r"python:3\.1[1-9]-slim", base)
    assert [rest for rest in of("COPY", LAST) if not rest.startswith("--from=build")] == []


def test_the_labels_are_those_of_the_project() -> None:
    """Title, description and licence are said in pyproject.toml first."""
    labels = dict(part.split("=", 1) for rest in of("LABEL") for part in shlex.split(rest))
    messages = {name.removeprefix("org.opencontainers.image."): value for name, value in labels.items()}
    assert messages == {"title": PROJECT["name"], "description": PROJECT["description"], "licenses": PROJECT["license"]}


def test_the_extras_that_are_installed_exist() -> None:
    """pip only warns of an extra that is none."""
    (extras,) = (rest.partition("=")[2].split(",") for rest in of("ARG") if rest.startswith("EXTRAS="))
    (line,) = (rest for rest in of("RUN") if "pip install" in rest)
    assert '".[${EXTRAS}]"' in line
    assert set(extras) <= set(PROJECT["optional-dependencies"])
    assert "metrics" in extras


def test_every_package_of_the_image_is_of_the_version_and_hash_in_the_lock_file() -> None:
    """pip downloads what the lock file names, and installs from nothing else."""
    (line,) = (rest for rest in of("RUN") if "pip install" in rest)
    download, install = (part.split() for part in line.split("&&") if "pip download" in part or "pip install" in part)
    assert {"--require-hashes", "--no-deps", "--requirement", "requirements.lock"} <= {*download}
    assert "--no-index" in install
    assert "requirements.lock" in sources()
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^[\w.-]+==", lock, re.MULTILINE)
    assert packages
    hashed = re.findall(r"^[\w.-]+==[^\n]*(?:\n +--hash=sha256:[0-9a-f]{64}[ \\]*)+$", lock, re.MULTILINE)
    assert len(hashed) == len(packages)


@pytest.mark.external
def test_the_image_holds_every_module_and_every_price(installed: Path) -> None:
    """A folder that was not copied would be noticed by users only."""
    for root, package in (("calc", "cachecost"), ("api", "cachecost_api"), ("pricing", "cachecost/_pricing")):
        folder = ROOT / root if root == "pricing" else ROOT / root / package
        files = {path.relative_to(folder) for path in folder.rglob("*") if path.suffix in (".py", ".yaml", ".html")}
        assert files
        assert not [path for path in files if not (installed / package / path).is_file()]


@pytest.mark.external
@pytest.mark.usefixtures("packed_prices")
def test_what_the_image_starts_answers_and_is_found_healthy(installed: Path) -> None:
    """Its command, its environment, its health check, from what was installed; and no health where nothing listens."""
    (entry,), (command,) = (map(json.loads, of(name, LAST)) for name in ("ENTRYPOINT", "CMD"))
    assert (entry, command[0], command[-2:]) == (["cachecost"], "serve", ["--port", *of("EXPOSE")])
    (health,) = (json.loads(rest.partition(" CMD ")[2]) for rest in of("HEALTHCHECK"))
    packed = installed / "cachecost" / "_pricing"
    (packed / "openai" / "gpt-4o.yaml").unlink()  # one fewer than in the checkout: so it is seen which are read
    server = Server(*command[1:-2], PYTHONPATH=str(installed), **settings())
    try:
        assert json.loads(server.get("/healthz"))["sheets"] == len(list(price_pages(packed))) > 600
        assert check(health, server.url.rpartition(":")[2]) == 0
    finally:
        server.stop()
    assert check(health, server.url.rpartition(":")[2]) != 0


@pytest.mark.external
def test_mounted_prices_take_the_place_of_those_built_in(installed: Path, tmp_path: Path) -> None:
    """As the page of the dashboards shows it: a folder and the variable that names it."""
    shown = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    assert '-v "$PWD/pricing:/pricing:ro" -e CACHECOST_PRICES=/pricing cachecost' in shown
    server = Server(PYTHONPATH=str(installed), **settings(), CACHECOST_PRICES=str(shelf(tmp_path, "openai/gpt-4o")))
    try:
        assert json.loads(server.get("/healthz"))["sheets"] == 1
    finally:
        server.stop()


def settings() -> dict[str, str]:
    """The environment of the image, but for its path."""
    result = dict(part.split("=", 1) for rest in of("ENV", LAST) for part in shlex.split(rest))
    assert result.pop("PATH").startswith("/opt/cachecost/bin:")
    return result


def check(health: list[str], port: str) -> int:
    """The exit code of the health check, at another port."""
    question = [part.replace(":8000/", f":{port}/") for part in health]
    assert question[0] == "python"
    return subprocess.run([sys.executable, *question[1:]], capture_output=True).returncode
