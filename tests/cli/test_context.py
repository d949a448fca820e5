"""A context is what is given, counted and worked out by rules, added up."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..command import run

DAY = ("--as-of", "2026-11-20", "--json")


def context(model: str, *words: str, stdin: bytes = b"") -> int:
    answer = run("compare", model, *words, *DAY, stdin=stdin).json
    return int(answer["workload"]["context"])


def test_images_and_tokens_add_up() -> None:
    """30 images of 1000 x 1000 are 36 * 36 tokens each for Claude: 38,880, and 20,000 given."""
    assert context("claude-opus-5-5", "-c", "20K", "--images", "30@1000x1000") == 58_880


def test_documents_and_tokens_add_up(tmp_path: Path) -> None:
    """A document of the same text twice is as long as both."""
    note = tmp_path / "note.txt"
    note.write_text("word " * 1000, encoding="utf-8")
    one, two = context("claude-opus-5-5", "-f", str(note)), context("claude-opus-5-5", "-f", str(note), "-c", "7K")
    assert two == one + 7000
    assert context("claude-opus-5-5", "-f", "-", stdin=note.read_bytes()) == one


def test_a_host_cuts_a_text_as_the_maker_of_the_model_does(tmp_path: Path) -> None:
    """Nothing in the name azure/codex-mini-latest says that the model is OpenAI's, but the `maker` of its page does."""
    note = tmp_path / "note.txt"
    note.write_text("a note of some words, 1,234 of them " * 100, encoding="utf-8")
    models = ("openai/codex-mini-latest", "azure/codex-mini-latest")
    page = run("compare", *models, "-f", str(note), "--as-of", "2025-12-01").out
    assert page.count("note.txt: ") == page.count("openai-new family") == 1


def test_the_range_of_pages_is_carried_into_money() -> None:
    """10 pages are 15,000 to 77,840 tokens for Claude."""
    answer = run("compare", "claude-opus-5-5", "--pages", "10", "--strategy", "fresh", *DAY).json["answers"][0]
    assert float(answer["total_low"]) < float(answer["total"]) < float(answer["total_high"])


def test_a_model_without_a_rule_is_left_out_beside_others_and_refused_alone() -> None:
    ran = run("compare", "claude-opus-5-5", "grok-4.7", "--images", "3@100x100", "--as-of", "2026-11-20")
    assert "left out, since how they count such media is not known: xai/grok-4.7" in ran.out
    alone = run("compare", "grok-4.7", "--images", "3@100x100")
    assert (alone.code, alone.err.startswith("cachecost: --images: how many tokens xai/grok-4.7")) == (2, True)


def test_no_media_at_all_are_no_tokens_of_any_model() -> None:
    """Also of a model whose rule is not known."""
    assert context("grok-4.7", "-c", "7K", "--pages", "0", "--images", "0@9x9") == 7000


def test_sound_with_a_rate_of_its_own_is_no_context() -> None:
    """Gemini 2.5 Flash bills sound at $1.00 and text at $0.30."""
    ran = run("compare", "gemini-2.5-flash", "--audio", "9m")
    assert ran.code == 2
    assert "--audio: google/gemini-2.5-flash bills sound at a separate rate" in ran.err


@pytest.mark.parametrize("word", ["file = 'x'", "terms = 'x'", "exclude = '*'"])
def test_a_folders_settings_name_no_files(tmp_path: Path, word: str) -> None:
    (tmp_path / ".cachecost.toml").write_text(word, encoding="utf-8")
    ran = run("compare", "gpt-4o", "-c", "1K", cwd=tmp_path)
    assert ran.code == 2
    assert "this file may come with a folder that is not yours" in ran.err
