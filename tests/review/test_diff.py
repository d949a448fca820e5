"""`prices diff`: everything that changes an answer is reported, with the bills that change."""

from __future__ import annotations

import csv
import json
from dataclasses import Field, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cachecost.catalog.reader import read_text
from cachecost.output.prices import difference as shown
from cachecost.output.prices.difference_page import DifferencePage
from cachecost.output.records import record
from cachecost.prices.caching import Automatic, Lifetime, Stored, Written
from cachecost.prices.card import Band, Limits, RateCard, Row
from cachecost.prices.sheet import PriceSheet
from cachecost.review.diff import NOTES, Difference, difference

from ..command import run

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = """\
provider: acme
model: acme-2
name: Acme 2
aliases: [acme-2-0601, acme-two]
aliases_in: {us: [us.acme-2]}
unit: USD per 1M tokens
limits: {context: 2_000_000, output: 64_000}
note: The page of a test.
rate_cards:
  - effective: 2026-06-01
    source: https://acme.test/pricing
    seen: 2026-10-14
    promised_until: 2027-06-01
    regions: {us: 1.1}
    caching:
      automatic: {min_tokens: 1_024, block: 128, lifetime: {least: 5m, most: 1h}}
      written: {min_tokens: 512, default_ttl: 5m, refresh: yes, lifetime_from: answer, breakpoints: 4}
      stored:
        min_tokens: 2_048
        default_ttl: 1h
        creation: input
        billed_for: life
        billed_per: second
        disputed:
          creation: [{value: free, source: https://forum.test/1, seen: 2026-01-01}]
    tiers:
      - input: 4.00
        cache_read: {automatic: 1.00, written: 0.20, stored: 0.40}
        cache_write: {5m: 5.00, 1h: 8.00}
        storage_per_hour: 1.00
        output: 20.00
        fees: {request: 0.001}
      - service: batch
        input: 2.00
        cache_read: 0.10
        cache_write: {5m: 2.50, 1h: 4.00}
        output: 10.00
      - service: flex
        prompt_up_to: 200_000
        input: 2.00
        output: 10.00
      - service: flex
        prompt_over: 200_000
        not_sold: Only small prompts run there.
  - effective: 2027-01-01
    status: scheduled
    source: https://acme.test/pricing
    seen: 2026-10-14
    tiers:
      - input: 8.00
        output: 40.00
"""


def _sheet(*edits: tuple[str, str], page: str = PAGE) -> PriceSheet:
    for old, new in edits:
        assert old in page, old
        page = page.replace(old, new, 1)
    return read_text(page, file="acme-2.yaml")


def _found(*edits: tuple[str, str]) -> Difference:
    return difference([_sheet()], [_sheet(*edits)], now=NOW)


def _everything(result: Difference) -> list[str]:
    """The answer in each format."""
    as_json = json.dumps(record(shown.DifferenceRecord, result), ensure_ascii=False)
    page = DifferencePage(result)
    return [page.on_screen().plain(), page.markdown(), as_json, shown.as_table(result).as_csv()]


def test_a_sheet_does_not_differ_from_itself() -> None:
    """Nothing changed, nothing is reported."""
    result = _found()
    assert not any(result)
    assert shown.summary(result) == ["No changes that affect an answer."]


TERMS = {
    "regions.us": ("us: 1.1", "us: 1.2"),
    "caching.written.min_tokens": ("{min_tokens: 512", "{min_tokens: 256"),
    "caching.automatic.block": ("block: 128", "block: 64"),
    "caching.automatic.lifetime.least": ("least: 5m", "least: 10m"),
    "caching.written.default_ttl": ("default_ttl: 5m", "default_ttl: 1h"),
    "caching.written.refresh": ("refresh: yes", "refresh: no"),
    "caching.written.lifetime_from": ("lifetime_from: answer", "lifetime_from: request"),
    "caching.written.breakpoints": ("breakpoints: 4", "breakpoints: 2"),
    "caching.written.apart": ("breakpoints: 4", "breakpoints: 4, apart: [fast]"),
    "caching.stored.min_tokens": ("min_tokens: 2_048", "min_tokens: 4_096"),
    "caching.stored.default_ttl": ("default_ttl: 1h", "default_ttl: 2h"),
    "caching.stored.creation": ("creation: input", "creation: free"),
    "caching.stored.billed_for": ("billed_for: life", "billed_for: ttl"),
    "caching.stored.billed_per": ("billed_per: second", "billed_per: hour"),
    "disputes.stored.creation": (
        "        disputed:\n          creation: [{value: free, source: https://forum.test/1, seen: 2026-01-01}]\n",
        "",
    ),
    "limits.context": ("context: 2_000_000", "context: 1_000_000"),
    "limits.input": ("output: 64_000}", "output: 64_000, input: 1_900_000}"),
    "limits.output": ("output: 64_000", "output: 32_000"),
    "promised_until": ("    promised_until: 2027-06-01\n", ""),
    "confidence": ("    regions:", "    confidence: low\n    regions:"),
    "status": ("    status: scheduled", "    status: announced"),
    "currency": ("USD per", "CNY per"),
    "maker": ("name: Acme 2", "maker: other\nname: Acme 2"),
    "aliases": ("[acme-2-0601, acme-two]", "[acme-2-0601]"),
    "aliases_in.us": ("    regions: {us: 1.1}", "    regions: {us: 1.1, eu: 1.1}"),
    "fee.request": ("request: 0.001", "request: 0.002"),
    "storage": ("storage_per_hour: 1.00", "storage_per_minute: 1.00"),
    "prompt": ("prompt_up_to: 200_000", "prompt_up_to: 100_000"),
    "not_sold": ("Only small prompts run there.", "No longer."),
}
ALSO = {
    "aliases_in.us": ("{us: [us.acme-2]}", "{eu: [us.acme-2]}"),
    "prompt": ("prompt_over: 200_000", "prompt_over: 100_000"),
}


@pytest.mark.parametrize("name", TERMS)
def test_every_term_that_changes_an_answer_is_told_in_every_format(name: str) -> None:
    """One term is changed at a time; its name stands in text, markdown, JSON and CSV."""
    result = _found(TERMS[name], *([ALSO[name]] if name in ALSO else []))
    assert name in {change.name for change in result.changes}
    for text in _everything(result):
        assert name in text
        assert "No changes that affect" not in text


def test_a_note_is_no_change() -> None:
    """Sources, days and notes change no answer, and are reported in one line."""
    result = _found(("The page of a test.", "Another."), ("seen: 2026-10-14", "seen: 2026-10-15"), ("Acme 2\n", "A\n"))
    assert (result.changes, result.effects, result.only_notes) == ([], [], ["acme/acme-2"])
    assert "affect no answer: acme/acme-2" in DifferencePage(result).on_screen().plain()


def test_a_region_s_factor_shows_in_the_bills_of_that_region() -> None:
    """A book: 900K written at 5.00 (4.50), 49 reads at 0.20 (8.82), 50 x (200 x 4.00 + 500 x 20.00) / 1M = 0.54, and
    50 fees of 0.001: $13.91; x 1.1 = 15.301, x 11 = 153.01. Ten times is over five."""
    result = _found(("us: 1.1", "us: 11"))
    book = next(each for each in result.effects if each.reference.context == 900_000)
    assert (book.region, book.before, book.after) == (
        "us",
        ("written:5m", Decimal("15.301")),
        ("written:5m", Decimal("153.01")),
    )
    assert book.factor == 10
    first, second, *_ = shown.summary(result)
    assert first.startswith("CORRECTS CARDS IN FORCE: acme/acme-2 (1 rate or term).")
    assert second == "OVER 5x: acme/acme-2 regions.us from 2026-06-01: 1.1 -> 11 (x10)"


def test_a_minimum_in_another_unit_moves_the_verdict() -> None:
    """512 -> 512_000: an agent's 40K can no longer be written; of the others the stored cache reads at 0.40, the
    automatic one at 1.00."""
    result = _found(("{min_tokens: 512", "{min_tokens: 512_000"))
    agent = next(each for each in result.effects if each.reference.context == 40_000 and each.strategy is None)
    assert (agent.before[0], agent.after[0], agent.flips) == ("written:5m", "stored", True)  # type: ignore[index]
    assert "OVER 5x: acme/acme-2 caching.written.min_tokens" in DifferencePage(result).on_screen().plain()


def test_terms_of_a_dearer_strategy_show_in_its_own_bills() -> None:
    """Storing a book: created at 4.00 (3.60), 50 reads at 0.40 (18), an hour's rent 0.90, 0.54 and 0.05 of fees:
    $23.09. Created free it is $19.49; written it is cheaper either way, so the verdict does not move."""
    result = _found(("creation: input", "creation: free"))
    book = next(each for each in result.effects if each.reference.context == 900_000)
    assert (book.strategy, book.before, book.after) == (
        "stored",
        ("stored", Decimal("23.09")),
        ("stored", Decimal("19.49")),
    )
    assert not book.flips


def test_a_limit_below_a_workload_leaves_it_without_a_bill() -> None:
    """900,000 tokens and an answer do not fit into 500,000; what fits keeps its bill."""
    result = _found(("context: 2_000_000", "context: 500_000"))
    assert {(each.reference.context, each.after) for each in result.effects} == {(900_000, None)}
    assert "NOT SERVED ANY MORE: a reference workload of acme/acme-2." in shown.summary(result)
    assert "not served" in DifferencePage(result).on_screen().plain()


NESTED = {"automatic": Automatic, "written": Written, "stored": Stored, "limits": Limits}
KINDS = (PriceSheet, RateCard, Row, *NESTED.values())


def _other(name: str, value: object) -> object:
    """A value of the same type that is not equal; None for what is absent or holds several."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Band):
        return Band(value.low, 10**9)
    if isinstance(value, Lifetime):
        return Lifetime(value.least, value.most + timedelta(1))
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return "hour" if name == "billed_per" else "another"
    return value + timedelta(1) if isinstance(value, date | timedelta) else None


@pytest.mark.parametrize(("kind", "field"), [(kind, each) for kind in KINDS for each in fields(kind) if each.compare])
def test_every_field_of_a_sheet_is_compared_or_is_a_note(kind: type, field: Field[object]) -> None:
    """Those that are added later too: a card, a row or a term that differs in one field is a change."""
    sheet = _sheet()
    card = sheet.cards[0]
    nested = {name: getattr(card.caching, name, None) or card.limits for name, each in NESTED.items() if each is kind}
    whole = {PriceSheet: sheet, RateCard: card, Row: card.rows[0]}.get(kind) or next(iter(nested.values()))
    old = getattr(whole, field.name)
    new = _other(field.name, old)
    if new is None or field.name in NOTES | {"provider", "model", "effective", "service"}:
        return  # absent, several, or what makes it another sheet, card or row
    changed: Any = replace(whole, **{field.name: new})  # type: ignore[type-var]
    if kind is Row:
        changed = replace(card, rows=(changed, *card.rows[1:]))
    elif kind is Limits:
        changed = replace(card, limits=changed)
    elif nested:
        changed = replace(card, caching=card.caching._replace(**{next(iter(nested)): changed}))
    if kind is not PriceSheet:
        changed = replace(sheet, cards=(changed, *sheet.cards[1:]))
    assert field.name in " ".join(each.name for each in difference([sheet], [changed], now=NOW).changes)


def test_another_currency_is_no_equal_bill() -> None:
    """13.91 in dollars and in yuan."""
    text = DifferencePage(_found(("USD per", "CNY per"))).on_screen().plain()
    assert "$13.91 written:5m" in text
    assert "¥13.91 written:5m" in text


def test_a_service_that_no_workload_prefers_has_bills_where_only_it_changes() -> None:
    """Flex from 2.00 to 3.00; standard and batch stay."""
    result = _found(
        ("        prompt_up_to: 200_000\n        input: 2.00", "        prompt_up_to: 200_000\n        input: 3.00")
    )
    assert {each.service for each in result.effects} == {"flex"}
    assert [(each.old, each.new, each.ratio) for each in result.changes] == [
        (Decimal("2.00"), Decimal("3.00"), Fraction(1, 2))
    ]


def test_workloads_without_a_change_are_named() -> None:
    """Batch changes the nightly batch alone."""
    result = _found(("output: 10.00", "output: 12.00"))
    text = DifferencePage(result).markdown()
    assert {each.reference.service for each in result.effects} == {"batch"}
    line = next(line for line in text.splitlines() if line.startswith("Not shown"))
    assert "agent loop" in line
    assert "nightly batch" not in line


def test_a_card_to_come_is_no_correction() -> None:
    """8.00 -> 9.00 from 2027 on: bills are worked out for that day, and nothing in force moves."""
    result = _found(("input: 8.00", "input: 9.00"))
    assert not any(change.correction for change in result.changes)
    assert {each.at for each in result.effects} == {datetime(2027, 1, 1, tzinfo=UTC)}


def test_a_card_of_a_year_that_no_workload_can_have_has_no_bills() -> None:
    """9999 for 2027: the card comes and goes, and nothing stops."""
    result = _found(("2027-01-01", "9999-01-01"))
    assert {(each.what, each.effective.year) for each in result.events} == {("removed card", 2027), ("new card", 9999)}


def test_a_changed_card_of_the_past_has_its_own_bills() -> None:
    """A card appended behind the one in force leaves the bills of its time to be reported."""
    later = "  - effective: 2026-10-01\n    source: https://acme.test/p\n    seen: 2026-10-14\n"
    later += "    tiers:\n      - {input: 1.00, output: 2.00}\n"
    page = PAGE.replace("  - effective: 2027-01-01", later + "  - effective: 2027-01-01")
    result = difference([_sheet(page=page)], [_sheet(("output: 20.00", "output: 30.00"), page=page)], now=NOW)
    assert [change.correction for change in result.changes] == [True]
    assert {each.at for each in result.effects} == {datetime(2026, 6, 1, tzinfo=UTC)}


def test_what_happens_to_a_card_is_told_in_words() -> None:
    """New, cancelled, withdrawn, and sold again."""
    tiers = "    tiers:\n      - input: 8.00\n        output: 40.00\n"
    cancelled = _found(("    status: scheduled", "    status: cancelled"))
    assert "CANCELLED: acme/acme-2: the rates announced for 2027-01-01 do not come into force." in shown.summary(
        cancelled
    )
    # The announced increase is gone: 8.00 -> 4.00 on that day.
    assert (Decimal("8.00"), Decimal("4.00")) in {(each.old, each.new) for each in cancelled.changes}
    withdrawn = _sheet(("    status: scheduled", "    status: withdrawn"), (tiers, ""))
    result = difference([_sheet()], [withdrawn], now=NOW)
    assert "WITHDRAWN: acme/acme-2 is not sold from 2027-01-01 on." in shown.summary(result)
    assert {each.after for each in result.effects} == {None}
    again = difference([withdrawn], [_sheet()], now=NOW)
    assert "NO LONGER WITHDRAWN: acme/acme-2 of 2027-01-01." in shown.summary(again)
    page, _, card = PAGE.partition("  - effective: 2027-01-01")
    without = _sheet(page=page)
    assert "New rate card: acme/acme-2 from 2027-01-01 (scheduled)." in shown.summary(
        difference([without], [_sheet()], now=NOW)
    )
    assert "REMOVED CARD: acme/acme-2 of 2027-01-01." in shown.summary(difference([_sheet()], [without], now=NOW))
    begun = _sheet(page=f"{page}  - effective: 2026-11-20{card}".replace("scheduled", "in force"))
    messages = shown.summary(difference([without], [begun], now=NOW))
    assert messages[-1] == (
        "New rate card: acme/acme-2 from 2026-11-20 (in force), which has begun: answers since then change."
    )


def test_a_new_sheet_shows_its_rates_beside_the_same_model_elsewhere() -> None:
    """A host that sells reads for 200.00 where the maker takes 0.20."""
    host = _sheet(("provider: acme", "provider: host\nmaker: acme"), ("written: 0.20", "written: 200.00"))
    result = difference([_sheet()], [_sheet(), host], now=NOW)
    new = result.added[0]
    assert (new.id, new.kin, new.why) == ("host/acme-2", "acme/acme-2", "same model")
    assert len(new.bills) == 5
    assert shown.summary(result)[0] == (
        "OVER 5x: host/acme-2 cache_read:written (standard, any size) beside acme/acme-2: $0.20 -> $200.00 (x1,000)"
    )
    for text in _everything(result):
        assert "cache_read:written" in text
        assert "a quiet tool over 50K" in text


def test_a_new_model_stands_beside_its_nearest_older_relative() -> None:
    """acme-2-mini-0601 beside acme-2-mini, not beside acme-2; and alone where the provider is new."""
    mini = [("model: acme-2", "model: acme-2-mini"), ("[acme-2-0601, acme-two]", "[]"), ("{us: [us.acme-2]}", "{}")]
    small = _sheet(*mini)
    smaller = _sheet(("model: acme-2", "model: acme-2-mini-0601"), *mini[1:])
    result = difference([_sheet(), small], [_sheet(), small, smaller], now=NOW)
    assert (result.added[0].kin, result.added[0].why) == ("acme/acme-2-mini", "nearest older model")
    last = ("2027-01-01\n    status: scheduled", "2026-11-01\n    status: withdrawn")
    withdrawn = _sheet(*mini, last, ("    tiers:\n      - input: 8.00\n        output: 40.00\n", ""))
    result = difference([_sheet(), withdrawn], [_sheet(), withdrawn, smaller], now=NOW)
    assert result.added[0].kin == "acme/acme-2"  # a model that is no longer sold has no bills to stand beside
    alone = difference([], [small], now=NOW)
    assert alone.added[0].kin is None
    assert "without a relative" in DifferencePage(alone).on_screen().plain()
    assert "$13.91 written:5m" in DifferencePage(alone).on_screen().plain()


def test_removed_sheets_and_names_are_loud() -> None:
    """By their ids."""
    result = difference([_sheet()], [], now=NOW)
    assert result.removed == ["acme/acme-2"]
    assert shown.summary(result)[0].startswith("REMOVED: acme/acme-2.")
    assert "NAMES REMOVED: acme/acme-2: acme-two." in shown.summary(_found(TERMS["aliases"]))


def test_what_has_to_be_cut_is_cut_between_rows_and_counted() -> None:
    """The head stays whole, every row is a row of the uncut text, and those that are missing are counted."""
    result = _found(("us: 1.1", "us: 11"), ("output: 20.00", "output: 200.00"))
    whole = DifferencePage(result).markdown()
    for limit in range(1_200, len(whole.encode()), 97):
        cut = DifferencePage(result, limit, "cachecost prices diff main").markdown()
        assert len(cut.encode()) <= limit
        *lines, last = cut.splitlines()
        assert set(lines) <= set(whole.splitlines())
        missing = sum(line.startswith(("| acme/", "- ")) for line in whole.splitlines()) - sum(
            line.startswith(("| acme/", "- ")) for line in lines
        )
        assert last == f"{missing} rows were cut to fit here; `cachecost prices diff main` prints all."
    assert DifferencePage(result, len(whole.encode()) + 200).markdown() == whole


def test_free_text_of_a_page_is_no_markup_in_a_comment() -> None:
    """The comment is written in the name of a bot, and the text by the author of the pull request: no code, link, HTML
    or new column, and no user is notified."""
    result = _found(("Only small prompts run there.", "see `code` [here](https://evil.test) @all | <b>"))
    shown = r"see \`code\` \[here\](https://evil.test) @<!-- -->all \| \<b\>"
    assert f"| {shown} |" in DifferencePage(result).markdown()


def test_the_command_compares_two_folders_in_every_format(tmp_path: Path) -> None:
    """Exit 0, and one row a change in CSV; JSON and CSV are never cut."""
    folders = [tmp_path / "old", tmp_path / "new"]
    for folder, page in zip(folders, (PAGE, PAGE.replace("us: 1.1", "us: 11")), strict=True):
        (folder / "acme").mkdir(parents=True)
        (folder / "acme" / "acme-2.yaml").write_text(page, encoding="utf-8")
    old, new = map(str, folders)
    answer = run("prices", "diff", old, new, "--format", "csv")
    rows = list(csv.DictReader(StringIO(answer.out)))
    assert [(row["what"], row["old"], row["new"]) for row in rows if row["kind"] == "term"] == [
        ("regions.us", "1.1", "11")
    ]
    record = run("prices", "diff", old, new, "--json").json
    assert record["changes"][0]["line"] == "regions.us"
    assert record["summary"][1].startswith("OVER 5x")
    refused = run("prices", "diff", old, new, "--json", "--limit", "2000")
    assert refused.code == 2
    cut = run("prices", "diff", old, new, "--format", "markdown", "--limit", "1000").out
    assert f"`cachecost prices diff {old} {new}` prints all." in cut
