"""A customer's own terms, from a file of theirs or from one discount: checked, with the line of each rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fnmatch import filter as matching
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .. import money, units
from ..errors import BadQuantity
from ..prices.terms import Patterns, Terms, TermsRule
from ..prices.usage import MODALITIES

if TYPE_CHECKING:
    from ..files.yaml_text import SideFile
    from .catalog import Catalog

T = TypeVar("T")
KEYS = ("discount", "factor", "provider", "model", "service", "line", "from", "to", "note")
LINES = ("input", "cache_read", "cache_write", "creation", "storage", "output")


def discounted(text: str) -> Terms:
    """A discount on everything: `15%`, `0.15`."""
    factor = _discount(text)
    return Terms((TermsRule(factor, f"your discount of {_percent(factor)}"),))


def load_terms(path: Path, catalog: Catalog) -> Terms:
    """The rules of a file. Raises BadDocument, with the line, for any fault, and for a provider or a model that the
    catalog does not have: a rule that is for nothing would be a discount that is missed without a word."""
    from ..files.yaml_text import read_side_file  # loads YAML

    file = read_side_file(path)
    rules = file.tree.get("terms") if isinstance(file.tree, dict) and len(file.tree) == 1 else None
    if not isinstance(rules, list) or not rules:
        raise file.fault("expected one key, terms, with a list of rules such as {provider: anthropic, discount: 15%}")
    return Terms(tuple(_rule(file, number, entry, catalog) for number, entry in enumerate(rules)))


def _rule(file: SideFile, number: int, entry: Any, catalog: Catalog) -> TermsRule:
    where = ("terms", number)
    if not isinstance(entry, dict):
        raise file.fault(f"expected a rule with {', '.join(KEYS)}", *where)
    if unknown := next((key for key in entry if key not in KEYS), None):
        raise file.fault(f"{unknown} is not a key of a rule ({', '.join(KEYS)})", *where, unknown)
    if ("discount" in entry) == ("factor" in entry):
        raise file.fault("expected a discount, such as 15%, or a factor, such as 0.85; one of them", *where)

    def read(key: str, reader: Callable[[str], T]) -> T:
        try:
            return reader(str(entry[key]))
        except BadQuantity as error:
            raise file.fault(str(error), *where, key) from None

    def names(key: str) -> Patterns:
        given = entry.get(key, [])
        listed = given if isinstance(given, list) else [given]
        if not all(isinstance(each, str) and each for each in listed) or (key in entry and not listed):
            raise file.fault("expected a name, a pattern such as claude-*, or a list of them", *where, key)
        is_known = known[key]
        for each in listed:
            if not is_known(each):
                raise file.fault(f"no {key} of the price sheets is called {each!r}; check its spelling", *where, key)
        return tuple(listed)

    known: dict[str, Callable[[str], bool]] = {
        "provider": lambda pattern: bool(matching(catalog.providers, pattern)),
        "model": catalog.has_name,
        "service": catalog.has_service,
        "line": _is_line,
    }
    if "discount" in entry:
        factor = read("discount", _discount)
        said = f"your discount of {_percent(factor)}"
    else:
        factor = read("factor", _factor)
        said = f"your factor of {money.text(factor)}"
    provider, model, service, line = (names(key) for key in known)
    scope = ", ".join((*service, *line))
    start, end = ("from" in entry and read("from", units.instant)), ("to" in entry and read("to", _through))
    if start and end and start >= end:
        raise file.fault("is before from; expected the last day of the rule", *where, "to")
    said += f" on {scope}" if scope else ""
    cited = f"{said}, {file.path.name}:{file.line(*where)}"
    return TermsRule(factor, cited, provider, model, service, line, start or None, end or None)


def _is_line(pattern: str) -> bool:
    """Whether a pattern fits the name of a line, or of all of a kind."""
    kinds = [*LINES, *(f"{each}.{part}" for each in MODALITIES for part in LINES)]
    return pattern.startswith("fee.") or bool(matching(kinds, pattern.partition(":")[0]))


def _discount(text: str) -> Decimal:
    """The factor that a discount leaves."""
    if text.strip().isdecimal() and int(text):
        raise BadQuantity(f"{text.strip()!r} could be a share or a percentage; write {text.strip()}%")
    factor = money.settled(1 - units.share(text))
    if isinstance(factor, Fraction):
        raise BadQuantity(f"{text!r} has digits without end; expected a discount such as 33.33%")
    return factor


def _factor(text: str) -> Decimal:
    try:
        factor = Decimal(text)
    except ArithmeticError:
        factor = Decimal("NaN")
    if not factor.is_finite() or not 0 <= factor <= 1000:
        raise BadQuantity(f"{text!r} is not a factor: expected plain digits such as 0.85 or 1.055")
    return factor


def _percent(factor: Decimal) -> str:
    return f"{money.text((1 - factor) * 100)}%"


def _through(text: str) -> datetime:
    """The end of the last day, or an instant."""
    instant = units.instant(text)
    return instant + timedelta(1) if len(text.strip()) == len("2026-12-31") else instant
