"""Whatever stands on a page, the reader answers with a sheet or with its faults, at once."""

from __future__ import annotations

import re
import string
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.page import (
    AutomaticWords,
    CachingWords,
    CardWords,
    DisputedReading,
    Fees,
    LimitsWords,
    Modality,
    RowWords,
    SheetWords,
    StoredWords,
    WindowWords,
    Words,
    WrittenWords,
)
from cachecost.catalog.pages import read_page
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet
from cachecost.files.yaml_text import MAX_DEPTH
from cachecost.prices.sheet import PriceSheet

from ..conftest import ROOT
from ..frozen import price_pages

REAL = sorted(price_pages(ROOT / "pricing"))
BROKEN = sorted((ROOT / "tests/broken").glob("*.yaml"))
SHAPES: list[type[Words]] = [AutomaticWords, CachingWords, CardWords, Fees, LimitsWords, Modality, DisputedReading]
SHAPES += [RowWords, SheetWords, StoredWords, WindowWords, WrittenWords]
KEYS = sorted({key for shape in SHAPES for key in shape.model_fields} | {"5m", "1h", "us", "cached_read", "<<", ""})
VALUES = (
    "3.50 0.1 0 -1 1e-6 .5 .nan 16:30 16:30-00:30 128_000 1__0 2026-11-22 2026-01-01T00:00Z 9999-12-31T23:59-23:59 "
    "0001-01-01T00:00+23:59 USD acme on off yes no null ~ 5m 60m 0s standard batch mon-fri UTC Mars/Base ../x "
    "https://example.com/a in\xa0force scheduled withdrawn automatic input free ttl ٣ \U0001f984"
).split(" ")

real = st.sampled_from(REAL)
pages = real | st.sampled_from(BROKEN)
scalars = st.sampled_from(VALUES) | st.text(max_size=8) | st.none() | st.integers() | st.floats() | st.dates()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner),
    max_leaves=25,
)
letters = st.sampled_from(string.printable + "\0\x85\xa0\u2028\ufeff\ud800٣é\U0001f984") | st.characters()


@cache
def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _answer(text: str) -> PriceSheet | BadSheet:
    """A sheet, or faults that each have a line of the page and one line of words; any other error is the test's."""
    try:
        sheet = read_text(text, file="page.yaml")
    except BadSheet as error:
        refused = error
    else:
        assert all(card.rows and "standard" in card.services() for card in sheet.cards)
        return sheet
    last = len(re.split("\r\n|[\r\n\x85\u2028\u2029]", text))
    assert refused.faults
    assert all(1 <= fault.line <= last and fault.message.strip() for fault in refused.faults)
    assert "Input should" not in str(refused)
    return refused


@given(text=st.text(max_size=200) | st.text(string.printable, max_size=200))
def test_arbitrary_text_is_a_page_or_its_faults(text: str) -> None:
    """No text makes the reader fail in another way; and none of a few words is a price sheet."""
    assert isinstance(_answer(text), BadSheet)


@given(text=st.text("[]{}:,-?|>&*!%@`'\"#~ \t\n\rab1.", max_size=120))
def test_arbitrary_marks_of_yaml_are_its_faults(text: str) -> None:
    """The marks that YAML is made of, in any order."""
    assert isinstance(_answer(text), BadSheet)


@given(tree=trees)
def test_arbitrary_trees_are_its_faults(tree: object) -> None:
    """Known keys and plausible values at any depth in any place."""
    _answer(yaml.safe_dump(tree, allow_unicode=True))


@given(page=real, data=st.data())
def test_another_value_or_tree_in_place_of_one(page: Path, data: st.DataObject) -> None:
    """A page of which one thing, anywhere, was replaced by another one of any shape."""
    tree = yaml.load(_text(page), Loader=yaml.BaseLoader)
    holder: Any = None
    key: Any = None
    node: object = tree
    while isinstance(node, dict | list) and node and (holder is None or data.draw(st.integers(0, 9)) < 9):
        holder, key = node, data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        node = holder[key]
    if holder is None:
        return
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[data.draw(st.sampled_from(KEYS))] = holder.pop(key)
    else:
        holder[key] = data.draw(trees)
    _answer(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).replace("'", ""))


@given(page=pages, data=st.data())
def test_a_page_with_one_other_character(page: Path, data: st.DataObject) -> None:
    """One character of a real page left out, put in or replaced."""
    text = _text(page)
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(letters)
    _answer(text[:at] + data.draw(st.sampled_from(["", new, text[at] + new, text[at] * 2])) + text[at + 1 :])


@given(page=pages, data=st.data())
def test_a_page_with_lines_left_out_doubled_or_moved(page: Path, data: st.DataObject) -> None:
    """What a slip of the hand or a bad merge makes of a real page."""
    lines = _text(page).splitlines()
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, min(len(lines), first + 12)))
    taken, rest = lines[first:last], lines[:first] + lines[last:]
    back = data.draw(st.integers(0, len(rest)))
    indent = data.draw(st.sampled_from(["", "  ", "\t"]))
    moved = rest[:back] + [indent + line for line in taken] + rest[back:]
    _answer("\n".join(data.draw(st.sampled_from([rest, lines[:last] + taken + lines[last:], moved]))))


def test_a_key_given_twice_is_always_seen() -> None:
    """Any line `key: value` of a real page, written twice, is refused at the second one and nowhere else."""
    lines = _text(ROOT / "pricing/google/gemini-2.5-pro.yaml").splitlines()
    plain = [index for index, line in enumerate(lines) if re.fullmatch(r" *[a-z_]+: \S.*", line)]
    assert len(plain) > 50
    for index in plain:
        answer = _answer("\n".join([*lines[: index + 1], lines[index], *lines[index + 1 :]]))
        assert isinstance(answer, BadSheet)
        key = lines[index].strip().partition(":")[0]
        assert [(fault.line, fault.message) for fault in answer.faults] == [
            (index + 2, f"{key} is given twice; expected once")
        ]


LAUGHS = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = {
    "lists": "[" * 10_000,
    "closed lists": "[" * 10_000 + "]" * 10_000,
    "mappings": "a: " + "{a: " * 10_000 + "1" + "}" * 10_000,
    "dashes": "- " * 10_000 + "a",
    "questions": "? " * 10_000 + "a",
    "lines": "".join(" " * depth + "a:\n" for depth in range(700)),
    "after a page": _text(ROOT / "pricing/google/gemini-1.0-pro.yaml") + "note: " + "[{a: " * 10_000,
    "as large as a page may be": "[" * 262_144,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_nesting_without_end_is_refused(text: str) -> None:
    """The tokens tell before anything recurses, so that neither Python's stack nor that of libyaml is at risk."""
    answer = _answer(text)
    assert isinstance(answer, BadSheet)
    assert [fault.message for fault in answer.faults] == [f"is nested over {MAX_DEPTH} deep; expected a price sheet"]


def test_a_billion_laughs_are_refused_at_the_first() -> None:
    """Anchors are refused where the first one stands; nothing is expanded."""
    answer = _answer(LAUGHS)
    assert isinstance(answer, BadSheet)
    assert [tuple(fault) for fault in answer.faults] == [
        ("page.yaml", 1, "uses an anchor (&name); expected every value written out")
    ]


HUGE = {
    "keys": "".join(f"key{number}: 1\n" for number in range(2_000)),
    "the same key": "key: 1\n" * 2_000,
    "aliases": f"aliases: [{', '.join(f'a{number}' for number in range(5_000))}]\n",
    "a word": "name: " + "x" * 200_000,
    "a number": f"limits: {{context: {'9' * 200_000}}}",
    "quotes": "'" * 200_000,
    "commas": "[" + "," * 100_000,
    "carriage returns": "\r" * 200_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_page_as_long_as_may_be_is_answered(text: str) -> None:
    """Long pages of one thing are refused like short ones, and no fault repeats the page."""
    answer = _answer(text)
    assert isinstance(answer, BadSheet)
    assert max(len(fault.message) for fault in answer.faults) < 400


def test_a_file_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    """Its size is enough to refuse it; a sparse file, which takes no room on most disks."""
    page = tmp_path / "acme" / "huge.yaml"
    page.parent.mkdir()
    with page.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(BadSheet, match="has over 256 KiB; expected one model's rates"):
        read_page(page)
    with pytest.raises(BadSheet, match="has over 256 KiB"):
        Catalog(tmp_path).sheet("acme/huge")
