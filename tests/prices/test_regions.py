"""Regions that multiply each other, and regions that do not sell every service."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet, NotSold
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.units import instant

from ..command import run

PAGE = """\
provider: somewhere
model: regional
name: Regional
aliases_in: {eu: [eu.regional]}
unit: USD per 1M tokens
aliases: []
rate_cards:
  - effective: 2026-01-01
    source: https://example.com/pricing
    seen: 2026-11-22
    regions: {eu: {factor: 1.1, not: [fast]}, fedramp: 1.2}
    tiers:
      - input: 2.00
        output: 8.00
      - service: fast
        input: 4.00
        output: 16.00
"""
AT, MILLION = instant("2026-11-01"), Usage(input=1_000_000)


# 1M tokens at $2.00 or, fast, $4.00.
@pytest.mark.parametrize(
    ("region", "service", "total"),
    [
        ("eu", "standard", "2.2"),
        ("fedramp", "standard", "2.4"),
        ("eu,fedramp", "standard", "2.64"),  # 1.1 x 1.2 = 1.32
        ("fedramp, eu", "standard", "2.64"),
        ("eu,eu", "standard", "2.2"),
        ("fedramp", "fast", "4.8"),
    ],
)
def test_regions_multiply(region: str, service: str, total: str) -> None:
    sheet = read_text(PAGE, file="page.yaml")
    assert quote(MILLION, sheet, at=AT, region=region, service=service).total == Decimal(total)


@pytest.mark.parametrize("region", ["eu", "fedramp,eu"])
def test_a_service_that_a_region_does_not_sell_is_refused(region: str) -> None:
    with pytest.raises(NotSold, match="service 'fast' is not sold in region 'eu'"):
        quote(MILLION, read_text(PAGE, file="page.yaml"), at=AT, region=region, service="fast")


def test_an_id_that_names_the_region_lacks_the_service_too() -> None:
    sheet = read_text(PAGE, file="page.yaml").called("eu.regional")
    assert quote(MILLION, sheet, at=AT).total == Decimal("2.2")
    with pytest.raises(NotSold, match="not sold in region eu"):
        quote(MILLION, sheet, at=AT, service="fast")


def test_one_unknown_region_of_several_is_named() -> None:
    with pytest.raises(NotSold, match=r"'mars' has no rates on this card; expected eu, fedramp$"):
        quote(MILLION, read_text(PAGE, file="page.yaml"), at=AT, region="eu,mars")


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("{factor: 1.1, not: [quick]}", "page.yaml:11: not: quick is not a service of this page (standard, fast)"),
        ("{factor: 1.1}", "page.yaml:11: not: missing; it has to be given"),
        ("{not: [fast]}", "page.yaml:11: factor: missing; it has to be given"),
        ("{factor: 0, not: [fast]}", "page.yaml:11: factor: '0': expected a number above 0"),
    ],
)
def test_a_faulty_region_is_named_with_its_line(region: str, message: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read_text(PAGE.replace("{factor: 1.1, not: [fast]}", region), file="page.yaml")
    assert str(refused.value.faults[0]) == message


def test_the_command_line_refuses_in_words_and_a_replay_multiplies(tmp_path: Path) -> None:
    """https://developers.openai.com/api/docs/pricing: GPT-6 Astra costs $10 per 1M, in the US and EU 1.1 times
    that; fast is not sold in the EU."""
    refused = run("compare", "gpt-6-astra", "-c", "10K", "--region", "eu", "--service", "fast", "--as-of", "2026-11-01")
    assert (refused.code, refused.out) == (2, "")
    assert "service 'fast' is not sold in region 'eu'" in refused.err
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"at": "2026-11-01T00:00:00Z", "model": "gpt-6-astra", "input": 100_000}) + "\n")
    assert run("replay", log, "--region", "us,eu", "--json").json["totals"] == {"USD": "1.21"}
