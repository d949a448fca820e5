"""Images, pages, sound and video make the tokens that each vendor's own examples print."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from cachecost.documents.media import Count, Media, MediaRule, load_media, rule_of
from cachecost.errors import BadDocument

from ..conftest import ROOT


@pytest.fixture(scope="module")
def rules() -> tuple[MediaRule, ...]:
    return load_media(ROOT / "pricing" / "media-tokens.yaml")


def tokens(rules: tuple[MediaRule, ...], model: str, media: Media) -> Count:
    provider, _, name = model.partition("/")
    return rule_of(provider, name, rules, media).count(media, model)


@pytest.mark.parametrize(
    ("model", "width", "height", "expected"),
    [
        # https://platform.claude.com/docs/en/build-with-claude/vision: 36 x 36 patches; 1080p as 1456 x 819 or as it
        # is; 4K as 2576 x 1449.
        ("anthropic/claude-opus-5-5", 1000, 1000, 1296),
        ("anthropic/claude-sonnet-4-6", 1000, 1000, 1296),
        ("anthropic/claude-sonnet-4-6", 1920, 1080, 1560),
        ("anthropic/claude-opus-4-7", 1920, 1080, 2691),
        ("bedrock/claude-opus-5-5", 3840, 2160, 4784),
        ("anthropic/claude-opus-5-5", 2160, 3840, 4784),
        # https://developers.openai.com/api/docs/guides/images-vision, the examples of each rule
        ("openai/gpt-5.4", 1024, 1024, 1229),
        ("openai/gpt-5.4", 2048, 2048, 3000),
        ("openai/gpt-4o", 1024, 1024, 765),
        ("openai/gpt-4o", 2048, 4096, 1105),
        # Smaller images are not enlarged: one tile.
        ("openai/gpt-4o", 300, 200, 255),
        # https://ai.google.dev/gemini-api/docs/image-understanding: 960 x 540 is 3 * 2 tiles of 258
        ("google/gemini-2.5-flash", 384, 384, 258),
        ("google/gemini-2.5-flash", 960, 540, 1548),
        # https://ai.google.dev/gemini-api/docs/generate-content/media-resolution
        ("google/gemini-3.8-flash", 4000, 3000, 1120),
    ],
)
def test_an_image_makes_the_tokens_of_the_vendors_examples(
    rules: tuple[MediaRule, ...], model: str, width: int, height: int, expected: int
) -> None:
    count = tokens(rules, model, Media(images=((1, width, height),)))
    assert count == (expected, expected, expected)


def test_pages_sound_and_video_add_up(rules: tuple[MediaRule, ...]) -> None:
    """Gemini 3: 400 pages of 560 are 224,000 tokens; 90 minutes of sound at 32 a second are 172,800; two hours of video
    at 70 for its frames and 32 for its sound are 734,400, without sound 504,000."""
    media = Media(pages=400, audio=Fraction(90 * 60), video=Fraction(7200))
    assert tokens(rules, "google/gemini-3.8-flash", media) == (1_131_200, 900_800, 1_131_200)


def test_a_page_for_claude_is_a_range(rules: tuple[MediaRule, ...]) -> None:
    """1,500 to 3,000 tokens of text; the image beside it has at most 4,784."""
    count = tokens(rules, "anthropic/claude-opus-5-5", Media(pages=10))
    assert (count.low, count.high) == (15_000, 77_840)


@pytest.mark.parametrize(
    ("model", "media", "word"),
    [
        ("xai/grok-4.7", Media(images=((1, 10, 10),)), "images"),
        ("anthropic/claude-opus-5-5", Media(audio=Fraction(1)), "audio"),
        ("openai/gpt-4o", Media(pages=1), "pages"),
    ],
)
def test_what_is_not_known_is_not_guessed(rules: tuple[MediaRule, ...], model: str, media: Media, word: str) -> None:
    with pytest.raises(BadDocument, match="is not known") as refused:
        tokens(rules, model, media)
    assert refused.value.word == word


def test_an_image_that_a_vendor_refuses_has_no_tokens(rules: tuple[MediaRule, ...]) -> None:
    """GPT-5.6 keeps the size of an image, and takes up to 30,000 patches: 250 x 188 are 47,000."""
    with pytest.raises(BadDocument, match="over 30,000 patches"):
        tokens(rules, "openai/gpt-5.6-luna", Media(images=((1, 8000, 6000),)))


def test_every_rule_has_an_address_and_a_day(rules: tuple[MediaRule, ...]) -> None:
    assert all(rule.source.startswith("https://") and rule.seen <= date(2026, 11, 29) for rule in rules)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1", "expected a list"),
        ("- models: x", "1: expected models, source, seen"),
        ("- {models: '(', source: 'https://x', seen: 2026-01-01, page: {tokens: 1}}", "not a pattern"),
        ("- {models: x, source: 'ftp://x', seen: 2026-01-01, page: {tokens: 1}}", "begins with https"),
        ("- {models: x, source: 'https://x', seen: soon, page: {tokens: 1}}", "expected the day"),
        ("- {models: x, source: 'https://x', seen: 2026-01-01, page: {tokens: -1}}", "expected a number"),
        ("- {models: x, source: 'https://x', seen: 2026-01-01, page: {each: 1}}", "page: expected"),
        ("- {models: x, source: 'https://x', seen: 2026-01-01, page: {tokens: 5, low: 6, high: 7}}", "low <= tokens"),
        ("- {models: x, source: 'https://x', seen: 2026-01-01}", "expected one of page"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, fault: str) -> None:
    page = tmp_path / "media-tokens.yaml"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(BadDocument, match=rf"media-tokens.yaml:1: .*{fault}"):
        load_media(page)
