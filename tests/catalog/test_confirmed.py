"""Which datasets have the rates of a card."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.confirmed import Confirmation, confirmations, confirmed, confirmed_text
from cachecost.errors import BadDocument
from cachecost_api import create_app

from ..command import run

PAGE = """\
provider: acme
model: acme-1
name: Acme 1
unit: USD per 1M tokens
aliases: []
aliases_in: {eu: [eu.acme-1]}
rate_cards:
  - effective: 2026-06-01
    source: https://acme.test/pricing
    seen: 2026-10-14
    regions: {eu: 1.1}
    caching: {automatic: {}}
    tiers:
      - {prompt_up_to: 200_000, input: 1.00, cache_read: 0.10, output: 5.00}
      - {prompt_over: 200_000, input: 2.00, cache_read: 0.20, output: 5.00}
      - {service: batch, input: 0.50, output: 2.50}
  - effective: 2026-11-28
    source: PyPI litellm 1.110.2
    seen: 2026-11-28
    rest: as above
    tiers:
      - {prompt_up_to: 200_000, input: 3.00}
"""
HEAD = "day,source,version,model,rates\n"
AUGUST, DECEMBER = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "acme-1.yaml").write_text(PAGE, encoding="utf-8")
    (tmp_path / "confirmed").mkdir()
    return tmp_path


def _said(folder: Path, *lines: str, at: datetime = AUGUST, name: str = "acme-1") -> str:
    (folder / "confirmed" / "acme.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return confirmed(folder, Catalog(folder).sheet(name), at)


def test_the_newest_confirmation_comes_first_with_all_datasets_of_its_day(folder: Path) -> None:
    lines = (
        "2026-10-25,metergraph-core,0.7.4,acme-1,input=1",
        "2026-11-26,litellm,1.110.2,acme-1,input=1 cache_read=0.1 output=5",
        "2026-11-26,genai-prices,0.2.3,acme-1,input=1",
        "2026-11-26,model-prices,0.0.5,acme-2,input=1",
    )
    assert _said(folder, *lines) == (
        "Confirmed 2026-11-26 by genai-prices 0.2.3 and litellm 1.110.2, 2026-10-25 by metergraph-core 0.7.4; "
        "vendor's page read 2026-10-14."
    )


def test_a_standard_rate_that_no_dataset_has_is_named(folder: Path) -> None:
    """Rates of larger prompts and of batch are not asked for."""
    assert _said(folder, "2026-11-26,litellm,1.110.2,acme-1,input=1 output=5") == (
        "Confirmed 2026-11-26 by litellm 1.110.2 (all but cache_read); vendor's page read 2026-10-14."
    )


def test_a_rate_that_has_changed_since_is_confirmed_no_more(folder: Path) -> None:
    """On the page by a later card, or in the file by another value; a day before the card confirms nothing of it."""
    line = "2026-11-26,litellm,1.110.2,acme-1,input=1 cache_read=0.1 output=5"
    assert _said(folder, line, at=DECEMBER) == "Confirmed by no dataset; source read 2026-11-28."
    assert _said(folder, line.replace("input=1 cache_read=0.1 output=5", "input=2")).startswith(
        "Confirmed by no dataset"
    )


def test_a_provider_without_a_file_says_nothing(folder: Path) -> None:
    """So a folder of the user's own has no line about it."""
    assert confirmed(folder, Catalog(folder).sheet("acme-1"), AUGUST) == ""


def test_what_is_written_reads_back(folder: Path) -> None:
    each = Confirmation(date(2026, 11, 26), "litellm", "1.110.2", "acme-1", {"batch.input@200001": Decimal("0.50")})
    (folder / "confirmed" / "acme.csv").write_text(confirmed_text([each]), encoding="utf-8")
    assert confirmations(folder, "acme") == [each]
    assert confirmed_text([each]) == f"{HEAD}2026-11-26,litellm,1.110.2,acme-1,batch.input@200001=0.5\n"


@pytest.mark.parametrize(
    "line", ["2026-11-26,litellm", "soon,litellm,1,acme-1,input=1", "2026-11-26,litellm,1,a,input=x"]
)
def test_a_line_that_cannot_be_read_is_a_fault_of_the_check_with_its_number(line: str, folder: Path) -> None:
    with pytest.raises(BadDocument, match=r"acme\.csv:2: cannot be read; expected day,source,version,model,rates"):
        _said(folder, line)
    answer = run("prices", "check", "--prices", folder)
    assert answer.code == 1
    assert "acme.csv:2: cannot be read" in answer.err


def test_show_and_a_verbose_comparison_say_who_confirms_the_list_price(folder: Path) -> None:
    """Also under a discount and in a region, whose rates no dataset has; the short answer has no such line."""
    _said(folder, "2026-11-26,litellm,1.110.2,acme-1,input=1 cache_read=0.1 output=5")
    said = "2026-11-26 by litellm 1.110.2; vendor's page read 2026-10-14."
    asked = ("--prices", folder, "--as-of", "2026-08-01")
    assert f"Confirmed {said}" in run("show", "acme-1", *asked).out
    assert run("show", "acme-1", *asked, "--json").json["confirmed"] == f"Confirmed {said}"
    with TestClient(create_app(folder, reload=0)) as client:
        assert client.get("/v1/models/acme/acme-1").json()["confirmed"] == f"Confirmed {said}"
    words = ("compare", "acme-1", "-c", "10K", "-n", "2", "--discount", "10%", *asked)
    assert f"acme/acme-1: confirmed {said}" in run(*words, "-v").out
    assert "confirmed" not in run(*words).out
