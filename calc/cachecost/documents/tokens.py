"""How many tokens a text has for a family of models, and how sure we are.

A family whose vocabulary is public is counted exactly when the vocabulary is already on this computer;
nothing is ever downloaded here. Every other count is an estimate: characters by kind (script, digit, mark,
blank) times the tokens that one such character makes on average. Those rates are data, each with its source.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha1
from os import environ
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from ..errors import BadDocument
from ..files.reading import is_file

if TYPE_CHECKING:
    from ..files.yaml_text import SideFile

TOKEN_RATIOS = "token-ratios.yaml"
"""The page of families, beside the price sheets."""
COMMON = ("latin", "capital", "accented", "digit", "mark", "symbol", "space", "line")
"""Kinds of character whose estimate is off by at most `within`; all others by `within_other`."""
SCRIPTS = {
    "CJK": "han",
    "HIRAGANA": "kana",
    "KATAKANA": "kana",
    "HANGUL": "hangul",
    "CYRILLIC": "cyrillic",
    "GREEK": "greek",
    "ARABIC": "arabic",
    "HEBREW": "hebrew",
    "DEVANAGARI": "devanagari",
    "THAI": "thai",
}
"""First word of a character's Unicode name -> its kind (https://www.unicode.org/Public/UNIDATA/NamesList.txt)."""
KINDS = (*COMMON, *dict.fromkeys(SCRIPTS.values()), "other")


@dataclass(frozen=True)
class Family:
    """How models of one family cut text into tokens.

    rates         tokens that one character of each kind makes on average
    within        share by which the true count may differ where the text is in Latin script or code
    within_other  the same for other scripts
    source        address that the rates come from
    vocabulary    name of its tiktoken vocabulary, or "" where none is public
    address       where tiktoken fetches that vocabulary
    """

    name: str
    rates: Mapping[str, float]
    within: float
    within_other: float
    source: str
    vocabulary: str = ""
    address: str = ""


@dataclass(frozen=True)
class Ratios:
    """The families by name, and the patterns that tell which a model belongs to, first match first."""

    families: Mapping[str, Family]
    patterns: tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True)
class TokenCount:
    """A number of tokens, surely between `low` and `high` if exact, most likely if not.

    method  how it was found, as part of a sentence
    source  address of the vocabulary or of the rates
    """

    tokens: int
    low: int
    high: int
    exact: bool
    method: str
    source: str


def load_ratios(path: Path) -> Ratios:
    """The rates kept in a YAML page such as `pricing/token-ratios.yaml`. Raises BadDocument for any fault."""
    from ..files.yaml_text import read_side_file  # YAML is only loaded where a document is counted

    file = read_side_file(path)
    page = file.tree
    if not isinstance(page, dict) or not {"families", "patterns"} <= page.keys():
        raise file.fault("expected `families` and `patterns` at the top")
    if not isinstance(page["families"], dict):
        raise file.fault("expected one entry a family", "families")
    families = {name: _family(file, name, entry) for name, entry in page["families"].items()}
    if "default" not in families:
        raise file.fault("no family `default`, expected one for models that no pattern knows", "families")
    if not isinstance(page["patterns"], list):
        raise file.fault("expected a list", "patterns")
    for number, entry in enumerate(page["patterns"]):
        if not isinstance(entry, dict) or entry.keys() != {"pattern", "family"}:
            raise file.fault(f"{entry!r}, expected a `pattern` and a `family`", "patterns", number)
        if not isinstance(entry["family"], str) or entry["family"] not in families:
            expected = f"expected one of {', '.join(families)}"
            raise file.fault(f"{entry['family']!r} is not a family, {expected}", "patterns", number)
    patterns = [(file.pattern("patterns", n, "pattern"), each["family"]) for n, each in enumerate(page["patterns"])]
    return Ratios(families, tuple(patterns))


def _family(file: SideFile, name: str, entry: Any) -> Family:
    where = ("families", name)
    fields = {"rates", "within", "within_other", "source", "checked", "vocabulary", "address", "said"}
    if not isinstance(entry, dict) or entry.keys() - fields:
        raise file.fault(f"expected a table of {', '.join(sorted(fields))}", *where)
    rates = entry.get("rates")
    if not isinstance(rates, dict) or set(rates) != set(KINDS):
        raise file.fault(f"expected exactly {', '.join(KINDS)}", *where, "rates")
    expected = "tokens a character, from 0 to 4"
    numbers = {kind: float(file.number(*where, "rates", kind, most=4, expected=expected)) for kind in rates}
    within, other = (
        float(file.number(*where, key, most=1, expected="a share from 0 to 1")) for key in ("within", "within_other")
    )
    vocabulary, address = entry.get("vocabulary", ""), entry.get("address", "")
    if bool(vocabulary) != bool(address):
        raise file.fault("expected `vocabulary` and `address` together, or neither", *where)
    return Family(name, numbers, within, other, file.address(*where, "source"), vocabulary, address)


def count(text: str, *, family: str, ratios: Ratios) -> TokenCount:
    """Tokens in `text` for a family of models. Raises BadDocument where the family is not known.

    Text only: what a request adds around it (roles, tools, images) is not counted.
    """
    if family not in ratios.families:
        known = ", ".join(sorted(ratios.families))
        raise BadDocument(f"{family!r} is not a family of tokens, expected one of {known}")
    chosen = ratios.families[family]
    encoding = _encoding(chosen.vocabulary, chosen.address) if chosen.vocabulary else None
    if encoding is None:
        return _estimate(text, chosen)
    tokens = len(encoding.encode_ordinary(text))
    return TokenCount(tokens, tokens, tokens, True, f"tiktoken {chosen.vocabulary}", chosen.address)


def family_of(provider: str, model: str, *, ratios: Ratios) -> str:
    """The family that a model's tokens belong to; `default` where no pattern knows it."""
    name = f"{provider}/{model}".lower()
    return next((family for pattern, family in ratios.patterns if pattern.search(name)), "default")


def kinds(text: str) -> Counter[str]:
    """How many characters of each kind (`KINDS`) a text has; the sum is its length."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        counts[_kind(character)] += times
    return counts


def _estimate(text: str, family: Family) -> TokenCount:
    parts = {kind: times * family.rates[kind] for kind, times in kinds(text).items()}
    expected = math.fsum(parts.values())
    slack = math.fsum(part * (family.within if kind in COMMON else family.within_other) for kind, part in parts.items())
    tokens = math.ceil(expected)
    low, high = math.floor(expected - slack), math.ceil(expected + slack)
    share = slack / expected if expected else 0.0
    return TokenCount(
        tokens=tokens,
        low=max(low, min(1, tokens)),
        high=max(high, tokens),
        exact=False,
        method=f"estimate from characters by script, {family.name} family, ±{share:.0%}",
        source=family.source,
    )


@cache
def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if character == " ":
        return "space"
    if category[0] in "LM":
        script = unicodedata.name(character, "OTHER").split()[0].partition("-")[0]
        if script != "LATIN":
            return SCRIPTS.get(script, "other")
        if not character.isascii():
            return "accented"
        return "capital" if category == "Lu" else "latin"
    if category[0] == "N":
        return "digit"
    if category[0] == "P" or (category[0] == "S" and character.isascii()):
        return "mark"
    return "symbol" if category[0] == "S" else "line" if character.isspace() else "other"


@cache
def _encoding(vocabulary: str, address: str) -> Any:
    """tiktoken's encoding, or None where tiktoken or its vocabulary is not on this computer.

    tiktoken fetches a missing vocabulary without a time limit, so it is asked only for one that it keeps.
    Names and places of its cache: https://github.com/openai/tiktoken/blob/main/tiktoken/load.py
    """
    folder = environ.get("TIKTOKEN_CACHE_DIR", environ.get("DATA_GYM_CACHE_DIR"))
    result = Path(folder) if folder else Path(gettempdir()) / "data-gym-cache"
    if not is_file(result / sha1(address.encode(), usedforsecurity=False).hexdigest()):
        return None
    try:
        import tiktoken

        return tiktoken.get_encoding(vocabulary)
    except Exception:  # a spoilt copy makes tiktoken fetch again, which can fail in any way
        return None


MIX = {"latin": 546, "space": 298, "mark": 99, "line": 29, "capital": 27, "digit": 2}
"""Characters of each kind among a thousand of code with English comments, as counted in
https://github.com/python/cpython/tree/main/Lib/asyncio."""


def tokens_for_one(ratios: Ratios, model: str, other: str) -> Fraction:
    """Tokens that another model makes of the code and English text of which one makes one token, to the hundredth: 1
    where both are of one family. Each is named `provider/model`."""
    family, others = (ratios.families[family_of(*name.split("/", 1), ratios=ratios)] for name in (model, other))
    if family.rates == others.rates:
        return Fraction(1)
    one, two = (
        sum(Fraction(str(each.rates[kind])) * count for kind, count in MIX.items()) for each in (family, others)
    )
    return Fraction(round(100 * two / one), 100)
