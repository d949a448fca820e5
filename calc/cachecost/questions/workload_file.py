"""A file of workloads -> steady traffic, in the words of a question; each fault with its file and line."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .. import units
from ..bills.months import Traffic, check, months_from
from ..errors import BadQuantity, BadSheet, CachecostError, Fault
from ..files.reading import exists
from ..files.yaml_text import SideFile
from ..prices.sheet import PriceSheet
from ..workload.workload import Workload
from . import reading
from .word import Word
from .words import WORD, Question, word_of

SAID = (
    "question answer rate arrivals turns tools hit_share pings eviction generation creation billed_per service region"
).split()
"""Words of a question that a workload of a file may have."""
RUN = (
    Word("from", "", "MONTH", "The first month: 2027-01 (default: this month).", "2027-01"),
    Word("months", "3", "N", "How many months.", "12"),
)
"""The words beside the file itself."""
LONGEST = 120
"""Months."""
ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = ("name", "model", "context", "parts", "policy", *SAID)
ABOUT = {
    "name": "What the workload is called; each has its own name.",
    "model": "google/gemini-2.5-pro, a model, or an alias.",
    "context": "Tokens sent with every query: 100K; or give parts.",
    "parts": "What the context is made of, by name: tokens such as 20K, or a document or folder beside this file.",
    "policy": "fresh, automatic, written:5m, ...; the cheapest of each month where it is left out.",
    "rate": "Queries, or conversations of so many turns, in a time: 12/h, 1000/d.",
}
"""What a key means, where it is not as in a question."""


def schema() -> dict[str, Any]:
    """The JSON schema of such a file, for editors."""
    text: dict[str, Any] = {"type": ["string", "number"]}
    keys: dict[str, Any] = {key: text | {"description": ABOUT.get(key) or WORD[key].help} for key in KEYS}
    keys["parts"] = {"type": "object", "additionalProperties": text, "description": ABOUT["parts"]}
    entry = {"type": "object", "required": ["name", "model", "rate"], "additionalProperties": False, "properties": keys}
    entry["oneOf"] = [{"required": ["context"]}, {"required": ["parts"]}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["workloads"],
        "additionalProperties": False,
        "properties": {"workloads": {"type": "array", "minItems": 1, "items": entry}},
    }


def starts(said: Mapping[str, str], now: datetime) -> list[datetime]:
    """The beginnings of the months that the words of `RUN` name, and of the one after them."""
    number = reading.read("months", units.count, said["months"])
    if not 1 <= number <= LONGEST:
        raise BadQuantity(f"expected 1 to {LONGEST}, not {number:,}", word="months")
    return months_from(reading.maybe("from", month, said["from_"]) or now, number)


def month(text: str) -> datetime:
    """The beginning of a month such as 2027-01."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise BadQuantity(f"{text!r} is not a month: expected one such as 2027-01")
    return datetime(int(text[:4]), int(text[5:]), 1, tzinfo=UTC)


def workloads_of(
    file: SideFile,
    *,
    sheet: Callable[[str], PriceSheet],
    counter: Callable[[str], Callable[[PriceSheet], int]],
    folder: Path,
) -> list[Traffic]:
    """The traffic of every entry of a file, read as texts. `sheet` finds a model by its name; `counter` says how many
    tokens of a model a document has; `folder` of price sheets has curves of eviction. Raises BadSheet with all faults
    of the file."""
    entries = file.tree.get("workloads") if isinstance(file.tree, dict) else None
    if not isinstance(entries, list) or not entries or file.tree.keys() != {"workloads"}:
        raise file.fault("expected `workloads:` at the top, and a list of them below it")
    faults: list[Fault] = []
    traffic: list[Traffic] = []
    for number, entry in enumerate(entries):
        try:
            one = _traffic(entry, file.path, sheet, counter, folder)
            if any(one.name == other.name for other in traffic):
                raise _Wrong("name", f"{one.name!r} is the name of another workload; expected its own")
            traffic.append(one)
        except _Wrong as wrong:
            faults.append(_fault(file, number, wrong.key, wrong.text))
        except CachecostError as error:
            key = {"strategy": "policy", "queries": "rate"}.get(word_of(error), word_of(error))
            text = error.reason
            faults.append(_fault(file, number, key if isinstance(entry, dict) and key in entry else "", text))
    if faults:
        raise BadSheet(faults)
    return traffic


class _Wrong(Exception):
    """A fault at a key of an entry, or of the whole entry where the key is empty."""

    def __init__(self, key: str, text: str) -> None:
        self.key, self.text = key, text


def _fault(file: SideFile, number: int, key: str, text: str) -> Fault:
    steps: list[str | int] = ["workloads", number, *([key] if key else [])]
    return Fault(str(file.path), file.line(*steps), f"{key}: {text}" if key else text)


def _traffic(
    entry: Any,
    path: Path,
    sheet_of: Callable[[str], PriceSheet],
    counter: Callable[[str], Callable[[PriceSheet], int]],
    folder: Path,
) -> Traffic:
    if not isinstance(entry, dict):
        raise _Wrong("", f"expected a workload with {', '.join(KEYS[:4])}, ...")
    if unknown := [key for key in entry if key not in KEYS]:
        near = next(iter(get_close_matches(str(unknown[0]), KEYS, 1)), "")
        hint = f"; did you mean {near}?" if near else ""
        raise _Wrong(str(unknown[0]), f"is not a key of a workload; expected {', '.join(KEYS)}{hint}")
    for key in ("name", "model", "rate"):
        if not entry.get(key):
            raise _Wrong("", f"{key} is missing: {ABOUT[key][0].lower()}{ABOUT[key][1:]}")
    for key, value in entry.items():
        if key != "parts" and not isinstance(value, str):
            raise _Wrong(key, "expected one value")
    sheet = sheet_of(entry["model"])
    said = Question(**{key: entry[key] for key in SAID if key in entry and key != "rate"})
    rate = reading.read("rate", units.rate, entry["rate"])
    context = _context(entry, path, sheet, counter)

    def workload(start: datetime, queries: int) -> Workload:
        if said.turns:
            return said.workload(context, now=start)
        return said.instead(queries=str(queries), rate=entry["rate"]).workload(context, now=start)

    workload(ANY_DAY, 1)  # what is wrong with its words is said now
    traffic = Traffic(entry["name"], sheet, rate, workload, said.assumptions(folder), entry.get("policy"))
    check(traffic)
    return traffic


def _context(entry: Any, path: Path, sheet: PriceSheet, counter: Callable[[str], Callable[[PriceSheet], int]]) -> int:
    """Tokens of the context: as said, or the sum of its parts, which are sent and cached as one: where no part changes
    by itself, breakpoints between them change nothing."""
    parts = entry.get("parts")
    if (parts is None) == ("context" not in entry):
        raise _Wrong("", "expected either context, or parts")
    if parts is None:
        return reading.read("context", units.count, entry["context"])
    if not isinstance(parts, dict) or not parts or not all(isinstance(each, str) for each in parts.values()):
        raise _Wrong("parts", "expected tokens or a document by name, such as system: 20K")
    whole = 0
    for name, text in parts.items():
        document = path.parent / text
        if not text.strip():
            raise _Wrong("parts", f"{name}: expected tokens or a document, such as 20K")
        is_path = "/" in text or exists(document)
        if "@" in text and not exists(document):
            where = "ask `cachecost breakpoints` about parts that change by themselves"
            raise _Wrong("parts", f"{name}: parts are sent and cached as one here; {where}")
        whole += counter(str(document))(sheet) if is_path else reading.read(f"parts: {name}", units.count, text)
    return whole
