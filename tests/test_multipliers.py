"""Multipliers that vendors state, as laws over every sheet; exceptions stand here with their reason."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from cachecost.catalog import Catalog
from cachecost.sheet import PriceSheet, RateCard, Row

FLAT = {("gpt-5.5-pro", "batch"), ("gpt-5.5-pro", "flex"), ("gpt-5.6-cyber", "standard")}
TENTH, TWENTIETH, FORTIETH = Fraction(1, 10), Fraction(1, 20), Fraction(1, 40)


def _rows(catalog: Catalog, provider: str) -> Iterator[tuple[PriceSheet, RateCard, Row]]:
    for sheet in catalog.sheets():
        if sheet.provider == provider:
            for card in sheet.cards:
                if card.status not in ("cancelled", "withdrawn"):
                    yield from ((sheet, card, row) for row in card.rows if row.rates)


def _times(row: Row, name: str, base: str = "input") -> Fraction:
    return Fraction(row.rates[name].value) / Fraction(row.rates[base].value)


def _selected(row: Row) -> tuple[object, ...]:
    return row.prompt, row.output, row.thinking, row.window


def _anthropic_read(model: str) -> set[Fraction]:
    """https://platform.claude.com/docs/en/about-claude/pricing: 0.1 of input; 0.05 for Opus 5.5 and, since its cut,
    Sonnet 5.5; 0.025 for Fable and Mythos 5.1 and 5.2. Claude 3 Haiku is printed at 0.03 of 0.25."""
    if model == "claude-opus-5-5":
        return {TWENTIETH}
    if model == "claude-sonnet-5-5":
        return {TENTH, TWENTIETH}
    if any(model.startswith(f"claude-{name}-5-{minor}") for name in ("fable", "mythos") for minor in (1, 2)):
        return {FORTIETH}
    return {Fraction(3, 25)} if model == "claude-3-haiku" else {TENTH}


def test_anthropic_reads_and_writes_are_the_stated_multiples_of_input(catalog: Catalog) -> None:
    """Reads as above, 5-minute writes 1.25, 1-hour writes 2, in every tier and service; Claude 3 Haiku's 5-minute write
    is printed at 0.30, which is 1.2."""
    checked = 0
    for sheet, _, row in _rows(catalog, "anthropic"):
        if "cache_read" in row.rates:
            assert _times(row, "cache_read") in _anthropic_read(sheet.model), sheet.id
            checked += 1
        if "cache_write:5m" in row.rates:
            expected = Fraction(6, 5) if sheet.model == "claude-3-haiku" else Fraction(5, 4)
            assert _times(row, "cache_write:5m") == expected, sheet.id
        if "cache_write:1h" in row.rates:
            assert _times(row, "cache_write:1h") == 2, sheet.id
    assert checked > 50


def test_anthropic_batch_halves_everything(catalog: Catalog) -> None:
    """https://platform.claude.com/docs/en/build-with-claude/batch-processing: 50 % off, caching included."""
    checked = 0
    for sheet, card, batch in _rows(catalog, "anthropic"):
        if batch.service != "batch":
            continue
        standard = next(r for r in card.rows if r.service == "standard" and _selected(r) == _selected(batch))
        for name in batch.rates:
            assert 2 * batch.rates[name].value == standard.rates[name].value, (sheet.version(card), name)
            checked += 1
    assert checked > 50


def test_openai_writes_cost_five_quarters_of_input(catalog: Catalog) -> None:
    """https://developers.openai.com/api/docs/guides/prompt-caching: 1.25x for 30 minutes, 2.5x for 12 hours. The
    Decisions API bills a whole prompt at the input rate, cached or not."""
    checked = 0
    for sheet, _, row in _rows(catalog, "openai"):
        if row.service == "decisions":
            continue
        for ttl, expected in (("30m", Fraction(5, 4)), ("12h", Fraction(5, 2))):
            if f"cache_write:{ttl}" in row.rates:
                assert _times(row, f"cache_write:{ttl}") == expected, sheet.id
                checked += 1
    assert checked > 30


def test_beyond_272_thousand_tokens_input_doubles_and_output_costs_half_more(catalog: Catalog) -> None:
    """OpenAI: 2x input, cached and written, 1.5x output for the whole request; GPT-5.6 Cyber, and the
    batch and flex tables of GPT-5.5 Pro, print one rate and no long tier (litellm's doubling is a disputed reading)."""
    checked = 0
    for sheet, card, row in _rows(catalog, "openai"):
        if row.prompt.low != 272_001 or (sheet.model, row.service) in FLAT:
            continue
        low = next(r for r in card.rows if r.service == row.service and r.prompt.high == 272_000)
        for name in row.rates:
            factor = Fraction(3, 2) if name == "output" else 2
            printed = Fraction(row.rates[name].value)
            assert abs(printed - factor * Fraction(low.rates[name].value)) <= Fraction(1, 100), (sheet.id, name)
            checked += 1
    assert checked > 30


def test_grok_doubles_from_two_hundred_thousand_tokens_on(catalog: Catalog) -> None:
    """https://docs.x.ai/developers/pricing: 2x everything, the threshold itself included."""
    checked = 0
    for sheet, card, row in _rows(catalog, "xai"):
        if row.prompt.low != 200_000:
            continue
        low = next(r for r in card.rows if r.service == row.service and r.prompt.high == 199_999)
        assert all(rate.value == 2 * low.rates[name].value for name, rate in row.rates.items()), sheet.id
        checked += 1
    assert checked >= 4


def test_mistral_reads_cost_a_tenth(catalog: Catalog) -> None:
    """https://mistral.ai/pricing: 0.1 of input for its own models, printed with two or three decimals."""
    for sheet, _, row in _rows(catalog, "mistral"):
        if sheet.maker is None and "cache_read" in row.rates:
            printed = Fraction(row.rates["cache_read"].value)
            assert abs(printed - Fraction(row.rates["input"].value) / 10) <= Fraction(1, 100), sheet.id


def test_no_read_costs_more_than_plain_input(catalog: Catalog) -> None:
    """A cache that made reading dearer would be no cache."""
    for sheet in catalog.sheets():
        for card in sheet.cards:
            for row in card.rows:
                for name, rate in row.rates.items():
                    if name.startswith("cache_read"):
                        assert rate.value <= row.rates["input"].value, (sheet.version(card), name)
