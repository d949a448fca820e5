"""How many tokens a text has for a family of models, and how sure we are.

A family whose vocabulary is public is counted exactly when the vocabulary is already on this computer;
nothing is ever downloaded here. Every other count is an estimate: characters by kind (script, digit, mark,
blank) times the tokens that one such character makes on average. Those rates are data, each with its source.
"""

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha1
from os import environ
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from ..errors import BadDocument
from ..files.reading import is_file
from .families import COMMON, SCRIPTS, Family, Ratios


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
