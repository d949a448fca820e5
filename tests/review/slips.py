"""Slips of the pen on real price pages: some forty kinds, each a small edit of a page's text that leaves it in shape.

`python -m tests.review.slips 60` makes up to 60 of each kind and prints how many `cachecost prices check` notices.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cachecost.catalog.catalog import Catalog
from cachecost.catalog.reader import read_text
from cachecost.errors import BadSheet
from cachecost.review.check import Checker

Slip = Callable[[str, random.Random], str | None]
"""A page's text with one slip in it; None where the page has nothing to slip on."""
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
RATE = re.compile(rf"(?<![\w.])((?:input|output|cache_read|storage_per_hour|5m|30m|1h|12h): )({NUMBER})(?=[,}}\n])")
LAST_CARD = re.compile(r"^  - effective: (?!.*^  - effective: ).*", re.MULTILINE | re.DOTALL)


def _plain(number: Decimal) -> str:
    return format(number.normalize() if number else number, "f")


def _times(pattern: str, factor: str, *, all_: bool = False) -> Slip:
    """One number after a key, or every one of a card, times a factor."""
    result = re.compile(rf"(?<![\w.])((?:{pattern}): )({NUMBER}|[0-9_]+)(?=[,}}\n])")

    def moved(match: re.Match[str]) -> str:
        return match[1] + _plain(Decimal(match[2].replace("_", "")) * Decimal(factor))

    def slip(text: str, rng: random.Random) -> str | None:
        body = text.partition("rate_cards:")[0] if pattern in ("context", "limit") else text
        matches = [match for match in result.finditer(body) if Decimal(match[2].replace("_", ""))]
        if not matches:
            return None
        if not all_:
            match = rng.choice(matches)
            return text[: match.start()] + moved(match) + text[match.end() :]
        starts = [each.start() for each in re.finditer(r"^  - effective", text, re.MULTILINE)]
        start = rng.choice(starts)
        end = min((each for each in starts if each > start), default=len(text))
        card = result.sub(moved, text[start:end])
        return text[:start] + card + text[end:]

    return slip


def _to(pattern: str, value: str) -> Slip:
    """One value after a key becomes another."""

    def slip(text: str, rng: random.Random) -> str | None:
        matches = list(re.finditer(rf"(?<![\w.])(?:{pattern}): ([^\s,}}]+)", text))
        if not matches:
            return None
        match = rng.choice(matches)
        return text[: match.start(1)] + value + text[match.end(1) :]

    return slip


def _swap(one: str, other: str) -> Slip:
    """Two rates of one row stand in each other's place."""

    def slip(text: str, rng: random.Random) -> str | None:
        row = rf"(\n(?:      - |        ){one}: )({NUMBER})(\n(?:        \w.*\n)*?        {other}: )({NUMBER})(?=\n)"
        matches = [match for match in re.finditer(row, text) if Decimal(match[2]) != Decimal(match[4])]
        if not matches:
            return None
        match = rng.choice(matches)
        return text[: match.start()] + match[1] + match[4] + match[3] + match[2] + text[match.end() :]

    return slip


def _dear_small_prompts(text: str, rng: random.Random) -> str | None:
    """The rates of two rows, small and large prompts, stand in each other's place."""
    rows = r"(- prompt_up_to: .*\n)((?:        .*\n)+)(      - prompt_over: .*\n)((?:        .*\n)+)"
    matches = [match for match in re.finditer(rows, text + "\n") if "input: " in match[2] and "input: " in match[4]]
    if not matches:
        return None
    match = rng.choice(matches)
    if RATE.findall(match[2]) == RATE.findall(match[4]):
        return None
    return text[: match.start()] + match[1] + match[4] + match[3] + match[2] + text[match.end() :]


def _service(factor: str, services: str = "batch") -> Slip:
    """All rates of one batch row times a factor."""

    def slip(text: str, rng: random.Random) -> str | None:
        rows = list(re.finditer(rf"      - service: (?:{services})\n(?:        .*\n?)+", text))
        rows = [row for row in rows if RATE.search(row[0])]
        if not rows:
            return None
        row = rng.choice(rows)
        moved = RATE.sub(lambda match: match[1] + _plain(Decimal(match[2]) * Decimal(factor)), row[0])
        return text[: row.start()] + moved + text[row.end() :]

    return slip


def _cheap_write(text: str, rng: random.Random) -> str | None:
    """A write rate that is half of the input rate."""
    matches = list(re.finditer(rf"input: ({NUMBER})\n        cache_write: {{(?:5m|30m): ({NUMBER})", text))
    if not matches:
        return None
    match = rng.choice(matches)
    return text[: match.start(2)] + _plain(Decimal(match[1]) / 2) + text[match.end(2) :]


def _cheap_hour(text: str, rng: random.Random) -> str | None:
    """The rates of two times to live stand in each other's place."""
    matches = list(re.finditer(rf"{{(5m|30m): ({NUMBER}), (1h|12h): ({NUMBER})}}", text))
    if not matches:
        return None
    match = rng.choice(matches)
    return f"{text[: match.start()]}{{{match[1]}: {match[4]}, {match[3]}: {match[2]}}}{text[match.end() :]}"


def _standard_alone(text: str, rng: random.Random) -> str | None:
    """The standard rates of the last card rise by a fifth, and batch is forgotten."""
    last = LAST_CARD.search(text)
    if not last or "service: batch" not in last[0]:
        return None
    head, mark, batch = last[0].partition("      - service: batch")
    raised = RATE.sub(lambda match: match[1] + _plain(Decimal(match[2]) * Decimal("1.2")), head)
    return text[: last.start()] + raised + mark + batch


def _beside(line: str, after: str = r"^    seen: .*\n") -> Slip:
    """A line more on a card."""

    def slip(text: str, rng: random.Random) -> str | None:
        matches = list(re.finditer(after, text, re.MULTILINE))
        match = rng.choice(matches)
        return text[: match.end()] + line + text[match.end() :]

    return slip


def _appended(change: Slip) -> Slip:
    """A card more, copied from the last one, with a slip in it."""

    def slip(text: str, rng: random.Random) -> str | None:
        last = LAST_CARD.search(text)
        if last is None or "status: withdrawn" in last[0] or "not_sold" in last[0]:
            return None
        card = re.sub(r"(effective: )\S+", r"\g<1>2027-06-01", last[0], count=1)
        card = re.sub(r"^    status: .*\n", "", card, flags=re.MULTILINE)
        card = card.replace("\n", "\n    status: scheduled\n", 1)
        changed = change(card if card.endswith("\n") else card + "\n", rng)
        return None if changed is None else text.rstrip("\n") + "\n" + changed

    return slip


def _services_dropped(card: str, rng: random.Random) -> str | None:
    """Every row but the standard ones is missing."""
    kept, count = re.subn(r"      - service: .*\n(?:        .*\n)+", "", card)
    return kept if count else None


KINDS: dict[str, Slip] = {
    "a rate x10": _times("input|output|cache_read|5m|30m|1h", "10"),
    "a rate /10": _times("input|output|cache_read|5m|30m|1h", "0.1"),
    "a rate x100": _times("input|output|cache_read|5m|30m|1h", "100"),
    "a rate /100": _times("input|output|cache_read|5m|30m|1h", "0.01"),
    "a rate x1000": _times("input|output|cache_read|5m|30m|1h", "1000"),
    "input x10": _times("input", "10"),
    "input /10": _times("input", "0.1"),
    "output x10": _times("output", "10"),
    "output /10": _times("output", "0.1"),
    "cache_read x10": _times("cache_read", "10"),
    "cache_read /10": _times("cache_read", "0.1"),
    "whole card per 1K for per 1M": _times("input|output|cache_read|5m|30m|1h|12h", "0.001", all_=True),
    "whole card x1000": _times("input|output|cache_read|5m|30m|1h|12h", "1000", all_=True),
    "cents for dollars": _times("input|output|cache_read|5m|30m|1h|12h", "100", all_=True),
    "read and input swapped": _swap("input", "cache_read"),
    "input and output swapped": _swap("input", "output"),
    "read and output swapped": _swap("cache_read", "output"),
    "small prompts dearer than large": _dear_small_prompts,
    "threshold /1000": _times("prompt_up_to|prompt_over|prompt_from|prompt_below", "0.001"),
    "threshold above the context limit": lambda text, rng: _both_thresholds(text, "100"),
    "threshold 200 for 200_000": lambda text, rng: _both_thresholds(text, "0.001"),
    "batch dearer than standard": _service("3"),
    "batch at the standard rates": _service("2"),
    "priority at half of what it was": _service("0.5", "priority|fast"),
    "standard raised, batch forgotten": _standard_alone,
    "write under input": _cheap_write,
    "1h write cheaper than 5m": _cheap_hour,
    "rate 999999999": _to("input|output|cache_read", "999999999"),
    "rate 0.000000000001": _to("input|output|cache_read", "0.000000000001"),
    "rate 0": _to("input|output", "0"),
    "effective in the year 1": _to("effective", "0001-01-01"),
    "effective in 2062": _to("effective", "2062-01-01"),
    "effective in 9999": _to("effective", "9999-12-31"),
    "seen in 1990": _to("seen", "1990-05-01"),
    "output limit above the context": _times(r"limits: {context: [0-9_]+, output", "100"),
    "context limit x1000": _times(r"limits: {context", "1000"),
    "context limit /1000": _times(r"limits: {context", "0.001"),
    "promise that ends before it begins": _beside("    promised_until: 2023-12-31\n"),
    "storage x60": _times("storage_per_hour", "60"),
    "storage by the minute": lambda text, rng: _renamed(text, rng, "storage_per_hour", "storage_per_minute"),
    "another currency": lambda text, rng: _currency(text),
    "min_tokens x1000": _times("min_tokens", "1000"),
    "default_ttl 100d": _to("default_ttl", "100d"),
    "region factor 11 for 1.1": _times("us|eu|regional|apac|us-gov", "10"),
    "appended: read x10": _appended(_times("cache_read", "10")),
    "appended: output /10": _appended(_times("output", "0.1")),
    "appended: whole card /1000": _appended(_times("input|output|cache_read|5m|30m|1h|12h", "0.001", all_=True)),
    "appended: services dropped": _appended(_services_dropped),
}


def _both_thresholds(text: str, factor: str) -> str | None:
    """Every threshold of the page times a factor, so that no size is without a row."""
    result = re.compile(r"(prompt_(?:up_to|over|from|below): )([0-9_]+)")
    if not result.search(text):
        return None
    return result.sub(lambda match: match[1] + str(int(int(match[2].replace("_", "")) * Decimal(factor))), text)


def _renamed(text: str, rng: random.Random, old: str, new: str) -> str | None:
    matches = list(re.finditer(old, text))
    if not matches:
        return None
    match = rng.choice(matches)
    return text[: match.start()] + new + text[match.end() :]


def _currency(text: str) -> str:
    return text.replace("unit: USD", "unit: CNY") if "unit: USD" in text else text.replace("unit: CNY", "unit: USD")


class Made(NamedTuple):
    kind: str
    page: str
    text: str


def slips(catalog: Catalog, *, each: int, seed: int) -> Iterator[Made]:
    """Up to `each` slips of every kind on pages drawn at random that explain no number for the whole page."""
    for kind, slip in KINDS.items():
        rng = random.Random(f"{seed} {kind}")
        paths = [*catalog.paths]
        rng.shuffle(paths)
        made = 0
        for path in paths:
            text = path.read_text(encoding="utf-8")
            if "\nplausible:" in text:
                continue
            slipped = slip(text, rng)
            if slipped is not None and slipped != text:
                yield Made(kind, f"{path.parent.name}/{path.stem}", slipped)
                made += 1
            if made == each:
                break


def noticed(made: Made, checker: Checker, folder: Path) -> bool:
    """Whether `prices check` has a fault or a warning for the page with the slip."""
    path = folder / f"{made.page}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(made.text, encoding="utf-8")
    try:
        sheet = read_text(made.text, file=path.name)
    except BadSheet:
        return True
    result = checker.look(path, sheet)
    return bool(result.faults or result.warnings)


def main(each: int, seed: int) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    catalog = Catalog()
    checker = Checker(catalog, today=now.date() + timedelta(1), now=now)
    total, messages = Counter[str](), Counter[str]()
    missed = []
    with TemporaryDirectory() as folder:
        for made in slips(catalog, each=each, seed=seed):
            total[made.kind] += 1
            if noticed(made, checker, Path(folder)):
                messages[made.kind] += 1
            else:
                missed.append(f"{made.kind}: {made.page}")
    for kind, count in total.items():
        print(f"{messages[kind]:4} of {count:4}  {kind}")
    share = messages.total() / total.total()
    print(f"{messages.total()} of {total.total()} slips of {len(total)} kinds are noticed ({share:.1%})")
    print(*missed, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main(*map(int, [*sys.argv[1:], "60", "1"][:2]))
