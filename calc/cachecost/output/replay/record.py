"""The report of a log for programs: every digit, every label, every line that was not priced and why."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any

from ...replay.ledger import Ledger
from ...replay.report import Report
from ...units import show_instant
from ..figures import plain
from ..labels import policy
from ..records import SCHEMA_VERSION, Record, rows
from ..table import Table
from .sentence import advice, figures, sentence

SUM = "label currency requests hits input cache_read cache_write output cost hit_share"
CLASS = "name currency quantity unit cost"
LOSS = "what basis reason currency tokens amount outlived"
CLAIM = "model currency requests differing logged recomputed recomputed_currency difference"
RECONCILED = "place.day place.model place.line place.currency computed stated difference cause"
ALTERNATIVE = "on same_model policy bound was_on currency requests total paid savings savings_ratio hit_share"
OPTIONAL = ("reason", "cause", "bound", "line")
FAULT = "file line message"
COLUMNS = "by label currency requests hits input cache_read cache_write output hit_share quantity unit cost"
COUNTS = "entries read duplicate skipped malformed blank header continued requests charges"


def of_replay(report: Report) -> Record:
    """`replay` for machines; money as exact decimal text, unknown is null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "sentence": sentence(report),
        "advice": advice(report),
        "figures": [{"name": name, "text": text, "note": note or None} for name, text, note in figures(report)],
        "stopped": report.stopped,
        "first": report.first and show_instant(report.first),
        "last": report.last and show_instant(report.last),
        "requests_read": report.requests + report.unpriced + report.outside,
        "requests": report.requests,
        "unpriced": report.unpriced,
        "totals": {currency: plain(total) for currency, total in report.totals.items()},
        "per_month": {currency: plain(report.per_month(total)) for currency, total in report.totals.items()},
        "classes": _all(report.classes, CLASS),
        "by": {word: _all(sums, SUM) for word, sums in report.by.items()},
        "lost": _all(report.lost, LOSS),
        "lost_totals": {currency: plain(total) for currency, total in report.lost_totals.items()},
        "worst_sessions": [
            {**session, "lost": _all(each.losses, LOSS)}
            for each, session in zip(report.worst, _all(report.worst, "session currency amount"), strict=True)
        ],
        "cold_start": _all(report.cold_start, LOSS),
        "logged": _all(report.claims, CLAIM),
        "billed": _all(report.billed, "item currency amount"),
        "reconciled": _all(report.reconciled, RECONCILED),
        "what_if": [{**each, "label": policy(each["policy"])} for each in _all(report.alternatives, ALTERNATIVE)],
        "rates": _all(report.rates, "version checked caution terms"),
        "accounting": _accounting(report.ledger, report.outside),
        "notes": [*report.notes, *report.ledger.notes],
    }


def as_rows(report: Report) -> Table:
    """The breakdowns as rows with every digit, for CSV: a class has a quantity, a label counts by class; `loss` breaks
    a part of the bill down by cause. What was reconciled with cost reports, where they were read."""
    if report.reconciled:
        return rows(RECONCILED.replace("place.", ""), _all(report.reconciled, RECONCILED))
    items = [
        {**each, "by": word, "label": each.get("label") or each.get("name")}
        for word in report.words
        for each in (_all(report.classes, CLASS) if word == "class" else _all(report.by[word], SUM))
    ]
    for each in report.lost:
        label = f"{each.what}: {each.reason}" if each.reason else each.what
        items.append({"by": "loss", "label": label, "currency": each.currency, "quantity": each.tokens})
        items[-1] |= {"unit": "tokens", "cost": plain(each.amount)}
    return rows(COLUMNS, [dict.fromkeys(COLUMNS.split()) | each for each in items])


def _all(those: Iterable[Any], names: str) -> list[Record]:
    """Attributes of each of several things, under the last part of their names: amounts with every digit as text,
    nothing as null where a word is optional."""
    return [{name.rpartition(".")[2]: _value(name, each) for name in names.split()} for each in those]


def _value(name: str, of: Any) -> Any:
    value = attrgetter(name)(of)
    if isinstance(value, Decimal | Fraction) or name == "quantity":  # of storage it may be a fraction
        return plain(value)
    return None if name in OPTIONAL and not value else value


def _accounting(ledger: Ledger, outside: int) -> Record:
    """`entries` of a file are the sum of its other counts down to `continued`; requests are priced, unpriced or outside
    the time that was asked for."""
    return {
        "files": _all(ledger.files, f"name format {COUNTS}"),
        "total": _all([ledger.total], COUNTS)[0],
        "priced": ledger.priced,
        "unpriced": [
            {"model": model, "requests": each.count, "reason": each.reason} for model, each in ledger.unpriced.items()
        ],
        "outside": outside,
        "skipped": dict(ledger.skipped),
        "malformed": _all(ledger.malformed, FAULT),
        "doubtful": _all(ledger.doubts, FAULT),
        "unknown_keys": dict(ledger.unknown),
    }
