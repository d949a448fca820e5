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


def reply(dataset: str, agreement: Agreement) -> Reply:
    """The disagreements in every form."""
    table = disagreements_table(agreement.disagreements)
    return Reply(
        page=lambda: Page("", [table], drawing=lambda screen: screen.text(as_text(dataset, agreement)), airy=False),
        record=lambda: record(AgreementRecord, agreement),
        rows=lambda: table,
        exit_code=1 if agreement.unexplained else 0,
    )


def disagreements_table(disagreements: Sequence[Disagreement]) -> Table:
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
        for each in disagreements
    ]
    headings = ["model", "service", "prompt", "rate", "ours", "theirs", "why", "our source"]
    return Table(headings, rows, ("prompt", "ours", "theirs"))


def as_text(dataset: str, agreement: Agreement) -> str:
    told = f"{agreement.checked:,} rates compared with {dataset}"
    tail = f"{len(agreement.disagreements):,} disagree, {len(agreement.unexplained):,} of them unexplained"
    every = len(agreement.known) + len(agreement.unknown)
    covered = (
        f"{len(agreement.known):,} of its {every:,} models with a cache price, at providers kept here, have a sheet."
    )
    missing = [f"Without: {', '.join(agreement.unknown)}"] if agreement.unknown else []
    parts = [disagreements_table(agreement.disagreements).as_text(), ""] if agreement.disagreements else []
    return "\n".join([*parts, f"{told}: {tail}.", covered, *missing])
