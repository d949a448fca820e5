"""Where an answer goes: a terminal of any width, a pipe that closes, a disk that is full."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer import BadParameter, Context
from typer._coercion import build_runtime_param

from cachecost.catalog.catalog import Catalog
from cachecost.cli import app, progress

from ..command import SCRIPT, Stream, environment, naming_modules, run, script
from ..conftest import PATIENCE

GEMINI = ("compare", "gemini-1.5-pro", "--context", "1M", "-q", "0", "-a", "0", "--as-of", "2024-05-25")
RECORD = b'{"model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 1000}}\n'

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PAIR = "compare claude-opus-5-5 gpt-5.6-luna -c 150K -n 50 -q 200 -a 500 --over 8h --lines --as-of 2026-11-01"
SHOWN = [
    (*GEMINI, "--lines"),
    tuple(PAIR.split()),
    ("compare", "gemini-2.5-pro", *"-c 300K -n 1M --hit-share 1/3 --lines --as-of 2026-10-20".split()),
    ("quote", "claude-sonnet-4-5", *"--input 2K --cache-write 1h=20K --output 500 --at 2026-11-01".split()),
    ("quote", "gemini-2.5-pro", *"--storage 1M@20m --at 2026-11-01".split()),
    ("curve", "claude-opus-5-5", *"-c 900K -q 200 -a 500 -n 1..1M:10000 --as-of 2026-11-01".split()),
    ("curve", "gemini-2.5-pro", *"-c 100K --as-of 2026-11-01".split()),
    ("models", "--provider", "google-vertex", "--as-of", "2026-11-01"),
    ("show", "gemini-2.5-pro", "--as-of", "2026-11-01"),
    ("show", "deepseek-v4-flash", "--as-of", "2026-11-01"),
    ("show", "qwen3-coder-plus", "--as-of", "2026-11-01"),
]
LONG = ("curve", "gpt-4o", *"-c 1K -n 1..20000 --format csv".split())


def is_address(word: str) -> bool:
    """Whether a word is to be copied whole: an address, a rate card or a model with its provider."""
    return "://" in word or "@" in word or re.fullmatch(r"[a-z-]+/[\w.:-]+", word) is not None


def fits(shown: str, piped: str, columns: int) -> None:
    """No line too long but for an address or an id alone, no word that is not a word of the piped answer."""
    for each in shown.splitlines():
        alone = len(each.split()) == 1 and is_address(each)
        assert len(each) <= columns or alone, each
        assert each == each.rstrip()
    drawn = re.compile(r"[─|+xo*#@-]*")
    assert {word for word in shown.split() if not drawn.fullmatch(word)} <= set(piped.split())


@pytest.mark.parametrize("question", SHOWN)
def test_an_answer_fits_its_terminal(question: tuple[str, ...]) -> None:
    """At 80 and at 60 columns; the sentence stays last."""
    piped = run(*question).out
    for columns in (80, 60):
        shown = COLOURS.sub("", run(*question, columns=columns).out)
        if question[0] == "curve":  # a chart is drawn to the width
            shown, piped = (text[text.index("  o ") :] for text in (shown, piped))
        fits(shown, piped, columns)
        if question[0] == "compare":
            assert " ".join(shown.split()).endswith(" ".join(piped.splitlines()[-1].split()))


@pytest.mark.parametrize("command", ["compare", "plan", "curve", "fanout"])
def test_one_token_is_no_tokens(command: str) -> None:
    """Every door says `1 token`, as it says `1 query`."""
    out = run(command, "claude-opus-5-5", "--context", "1").out
    assert "1 token" in out
    assert not re.search(r"(?<![\d,.])1 (tokens|queries|turns|requests)\b", out)


def test_every_page_of_the_catalogue_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> None:
    """Every twentieth of them, so that a new page with a fault fails within a few runs."""
    monkeypatch.setattr("cachecost.cli.options.catalog", lambda _: catalog)
    for path in catalog.paths[::20]:
        question = ("show", f"{path.parent.name}/{path.stem}", "--as-of", "2026-11-22")
        shown, piped = run(*question, columns=60).out, run(*question).out
        words = f"{piped} from row rate status"  # a heading is repeated where a table is too wide
        for each in COLOURS.sub("", shown).splitlines():
            alone = len(each.split()) == 1 and is_address(each)
            assert len(each) <= 60 or alone, (path, each)
            assert set(each.strip("─").split()) <= set(words.split()), (path, each)


def in_a_terminal(columns: int, *arguments: str, **more: str) -> str:
    """What the installed command writes to a real terminal."""
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = environment(TERM="xterm-256color", **more)
    with subprocess.Popen([SCRIPT, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        result = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            result += part
    os.close(ours)
    assert process.returncode == 0, result
    return result.decode().replace("\r\n", "\n")


def test_a_real_terminal_gets_colour_and_its_width() -> None:
    """A pseudo-terminal of the system, not a stand-in; colour only decorates, the words are those of the pipe."""
    question = (*GEMINI, "--lines")
    shown = in_a_terminal(60, *question)
    assert COLOURS.search(shown)
    plain = COLOURS.sub("", shown)
    piped = run(*question).out
    fits(plain, piped, 60)
    assert " ".join(plain.split()).endswith(piped.splitlines()[-1])


def test_no_color_leaves_no_escape_codes() -> None:
    """https://no-color.org, and bold is dropped with it."""
    shown = in_a_terminal(80, *GEMINI, "--lines", NO_COLOR="1")
    assert "\x1b" not in shown
    assert "─" in shown


def test_force_color_colours_a_pipe_and_no_color_wins() -> None:
    """https://force-color.org; without either a pipe gets plain text."""
    assert COLOURS.search(script(*GEMINI, env=environment(FORCE_COLOR="1")).out)
    assert "\x1b" not in script(*GEMINI, env=environment(FORCE_COLOR="1", NO_COLOR="1")).out
    assert "\x1b" not in run(*GEMINI).out


def test_a_terminal_of_another_encoding_is_answered() -> None:
    """A yen sign or an ellipsis where neither can be written is escaped, not a traceback."""
    env = environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    ran = subprocess.run([SCRIPT, "show", "moonshot-cn/moonshot-v1-128k"], capture_output=True, env=env)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"10.00" in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end in another way there")
@pytest.mark.parametrize(
    "question",
    [GEMINI, LONG, ("quote", "--from", "-")],
)
def test_a_reader_who_leaves_ends_the_answer_quietly(question: tuple[str, ...]) -> None:
    """`| head -1` closes the pipe: no traceback, no message, exit 0, whether the answer was short or long."""
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [SCRIPT, *question], stdout=write, stderr=subprocess.PIPE, input=RECORD * 2000, env=environment()
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_message() -> None:
    """What cannot be written is refused, not lost and not a traceback."""
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run([SCRIPT, *GEMINI], stdout=full, stderr=subprocess.PIPE, env=environment())
    assert ran.returncode == 2
    assert re.fullmatch(rb"cachecost: the answer cannot be written to standard output: .*\n", ran.stderr)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_an_interrupt_ends_without_a_traceback(tmp_path: Path) -> None:
    """Ctrl-C while records are awaited: 128 + SIGINT, as a shell expects."""
    fifo = tmp_path / "records"
    os.mkfifo(fifo)
    command = [SCRIPT, "quote", "--from", fifo]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        with fifo.open("wb"):  # opens when the command has
            process.send_signal(signal.SIGINT)
            process.wait(timeout=PATIENCE)
        assert process.stdout is not None
        assert process.stderr is not None
        assert (process.returncode, process.stdout.read(), process.stderr.read()) == (130, b"", b"")


def test_a_comparison_loads_nothing_that_it_does_not_need() -> None:
    """A light start in a pipe: no web server, no rich, no pydantic, which typer reads options with, no YAML where the
    page was read before, no laws of arrival at random, no answers of other commands."""
    heavy = ["duckdb", "fastapi", "numpy", "pydantic", "rich", "uvicorn", "yaml"]
    heavy += [f"cachecost.workload.{law}" for law in ("office", "poisson", "uniform", "within")]
    heavy += [f"cachecost.{name}" for name in ("advice", "sweep", "output.answers.survey", "output.vega", "replay")]
    ran = naming_modules(heavy, *GEMINI)
    assert (ran.returncode, ran.stderr) == (0, "[]\n")


def test_options_are_read_as_typer_reads_them() -> None:
    """Every option of every command, on what people may give and on what is wrong, without typer's slower readers."""

    def outcome(read: Callable[..., Any], value: object, option: Any, context: Any) -> object:
        try:
            return read(value, param=option, ctx=context)
        except BadParameter as error:
            return str(error)

    todo = [app._command()]
    for command in todo:
        todo += getattr(command, "commands", {}).values()
        context = Context(command)
        for option in command.get_params(context):
            several = option.multiple or option.nargs == -1
            values = ([], ["a", "b/c"], ("-",)) if several else ("a", "b/c", "", "-", "json", "JSON", "3", "true")
            typers = build_runtime_param(option.type_descriptor).coerce
            for value in (None, *values):
                read, known = (outcome(each, value, option, context) for each in (app._read, typers))
                assert (type(read), read) == (type(known), known), (command.name, option.name, value)


@pytest.mark.parametrize("terminal", [True, False])
def test_long_work_tells_a_terminal_that_it_goes_on(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    """A line on stderr after the time that a person waits gladly; in a pipe nothing, and no thread is left behind."""
    shown, begun = Stream(terminal=terminal), threading.Event()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr("rich.status.Status.start", lambda self: (print(self.status, file=shown), begun.set()))
    with progress.working("adding up"):
        assert begun.wait(PATIENCE if terminal else 0) == terminal
    assert ("adding up" in shown.text()) == terminal
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
