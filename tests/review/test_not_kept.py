"""Every name of a provider kept here, in the largest public dataset, has a page, or a reason why it has none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.spellings import candidates, folder_of
from cachecost.errors import BadDocument
from cachecost.review.datasets import NotKept, Ours
from cachecost.review.side_pages import validated

from ..command import run
from ..conftest import LATEST, ROOT

RECORDED = [
    (provider, name)
    for line in Path(__file__).with_name("litellm_names.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for provider, _, name in [line.partition(" ")]
]


def test_every_name_of_a_kept_provider_has_a_page_or_a_reason(catalog: Catalog) -> None:
    """2,439 names of litellm 1.110.2 (2026-11-29), as a log has them beside the provider's name."""
    sheets = catalog.sheets()
    known = {f"{sheet.provider}/{name}" for sheet in sheets for name in sheet.names} | {
        name for sheet in sheets if not sheet.maker for name in sheet.names
    }
    folders = {sheet.provider for sheet in sheets}
    why_not_kept = Ours(Catalog(), datetime(2026, 11, 29, tzinfo=UTC)).why_not_kept
    missing = []
    for provider, name in RECORDED:
        folder = folder_of(provider)
        spelled = list(candidates(name, folder, folders=folders))
        if known.isdisjoint(spelled) and not any(why_not_kept(folder, each.partition("/")[2]) for each in spelled):
            missing.append((provider, name))
    assert len(RECORDED) > 2_000
    assert missing == []


def test_a_name_that_has_a_page_is_not_listed_as_one_without(catalog: Catalog) -> None:
    """An entry without `*` is a name for which the catalogue has no sheet."""
    for entry in validated(ROOT / "pricing" / "not-kept.yaml", list[NotKept]):
        names = {name for sheet in catalog.sheets() if sheet.provider == entry.provider for name in sheet.names}
        assert names.isdisjoint(entry.names), entry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- provider: bedrock\n  names: []\n  reason: why\n", "not-kept.yaml:2: 1.names"),
        ("- provider: bedrock\n  names: [a]\n", "not-kept.yaml:1: 1.reason: missing"),
    ],
)
def test_an_unfit_entry_is_named_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    page = tmp_path / "not-kept.yaml"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(BadDocument, match=said.replace(".", r"\.")):
        validated(page, list[NotKept])


@pytest.mark.external
def test_a_log_with_one_request_of_each_name_is_priced(tmp_path: Path) -> None:
    """At least 95% of them, at the rates of the day on which the newest source was read."""
    log = tmp_path / "names.jsonl"
    rows = (
        {
            "request_id": f"r{index}",
            "call_type": "acompletion",
            "spend": 0,
            "prompt_tokens": 1_000,
            "completion_tokens": 0,
            "total_tokens": 1_000,
            "startTime": f"{LATEST}T10:00:00Z",
            "endTime": f"{LATEST}T10:00:01Z",
            "model": name,
            "custom_llm_provider": provider,
            "metadata": "{}",
        }
        for index, (provider, name) in enumerate(RECORDED)
    )
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    answer = run("replay", log, "--paid-only", "--json")
    unpriced = answer.json["unpriced"]
    assert (unpriced, answer.json["requests_read"]) <= (0.05 * len(RECORDED), len(RECORDED))
