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
    table = disagreements_table(agreement.disagreements)
    return Reply(
        page=lambda: Page("", [table] if table.rows else [], sources=_counts(dataset, agreement)),
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


def _counts(dataset: str, agreement: Agreement) -> list[str]:
    """How much was compared, and which models have no sheet."""
    known, every = len(agreement.known), len(agreement.known) + len(agreement.unknown)
    return [
        f"{agreement.checked:,} rates compared with {dataset}: {len(agreement.disagreements):,} disagree, "
        f"{len(agreement.unexplained):,} of them unexplained.",
        f"{known:,} of its {every:,} models with a cache price, at providers kept here, have a sheet.",
        *([f"Without: {', '.join(agreement.unknown)}"] if agreement.unknown else []),
    ]
