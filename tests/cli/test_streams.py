"""Commands in odd surroundings: closed and full streams, folders that are gone or locked, files that never end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import pytest

from ..command import SCRIPT, environment, run, shelf
from ..conftest import LATEST, ROOT, epoch

ASK = "compare gpt-4o -c 100K -n 10"
CHECK = f"prices check {ROOT / 'pricing' / 'xai'}"
LONG = "x" * 300


@pytest.fixture(autouse=True)
def one_page(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of one page: where an answer goes does not depend on how many models are in it."""
    folder = tmp_path_factory.getbasetemp() / "one-page"
    if not folder.exists():
        shelf(folder, "openai/gpt-4o")
    monkeypatch.setenv("CACHECOST_PRICES", str(folder))


def shell(line: str, cwd: Path) -> tuple[int, str, str]:
    """A line as a shell runs it, on the day of the newest page: exit code, stdout and stderr."""
    line = line.replace("cachecost ", f"'{SCRIPT}' ", 1)
    env = environment(SOURCE_DATE_EPOCH=epoch(LATEST))
    ran = subprocess.run(["/bin/sh", "-c", line], cwd=cwd, env=env, capture_output=True, text=True)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.parametrize("command", [ASK, "--help", "--version", "compare --help", "models", CHECK])
@pytest.mark.parametrize(("closed", "said"), [(">&-", "is closed"), (">/dev/full", "no space left on device")])
def test_an_answer_that_cannot_be_written_is_one_line_and_exit_2(
    command: str, closed: str, said: str, tmp_path: Path
) -> None:
    code, _, err = shell(f"cachecost {command} {closed}", tmp_path)
    assert code == 2
    assert said in err.lower()
    assert err.splitlines()[-1].startswith("cachecost: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_a_refusal_without_stderr_is_exit_2_and_not_in_the_answer(stderr: str, tmp_path: Path) -> None:
    assert shell(f"cachecost compare no-such-model -c 1K --json {stderr}", tmp_path) == (2, "", "")
    assert shell(f"cachecost compare --no-such-flag {stderr}", tmp_path) == (2, "", "")


@pytest.mark.parametrize("command", ["replay -", "quote --from -"])
def test_a_closed_stdin_is_said(command: str, tmp_path: Path) -> None:
    code, out, err = shell(f"cachecost {command} <&-", tmp_path)
    assert (code, out, err) == (2, "", "cachecost: standard input: is closed\n")


@pytest.mark.parametrize("command", ["--help", "models", "compare gpt-4o -c 1K --json"])
def test_a_reader_who_leaves_early_is_no_fault(command: str, tmp_path: Path) -> None:
    """The pipe is closed before anything is written: exit 0, as head and less expect of what they read."""
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run([SCRIPT, *command.split()], stdout=write, stderr=subprocess.PIPE, env=environment())
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_folder_that_was_deleted_is_no_place_to_read_from_and_stops_no_question(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for command in (ASK, "models", CHECK):
        gone.mkdir()
        assert shell(f"rmdir '{gone}'; cachecost {command}", gone)[0] == 0


OVER_LONG = [
    f"replay {LONG}",
    f"replay {LONG}/*.jsonl",
    f"replay x --checkpoint {LONG}",
    f"compare gpt-4o -f {LONG}",
    f"compare gpt-4o -c 1K --times {LONG}",
    f"quote --from {LONG}",
    f"prices check {LONG}",
    f"prices diff {LONG}",
    f"models --prices {LONG}",
    f"prices table --out {LONG}/x",
]


@pytest.mark.parametrize("command", OVER_LONG)
def test_a_name_that_is_too_long_is_refused_in_one_line(command: str, tmp_path: Path) -> None:
    ran = run(*command.split(), cwd=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("cachecost: ")


def test_files_that_never_end_are_refused(tmp_path: Path) -> None:
    """A device or a pipe where a file is expected, without waiting for what it may say."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    sheets = shelf(tmp_path / "sheets", "openai/gpt-4o")
    for place in (pipe, Path("/dev/zero")):
        for name in ("token-ratios.yaml", "eviction.yaml", "disagreements.yaml"):
            (sheets / name).unlink(missing_ok=True)
            (sheets / name).symlink_to(place)
        for command in (
            ("compare", "gpt-4o", "-c", "1K", "--times", place),
            ("compare", "gpt-4o", "-f", place),
            ("compare", "gpt-4o", "-f", __file__, "--prices", sheets),
            ("prices", "check", place),
            ("prices", "check", "--prices", sheets),
        ):
            ran = run(*command, cwd=tmp_path)
            assert (ran.code in (1, 2), "not a file" in ran.err) == (True, True), ran
    for reading in (("quote", "--from"), ("replay",)):  # which may read a pipe, as of <(command)
        ran = run(*reading, "/dev/zero")
        assert (ran.code, "a device" in ran.err) == (2, True)


LOCKED = Path("locked")
ORDINARY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
"""Root without the capabilities by which it passes over permissions."""


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that its owner may not look into, with a log, a page, a document and price sheets, in one that may be
    read."""
    if ORDINARY and not shutil.which(ORDINARY[0]):
        pytest.skip("needs setpriv, or a user who is not root")
    inside = tmp_path / LOCKED
    shelf(inside / "sheets", "openai/gpt-4o")
    for name in ("log.jsonl", "page.yaml", "document.md", "times"):
        (inside / name).write_text("{}")
    inside.chmod(0)
    yield tmp_path
    inside.chmod(0o700)


@pytest.mark.parametrize("command", [ASK, "models"])
def test_a_user_who_may_not_look_into_home_or_the_current_folder_is_answered(command: str, locked: Path) -> None:
    """As cron, systemd and sudo start commands."""
    home = locked / LOCKED
    home.chmod(0o700)
    names = {"HOME": "", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "CACHECOST_CACHE": "sheets"}
    places = {name: str(home / place) for name, place in names.items()}
    question = [*ORDINARY, "/bin/sh", "-c", f'chmod 0 .; exec "$0" {command}', SCRIPT]
    ran = subprocess.run(question, cwd=home, env=environment(**places), capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


UNREADABLE = """
replay locked/log.jsonl
replay locked
replay .
replay other.jsonl --checkpoint locked/kept
replay other.jsonl --out locked/report
prices check locked/page.yaml
prices check locked
prices check .
prices diff locked/sheets
models --prices locked/sheets
models --prices locked
compare gpt-4o -f locked/document.md
compare gpt-4o -f locked
compare gpt-4o -c 1K --times locked/times
quote --from locked/log.jsonl
prices compare litellm locked/data.json
serve --prices locked/sheets
"""


ALL_OF_THEM = """
import json, sys
from pathlib import Path
from tests.command import run
print(json.dumps([run(*each.split(), cwd=Path.cwd()) for each in sys.argv[1:]]))
"""


def test_a_file_or_folder_that_may_not_be_read_is_refused_in_one_line(locked: Path) -> None:
    """Also one inside a folder that is asked for: what it holds would be missing from a check or a sum."""
    (locked / "other.jsonl").write_text('{"model": "gpt-4o", "usage": {"prompt_tokens": 5, "completion_tokens": 5}}\n')
    question = [*ORDINARY, sys.executable, "-c", ALL_OF_THEM, *UNREADABLE.strip().splitlines()]
    ours = {**environment(), "PYTHONPATH": str(ROOT)}
    for ran in json.loads(subprocess.run(question, cwd=locked, env=ours, stdout=subprocess.PIPE, check=True).stdout):
        code, out, err = ran
        assert (code, out, err.count("\n")) == (2, "", 1), ran
        assert err.startswith("cachecost: ")
        assert "locked" in err


def test_a_check_of_a_folder_without_pages_is_no_check_of_all_pages(tmp_path: Path) -> None:
    (tmp_path / ".hidden.yaml").write_text("what an editor puts beside a page")
    ran = run("prices", "check", tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "no pages in this folder" in ran.err


def test_rates_of_another_folder_are_not_cited_as_those_of_this_one(tmp_path: Path) -> None:
    """The same page is cited as ours, wherever it lies; an edited one with its digest, in every format."""
    ask = ("compare", "gpt-4o", "-c", "1K", "--prices", shelf(tmp_path, "openai/gpt-4o"))
    version = run(*ask, "--json").json["best"]["version"]
    assert "+" not in version
    page = tmp_path / "openai/gpt-4o.yaml"
    page.write_text(page.read_text().replace("input: 2.50", "input: 0.25"))
    digest = blake2b(page.read_bytes(), digest_size=4).hexdigest()
    assert run(*ask, "--json").json["best"]["version"] == f"{version}+{digest}"
    for form in ("table", "csv", "markdown"):
        assert f"{version}+{digest}" in run(*ask, "-v", "--format", form).out


def test_settings_of_the_current_folder_hold_words_of_a_question_alone(tmp_path: Path) -> None:
    """A folder that was downloaded says how many queries, and not where to write, to listen or to look for prices."""
    settings = tmp_path / ".cachecost.toml"
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for line in (
        f"out = '{victim}'",
        "prices = 'p'",
        "[serve]\nhost = '0.0.0.0'",
        "[serve]\ncors = ['*']",
        "[replay]\nmaster = 'local'",
        "[replay]\ncheckpoint = 'c'",
        "[compare]\ntimes = '/dev/zero'",
    ):
        settings.write_text(line)
        name = line.split("\n")[-1].split()[0]
        ran = run(*ASK.split(), cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"cachecost: .cachecost.toml: {name!r} is no word of a question")
    assert victim.read_text() == "mine"
    settings.write_text("queries = 20\nformat = 'csv'\n[replay]\nby = ['day']")
    assert run("compare", "gpt-4o", "-c", "100K", cwd=tmp_path).out.startswith("model,")
