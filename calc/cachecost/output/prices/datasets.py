"""Disagreements with other datasets, for people."""

from collections.abc import Sequence
from decimal import Decimal

from ...review.datasets import Agreement, Disagreement
from ..figures import plain
from ..records import Answered, Fields, ModelId, of, record
from ..reply import Page, Reply
from ..table import Table


class DisagreementRecord(Fields):
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


def reply(dataset: str, found: Agreement) -> Reply:
    """The disagreements in every form."""
    table = disagreements_table(found.disagreements)
    return Reply(
        page=lambda: Page("", [table], drawing=lambda screen: screen.text(as_text(dataset, found)), airy=False),
        record=lambda: record(AgreementRecord, found),
        rows=lambda: table,
        exit_code=1 if found.unexplained else 0,
    )


def disagreements_table(found: Sequence[Disagreement]) -> Table:
    rows = [
        [
            each.sheet.id,
            each.rate.service,
            f"{each.rate.prompt:,}",
            each.rate.line,
            plain(each.ours) or "none",
            plain(each.rate.value) or "",
            each.reason or "NOT EXPLAINED",
            each.source,
        ]
        for each in found
    ]
    headings = ["model", "service", "prompt", "rate", "ours", "theirs", "why", "our source"]
    return Table(headings, rows, ("prompt", "ours", "theirs"))


def as_text(dataset: str, found: Agreement) -> str:
    told = f"{found.checked:,} rates compared with {dataset}"
    tail = f"{len(found.disagreements):,} disagree, {len(found.unexplained):,} of them unexplained"
    every = len(found.known) + len(found.unknown)
    covered = f"{len(found.known):,} of its {every:,} models with a cache price, at providers kept here, have a sheet."
    missing = [f"Without: {', '.join(found.unknown)}"] if found.unknown else []
    parts = [disagreements_table(found.disagreements).as_text(), ""] if found.disagreements else []
    return "\n".join([*parts, f"{told}: {tail}.", covered, *missing])
