"""Tokenizer families and their characters per token, read from token-ratios.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..files.yaml_text import SideFile

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


TOKEN_RATIOS: Final = "token-ratios.yaml"


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
