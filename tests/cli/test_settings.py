"""Where an option's value comes from: flags, then the environment, then ./.cachecost.toml, then the user's file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cachecost.cli import settings

from ..command import run
from ..conftest import ROOT

ASK = ("compare", "gemini-2.5-pro", "--as-of", "2026-11-01")
LAYERS = ("own", "here", "environment", "flag")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder to work in, and a user's configuration beside it."""
    (tmp_path / "config" / "cachecost").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    return tmp_path


def asked(work: Path, *typed: str, own: str = "", here: str = "", **environment: str) -> dict[str, object]:
    """The workload that is answered under these settings."""
    (work / "config" / "cachecost" / "cachecost.toml").write_text(own, encoding="utf-8")
    (work / "here" / ".cachecost.toml").write_text(here, encoding="utf-8")
    environment = {f"CACHECOST_{name}": value for name, value in environment.items()}
    ran = run(*ASK, *typed, "--json", cwd=work / "here", env={"XDG_CONFIG_HOME": str(work / "config"), **environment})
    answer = ran.json
    return {**answer["assumptions"], **answer["workload"]}


@pytest.mark.parametrize("highest", range(len(LAYERS)))
def test_what_is_nearer_wins(highest: int, work: Path) -> None:
    """With every layer up to one in force that one decides; each says another number of tokens."""
    said = {layer: 100 * (place + 1) for place, layer in enumerate(LAYERS) if place <= highest}
    result = asked(
        work,
        "-c",
        "100K",
        *(["--question", str(said["flag"])] if "flag" in said else []),
        own=f"question = {said['own']}",
        here=f"question = {said['here']}" if "here" in said else "",
        **({"QUESTION": str(said["environment"])} if "environment" in said else {}),
    )
    assert result["question"] == said[LAYERS[highest]]


def test_without_settings_there_are_the_defaults(work: Path) -> None:
    """200 tokens of question, 500 of answer, ten queries, as --help says."""
    result = asked(work, "-c", "100K")
    assert (result["question"], result["answer"], result["queries"], result["every"]) == (200, 500, 10, None)


def test_layers_add_up_key_by_key(work: Path) -> None:
    """A layer only replaces the keys that it names."""
    result = asked(work, "-c", "100K", own="question = 100\nanswer = 50", here="answer = 60\nqueries = 7", QUERIES="8")
    assert (result["question"], result["answer"], result["queries"]) == (100, 60, 8)


def test_a_table_of_a_command_goes_before_what_holds_for_all(work: Path) -> None:
    """And a table of another command says nothing here; a dash may be written as in the flag."""
    here = "hit-share = 0.1\nanswer = 5\n[compare]\nanswer = 6\n[quote]\noutput = 7\n[curve]\nanswer = 8\n"
    result = asked(work, "-c", "100K", here=here)
    assert (result["hit_share"], result["answer"]) == ("0.1", 6)


def test_values_are_taken_to_the_digit(work: Path) -> None:
    """A TOML float is read as the text that was written; 0.1 + 0.2 has no chance."""
    assert asked(work, "-c", "100K", here="hit_share = 0.30000000000000000001")["hit_share"] == "0.30000000000000000001"


@pytest.mark.parametrize("written", ['"2026-10-20"', "2026-10-20", "2026-10-20T00:00:00Z", "2026-10-20T02:00:00+02:00"])
def test_a_date_of_toml_is_a_date(written: str, work: Path) -> None:
    """With quotes or as TOML's own type, zone and all."""
    (work / "here" / ".cachecost.toml").write_text(f"as-of = {written}", encoding="utf-8")
    ran = run("compare", "gemini-2.5-pro", "-c", "1K", "--json", cwd=work / "here")
    assert ran.json["workload"]["start"] == "2026-10-20"


def test_a_list_is_a_list_or_words(work: Path) -> None:
    """`--strategy` may be given more than once: a TOML list, one text, or words in the environment."""

    def strategies(here: str = "", **environment: str) -> set[str]:
        (work / "here" / ".cachecost.toml").write_text(here, encoding="utf-8")
        env = {f"CACHECOST_{name}": value for name, value in environment.items()}
        answers = run(*ASK, "-c", "100K", "--json", cwd=work / "here", env=env).json["answers"]
        return {answer["strategy"] for answer in answers}

    assert strategies('strategy = ["fresh", "stored"]') == {"fresh", "stored"}
    assert strategies('strategy = "stored"') == {"stored"}
    assert strategies(STRATEGY="fresh,automatic") == {"fresh", "automatic"}
    assert strategies(STRATEGY="fresh stored") == {"fresh", "stored"}


@pytest.mark.parametrize(
    ("word", "is_json"), [("1", True), ("true", True), ("YES", True), ("0", False), ("off", False)]
)
def test_a_switch_is_a_word_in_the_environment(word: str, is_json: bool) -> None:
    """`CACHECOST_JSON=1` and its like."""
    ran = run(*ASK, "-c", "100K", env={"CACHECOST_JSON": word})
    assert ran.code == 0
    assert ran.out.startswith("{") is is_json


def test_one_way_of_saying_it_puts_the_other_out_of_force(work: Path) -> None:
    """--file against a context in the settings, --over against every, --format against json: no contradiction."""
    document = work / "text.txt"
    document.write_text("words " * 5000, encoding="utf-8")
    result = asked(work, "--file", str(document), own='context = "1M"')
    assert result["context"] != 1_000_000
    assert asked(work, "-c", "5K", own=f"file = '{document}'")["context"] == 5000
    assert asked(work, "-c5K", own=f"file = '{document}'")["context"] == 5000
    assert asked(work, "--context=5K", FILE=str(document))["context"] == 5000
    spread = asked(work, "-c", "5K", "--over", "8h", own='every = "5m"')
    assert (spread["over"], spread["every"]) == ("8h", None)
    spread = asked(work, "-c", "5K", own='every = "5m"', here='over = "2h"')
    assert (spread["over"], spread["every"]) == ("2h", None)
    ran = run(*ASK, "-c", "100K", "--format", "csv", env={"CACHECOST_JSON": "1"})
    assert ran.out.startswith("model,version,strategy")
    ran = run(*ASK, "-c", "100K", "--json", env={"CACHECOST_FORMAT": "csv"})
    assert ran.out.startswith("{")


def test_a_setting_holds_for_every_command_that_has_the_option() -> None:
    """`as_of` is the day of a quote too, whose flag has two names. $7.00 was announced on 2024-05-14."""
    question = ("quote", "gemini-1.5-pro", "--input", "1M", "--json")
    assert run(*question, env={"CACHECOST_AS_OF": "2024-05-25"}).json["total"] == "7"
    assert run(*question, "--at", "2024-12-01", env={"CACHECOST_AS_OF": "2024-05-25"}).json["total"] == "2.5"
    record = b'{"model": "gemini-1.5-pro", "usage": {"input": 1000000}}'
    (answer,) = run("quote", "--from", "-", stdin=record, env={"CACHECOST_AT": "2024-05-25"}).records
    assert answer["total"] == "7"


def test_the_environment_of_others_is_left_alone() -> None:
    """A name that no command has is none of ours to judge, unlike a key of our own file."""
    assert run(*ASK, "-c", "100K", env={"CACHECOST_NOBODY": "5", "CACHECOST_MODEL": "gpt-4o"}).code == 0


@pytest.mark.usefixtures("packed_prices")
def test_a_folder_of_prices_can_be_set_by_each_layer(work: Path) -> None:
    """One page, another folder: only there the name is known."""
    folder = work / "prices" / "acme"
    folder.mkdir(parents=True)
    page = (ROOT / "pricing" / "openai" / "gpt-4o.yaml").read_text(encoding="utf-8")
    page = page.replace("provider: openai", "provider: acme").replace("model: gpt-4o\n", "model: one\n")
    (folder / "one.yaml").write_text(page, encoding="utf-8")
    prices = str(work / "prices")
    assert run("show", "acme/one").code == 2
    assert run("show", "acme/one", "--prices", prices).code == 0
    assert run("show", "acme/one", env={"CACHECOST_PRICES": prices}).code == 0
    (work / "config" / "cachecost" / "cachecost.toml").write_text(f"prices = '{prices}'", encoding="utf-8")
    own = {"XDG_CONFIG_HOME": str(work / "config")}
    assert run("show", "acme/one", env=own).code == 0
    shutil.rmtree(folder)
    assert run("show", "acme/one", env=own).code == 2


def test_a_user_without_a_home_has_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user may stand in no list of users, and still asks; nothing is read from elsewhere."""

    def nobody(_: object) -> None:
        raise KeyError

    for name in ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "HOMEPATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert not settings.files()[0].is_file()
