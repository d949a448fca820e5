"""The report of a log for programs: every digit, every label, every line that was not priced and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...errors import Fault
from ...replay.ledger import FileCount, Ledger
from ...replay.report import Alternative, Claim, Loss, Report, Sum
from ...units import show_instant
from ..figures import plain
from ..records import SCHEMA_VERSION, Record
from .sentence import advice, sentence

COUNTS = "entries read duplicate skipped malformed blank header continued requests charges".split()


def of_replay(report: Report, ledger: Ledger, *, outside: int = 0) -> Record:
    """`replay` for machines; money as exact decimal text, unknown is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "sentence": sentence(report),
        "advice": advice(report),
        "stopped": report.stopped,
        "first": _instant(report.first),
        "last": _instant(report.last),
        "requests_read": report.requests + report.unpriced + outside,
        "requests": report.requests,
        "unpriced": report.unpriced,
        "totals": {currency: plain(total) for currency, total in report.totals.items()},
        "per_month": {currency: plain(report.per_month(total)) for currency, total in report.totals.items()},
        "classes": [_of_class(each) for each in report.classes],
        "by": {word: [_of_sum(each) for each in sums] for word, sums in report.by.items()},
        "lost": [_of_loss(each) for each in report.lost],
        "lost_totals": {currency: plain(total) for currency, total in report.lost_totals.items()},
        "worst_sessions": [
            {
                "session": each.session,
                "currency": each.currency,
                "amount": plain(each.amount),
                "lost": [_of_loss(loss) for loss in each.losses],
            }
            for each in report.worst
        ],
        "cold_start": [_of_loss(each) for each in report.cold_start],
        "logged": [_of_claim(each) for each in report.claims],
        "billed": [{**each._asdict(), "amount": plain(each.amount)} for each in report.billed],
        "reconciled": of_reconciled(report),
        "what_if": [_of_alternative(each) for each in report.alternatives],
        "rates": [each._asdict() for each in report.rates],
        "accounting": of_ledger(ledger, outside),
        "notes": [*report.notes, *ledger.notes],
    }


def of_reconciled(report: Report) -> list[Record]:
    """A record for each day, model and class of tokens; null where one side says nothing."""
    return [
        {
            **each.place._asdict(),
            "computed": plain(each.computed),
            "stated": plain(each.stated),
            "difference": plain(each.difference),
            "cause": each.cause or None,
        }
        for each in report.reconciled
    ]


def of_ledger(ledger: Ledger, outside: int = 0) -> Record:
    """`entries` of a file are the sum of its other counts down to `continued`; requests are priced, unpriced or outside
    the time that was asked for."""
    return {
        "files": [{"name": file.name, "format": file.format, **_counts(file)} for file in ledger.files],
        "total": _counts(ledger.total),
        "priced": ledger.priced,
        "unpriced": [
            {"model": model, "requests": each.count, "reason": each.reason} for model, each in ledger.unpriced.items()
        ],
        "outside": outside,
        "skipped": dict(ledger.skipped),
        "malformed": [_of_fault(fault) for fault in ledger.malformed],
        "doubtful": [_of_fault(fault) for fault in ledger.doubts],
        "unknown_keys": dict(ledger.unknown),
    }


def _counts(file: FileCount) -> Record:
    return {name: getattr(file, name) for name in COUNTS}


def _of_fault(fault: Fault) -> Record:
    return {"file": fault.file, "line": fault.line or None, "message": fault.message}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else show_instant(at)


def _of_sum(each: Sum) -> Record:
    return {**each._asdict(), "hit_share": plain(each.hit_share), "cost": plain(each.cost)}


def _of_class(each: Any) -> Record:
    return {**each._asdict(), "quantity": plain(each.quantity), "cost": plain(each.cost)}


def _of_loss(each: Loss) -> Record:
    """A cause is inferred from counts or `stated` by the vendor, with its reason; `outlived` only where a longer TTL is
    sold."""
    basis = {"basis": "stated" if each.reason else "inferred", "reason": each.reason or None}
    found = {"what": each.what, **basis, "currency": each.currency, "tokens": each.tokens}
    return {**found, "amount": plain(each.amount), "outlived": plain(each.outlived)}


def _of_claim(each: Claim) -> Record:
    comparable = each.currency == each.billed
    return {
        "model": each.model,
        "currency": each.currency,
        "requests": each.requests,
        "differing": each.differing,
        "logged": plain(each.logged),
        "recomputed": plain(each.recomputed),
        "recomputed_currency": each.billed,
        "difference": plain(each.difference) if comparable else None,
    }


def _of_alternative(each: Alternative) -> Record:
    return {
        "on": each.on,
        "same_model": each.same,
        "policy": each.policy,
        "bound": each.bound or None,
        "was_on": each.was_on,
        "currency": each.currency,
        "requests": each.requests,
        "total": plain(each.total),
        "paid": plain(each.paid),
        "savings": plain(each.savings),
        "savings_ratio": plain(each.savings_ratio),
        "hit_share": plain(each.hit_share),
    }
