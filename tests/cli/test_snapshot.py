"""The line of a status bar between turns: at every instant and after every change it is that of a full answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cachecost import clock
from cachecost.cli import snapshot

from ..command import Ran, naming_modules, run, shelf
from ..conftest import ROOT
from ..sessions import WARM, Asked, claude_code, responses

Ask = Callable[..., tuple[Ran, bool]]
TICK, SECOND = timedelta(microseconds=1), timedelta(seconds=1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The line at an instant, and whether it was kept; files have not changed for two seconds."""
    print_kept, keep = snapshot.printed, snapshot.keep
    monkeypatch.setattr(clock, "nanoseconds", lambda: time.time_ns() + 2 * 10**9)

    def asked(log: Path, at: datetime, *more: str, env: dict[str, str] | None = None) -> tuple[Ran, bool]:
        kept: list[bool] = []

        def printed(arguments: list[str]) -> bool:
            kept.append(print_kept(arguments))
            return kept[0]

        monkeypatch.setattr(clock, "now", lambda: at)
        words = ("next", log, "--statusline", *more)
        monkeypatch.setattr(snapshot, "printed", lambda arguments: False)
        monkeypatch.setattr(snapshot, "keep", lambda *_: None)
        full = run(*words, env=env)
        monkeypatch.setattr(snapshot, "printed", printed)
        monkeypatch.setattr(snapshot, "keep", keep)
        line = run(*words, env=env)
        assert line == full, at
        return line, kept[0]

    return asked


SESSIONS = {
    # two lives, of five minutes and of an hour: 10:07 and 11:02
    "lives": (("2026-11-20T10:03", "2026-11-20T10:07", "2026-11-20T11:01:58", "2026-11-20T11:02"), ()),
    "pause": (("2026-11-20T10:03", "2026-11-20T10:05", "2026-11-20T11:00"), ("--pause", "2m")),
    # Deepseek V4 Pro is dearer from 09:00 to 12:00 in Shanghai
    "deepseek-v4-pro": (("2026-11-20T00:59", "2026-11-20T01:00", "2026-11-20T04:00"), ()),
    # OpenAI lowered the rates of o3 by 80% on this day; its cache lives for 5 minutes to an hour
    "o3": (("2025-06-09T23:59", "2025-06-10T00:00", "2025-06-10T00:03"), ()),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_at_every_instant_the_line_is_that_of_a_full_answer(name: str, ask: Ask, tmp_path: Path) -> None:
    """Seconds and microseconds around the ends of lives and changes of rates and hours, and when a clock goes back."""
    edges, more = SESSIONS[name]
    if name in ("lives", "pause"):
        asked = [Asked("10:00:00", hour=50_000, five_minutes=30_000), Asked("10:02:00", read=80_000, five_minutes=90)]
        log = claude_code(tmp_path, asked)
    else:
        log = responses(tmp_path, [(int(instant(edges[0]).timestamp()) - 60, 10_000, 0, 500)], name)
    kept = []
    for edge in map(instant, edges):
        for at in (edge - SECOND, edge - TICK, edge, edge + TICK, edge + SECOND, edge - TICK):
            kept.append(ask(log, at, *more)[1])
    assert kept.count(True) >= len(edges) * 2  # between the edges at least


def test_the_seconds_of_a_kept_line_run(ask: Ask, tmp_path: Path) -> None:
    """The last life ends at 10:07."""
    log = claude_code(tmp_path, WARM)
    lines = [ask(log, instant(f"2026-11-20T10:0{at}")) for at in ("3:30.25", "3:31.24", "3:31.25", "6:59.9", "7:00")]
    texts = [line.out.partition(" left")[0] for line, _ in lines]
    assert texts == ["warm, 3 min 29 s", "warm, 3 min 28 s", "warm, 3 min 28 s", "warm, 0 s", "warm, 0 s"]
    assert [kept for _, kept in lines] == [False, True, True, True, True]


def test_whatever_changes_is_seen(ask: Ask, tmp_path: Path) -> None:
    """The log longer, shorter, of the same size or with its old time; a page, another page, settings, flags."""
    prices = shelf(tmp_path / "prices", "anthropic/claude-opus-5-5", "anthropic/claude-sonnet-5-5")
    log, at, home = claude_code(tmp_path, WARM), instant("2026-11-20T10:03:30"), tmp_path / "home"
    env = {"CACHECOST_PRICES": str(prices), "XDG_CONFIG_HOME": str(home)}
    page, first = prices / "anthropic" / "claude-opus-5-5.yaml", log.read_bytes()

    def in_place() -> None:
        before = log.stat()
        log.write_bytes(first.replace(b"100000", b"100001"))
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))

    def other_file() -> None:
        (tmp_path / "other").write_bytes(first.replace(b"100000", b"100002"))
        (tmp_path / "other").replace(log)

    def settings() -> None:
        (home / "cachecost").mkdir(parents=True)
        (home / "cachecost" / "cachecost.toml").write_text("answer = 0\n", encoding="utf-8")

    changes: list[Callable[[], object]] = [
        lambda: log.write_bytes(first[: first.find(b"\n") + 1]),
        lambda: log.write_bytes(first + first[first.find(b"\n") + 1 :].replace(b"msg_1", b"msg_2")),
        in_place,
        other_file,
        lambda: page.write_bytes(page.read_bytes().replace(b"20.00", b"21.00")),
        lambda: shelf(prices, "anthropic/claude-haiku-4-5"),
        log.touch,
    ]
    assert [ask(log, at, env=env)[1] for _ in range(2)] == [False, True]
    for change in changes:
        change()
        assert [ask(log, at, env=env)[1] for _ in range(2)] == [False, True]
    assert not ask(log, at, "--answer", "3K", env=env)[1]
    assert not ask(log, at, env=env | {"CACHECOST_ANSWER": "3K"})[1]
    settings()
    assert [ask(log, at, env=env)[1] for _ in range(2)] == [False, False]


def test_a_file_that_has_just_changed_is_read_again(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another change might have the same time."""
    log = claude_code(tmp_path, WARM)
    monkeypatch.setattr(clock, "nanoseconds", time.time_ns)
    assert [ask(log, instant("2026-11-20T10:04"))[1] for _ in range(2)] == [False, False]


@pytest.mark.parametrize("damage", [b"", b"\xff", b"\0\0\0\0\0\0", None])
def test_a_damaged_entry_is_none(damage: bytes | None, ask: Ask, tmp_path: Path) -> None:
    """Empty, no text, without its parts, or in a folder that others may read."""
    log, env = claude_code(tmp_path, WARM), {"CACHECOST_CACHE": str(tmp_path / "cache")}
    shelf(tmp_path / "prices", "anthropic/claude-opus-5-5")
    env["CACHECOST_PRICES"] = str(tmp_path / "prices")
    assert [ask(log, instant("2026-11-20T10:04"), env=env)[1] for _ in range(2)] == [False, True]
    (entry,) = (tmp_path / "cache" / "lines").iterdir()
    if damage is None:
        entry.parent.chmod(0o755)
    else:
        entry.write_bytes(damage)
    assert not ask(log, instant("2026-11-20T10:04"), env=env)[1]


def test_a_kept_line_loads_next_to_nothing() -> None:
    """Neither the engine nor what takes long of the standard library, once nothing has changed for a second."""
    heavy = [
        "re",
        "json",
        "typing",
        "pathlib",
        "decimal",
        "dataclasses",
        "cachecost.errors",
        "cachecost.cli.statusline",
    ]
    for _ in range(60):
        ran = naming_modules(heavy, "next", str(ROOT / "docs" / "session.jsonl"), "--statusline")
        assert (ran.returncode, ran.stdout) == (0, "cold · next turn $0.56\n")
        if ran.stderr == "[]\n":
            break
        time.sleep(0.5)
    assert ran.stderr == "[]\n"
