"""Curves of several models in one picture."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from ..command import run

DAY = ("--as-of", "2026-11-01")
TWO = ("curve", "gpt-5.6-luna", "claude-opus-5-5", "-c", "150K", *DAY)


def test_several_models_have_a_line_each_and_the_number_asked_about_is_marked() -> None:
    """The bills of `compare` at 50: $0.2165 and $2.76, in the middle of 1..100; colours where there is a terminal."""
    shown = run(*TWO, "-n", "50").out
    assert "  o GPT-5.6 Luna, 30-min cache: $0.2165 at N = 50\n" in shown
    assert "  x Claude Opus 5.5, 5-min cache: $2.76 at N = 50\n" in shown
    rows = [line for line in shown.splitlines() if re.match(r" *(\$\S+)? \|", line)]
    columns = {line.rindex("|") for line in rows if line.count("|") == 2}
    assert len(columns) == 1
    terminal = run(*TWO, "-n", "50", columns=80).out
    assert "\x1b[37mo" in terminal
    assert "\x1b[36mx" in terminal
    assert "\x1b" not in run(*TWO, "-n", "50", columns=80, env={"NO_COLOR": "1"}).out


def test_a_conversation_has_a_curve_over_its_turns() -> None:
    """20 turns from 10,000 tokens: 10,200 written and 700 more at each, 117,500 x 5.00; 313,500 read at 0.20; 10,000 of
    answer at 20.00: 0.1175 + 0.0627 + 0.2. `--turns` was shown in the help of curve, and always refused."""
    asked = ("curve", "claude-opus-5-5", "--turns", "20", "-c", "10K", *DAY)
    shown = run(*asked).out
    assert shown.startswith("turns from 10,000 tokens, each with 200 of question and 500 of answer\n")
    assert "5-min cache: $0.3802 at N = 20, cheaper from N = 2\n" in shown
    assert shown.split("\n  o ")[0].endswith(" 40 turns")
    assert run(*asked, "-n", "3").err == "cachecost: --turns: queries says it too; give one of them\n"


def test_programs_have_every_strategy_of_every_model(tmp_path: Path) -> None:
    """The same totals as for each model alone; a chart has a line for each model."""
    alone = [run("curve", model, *TWO[3:], "-n", "1..3", "--json").json for model in TWO[1:3]]
    chart, picture = tmp_path / "curve.vl.json", tmp_path / "again.vl.json"
    answer = run(*TWO, "-n", "1..3", "--json", "--chart", chart, "--chart", picture).json
    assert answer["curves"] == [{key: each[key] for key in answer["curves"][0]} for each in alone]
    rows = list(csv.DictReader(io.StringIO(run(*TWO, "-n", "1..3", "--format", "csv").out)))
    expected = [
        (one["model"], line["strategy"], str(n), total)
        for one in alone
        for line in one["lines"]
        for n, total in zip(one["queries"], line["totals"], strict=True)
    ]
    assert [(row["model"], row["strategy"], row["queries"], row["total"]) for row in rows] == expected
    names = {each["strategy"] for each in json.loads(chart.read_text())["layer"][0]["data"]["values"]}
    assert names == {"GPT-5.6 Luna, 30-min cache", "Claude Opus 5.5, 5-min cache"}
    assert picture.read_text() == chart.read_text()


def test_a_model_that_would_refuse_is_left_out_and_currencies_are_not_mixed() -> None:
    """GPT-4o takes 128,000 tokens; Doubao bills in yuan."""
    assert "left out: openai/gpt-4o takes at most 128,000 tokens" in run(*TWO, "gpt-4o", "-n", "1..3").out
    mixed = run(*TWO, "doubao-seed-1.6", "-n", "1..3")
    assert (mixed.code, "--exchange: bills in CNY and USD" in mixed.err) == (2, True)


def test_several_models_have_the_warnings_of_each_alone() -> None:
    """Gemini 2.5 Pro is withdrawn on 2026-12-01: nine days after a query of 2026-11-22, and before the third of queries
    a day apart from 2026-11-29 on."""
    two = ("curve", "claude-opus-5-5", "gemini-2.5-pro", "-c", "100K")
    soon = "! Gemini 2.5 Pro, automatic cache: the model is withdrawn on 2026-12-01, 9 days after the last query\n"
    assert soon in run(*two, "-n", "1..3", "--as-of", "2026-11-22").out
    over = run(*two, "-n", "1..4", "--every", "24h", "--as-of", "2026-11-29T12:00Z").out
    assert "! Gemini 2.5 Pro: from N = 3 on would be refused: the model was withdrawn" in over
    assert "at N = 2, the last that is served\n" in over


def test_a_sweep_says_what_was_asked_but_for_what_it_varies() -> None:
    """How many queries, over what context, at whose prices, was not said; `hit_rate` is what its flag is called."""
    asked = ("sweep", "claude-opus-5-5", *DAY, "--service", "batch")
    heads = {
        ("-c", "100K", "--sweep", "every=1m..2h:3"): "10 queries over 100,000 tokens (200 in, 500 out)",
        ("--sweep", "context=1K..9K:3", "--every", "3m"): "10 queries (200 in, 500 out), one every 3 min",
        ("-c", "9K", "--sweep", "queries=1..9:3", "--sweep", "answer=1..9:3"): "queries over 9,000 tokens (200 in)",
        ("-c", "9K", "--turns", "4", "--sweep", "hit_rate=0..1:3"): "4 turns from 9,000 tokens (200 in, 500 out)",
    }
    for varied, head in heads.items():
        assert run(*asked, *varied).out.startswith(f"{head}, service batch, prices of 2026-11-01\n")
