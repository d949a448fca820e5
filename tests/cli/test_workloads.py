"""`cachecost run` and `diff`: months worked by hand, faults with their lines, and a pull request's comment."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from ..command import run
from ..conftest import ROOT

BOT = """\
workloads:
  - name: support bot
    model: claude-sonnet-4-6
    context: 10K
    question: 300
    answer: 300
    rate: 1000/d
    policy: written:5m
"""
AGENT = """\
  - name: agent
    model: claude-opus-5-5
    parts: {system: 20K, tools: 30K}
    question: 200
    answer: 500
    turns: 2
    rate: 10/d
    policy: written:5m
"""


def written(folder: Path, text: str, name: str = "workloads.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_month_is_the_worked_one(tmp_path: Path) -> None:
    """November has 30,000 queries, one every 86.4 seconds. Sonnet 4.6: one write of 10,000 x 3.75 = 0.0375, 29,999
    reads of 0.003 = 89.997, 9M tokens of question, 27, and 9M of answer, 135. December has 1,000 more, of
    0.003 + 0.0009 + 0.0045 each."""
    answer = run("run", written(tmp_path, BOT), "--from", "2026-11", "--months", "2", "--json").json
    assert [month["total"] for month in answer["workloads"][0]["months"]] == ["252.0345", "260.4345"]
    assert (answer["months"], answer["totals"]) == (["2026-11", "2026-12"], {"USD": "512.469"})


def test_conversations_are_billed_each(tmp_path: Path) -> None:
    """300 in November. Opus 5.5 writes 50,200 x 5.00, 0.251, then reads them, 0.01004, and writes 700, 0.0035; it
    answers twice 500 x 20.00: 0.28454 each."""
    answer = run("run", written(tmp_path, BOT + AGENT), "--from", "2026-11", "--months", "1", "--json").json
    assert Decimal(answer["workloads"][1]["total"]) == 300 * Decimal("0.28454")


@pytest.mark.parametrize("curve", ["reported", "10m:8%,20m:13%,30m:21%,45m:25%"])
def test_entries_are_lost_by_a_curve_with_a_name(tmp_path: Path, curve: str) -> None:
    """A query every 30 minutes: 13% of the entries idle for over 20 are lost. Sonnet 4.6 writes 10,000 x 6.00 for an
    hour, 0.06, and reads 0.003: 0.06 + 1,439 x (0.13 x 0.06 + 0.87 x 0.003) + 1,440 x (0.0009 + 0.0045)."""
    text = BOT.replace("1000/d", "2/h").replace("written:5m", "written:1h") + f"    eviction: {curve}\n"
    answer = run("run", written(tmp_path, text), "--from", "2026-11", "--months", "1", "--json").json
    assert answer["totals"] == {"USD": "22.81599"}


def test_a_price_change_counts_from_its_day_on(tmp_path: Path) -> None:
    """o3 fell from 10.00 and 40.00 to 2.00 and 8.00 on 2025-06-10. Of 720 queries of June, one an hour, 216 come
    before that day, with 1,000 tokens each and no answer: 216 x 0.01 + 504 x 0.002 = 3.168; in July 744 x 0.002.
    Priority, sold from 2025-06-27 on, changes no standard rate."""
    text = "workloads:\n  - {name: x, model: o3, context: 1000, question: 0, answer: 0, rate: 1/h, policy: fresh}\n"
    ran = run("run", written(tmp_path, text), "--from", "2025-06", "--months", "2", "--json").json
    months = ran["workloads"][0]["months"]
    assert [month["total"] for month in months] == ["3.168", "1.488"]
    assert (months[0]["changes"], months[1]["changes"]) == (["rates change on 2025-06-10"], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workloads: []\n", ":1: expected `workloads:` at the top"),
        (BOT.replace("10K", "10Q"), ":4: context: '10Q' is not a count"),
        (BOT.replace("claude-sonnet-4-6", "no-such-model"), ":3: model: 'no-such-model' is not a model"),
        (BOT.replace("answer", "anser"), ":6: anser: is not a key of a workload"),
        (BOT.replace("answer", "anser"), "; did you mean answer?"),
        (BOT.replace("1000/d", "often"), ":7: rate: 'often' is not a rate"),
        (BOT.replace("written:5m", "clever"), ":8: policy: anthropic/claude-sonnet-4-6@"),
        (BOT.replace("written:5m", "clever"), "does not sell clever; it sells fresh, written:5m, written:1h"),
        (BOT.replace("written:5m", "kept:ram"), "does not sell kept:ram; it sells fresh, written:5m, written:1h"),
        (BOT + "    service: batsh\n", ":9: service: service 'batsh' is not sold"),
        (BOT + "    region: mars\n", ":9: region: region 'mars' has no rates on this card; expected us"),
        (
            BOT.replace("claude-sonnet-4-6", "llama-3.1-70b@aws/p5.48xlarge:1").replace("written:5m", "fresh"),
            ":2: weights of 141.1 GB do not fit",
        ),
        (BOT.replace("    context: 10K\n", ""), ":2: expected either context, or parts"),
        (BOT.replace("    rate: 1000/d\n", ""), ":2: rate is missing"),
        (BOT + AGENT.replace("agent", "support bot"), ":9: name: 'support bot' is the name of another workload"),
        (BOT + AGENT.replace("30K", "no/manual.md"), "no/manual.md"),
        (BOT + AGENT.replace("30K", "30K@2/h"), ":11: parts: tools: parts are sent and cached as one here"),
        (
            BOT.replace("    answer: 300", "    answer: 300\n    answer: 200"),
            ":7: answer is given twice",
        ),
        (BOT + AGENT.replace("tools: 30K", "system: 30K"), ":11: system is given twice"),
        (BOT + AGENT.replace("20K", '""'), ":11: parts: system: expected tokens or a document"),
        ("workloads:\n\t- name: x\n", ":2: is not YAML: a tab"),
    ],
)
def test_a_fault_has_its_file_and_line(text: str, said: str, tmp_path: Path) -> None:
    """In the file as it is checked, and as it is run."""
    path = written(tmp_path, text)
    for more in ([], ["--check"]):
        ran = run("run", path, *more)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    """A file is not mended fault by fault."""
    ran = run("run", written(tmp_path, BOT.replace("10K", "10Q") + AGENT.replace("10/d", "often")), "--check")
    assert ran.err.count("workloads.yaml:") == 2


def test_a_document_is_a_part(tmp_path: Path) -> None:
    """Counted in the tokens of the model: 400 letters are some tokens, and no more than there are letters."""
    (tmp_path / "manual.md").write_text("word " * 80, encoding="utf-8")
    alone = AGENT.replace("{system: 20K, tools: 30K}", "{manual: manual.md}")
    answer = run("run", written(tmp_path, f"workloads:\n{alone}"), "--months", "1", "--json").json
    assert Decimal(0) < Decimal(answer["totals"]["USD"]) < Decimal(answer["workloads"][0]["months"][0]["number"])


def test_a_model_that_is_not_sold_any_more_has_no_total(tmp_path: Path) -> None:
    """Never zero: null, the reason, and exit 3 where that is all there is."""
    ran = run("run", written(tmp_path, BOT.replace("claude-sonnet-4-6", "claude-3-opus")), "--json")
    month = json.loads(ran.out)["workloads"][0]["months"][0]
    assert (ran.code, month["total"], "was withdrawn" in month["why"]) == (3, None, True)


def test_parts_cost_what_their_sum_costs(tmp_path: Path) -> None:
    """They are one context: written once, and read together."""
    whole = BOT + AGENT.replace("parts: {system: 20K, tools: 30K}", "context: 50K")
    one, other = (run("run", written(tmp_path, each), "--json").json for each in (BOT + AGENT, whole))
    assert one == other


@pytest.mark.parametrize(("limit", "code"), [("252.04", 0), ("252.03", 1)])
def test_a_month_over_a_budget_fails(limit: str, code: int, tmp_path: Path) -> None:
    """252.0345 a month; the message names the month."""
    how = ("--from", "2026-11", "--months", "1", "--fail-over", limit)
    ran = run("run", written(tmp_path, BOT), *how)
    assert (ran.code, "2026-11 costs more" in ran.err) == (code, bool(code))


def test_a_budget_is_not_met_by_what_has_no_price(tmp_path: Path) -> None:
    """252.0345 a month beside a model that was withdrawn: exit 3, as a replay's; but 1 where what is known is over it.
    As a change, an unknown cost that comes fails, and one that goes does not."""
    gone = BOT.replace("support bot", "old").replace("claude-sonnet-4-6", "claude-3-opus")
    both = written(tmp_path, BOT + gone.removeprefix("workloads:\n"))
    one = written(tmp_path, BOT, "one.yaml")
    how = ("--from", "2026-11", "--months", "1", "--fail-over")
    ran = run("run", both, *how, "300")
    assert (ran.code, "old: no price is known, so a budget of 300 may be exceeded" in ran.err) == (3, True)
    assert [run("run", both, *how, "200").code, run("run", both, *how[:-1]).code] == [1, 0]
    how = ("--month", "2026-11", "--fail-over", "300")
    assert [run("diff", both, one, *how).code, run("diff", one, both, *how).code] == [3, 0]
    assert run("diff", both, one, *how[:2]).code == 0


def test_a_query_that_comes_in_some_months_only_costs_a_part_of_one(tmp_path: Path) -> None:
    """Every 100 days: 0.3 of a query in November, of 10,300 x 3.00 and 300 x 15.00 per 1M: 0.3 x 0.0354. Zero would
    be a price."""
    text = BOT.replace("1000/d", "1/100d").replace("written:5m", "fresh")
    answer = run("run", written(tmp_path, text), "--from", "2026-11", "--months", "1", "--json").json
    assert answer["totals"] == {"USD": "0.01062"}


def test_a_model_on_a_machine_keeps_its_cache_in_ram(tmp_path: Path) -> None:
    """Llama 3.1 70B on 8 H100, 24 queries a day over 16,000 tokens, one an hour, no answers, in November. GPU-seconds,
    at $55.04 / 8 / 3,600 each: a prompt of C tokens takes 2 x 70,553,706,496 x C / (50% of 989.5 TFLOP/s) in linear
    layers and 80 x 2 x 64 x 256 x C x C / 2 / (40% of it) in attention; 16,000: 4.563423... + 0.847721...; 16,300:
    the same of 16,300. 720 of the difference, and loads of 16,000 x 327,680 bytes at 50 GB/s: 0.1048576 each. RAM:
    5.24288 GB x 720 hours x $0.004237 / 1.073741824."""
    text = BOT.replace("claude-sonnet-4-6", "llama-3.1-70b@aws/p5.48xlarge").replace("written:5m", "kept:ram")
    text = text.replace("10K", "16K").replace("answer: 300", "answer: 0").replace("1000/d", "24/d")

    def seconds(tokens: int) -> Fraction:
        linear = Fraction(2 * 70_553_706_496 * tokens) / (Fraction(989_500_000_000_000) / 2)
        return linear + Fraction(80 * 2 * 64 * 256 * tokens * tokens, 2) / (Fraction(989_500_000_000_000) * 2 / 5)

    worked = seconds(16_000) + 720 * (seconds(16_300) - seconds(16_000) + Fraction("0.1048576"))
    rent = Fraction("5.24288") * 720 * Fraction("0.004237") * 10**9 / 2**30
    answer = run("run", written(tmp_path, text), "--from", "2026-11", "--months", "1", "--json").json
    total = Fraction(answer["totals"]["USD"])
    assert abs(total - (worked * Fraction("55.04") / 8 / 3_600 + rent)) < Fraction(1, 10**18)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout whose branch `main` has one workload, and whose working tree has another rate and one more."""

    def git(*words: str) -> None:
        who = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    written(tmp_path, BOT)
    git("init", "--initial-branch", "main")
    git("add", ".")
    git("commit", "-m", "one")
    written(tmp_path, BOT.replace("1000/d", "2000/d") + AGENT)
    return tmp_path


def test_a_change_says_what_it_does_to_the_month(repository: Path) -> None:
    """Twice the queries, 60,000: 0.0375 + 59,999 x 0.003 + 60,000 x 0.0054 = 504.0345, which is 252 more; the agent
    adds 85.362."""
    answer = run("diff", repository / "workloads.yaml", "main", "--month", "2026-11", "--json", cwd=repository).json
    assert [(each["name"], each["kind"], each["more"]) for each in answer["changes"]] == [
        ("support bot", "changed", "252"),
        ("agent", "added", "85.362"),
    ]
    assert (answer["more"], answer["sentence"]) == ({"USD": "337.362"}, "November 2026 costs $337.36 more.")


def test_a_comment_can_be_recognised_and_fails_over_a_budget(repository: Path) -> None:
    """The mark comes first, so that the comment is updated in place."""
    how = ("--month", "2026-11", "--format", "markdown", "--fail-over", "300")
    ran = run("diff", repository / "workloads.yaml", "main", *how, cwd=repository)
    assert ran.out.startswith("<!-- cachecost diff -->\n")
    assert "| support bot |" in ran.out
    assert "**November 2026 costs $337.36 more.**" in ran.out
    assert (ran.code, "over 300" in ran.err) == (1, True)


def test_the_same_file_costs_the_same(tmp_path: Path) -> None:
    """A file may be compared with another as well."""
    path, other = written(tmp_path, BOT), written(tmp_path, BOT, "other.yaml")
    answer = run("diff", path, other, "--json").json
    assert (answer["changes"], answer["unchanged"], answer["more"]) == ([], ["support bot"], {})


def test_a_base_that_is_neither_a_file_nor_a_revision_is_refused_as_such(repository: Path) -> None:
    """In a checkout, and outside of one."""
    ran = run("diff", "workloads.yaml", "lost.yaml", cwd=repository)
    assert (ran.code, "'lost.yaml' is neither a file nor a git revision that holds ./" in ran.err) == (2, True)
    shutil.rmtree(repository / ".git")
    ran = run("diff", "workloads.yaml", "lost.yaml", cwd=repository)
    assert (ran.code, "'lost.yaml' is no file, and " in ran.err, "not in a git checkout" in ran.err) == (2, True, True)


def test_the_schema_is_the_one_that_editors_use(tmp_path: Path) -> None:
    """`cachecost run --schema` prints docs/workloads.schema.json, which names every key."""
    assert run("run", "--schema").out == (ROOT / "docs" / "workloads.schema.json").read_text(encoding="utf-8")
