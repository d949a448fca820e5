"""Bad input earns exit 2 and one clear message on stderr: what is wrong, what was expected, what next."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ..command import Ran, run, script, shelf

COMPARE = ("compare", "gemini-2.5-pro", "--as-of", "2026-11-01")
ASK = (*COMPARE, "-c", "100K")
QUOTE = ("quote", "claude-sonnet-4-5", "--at", "2026-11-01")
GPT = ("quote", "gpt-4o", "--at", "2026-11-01")
CURVE = ("curve", "gpt-4o", "-c", "1K")
PAGES = ("google/gemini-1.5-pro", "google/gemini-2.5-pro", "google/gemini-2.5-flash", "openai/gpt-4o", "xai/grok-4.3")

WHOLE = "expected a whole number such as"
DURATION = "expected numbers with w, d, h, m, s or ms"

# What is typed, what the message must name (a flag or a file), and what it must say beside it.
WORDS: list[tuple[tuple[str, ...], str, str]] = [
    # counts
    ((*COMPARE, "-c", "-5"), "--context", "'-5' is not a count: it cannot be negative"),
    ((*COMPARE, "-c", "nan"), "--context", WHOLE),
    ((*COMPARE, "-c", "inf"), "--context", WHOLE),
    ((*COMPARE, "-c", "1.5"), "--context", "this one is not whole"),
    ((*COMPARE, "-c", "1e99"), "--context", "is absurd"),
    ((*COMPARE, "-c", "9" * 5000), "--context", "5000 characters are too many"),
    ((*COMPARE, "-c", "1m"), "--context", "did you mean 1M"),
    ((*COMPARE, "-c", "1,000"), "--context", "no commas"),
    ((*COMPARE, "-c", "ten"), "--context", WHOLE),
    ((*COMPARE, "-c", "１２"), "--context", WHOLE),
    ((*COMPARE, "-c", "0"), "--context", "expected at least 1 token"),
    ((*COMPARE, "-c", ""), "--context", "such as 150K, or give one of file, pages"),
    (COMPARE, "--context", "such as 150K, or give one of file, pages"),
    ((*ASK, "-n", "0"), "--queries", "expected 1 to 1,000,000,000"),
    ((*ASK, "-n", "-1"), "--queries", "it cannot be negative"),
    ((*ASK, "-n", "2.5"), "--queries", "this one is not whole"),
    ((*ASK, "-n", "1e10"), "--queries", "expected 1 to 1,000,000,000"),
    ((*ASK, "-q", "-1"), "--question", "it cannot be negative"),
    ((*ASK, "-q", "1e13"), "--question", "is absurd"),
    ((*ASK, "-a", "NaN"), "--answer", WHOLE),
    ((*QUOTE, "--input", "-5"), "--input", "it cannot be negative"),
    ((*QUOTE, "--output", "1.5"), "--output", "this one is not whole"),
    ((*QUOTE, "--creation", "x"), "--creation", WHOLE),
    ((*QUOTE, "--cache-read", "x"), "--cache-read", WHOLE),
    ((*QUOTE, "--cache-write", "5m=-1"), "--cache-write", "it cannot be negative"),
    ((*QUOTE, "--cache-write", "1K", "--cache-write", "2K"), "--cache-write", "expected KEY=TOKENS"),
    ((*QUOTE, "--cache-write", "1h=1K", "--cache-write", "60m=2K"), "--cache-write", "1h is given twice"),
    ((*QUOTE, "--audio", "5K"), "--audio", "expected input=5K"),
    ((*QUOTE, "--audio", "speech=5K"), "--audio", "expected counts of input"),
    ((*QUOTE, "--storage", "1M"), "--storage", "such as 1M@24h"),
    ((*QUOTE, "--storage", "1M@24"), "--storage", "did you mean 24m or 24s"),
    (("models", "--self-hosted", "llama"), "--self-hosted", "leaves nothing for TEXT to say"),
    (("models", "--self-hosted", "--max-input", "3"), "--self-hosted", "leaves nothing for --max-input to say"),
    ((*CURVE, "-n", "9..1"), "--queries", "did you mean 1..9?"),
    ((*CURVE, "-n", "0..9"), "--queries", "expected to begin at 1"),
    ((*CURVE, "-n", "1..9:0"), "--queries", "a step of 0 never arrives"),
    ((*CURVE, "-n", "1..1M"), "--queries", "expected up to 100,000, or a step"),
    ((*CURVE, "-n", "1-9"), "--queries", "did you mean 1..9?"),
    # durations, shares, money
    ((*ASK, "--every", "5"), "--every", "did you mean 5m or 5s?"),
    ((*ASK, "--every", "-5m"), "--every", "it cannot be negative"),
    ((*ASK, "--over", "a day"), "--over", DURATION),
    ((*ASK, "--over", "1000000d"), "--over", "more than 100 years is absurd"),
    ((*ASK, "-n", "1e9", "--every", "10d"), "--queries", "ask for fewer"),
    ((*ASK, "--hold", "1M"), "--hold", "did you mean 1m"),
    ((*ASK, "--hit-share", "75"), "--hit-rate", "did you mean 75%?"),
    ((*ASK, "--hit-share", "-0.1"), "--hit-rate", "it cannot be negative"),
    ((*ASK, "--hit-share", "nan"), "--hit-rate", "from 0 to 1"),
    ((*ASK, "--fail-over", "nan"), "--fail-over", "expected plain digits"),
    ((*ASK, "--fail-over", "-5"), "--fail-over", "expected plain digits"),
    ((*ASK, "--fail-over", "$5"), "--fail-over", "expected plain digits"),
    ((*ASK, "--fail-over", "1e999999999"), "--fail-over", "expected plain digits"),
    # words from a list
    ((*ASK, "--creation", "gratis"), "--creation", "expected input or free"),
    ((*ASK, "--first-query", "writes"), "--first-query", "expected reads or creates"),
    ((*ASK, "--billed-per", "day"), "--billed-per", "expected second or minute or hour"),
    ((*ASK, "--service", "express"), "--service 'express'", "is not sold; this card sells standard, batch"),
    ((*GPT, "--input", "1", "--service", "express"), "--service 'express'", "this card sells standard"),
    ((*ASK, "--region", "mars"), "--region 'mars'", "no rates on this card"),
    (("models", "--provider", "acme"), "--provider", "expected"),
    # instants
    (("compare", "gemini-2.5-pro", "-c", "1K", "--as-of", "2024-01-01"), "gemini-2.5-pro", "begins 2025-04-04; ask"),
    (("quote", "gpt-4o", "--at", "2024-05-12"), "openai/gpt-4o", "begins 2024-05-13; ask for that day or a later one"),
    (("compare", "gemini-2.5-pro", "-c", "1K", "--as-of", "2026-11-01T10:00"), "--as-of", "which zone? write"),
    (("show", "gpt-4o", "--as-of", "2026-02-30"), "--as-of", "there is no such moment"),
    (("models", "--as-of", "yesterday"), "--as-of", "expected a day such as"),
    (("quote", "gpt-4o", "--at", "2026-13-01"), "--at", "there is no such moment"),
    (("curve", "gpt-4o", "-c", "1K", "--as-of", "0000-01-01"), "--as-of", "there is no such moment"),
    (("compare", "gpt-4o", "-c", "1K", "--as-of", "9999-01-01"), "--as-of", "expected a year up to"),
    # what cannot be together, and what is not sold
    ((*ASK, "--every", "5m", "--over", "8h"), "--every", "give one of them"),
    ((*COMPARE, "--images", "30"), "--images", "such as 30@1024x768"),
    ((*COMPARE, "--images", "1@0x9"), "--images", "such as 30@1024x768"),
    ((*COMPARE, "--audio", "9"), "--audio", "9"),
    ((*ASK, "--strategy", "written:5m"), "google/gemini-2.5-pro@", "it sells fresh, automatic, stored"),
    ((*ASK, "--strategy", "magic"), "does not sell magic", "it sells fresh, automatic, stored"),
    ((*GPT, "--cache-write", "5m=1K"), "no rate for cache_write:5m", "it sells input, cache_read, output"),
    ((*GPT, "--creation", "1K"), "no rate for creation", "it sells input, cache_read, output"),
    ((*GPT, "--storage", "1M@1h"), "no rate for storage", "it sells input, cache_read, output"),
    ((*GPT, "--audio", "input=5K"), "no rate for audio.input", "it sells input, cache_read, output"),
    ((*QUOTE, "--cache-write", "2h=20K"), "no rate for cache_write:2h", "cache_write:5m, cache_write:1h"),
    (("compare", "gpt-4o", "moonshot-cn/moonshot-v1-128k", *"-c 1K --as-of 2026-01-01".split()), "CNY and USD", ""),
    (("quote",), "say which model", "--from FILE"),
    (("quote", "gpt-4o", "--from", "x.jsonl"), "--from", "leave MODEL out"),
    (("quote", "--from", "-", "--input", "5"), "--from", "leave flags such as --input out"),
    (("quote", "--from", "-", "--cache-write", "5m=5"), "--from", "leave flags such as --input out"),
    (("quote", "--from", "-", "--format", "csv"), "--format", "leave csv out"),
    # models: a name that nothing claims
    (("compare", "gpt4o", "-c", "1K"), "'gpt4o'", "did you mean openai/gpt-4o"),
    (("compare", "", "-c", "1K"), "''", "see `cachecost models`"),
    (("show", "qwertyuiop"), "'qwertyuiop'", "see `cachecost models`"),
    (("quote", "../../etc/passwd"), "'../../etc/passwd'", "see `cachecost models`"),
    (("curve", "gpt-4o\0", "-c", "1K"), "'gpt-4o\\x00'", "did you mean openai/gpt-4o"),
    (("quote", "x" * 5000), "'xxx", "see `cachecost models`"),
    # files
    ((*COMPARE, "--file", "no-such-file.txt"), "no-such-file.txt", "no such file or folder"),
    (("quote", "--from", "no-such-file.jsonl"), "--from: no-such-file.jsonl", "expected a file of JSON records"),
    (("quote", "--from", "files"), "--from: files", "expected a file of JSON records"),
    ((*ASK, "--prices", "no-such-folder"), "no-such-folder", "is not a folder of price sheets; name one with --prices"),
    ((*ASK, "--prices", "command.py"), "command.py", "is not a folder of price sheets; name one with --prices"),
    ((*ASK, "-o", "no-such-folder/answer"), "--out: no-such-folder/answer", "cannot be written: No such file"),
    ((*ASK, "--json", "-o", "files"), "--out: files", "cannot be written: Is a directory"),
    (("quote", "--from", "-", "-o", "files"), "--out: files", "cannot be written: Is a directory"),
]  # fmt: skip


def refused(ran: Ran) -> str:
    """The message of a refusal that keeps the rules: exit 2, silent on stdout, no traceback."""
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    return ran.err


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of a few pages, since a name that nothing claims is looked for in all of them."""
    return shelf(
        tmp_path_factory.mktemp("pages"), *PAGES, "moonshot-cn/moonshot-v1-128k", "anthropic/claude-sonnet-4-5"
    )


@pytest.mark.parametrize(("typed", "named", "said"), WORDS)
def test_one_line_names_what_is_wrong_and_says_what_is_expected(
    typed: tuple[str, ...], named: str, said: str, pages: Path
) -> None:
    """One line, which begins with the program's name, names the flag or file, and says what to do."""
    more = () if "--prices" in typed else ("--prices", str(pages))
    message = refused(run(*typed, *more, stdin=b"{}"))
    assert re.fullmatch(r"cachecost: [^\n]+\n", message)
    assert named in message
    assert said in message
    assert len(message) < 400 or "x" * 500 in message


@pytest.mark.parametrize(
    ("typed", "said", "help"),
    [
        ((*ASK, "--nope"), "No such option: --nope", "compare"),
        ((*ASK, "--contxt", "5"), "--context", "compare"),
        (("--nope",), "No such option: --nope", ""),
        (("nope",), "No such command 'nope'", ""),
        (("comprae", "gpt-4o"), "compare", ""),
        ((*ASK, "--format", "xml"), "'xml' is not one of 'table', 'json', 'csv', 'markdown'", "compare"),
        ((*ASK, "--format", "JSON"), "'JSON' is not one of", "compare"),
        (("compare", "-c", "1K"), "Missing argument 'MODEL'", "compare"),
        (("show",), "Missing argument 'MODEL'", "show"),
        (("show", "gpt-4o", "o3"), "unexpected extra argument", "show"),
        ((*COMPARE, "-c"), "Option '-c' requires an argument", ""),
    ],
)
def test_a_slip_of_the_keyboard_is_refused_in_one_line_that_names_the_help(
    typed: tuple[str, ...], said: str, help: str
) -> None:
    """Unknown options and commands, formats that are none, missing and superfluous arguments: the same style as every
    other refusal."""
    message = refused(run(*typed))
    assert re.fullmatch(r"cachecost: [^\n]+\n", message)
    assert said in message
    assert f"see `cachecost {help} --help`".replace("  ", " ") in message


def test_an_unknown_model_names_the_three_nearest(pages: Path) -> None:
    """Of the pages there are, what is sold today first: Gemini 1.5 Pro was withdrawn."""
    message = refused(run("compare", "gemini-2.5-por", "-c", "1K", "--prices", pages))
    assert message == (
        "cachecost: 'gemini-2.5-por' is not a model with a price sheet; "
        "did you mean google/gemini-2.5-pro, google/gemini-2.5-flash, google/gemini-1.5-pro?\n"
    )


# -- files that are not what they should be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("blank.txt", b" \n\t\n", "no text in it, expected words to count"),
        ("binary", b"\x7fELF\0\1\2\xff\xfe", "expected UTF-8"),
        ("nul.txt", b"a\0b", "a binary file (it holds NUL bytes), expected text"),
        ("latin.txt", "café".encode("latin-1"), "expected UTF-8"),
        ("broken.pdf", b"%PDF-1.4 not really", "broken.pdf"),
        ("broken.docx", b"PK not really", "broken.docx"),
    ],
)
def test_a_file_without_text_is_refused_by_name(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    """What cannot be counted is not guessed."""
    (tmp_path / name).write_bytes(content)
    message = refused(run("compare", "claude-sonnet-4-5", "--as-of", "2026-11-01", "--file", tmp_path / name))
    assert message.startswith(f"cachecost: {tmp_path / name}: ")
    assert said in message
    assert "expected" in message
    assert message.count("\n") == 1


def test_a_folder_without_text_is_refused_by_name(tmp_path: Path) -> None:
    """An empty one, and one that holds nothing but a binary."""
    for content in (None, b"\0\1"):
        if content:
            (tmp_path / "a.bin").write_bytes(content)
        message = refused(run(*COMPARE, "--file", tmp_path))
        assert message.startswith(f"cachecost: {tmp_path}: no text in this folder, expected a text file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_out_of_reach_is_refused_by_name(tmp_path: Path) -> None:
    """Permissions are said, not traced."""
    file = tmp_path / "secret.txt"
    file.write_text("words", encoding="utf-8")
    file.chmod(0)
    assert f"{file}: cannot be read (Permission denied)" in refused(run(*COMPARE, "--file", file))


def test_a_folder_that_is_no_catalogue_is_refused_by_name(tmp_path: Path) -> None:
    """Not "no such model": nothing in it is a price sheet."""
    (tmp_path / "notes.yaml").write_text("a: 1\n", encoding="utf-8")
    for question in (ASK, ("models",), ("show", "gpt-4o"), ("quote", "--from", "-"), ("curve", "gpt-4o", "-c", "1K")):
        message = refused(run(*question, "--prices", tmp_path))
        assert message.startswith(f"cachecost: {tmp_path}: holds no price sheets, expected PROVIDER/MODEL.yaml")
        assert "--prices" in message


@pytest.mark.parametrize(
    ("page", "line", "said"),
    [
        (b"provider: acme\nmodel: [one\n", 2, ""),
        (b"- just\n- a list\n", 1, "expected"),
        (b"", 1, ""),
        (b"provider: acme\nmodel: one\n\xff\n", 3, "is not UTF-8 text; save it in that encoding"),
        (b"provider: acme\nmodel: one\nprise: 3\n", 3, "prise"),
    ],
)
def test_a_broken_page_is_told_with_its_file_and_line(page: bytes, line: int, said: str, tmp_path: Path) -> None:
    """By every command that needs it; a person can click on file:line."""
    path = tmp_path / "acme" / "one.yaml"
    path.parent.mkdir()
    path.write_bytes(page)
    for question in (("show", "acme/one"), ("compare", "one", "-c", "1K"), ("quote", "one"), ("models",)):
        message = refused(run(*question, "--prices", tmp_path))
        assert re.search(rf"^(cachecost: )?{re.escape(str(path))}:{line}: .*{said}", message, flags=re.MULTILINE)


def test_a_broken_page_is_told_once_for_every_record_that_needs_it(tmp_path: Path) -> None:
    """A file of records goes on: each answer names the page."""
    path = tmp_path / "acme" / "one.yaml"
    path.parent.mkdir()
    path.write_text("provider: acme\n", encoding="utf-8")
    record = b'{"id": 1, "model": "acme/one", "usage": {"input": 1}}\n'
    answers = run("quote", "--from", "-", "--prices", tmp_path, stdin=record * 2).records
    assert [answer["error"]["type"] for answer in answers] == ["bad-sheet", "bad-sheet"]
    assert str(path) in answers[0]["error"]["message"]


def test_a_file_cannot_be_named_with_nothing() -> None:
    """An empty word is not a file."""
    for flag in ("--prices", "--out"):
        assert refused(run(*ASK, flag, "")).startswith("cachecost: ")


# -- settings that are not what they should be -------------------------------------------------------------------

BAD_FILES = [
    ("question = [", "cannot be read as TOML"),
    ("question", "cannot be read as TOML"),
    ("qestion = 5", "'qestion' is not an option of any command"),
    ("[compare]\nqestion = 5", "'qestion' is not an option of [compare]"),
    ("[compare]\ninput = 5", "'input' is not an option of [compare]"),
    ("[compare.deep]\nquestion = 5", "'deep' is not an option of [compare]"),
    ("[comprae]\nquestion = 5", "[comprae] is not a command; expected compare, plan, curve"),
    ("[compare]\nmodel = 'gpt-4o'", "'model' is not an option of [compare]"),
    ("question = true", "question: expected a text or a number, not True"),
    ("question = [5]", "question: expected a text or a number, not [5]"),
    ("region = false", "region: expected a text or a number, not False"),
    ("json = 'yes'", "json: expected true or false, not 'yes'"),
    ("[compare]\nlines = 1", "lines: expected true or false, not 1"),
    ("[compare]\nstrategy = [1, true]", "strategy: expected a text or a number, not True"),
]


@pytest.mark.parametrize(("content", "said"), BAD_FILES)
def test_a_bad_settings_file_is_refused_by_name(content: str, said: str, tmp_path: Path) -> None:
    """In the current folder and in the user's configuration; a slip that was passed over would cost money."""
    here, own = tmp_path / ".cachecost.toml", tmp_path / "config" / "cachecost" / "cachecost.toml"
    own.parent.mkdir(parents=True)
    for file, shown in ((here, ".cachecost.toml"), (own, str(own))):
        file.write_text(content, encoding="utf-8")
        message = refused(run(*ASK, cwd=tmp_path, env={"XDG_CONFIG_HOME": str(tmp_path / "config")}))
        assert message.startswith(f"cachecost: {shown}: ")
        assert said in message
        assert message.count("\n") == 1
        file.unlink()


@pytest.mark.parametrize("content", [b"\xff\xfe", b"question = 5\0"])
def test_a_settings_file_that_is_not_text_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    """Binary rubbish is no reason for a traceback."""
    (tmp_path / ".cachecost.toml").write_bytes(content)
    assert refused(run(*ASK, cwd=tmp_path)).startswith("cachecost: .cachecost.toml: cannot be read as TOML")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CACHECOST_QUESTION", "1.5", "--question: '1.5' is not a count"),
        ("CACHECOST_AS_OF", "yesterday", "--as-of: 'yesterday' is not an instant"),
        ("CACHECOST_JSON", "perhaps", "CACHECOST_JSON: expected true or false, not 'perhaps'"),
        ("CACHECOST_FORMAT", "xml", "'--format'"),
        ("CACHECOST_STRATEGY", "magic", "does not sell magic"),
        ("CACHECOST_PRICES", "no-such-folder", "no-such-folder: is not a folder of price sheets"),
        ("SOURCE_DATE_EPOCH", "today", "SOURCE_DATE_EPOCH: 'today' is not a number of seconds"),
        ("SOURCE_DATE_EPOCH", "9" * 30, "is not a number of seconds"),
        ("CACHECOST_SERVICE", "express", "--service 'express' is not sold"),
    ],
)
def test_a_bad_value_of_the_environment_is_refused(name: str, value: str, said: str) -> None:
    """As if it had been typed."""
    question = ("compare", "gemini-2.5-pro", "-c", "100K") if name.endswith("AS_OF") else ASK
    assert said in refused(run(*question, env={name: value}))


@pytest.mark.parametrize("epoch", ["0", "315532800"])
def test_a_date_of_a_build_before_tokens_were_sold_stops_no_command(epoch: str) -> None:
    """As shells of Nix (1980) and builds of packages set it: the clock of the machine is read instead."""
    assert run("compare", "gemini-1.5-flash", "-c", "1K", env={"SOURCE_DATE_EPOCH": epoch}).code in (0, 3)
    assert run("models", env={"SOURCE_DATE_EPOCH": epoch}).code == 0


def test_the_installed_command_refuses_in_the_same_words() -> None:
    """Through the script, in a separate process, under the name of the program."""
    question = (*COMPARE, "-c", "1.5")
    assert script(*question) == run(*question)
    assert refused(script("compare", "-c", "1K")) == refused(run("compare", "-c", "1K"))


def test_an_argument_that_is_no_text_is_refused() -> None:
    """Bytes that are not UTF-8, as a shell may pass them."""
    ran = script("show", os.fsdecode(b"gpt-\xff"))
    assert refused(ran).startswith("cachecost: 'gpt-\\udcff' is not a model with a price sheet")
