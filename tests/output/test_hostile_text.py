"""Names that attack their readers: none reaches a terminal, a spreadsheet or a page as anything but text.

The same 32 strings stand for every name that comes from a log, a page, a file or the command line.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cachecost.output.escapes import in_csv, in_markdown, in_message, visible
from cachecost.output.reply import as_json

from ..command import Ran, run
from ..replay_logs import ROWS

HOSTILE = [
    "\x1b[31mRED\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H",
    "\x9b31mC1",
    "\x9d0;title\x9c",
    "bell\x07",
    "back\x08\x08\x08\x08gone",
    "first\rTotal $0.00",
    "p\nTotal $0.00 - all fine",
    "p\r\n| all | fine |",
    "a\tb",
    "\t=1+1",
    "\r=1+1",
    "nul\0byte",
    "delete\x7f",
    "next\x85line",
    "line\u2028separator",
    "paragraph\u2029separator",
    "user\u202etxt.exe",
    "\u2066isolated\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "`ls` **bold** _it_ | pipe \\| <b>",
    "n" * 10_000,
    "half\ud800pair",
]
RAW = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""What no text output may hold; a line feed only ends lines."""
FIELDS = ["project", "session", "model", "service", "id", "key"]
CELLS = re.compile(r"(?<!\\)(?:\\\\)*\|")
each_string = pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))


# -- the functions, by hand --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mRED", r"\x1b[31mRED"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\0\x07", r"\x00\x07"),
        ("\x7f\x9b", r"\u007f\u009b"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\udb40\udc41"),  # a letter that is never drawn, as the surrogates that JSON writes
        (r"C:\new", r"C:\new"),
        ("Zoë 営業\u3000部 5\xa0€ 🙂", "Zoë 営業\u3000部 5\xa0€ 🙂"),
    ],
)
def test_a_terminal_is_shown_what_it_would_obey(text: str, shown: str) -> None:
    """Escapes as in Python and JSON; letters, spaces and signs of any language stay."""
    assert visible(text) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A1", "'=cmd|' /C calc'!A1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1+1", r"\t=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("-0.25", "-0.25"),
        ("+3", "+3"),
        ("-1.5E-7", "-1.5E-7"),
        ("-$1,200.50", "-$1,200.50"),
        ("-5%", "-5%"),
        ("-", "-"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_a_spreadsheet_runs_no_cell(cell: str, written: str) -> None:
    """An apostrophe first, as https://owasp.org/www-community/attacks/CSV_Injection says; numbers stay numbers."""
    assert in_csv(cell) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<script>", r"\<script\>"),
        ("[x](javascript:1)", r"\[x\](javascript:1)"),
        ("a|b", r"a\|b"),
        ("`ls` **b**", r"\`ls\` \*\*b\*\*"),
        (r"\<b>", r"\\\<b\>"),
        ("_it_ cache_read", r"\_it\_ cache_read"),
        ("a\nb", r"a\\nb"),
    ],
)
def test_markdown_shows_the_text_itself(text: str, written: str) -> None:
    """A backslash before punctuation makes it plain: https://spec.commonmark.org/0.31.2/#backslash-escapes."""
    assert in_markdown(text) == written


def test_a_long_message_keeps_its_ends() -> None:
    """What is wrong stands first and what to do last."""
    shown = in_message("model: " + "n" * 100_000 + " is not known; see `cachecost models`")
    assert len(shown) < 1_010
    assert shown.startswith("model: nnn")
    assert " … " in shown
    assert shown.endswith("see `cachecost models`")


# -- replay ------------------------------------------------------------------------------------------------------


def log(folder: Path, field: str, names: list[str]) -> Path:
    """A request for each name, and one more."""
    said = [{field: name} if field != "key" else {name: 1} for name in names]
    rows: list[dict[str, Any]] = [ROWS[3] | {"id": str(number)} | each for number, each in enumerate(said)]
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, ROWS[0]]), encoding="utf-8")
    return path


def checked(ran: Ran) -> str:
    """What was printed, without anything that a terminal obeys."""
    assert "Traceback" not in ran.err
    assert not RAW.search(ran.out), RAW.search(ran.out)
    assert not RAW.search(ran.err), RAW.search(ran.err)
    return ran.out


def replayed(folder: Path, field: str, names: list[str], form: str) -> str:
    by = field if field in ("project", "session", "model") else "project"
    result = checked(run("replay", log(folder, field, names), "--by", by, "--paid-only", "--format", form))
    assert result
    return result


def assert_no_formula(text: str) -> None:
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or re.fullmatch(r"[+-][0-9.]*", cell), cell


def columns(markdown: str) -> list[int]:
    """Cells of each row of the tables."""
    return [len(CELLS.findall(line)) for line in markdown.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_a_report_is_free_of_control_characters_and_has_a_row_a_group(tmp_path: Path, field: str, form: str) -> None:
    """As many lines as the same log has with plain names."""
    plain = replayed(tmp_path, field, [f"plain-{number}" for number in range(len(HOSTILE))], form)
    hostile = replayed(tmp_path, field, HOSTILE, form)
    assert len(hostile.splitlines()) == len(plain.splitlines())
    if form == "markdown":
        assert not re.search(r"(?<!\\)<[a-z/!]|(?<!\\)\]\(|(?<![\w.])@\w", hostile.replace("@<!-- -->", "@ "))
        assert columns(hostile) == columns(plain)
    if form == "csv":
        assert_no_formula(hostile)


@pytest.mark.parametrize("field", ["project", "session"])
def test_rows_of_focus_hold_no_formula_and_tags_that_json_reads(tmp_path: Path, field: str) -> None:
    """A tag for each name and for the one more."""
    out = replayed(tmp_path, field, HOSTILE, "focus")
    assert_no_formula(out)
    tags = [json.loads(row["Tags"]) for row in csv.DictReader(io.StringIO(out))]
    shown = {visible(name).replace("\\ud800", "?") for name in HOSTILE}
    assert shown - {visible(tag[field]) for tag in tags} == set()


def test_a_page_and_a_record_hold_the_name_as_text(tmp_path: Path) -> None:
    """HTML without a tag of theirs; JSON that reads back as the very name."""
    page = replayed(tmp_path, "project", HOSTILE, "html")
    assert "<script" not in page
    assert "<img" not in page
    record = json.loads(replayed(tmp_path, "project", HOSTILE, "json"))
    names = {name.replace("\ud800", "?") for name in HOSTILE}  # UTF-8 has no half of a pair
    assert names <= {each["label"] for each in record["by"]["project"]}


# -- everything else that repeats a word -------------------------------------------------------------------------


@each_string
def test_a_refusal_repeats_what_was_typed_as_text(tmp_path: Path, text: str) -> None:
    """On one line: an unknown model, a file that does not exist, a value, a flag, a command."""
    typed = text.replace("\0", "").replace("\ud800", "\udc80")  # no argument holds a NUL or half of a pair
    for words in (
        ["compare", "-c", "100K", "-n", "2", "--", typed],
        ["compare", "gpt-4o", "-c", typed, "-n", "2"],
        ["compare", "gpt-4o", "-c", "100K", "-n", "2", "--strategy", f"x{typed}"],
        ["replay", tmp_path / f"x{typed}.jsonl"],
        ["quote", "--from", tmp_path / f"x{typed}"],
        ["prices", "check", tmp_path / f"x{typed}"],
    ):
        ran = run(*words)
        checked(ran)
        assert ran.code == 2
        assert ran.out == ""
        assert ran.err.count("\n") == 1
        assert len(ran.err) < 1_100
    for words in (["models", "--format", typed], ["models", f"--x{typed}"], [f"x{typed}"]):
        ran = run(*words)
        checked(ran)
        assert ran.code == 2


@each_string
def test_a_record_that_cannot_be_priced_is_answered_on_one_line(tmp_path: Path, text: str) -> None:
    """`quote --from`: the id as it came, the model in the reason."""
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"id": text, "model": text, "usage": {"input": 1}}) + "\n", encoding="utf-8")
    ran = run("quote", "--from", path)
    checked(ran)
    (answer,) = [json.loads(line) for line in ran.out.split("\n")[:-1]]
    assert answer["id"] == text
    assert answer["error"]["type"] == "unknown-model"


@each_string
def test_json_holds_no_control_character_and_reads_back_as_the_same(text: str) -> None:
    """On a terminal JSON is text like any other."""
    written = as_json({text: [text]})
    assert not RAW.search(written)
    assert json.loads(written) == {text: [text]}


def test_a_document_with_a_line_break_in_its_name_is_one_line(tmp_path: Path) -> None:
    """The name stands in the line that says how it was counted."""
    path = tmp_path / "a\nb\x1b[31m.txt"
    path.write_text("Some words. " * 100, encoding="utf-8")
    ran = run("compare", "gpt-4o", "--file", path, "-n", "2")
    assert ran.code == 0
    assert r"a\nb\x1b[31m.txt: " in checked(ran)
