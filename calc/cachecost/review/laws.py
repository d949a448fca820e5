"""What prices look like: vendors' stated multiples and the ranges that the catalogue shows, from one YAML page.

`pricing/plausibility.yaml` holds them; `prices check` measures pages by them, `prices bump` scales rates by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from ..files.yaml_text import read_side_file

GROUPS = ("rates", "services", "sizes", "cards", "hosts", "amounts", "terms")
_SELECTORS = ("of", "to", "provider", "maker", "model", "service", "currency")
_KEYS = {*_SELECTORS, "is", "least", "most", "rounded", "source"}


class Subject(NamedTuple):
    """What a law may be about: a rate (or term) of a model in a service."""

    of: str
    to: str = ""
    provider: str = ""
    maker: str = ""
    model: str = ""
    service: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """A multiple that a rate is of another (`values`: one of them), or a range that it lies in.

    `rounded`: the vendor prints rounded rates, so that half a unit of the last digit of either is no breach.
    """

    selectors: Mapping[str, tuple[str, ...]]
    values: tuple[Decimal, ...]
    least: Decimal
    most: Decimal
    rounded: bool
    source: str

    def covers(self, subject: Subject) -> bool:
        """Whether this law is about a subject; a name may hold `*`."""
        for key, patterns in self.selectors.items():
            name = getattr(subject, key)
            if name not in patterns and not any(fnmatchcase(name, pattern) for pattern in patterns if "*" in pattern):
                return False
        return True

    def allows(self, value: Decimal, base: Decimal) -> bool:
        if not self.values:
            return self.least * base <= value <= self.most * base
        return any(self.keeps(value, base, multiple) for multiple in self.values)

    def keeps(self, value: Decimal, base: Decimal, multiple: Decimal) -> bool:
        """Whether a rate is a multiple of another, as exactly as the vendor prints it."""
        grain = _grain(value) + multiple * _grain(base) if self.rounded else 0
        return abs(value - multiple * base) <= grain


def _grain(rate: Decimal) -> Decimal:
    """Half a unit of the last digit that is printed."""
    return Decimal(5).scaleb(int(rate.as_tuple().exponent) - 1)


@dataclass(frozen=True, slots=True)
class Laws:
    """Everything on the page. Within a group the first law that covers a subject decides."""

    groups: Mapping[str, Sequence[Law]]
    exchange: Mapping[str, Decimal]
    currencies: Mapping[str, tuple[str, ...]]
    ttls: tuple[str, ...]
    first_day: date
    days_ahead: int

    _found: dict[tuple[str, Subject], Law | None] = field(default_factory=dict, init=False, repr=False)

    def broken(self, group: str, subject: Subject, value: Decimal | int, base: Decimal = Decimal(1)) -> Law | None:
        """The law that decides about a subject, where a value breaks it as a multiple of a base."""
        law = self.law(group, subject)
        return law if law and not law.allows(Decimal(value), base) else None

    def law(self, group: str, subject: Subject) -> Law | None:
        """The law of a group that decides about a subject; remembered, as the cards of a page ask the same."""
        key = group, subject
        if key not in self._found:
            self._found[key] = next((law for law in self.groups[group] if law.covers(subject)), None)
        return self._found[key]


def load_laws(path: Path) -> Laws:
    """The page's laws. Raises BadDocument with the place of the first fault."""
    page = read_side_file(path, texts=True)
    expected = {"exchange", "currencies", "ttls", "first_day", "days_ahead", *GROUPS}
    if not isinstance(page.tree, dict) or page.tree.keys() != expected:
        raise page.fault(f"expected exactly the keys {', '.join(sorted(expected))}")
    groups: dict[str, list[Law]] = {group: [] for group in GROUPS}
    for group, laws in groups.items():
        for number, entry in enumerate(page.tree[group]):
            try:
                laws.append(_law(entry))
            except (ValueError, InvalidOperation, AttributeError, TypeError) as error:
                raise page.fault(str(error) or "is not a number", group, number) from None
    try:
        return Laws(
            groups=groups,
            exchange={name: Decimal(each) for name, each in page.tree["exchange"].items()},
            currencies={name: tuple(_listed(each)) for name, each in page.tree["currencies"].items()},
            ttls=tuple(page.tree["ttls"]),
            first_day=date.fromisoformat(page.tree["first_day"]),
            days_ahead=int(page.tree["days_ahead"]),
        )
    except (ValueError, InvalidOperation, AttributeError, TypeError) as error:
        raise page.fault(str(error)) from None


def _law(entry: Mapping[str, Any]) -> Law:
    if not isinstance(entry, dict) or not entry.keys() <= _KEYS:
        raise ValueError(f"expected a mapping with keys among {', '.join(sorted(_KEYS))}")
    if ("is" in entry) == ("least" in entry and "most" in entry):
        raise ValueError("expected either `is`, or `least` and `most`")
    return Law(
        selectors={key: tuple(_listed(entry[key])) for key in _SELECTORS if key in entry},
        values=tuple(_number(each) for each in _listed(entry.get("is", []))),
        least=_number(entry.get("least", "0")),
        most=_number(entry.get("most", "0")),
        rounded=entry.get("rounded") == "yes",
        source=entry.get("source", ""),
    )


def _number(text: str) -> Decimal:
    return Decimal(text.replace("_", ""))


def _listed(value: str | list[str]) -> Iterable[str]:
    return value if isinstance(value, list) else [value]
