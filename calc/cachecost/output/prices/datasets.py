"""Public datasets beside our sheets, for people and programs: where one disagrees, and what changed in them."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

from ...prices.card import STANDARD
from ...review.datasets import Agreement
from ...review.watch import KINDS, Finding, Kind, Watched
from ..figures import many, plain
from ..records import Answered, ModelId, RecordFields, fields, of, record, records, rows
from ..reply import Page, Reply
from ..table import Table

SHOWN: tuple[Kind, ...] = ("proposal", "question")
"""What a person has to look at; the others are counted."""
LABELS = {
    "proposal": "proposals",
    "question": "questions",
    "explained": "explained in disagreements.yaml or not-kept.yaml",
    "already here": "already on our pages",
}
SMALL = 1_000
"""Tokens of the prompt that stands for all below the first threshold."""


class DisagreementRecord(RecordFields):
    """A rate that differs; `ours` null: our sheet has none."""

    model: ModelId = of("sheet.id")
    service: str = of("rate.service")
    prompt: int = of("rate.prompt")
    line: str = of("rate.line")
    ours: Decimal | None
    theirs: Decimal = of("rate.value")
    reason: str | None
    source: str


class AgreementRecord(Answered):
    """Where another dataset disagrees with our sheets."""

    known: list[str]
    checked: int
    unknown: list[str]
    disagreements: list[DisagreementRecord]


def agreement_reply(agreement: Agreement) -> Reply:
    """Every disagreement in a row; how much was compared, and which models have no sheet, below them."""
    cells = []
    for sheet, rate, ours, source, reason in agreement.disagreements:
        values = [plain(ours) or "none", plain(rate.value) or "", reason or "NOT EXPLAINED", source]
        cells.append([sheet.id, rate.service, f"{rate.prompt:,}", rate.line, *values])
    headings = ["model", "service", "prompt", "rate", "ours", "theirs", "why", "our source"]
    table = Table(headings, cells, ("prompt", "ours", "theirs"))
    known, every = len(agreement.known), len(agreement.known) + len(agreement.unknown)
    counts = [
        f"{agreement.checked:,} rates compared with {agreement.dataset}: {len(cells):,} disagree, "
        f"{len(agreement.unexplained):,} of them unexplained.",
        f"{known:,} of its {every:,} models with a cache price, at providers kept here, have a sheet.",
        *([f"Without: {', '.join(agreement.unknown)}"] if agreement.unknown else []),
    ]
    return Reply(
        page=lambda: Page("", [table] if cells else [], sources=counts),
        record=lambda: record(AgreementRecord, agreement),
        rows=lambda: table,
        exit_code=1 if agreement.unexplained else 0,
    )


class FindingRecord(RecordFields):
    """A change. `model`: of our page, or the name without one; `new` null: a term of an SDK; `ours` null: our card has
    no such rate; `begins`: its first day where `stated`, else a day on which it was there; `page`: of the vendor."""

    kind: Kind
    model: str
    service: str
    prompt: int
    line: str
    old: Decimal | None
    new: Decimal | None
    ours: Decimal | None
    begins: date | None = of("began.day")
    stated: bool = of("began.stated")
    evidence: str = of("began.why")
    sources: list[str]
    page: str
    why: str


class WatchRecord(Answered):
    """The changes of every dataset, and the releases that were compared."""

    releases: list[str]
    problems: list[str]
    changes: list[FindingRecord]


def watch_reply(watched: Watched) -> Reply:
    """What changed, in every form; on a screen only what a person has to look at."""
    return Reply(
        page=lambda: _page(watched),
        record=lambda: record(WatchRecord, watched),
        rows=lambda: rows(fields(FindingRecord), records(FindingRecord, watched.changes)),
    )


def _page(watched: Watched) -> Page:
    """A line for every model and reason, with its rates; what asks for nothing is counted."""
    groups: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for each in watched.changes:
        if each.kind in SHOWN:
            service = "" if each.service in ("", STANDARD) else f" ({each.service})"
            head = (f"{each.kind}: {each.model}{service}", each.why, each.began.why)
            groups[head][_rate(each)] = None  # once, also where a model has several names
    lines = [f"{head[0]}: {', '.join(rates)}; {'; '.join(head[1:])}." for head, rates in groups.items()]
    counts = Counter(each.kind for each in watched.changes)
    moved = sum(each.old is not None for each in watched.changes)
    counted = ", ".join(f"{counts[kind]:,} {LABELS[kind]}" for kind in KINDS)
    sentence = f"{many(moved, 'rate')} changed, {len(watched.changes) - moved:,} came: {counted}."
    return Page("", [], [*watched.problems, *lines], watched.releases, sentence)


def _rate(each: Finding) -> str:
    """`cache_read from 200,001: 0.20 → 0.10`."""
    size = f" from {each.prompt:,}:" if each.prompt > SMALL else ""
    old = f"{plain(each.old)} → " if each.old is not None else ""
    return f"{each.line}{size} {old}{plain(each.new)}" if each.new is not None else each.line
