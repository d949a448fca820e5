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
from functools import cache
from hashlib import sha1
from os import environ
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, Final

from .errors import BadDocument

if TYPE_CHECKING:
    from .yaml_text import SideFile

COMMON: Final = ("latin", "capital", "accented", "digit", "mark", "symbol", "space", "line")
"""Kinds of character whose estimate is off by at most `within`; all others by `within_other`."""

SCRIPTS: Final = {
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

KINDS: Final = (*COMMON, *dict.fromkeys(SCRIPTS.values()), "other")


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
    found: Counter[str] = Counter()
    for character, times in Counter(text).items():
        found[_kind(character)] += times
    return found


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
    kept = Path(folder) if folder else Path(gettempdir()) / "data-gym-cache"
    if not (kept / sha1(address.encode(), usedforsecurity=False).hexdigest()).is_file():
        return None
    try:
        import tiktoken

        return tiktoken.get_encoding(vocabulary)
    except Exception:  # a spoilt copy makes tiktoken fetch again, which can fail in any way
        return None


def load_ratios(path: Path) -> Ratios:
    """The rates kept in a YAML page such as `pricing/token-ratios.yaml`. Raises BadDocument for any fault."""
    from .yaml_text import read_side_file  # YAML is only loaded where a document is counted

    file = read_side_file(path)
    page = file.tree
    if not isinstance(page, dict) or not {"families", "patterns"} <= page.keys():
        raise file.fault("expected `families` and `patterns` at the top")
    if not isinstance(page["families"], dict):
        raise file.fault("expected one entry a family", "families")
    families = {name: _family(file, name, entry) for name, entry in page["families"].items()}
    if "default" not in families:
        raise file.fault("no family `default`, expected one for models that no pattern knows", "families")
    if not isinstance(page["patterns"] or [], list):
        raise file.fault("expected a list", "patterns")
    patterns = tuple(_pattern(file, number, entry, families) for number, entry in enumerate(page["patterns"] or ()))
    return Ratios(families=families, patterns=patterns)


def _family(file: SideFile, name: str, entry: Any) -> Family:
    where = ("families", str(name))
    fields = {"rates", "within", "within_other", "source", "checked", "vocabulary", "address", "said"}
    if not isinstance(entry, dict) or entry.keys() - fields:
        raise file.fault(f"expected a table of {', '.join(sorted(fields))}", *where)
    rates = entry.get("rates")
    if not isinstance(rates, dict) or set(rates) != set(KINDS):
        raise file.fault(f"expected exactly {', '.join(KINDS)}", *where, "rates")
    numbers = {**rates, "within": entry.get("within"), "within_other": entry.get("within_other")}
    for key, value in numbers.items():
        share = key.startswith("within")
        if type(value) not in (int, float) or not 0 <= value <= (1 if share else 4):
            expected = "a share from 0 to 1" if share else "tokens a character, from 0 to 4"
            raise file.fault(f"is {value!r}, expected {expected}", *where, *([] if share else ["rates"]), key)
    if not str(entry.get("source", "")).startswith("https://"):
        raise file.fault("expected an address that begins with https://", *where, "source")
    if bool(entry.get("vocabulary")) != bool(entry.get("address")):
        raise file.fault("expected `vocabulary` and `address` together, or neither", *where)
    return Family(name=name, **{key: entry[key] for key in entry.keys() - {"checked", "said"}})


def _pattern(file: SideFile, number: int, entry: Any, families: Mapping[str, Family]) -> tuple[re.Pattern[str], str]:
    where = ("patterns", number)
    if not isinstance(entry, dict) or entry.keys() != {"pattern", "family"}:
        raise file.fault(f"{entry!r}, expected a `pattern` and a `family`", *where)
    if not isinstance(entry["family"], str) or entry["family"] not in families:
        raise file.fault(f"{entry['family']!r} is not a family, expected one of {', '.join(families)}", *where)
    try:
        return re.compile(entry["pattern"]), entry["family"]
    except (re.error, TypeError) as error:
        raise file.fault(f"{entry['pattern']!r} is not a pattern ({error})", *where) from None
