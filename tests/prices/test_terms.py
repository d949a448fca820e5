"""A customer's own terms: which rule holds for which rate, from when to when, and every answer that says so."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.terms import discounted, load_terms
from cachecost.errors import BadDocument
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.units import instant

from ..command import run, shelf

# https://platform.claude.com/docs/en/about-claude/pricing: Claude Opus 4.5 costs $5 input, $0.50 read, $25 output, in
# batch half; Claude Sonnet 4.5 $3 and $15. https://openai.com/api/pricing: GPT-4o costs $2.50 and $10.
OPUS, SONNET, GPT = "anthropic/claude-opus-4-5", "anthropic/claude-sonnet-4-5", "openai/gpt-4o"
TERMS = """terms:
  - discount: 5%
  - provider: anthropic
    discount: 10%
    from: 2026-02-01
    to: 2026-09-30
  - model: claude-opus-*
    discount: 20%
  - model: claude-opus-*
    line: cache_read
    factor: 1
  - service: batch
    discount: 50%
"""
USED = Usage(input=100_000, cache_read=100_000, output=100_000)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shelf(tmp_path_factory.mktemp("pages"), OPUS, SONNET, GPT)


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mine") / "terms.yaml"
    path.write_text(TERMS)
    return path


def total(pages: Path, terms: Path, model: str, at: str, service: str = "standard", used: Usage = USED) -> Decimal:
    catalog = Catalog(pages)
    catalog.terms = load_terms(terms, catalog)
    return quote(used, catalog.sheet(model), at=instant(at), service=service).total


# In each case the sum of input, read and output, worked by hand.
@pytest.mark.parametrize(
    ("model", "at", "service", "expected"),
    [
        (GPT, "2026-11-01", "standard", "1.30625"),  # all 5 % off: 0.95 x (0.25 + 0.125 + 1)
        (
            SONNET,
            "2026-01-31T23:59:59Z",
            "standard",
            "1.7385",
        ),  # before the provider's rule: 0.95 x (0.30 + 0.03 + 1.50)
        (SONNET, "2026-02-01", "standard", "1.647"),  # 0.90 x 1.83: the more precise rule alone, no product
        (SONNET, "2026-09-30T23:59:59Z", "standard", "1.647"),  # `to` is the last day
        (SONNET, "2026-10-01", "standard", "1.7385"),
        (OPUS, "2026-03-01", "standard", "2.45"),  # 0.80 x (0.50 + 2.50), and the read as printed, 0.05
        (OPUS, "2026-03-01", "batch", "1.225"),  # the model comes before the service: 0.80 x (0.25 + 1.25) + 0.025
        (GPT, "2026-11-01", "batch", "0.375"),  # half of half: 0.5 x (0.125 + 0.125 + 0.50)
    ],
)
def test_the_most_precise_rule_holds_alone(
    pages: Path, terms: Path, model: str, at: str, service: str, expected: str
) -> None:
    assert total(pages, terms, model, at, service) == Decimal(expected)


def test_of_equal_rules_the_lower_one_holds(pages: Path, tmp_path: Path) -> None:
    """0.80 x 2.50."""
    path = tmp_path / "terms.yaml"
    path.write_text("terms: [{provider: openai, discount: 10%}, {provider: openai, discount: 20%}]")
    assert total(pages, path, GPT, "2026-11-01", used=Usage(input=1_000_000)) == 2


def test_an_exact_name_comes_before_a_pattern_and_an_alias_is_a_name(pages: Path, tmp_path: Path) -> None:
    """0.70 x 3."""
    path = tmp_path / "terms.yaml"
    path.write_text(
        "terms: [{model: claude-sonnet-4-5-20250929, discount: 30%}, {model: anthropic/claude-sonnet*, discount: 10%}]"
    )
    assert total(pages, path, SONNET, "2026-11-01", used=Usage(input=1_000_000)) == Decimal("2.1")


def test_a_page_without_a_rule_is_the_very_page(pages: Path) -> None:
    catalog = Catalog(pages)
    sheet = catalog.sheet(GPT)
    (path := pages / "mine.yaml").write_text("terms: [{provider: anthropic, discount: 10%}]")
    assert load_terms(path, catalog).on(sheet) is sheet


def test_a_region_multiplies_what_terms_leave() -> None:
    """https://platform.claude.com/docs/en/about-claude/pricing: US-only inference costs 1.1 x: 0.85 x 1.1 x 5."""
    catalog = Catalog()
    catalog.terms = discounted("15%")
    sheet = catalog.sheet("claude-opus-4-6")
    used = Usage(input=1_000_000)
    assert quote(used, sheet, at=instant("2026-11-01"), region="us").total == Decimal("4.675")


def test_every_reading_of_a_disputed_rate_is_discounted() -> None:
    """A row's disputed rates move with the rate: the range of an answer is that of the discounted bill."""
    catalog = Catalog()
    half = discounted("50%")
    cards = [card for sheet in catalog.sheets() for card in sheet.cards if card.disputes]
    rated = [
        (plain, dispute)
        for sheet in catalog.sheets()
        for plain, card in zip(sheet.cards, half.on(sheet).cards, strict=True)
        for dispute in card.disputes
        if isinstance(dispute.where[0], int)
    ]
    assert cards
    assert rated
    for plain, dispute in rated:
        before = next(each for each in plain.disputes if each.where == dispute.where)
        assert Decimal(dispute.taken) * 2 == before.taken
        assert [Decimal(value) * 2 for value, _ in dispute.others] == [value for value, _ in before.others]


FAULTS = [
    ("- x", "1: expected one key, terms"),
    ("terms: []", "1: expected one key, terms"),
    (
        "terms:\n  - {provider: antropic, discount: 5%}",
        "2: terms.1.provider: no provider of the price sheets",
    ),
    ("terms:\n  - {model: claude-oops, discount: 5%}", "2: terms.1.model: no model of the price sheets is called"),
    (
        "terms:\n  - {service: bath, discount: 5%}",
        "2: terms.1.service: no service of the price sheets is called 'bath'",
    ),
    ("terms:\n  - {line: cached, discount: 5%}", "2: terms.1.line: no line of the price sheets is called"),
    ("terms:\n  - {provider: openai}", "2: terms.1: expected a discount"),
    ("terms:\n  - {discount: 5%, factor: 1}", "2: terms.1: expected a discount"),
    ("terms:\n  - {discount: 5}", "2: terms.1.discount: '5' could be a share or a percentage; write 5%"),
    ("terms:\n  - {discount: 120%}", "2: terms.1.discount: '120%' is not a share"),
    ("terms:\n  - {discount: 1/3}", "2: terms.1.discount: '1/3' has digits without end"),
    ("terms:\n  - {factor: -1}", "2: terms.1.factor: '-1' is not a factor"),
    ("terms:\n  - discount: 5%\n    form: 2026-01-01", "3: terms.1.form: form is not a key of a rule"),
    ("terms:\n  - discount: 5%\n    from: soon", "3: terms.1.from: 'soon' is not"),
    ("terms:\n  - {discount: 5%, from: 2026-02-01, to: 2026-01-01}", "2: terms.1.to: is before from"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_a_faulty_file_is_refused_with_its_line(pages: Path, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(text)
    with pytest.raises(BadDocument) as refused:
        load_terms(path, Catalog(pages))
    assert str(refused.value).startswith(f"{path}:{message}")


# The doors -------------------------------------------------------


def test_a_quote_cites_the_rule_and_its_line(pages: Path, terms: Path) -> None:
    """0.80 x 5."""
    words = ("quote", OPUS, "--input", "1M", "--at", "2026-03-01", "--prices", str(pages), "--terms", str(terms))
    answer = run(*words, "--json").json
    rule = "your discount of 20%, terms.yaml:7"
    assert (answer["total"], answer["terms"][0]) == ("4", rule)
    assert f"after {rule}" in run(*words).out.replace("\n", " ")


def test_compare_and_its_kin_take_a_discount_and_say_so() -> None:
    """10 x (100,000 + 200) x $2.50 and 10 x 500 x $10 per 1M are $2.555; 15 % less is $2.17175."""
    words = ("gpt-4o", "-c", "100K", "--as-of", "2026-11-01", "--discount", "15%", "--json")
    answer = run("compare", *words, "--strategy", "fresh").json["answers"][0]
    assert (answer["total"], answer["terms"]) == ("2.17175", ["your discount of 15%"])
    for command in ("curve", "plan", "sweep"):
        more = ("--sweep", "queries=1..3") if command == "sweep" else ()
        assert run(command, *words, *more).json["terms"] == ["your discount of 15%"], command
        assert "after your discount of 15%" in " ".join(run(command, *words[:-1], *more).out.split())


def test_the_end_of_terms_is_a_change_of_rates_ahead(pages: Path, tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("terms: [{provider: openai, discount: 10%, to: 2026-11-30}]")
    words = ("compare", GPT, "-c", "100K", "--as-of", "2026-11-01", "--prices", str(pages), "--terms", str(path))
    assert "your terms change on 2026-12-01" in run(*words).out


@pytest.mark.parametrize("engine", ["python", "duckdb"])
def test_a_replay_prices_each_request_at_the_terms_of_its_day(
    pages: Path, terms: Path, tmp_path: Path, engine: str
) -> None:
    """100K tokens of Sonnet on the last day of 10 % and on the first of 5 %: 0.90 x 0.30 + 0.95 x 0.30 = 0.555."""
    log = tmp_path / "log.jsonl"
    days = ("2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z")
    log.write_text("".join(json.dumps({"at": day, "model": SONNET, "input": 100_000}) + "\n" for day in days))
    words = ("replay", str(log), "--prices", str(pages), "--terms", str(terms), "--engine", engine)
    report = run(*words, "--json").json
    assert report["totals"] == {"USD": "0.555"}
    assert [each["terms"][0] for each in report["rates"]] == [
        "your discount of 10%, terms.yaml:3",
        "your discount of 5%, terms.yaml:2",
    ]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "focus").out)))
    costs = [(row["ListCost"], row["ContractedCost"], row["BilledCost"]) for row in rows]
    assert costs == [("0.3", "0.27", "0.27"), ("0.3", "0.285", "0.285")]


def test_a_discount_and_a_file_are_not_given_at_once(terms: Path) -> None:
    refused = run("quote", GPT, "--input", "1", "--discount", "5%", "--terms", str(terms))
    assert (refused.code, refused.out) == (2, "")
    assert "--discount: terms are given too" in refused.err


def test_a_flag_comes_before_terms_of_the_settings(terms: Path) -> None:
    """0.50 x 2.50."""
    env = {"CACHECOST_TERMS": str(terms)}
    words = ("quote", GPT, "--input", "1M", "--at", "2026-11-01", "--json")
    assert run(*words, "--discount", "50%", env=env).json["total"] == "1.25"
    assert run(*words, env=env).json["total"] == "2.375"


def test_terms_of_the_current_folder_are_refused(terms: Path, tmp_path: Path) -> None:
    (tmp_path / ".cachecost.toml").write_text(f"terms = '{terms}'\n")
    refused = run("quote", GPT, "--input", "1", cwd=tmp_path)
    assert refused.code == 2
    assert "'terms' is no word of a question" in refused.err


def test_http_takes_a_discount_and_no_file(client: TestClient) -> None:
    """0.85 x 2.50, by query and by body; a record of a list has the discount of its request."""
    words = {"model": "gpt-4o", "input": "1M", "at": "2026-11-01", "discount": "15%"}
    answer = client.get("/v1/quote", params=words).json()
    assert (answer["total"], answer["terms"]) == ("2.125", ["your discount of 15%"])
    record = {"model": "gpt-4o", "at": "2026-11-01", "usage": {"input": 1_000_000}}
    answers = client.post("/v1/quote?discount=15%25", json=[record]).json()
    assert [each["total"] for each in answers] == ["2.125"]
    assert client.get("/v1/quote", params=words | {"discount": "15"}).status_code == 422
    assert client.get("/v1/quote", params=words | {"terms": "terms.yaml"}).status_code == 422
