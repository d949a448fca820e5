"""Tokens are counted exactly where the vocabulary is at hand, else estimated, with an honest range."""

from __future__ import annotations

import socket
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from cachecost.documents import tokens
from cachecost.documents.tokens import KINDS, TokenCount, count, family_of, kinds, load_ratios
from cachecost.errors import BadDocument

from ..counting import calls

PAGE = Path(__file__).parents[2] / "pricing" / "token-ratios.yaml"
RATIOS = load_ratios(PAGE)
FAMILIES = sorted(RATIOS.families)
ENGLISH = (
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in "
    "Liberty, and dedicated to the proposition that all men are created equal. Now we are engaged in a great "
    "civil war, testing whether that nation, or any nation so conceived and so dedicated, can long endure.\n"
) * 20
CHINESE = "学而时习之不亦说乎有朋自远方来不亦乐乎人不知而不愠不亦君子乎" * 20


@pytest.fixture(autouse=True)
def no_vocabulary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Estimates are tested as they are where no vocabulary is kept."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._encoding.cache_clear()
    yield
    tokens._encoding.cache_clear()


def estimate(text: str, family: str) -> TokenCount:
    return count(text, family=family, ratios=RATIOS)


@pytest.mark.parametrize(
    ("family", "characters", "off"),
    [
        # https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them: about 4
        ("openai", 4, 0.2),
        # https://ai.google.dev/gemini-api/docs/tokens: about 4
        ("gemini", 4, 0.2),
        # https://platform.claude.com/docs/en/about-claude/glossary: about 3.5
        ("anthropic", 3.5, 0.2),
        # https://platform.claude.com/docs/en/models/opus-5/whats-new-opus-5: 1M tokens, 2.5M characters
        ("anthropic-new", 2.5, 0.25),
        # https://api-docs.deepseek.com/quick_start/token_usage: 0.3 token a character
        ("deepseek", 1 / 0.3, 0.3),
        # https://platform.kimi.ai/docs/intro: 3 to 4
        ("kimi", 3.5, 0.3),
        # https://help.aliyun.com/zh/model-studio/developer-reference/billing-for-tongyi-qianwen: 3 to 4
        ("qwen", 3.5, 0.3),
    ],
)
def test_english_agrees_with_what_the_vendor_states(family: str, characters: float, off: float) -> None:
    """A page of English makes about as many tokens as the vendor's rule of thumb says."""
    assert estimate(ENGLISH, family).tokens == pytest.approx(len(ENGLISH) / characters, rel=off)


def test_chinese_agrees_with_what_deepseek_states() -> None:
    """DeepSeek's page says 0.6 token for a Chinese character: 600 characters make 360."""
    assert len(CHINESE) == 600
    assert estimate(CHINESE, "deepseek").tokens == 360


def test_claude_since_opus_47_makes_about_a_third_more() -> None:
    """Anthropic says 1 to 1.35 times the tokens of before; measured on prose and code, 1.2 to 1.47.

    https://www.claudecodecamp.com/p/i-measured-claude-4-7-s-new-tokenizer-here-s-what-it-costs-you
    """
    ratio = estimate(ENGLISH, "anthropic-new").tokens / estimate(ENGLISH, "anthropic").tokens
    assert 1.2 <= ratio <= 1.47


@pytest.mark.parametrize(("family", "vocabulary"), [("openai", "o200k_base"), ("openai-cl100k", "cl100k_base")])
@pytest.mark.parametrize("text", ["", "Hello, world!", ENGLISH, CHINESE, "<|endoftext|>"])
def test_a_vocabulary_at_hand_counts_exactly(
    monkeypatch: pytest.MonkeyPatch, family: str, vocabulary: str, text: str
) -> None:
    """Where tiktoken keeps the vocabulary, the count is tiktoken's own, and no range is left."""
    monkeypatch.undo()
    tokens._encoding.cache_clear()
    result = estimate(text, family)
    if not result.exact:
        pytest.skip(f"tiktoken's vocabulary {vocabulary} is not on this computer (TIKTOKEN_CACHE_DIR)")
    tiktoken = pytest.importorskip("tiktoken")
    expected = len(tiktoken.get_encoding(vocabulary).encode(text, disallowed_special=()))
    assert (result.tokens, result.low, result.high) == (expected,) * 3
    assert result.method == f"tiktoken {vocabulary}"


@pytest.mark.parametrize("family", ["openai", "openai-cl100k"])
def test_the_range_holds_the_true_count(monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    """What tiktoken counts lies inside the range that is given where tiktoken has no vocabulary."""
    guess = estimate(ENGLISH, family)
    monkeypatch.undo()
    tokens._encoding.cache_clear()
    truth = estimate(ENGLISH, family)
    if not truth.exact:
        pytest.skip("tiktoken's vocabularies are not on this computer (TIKTOKEN_CACHE_DIR)")
    assert guess.low <= truth.tokens <= guess.high


def test_a_missing_vocabulary_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the vocabulary there is an estimate that says so, and no connection is opened."""

    def connect(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    tokens = estimate("Hello, world!", "openai")
    assert not tokens.exact
    assert tokens.method == "estimate from characters by script, openai family, ±12%"


def test_a_spoilt_vocabulary_is_an_estimate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A damaged copy that cannot be fetched again is no reason to stop."""
    load = pytest.importorskip("tiktoken.load")
    registry = pytest.importorskip("tiktoken.registry")

    def offline(_: str) -> bytes:
        raise ConnectionError

    monkeypatch.setattr(load, "read_file", offline)
    monkeypatch.setattr(registry, "ENCODINGS", {})
    address = RATIOS.families["openai"].address
    (tmp_path / sha1(address.encode(), usedforsecurity=False).hexdigest()).write_bytes(b"spoilt")
    assert not estimate("Hello", "openai").exact


def test_characters_are_told_apart_by_kind() -> None:
    """Counted by hand: every kind of character once."""
    text = "aBé1,😀 \n漢あ한ЯΩعאहกא"
    by_hand = dict.fromkeys(KINDS, 1) | {"hebrew": 2, "other": 0}
    assert dict(kinds(text)) == {kind: times for kind, times in by_hand.items() if times}


@given(st.text())
def test_every_character_has_one_kind(text: str) -> None:
    """The kinds of a text add up to its length, whatever characters it holds."""
    result = kinds(text)
    assert sum(result.values()) == len(text)
    assert result.keys() <= set(KINDS)


@given(st.text(), st.sampled_from(FAMILIES))
def test_a_range_holds_its_estimate(text: str, family: str) -> None:
    """low <= tokens <= high, and no text makes no tokens."""
    tokens = estimate(text, family)
    assert 0 <= tokens.low <= tokens.tokens <= tokens.high
    assert estimate("", family).tokens == 0


@given(st.text(), st.text(), st.sampled_from(FAMILIES))
def test_two_texts_together_count_as_their_sum(one: str, two: str, family: str) -> None:
    """Joining texts neither makes nor loses tokens, but for rounding; more text is never fewer."""
    both, first, second = (estimate(text, family).tokens for text in (one + two, one, two))
    assert first + second - 1 <= both <= first + second
    assert both >= max(first, second)


def test_a_long_text_takes_as_many_steps_as_a_short_one() -> None:
    """Ten megabytes are no loop over characters in Python: a text a hundred times as long makes the same calls."""
    text = ENGLISH + CHINESE
    estimate(text, "gemini")  # the kind of each character is looked up once
    assert calls(lambda: estimate(text * 100, "gemini")) == calls(lambda: estimate(text, "gemini"))


@pytest.mark.parametrize(
    ("provider", "model", "family"),
    [
        ("anthropic", "claude-opus-4.6", "anthropic"),
        ("anthropic", "claude-opus-4-7", "anthropic-new"),
        ("anthropic", "claude-sonnet-4-20250514", "anthropic"),
        ("anthropic", "claude-3-7-sonnet", "anthropic"),
        ("anthropic", "claude-sonnet-5.5", "anthropic-new"),
        ("aws-bedrock", "us.anthropic.claude-opus-4-8-v1:0", "anthropic-new"),
        ("openai", "gpt-4-turbo", "openai-cl100k"),
        ("openai", "gpt-4o", "openai"),
        ("openai", "gpt-4.1-mini", "openai"),
        ("openai", "o3", "openai"),
        ("openai", "gpt-5.6-luna", "openai"),
        ("openai", "gpt-6-sol", "openai-new"),
        ("google", "gemini-1.5-pro", "gemini"),
        ("openrouter", "DeepSeek/deepseek-chat", "deepseek"),
        ("alibaba", "qwen3-max", "qwen"),
        ("moonshot", "kimi-k2.6", "kimi"),
        ("xai", "grok-4", "grok"),
        ("mistral", "mistral-large", "default"),
    ],
)
def test_a_model_belongs_to_a_family(provider: str, model: str, family: str) -> None:
    """A model's name tells its family, under whichever provider it is sold."""
    assert family_of(provider, model, ratios=RATIOS) == family


def test_an_unknown_family_is_refused() -> None:
    """A family that the page does not hold is refused with those that it does."""
    with pytest.raises(BadDocument, match=r"'nokia' is not a family.*gemini"):
        estimate("Hello", "nokia")


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("patterns",), None, "expected `families` and `patterns`"),
        (("families",), [], "families: expected one entry a family"),
        (("families", "default"), None, "no family `default`"),
        (("families", "gemini", "rates", "latin"), None, "rates: expected exactly latin"),
        (("families", "gemini", "rates", "latin"), -1, "latin: is -1, expected tokens a character"),
        (("families", "gemini", "rates", "latin"), True, "latin: is true, expected tokens a character"),
        (("families", "gemini", "within"), 12, "within: is 12, expected a share"),
        (("families", "gemini", "source"), "a friend", "source: expected an address"),
        (("families", "gemini", "sauce"), "x", "expected a table of"),
        (("families", "openai", "address"), None, "`vocabulary` and `address` together"),
        (("patterns", 0, "pattern"), "(", "is not a pattern"),
        (("patterns", 0, "family"), "nokia", "'nokia' is not a family"),
        (("patterns", 0), "gpt", "expected a `pattern` and a `family`"),
    ],
)
def test_one_fault_in_the_page_earns_its_message(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, why: str
) -> None:
    """A page with exactly one fault is refused by file and place (None: what is left out)."""
    page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    place = page
    for step in path[:-1]:
        place[step] = place[step].copy()
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.safe_dump(page), encoding="utf-8")
    with pytest.raises(BadDocument, match=r"broken\.yaml:\d+: ") as refusal:
        load_ratios(broken)
    assert why in str(refusal.value)


@pytest.mark.parametrize("text", ["{", "- a", "", "a: !!python/object:x {}"])
def test_a_page_that_is_not_rates_is_refused(tmp_path: Path, text: str) -> None:
    """What is not YAML, or not a page of rates, is refused by its file name."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(text)
    with pytest.raises(BadDocument, match=r"broken\.yaml:\d+: "):
        load_ratios(broken)
    with pytest.raises(BadDocument, match=r"nowhere\.yaml: "):
        load_ratios(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_says_where_its_rates_come_from(family: str) -> None:
    """Each entry of the page has a source, what it says, and the day it was looked at."""
    entry = yaml.safe_load(PAGE.read_text(encoding="utf-8"))["families"][family]
    assert entry["source"].startswith("https://")
    assert entry["said"]
    assert str(entry["checked"]) >= "2026-11-22"
