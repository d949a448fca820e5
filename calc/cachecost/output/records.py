"""The one shape of every answer for machines: plain values for JSON and CSV, money as exact decimal text.

The command line and the HTTP API hand out these same records. Unknown is null, never zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..bills.comparison import Answer, Comparison
from ..bills.measures import Counted, Lives, open_range
from ..prices.caching import Lifetime
from ..prices.card import Dispute, RateCard, Row
from ..prices.quote import LineItem, Quote
from ..prices.sheet import PriceSheet
from ..strategies.assumptions import Assumptions
from ..units import show_duration, show_instant
from ..workload.workload import Workload
from .answers.sentence import sentence
from .answers.spacing import of_spacing
from .figures import given, plain

if TYPE_CHECKING:
    from ..sweep.curve import Curve

SCHEMA_VERSION = 1
Record = dict[str, Any]


def of_comparison(comparison: Comparison) -> Record:
    """`compare` for machines."""
    answers = [of_answer(answer) for answer in comparison.answers]
    keys = ("model", "version", "strategy", "total", "currency", "free")
    best = answers[0] if comparison.served else None
    return {
        "schema_version": SCHEMA_VERSION,
        "workload": of_workload(comparison.workload),
        "assumptions": of_assumptions(comparison.assumptions),
        "answers": answers,
        "best": best and {key: best[key] for key in keys},
        "left_out": list(comparison.left_out),
        "sentence": sentence(comparison),
    }


def of_workload(workload: Workload) -> Record:
    pace = workload.office.rate if workload.office else workload.rate
    return {
        "context": workload.context,
        "question": workload.question,
        "answer": workload.answer,
        "queries": workload.queries,
        "every": None if workload.every is None else show_duration(workload.every),
        "over": None if workload.over is None else show_duration(workload.over),
        "rate_per_hour": None if pace is None else given(pace),
        "arrivals": "given" if workload.times and not workload.office else workload.arrivals,
        "turns": workload.queries if workload.grows else None,
        "tools": workload.tools,
        "office": workload.office and workload.office.text,
        "start": show_instant(workload.start),
    }


def of_assumptions(assumed: Assumptions) -> Record:
    """Null means: as the rate card in force says."""
    return {
        "hit_share": given(assumed.hit_share),
        "hold": None if assumed.hold is None else show_duration(assumed.hold),
        "creation": assumed.creation,
        "first_query": assumed.first_query,
        "billed_per": assumed.billed_per,
        "service": assumed.service,
        "region": assumed.region,
        "generation": show_duration(assumed.generation),
        "pings": assumed.pings,
        "eviction": assumed.eviction
        and {
            "name": assumed.eviction.name,
            "steps": {show_duration(idle): given(share) for idle, share in assumed.eviction.steps},
            "source": assumed.eviction.source or None,
            "seen": assumed.eviction.seen and assumed.eviction.seen.isoformat(),
        },
    }


def of_answer(answer: Answer) -> Record:
    found = answer.break_even
    return {
        "model": answer.model,
        "version": answer.version,
        "checked": answer.sheet.checked.isoformat(),
        "strategy": answer.strategy,
        "status": answer.status,
        "free": answer.free,
        "currency": answer.sheet.currency,
        "total": plain(answer.total),
        "per_query": plain(answer.per_query),
        "savings": plain(answer.savings),
        "savings_ratio": plain(answer.savings_ratio),
        "savings_bound": plain(answer.savings_bound),
        "lines": [of_line(line) for line in answer.lines],
        "break_even": found
        and {
            "first": found.first,
            "intervals": [list(interval) for interval in found.intervals],
            "stable_from": found.stable_from,
            "horizon": found.horizon,
        },
        "break_even_rate_per_hour": plain(answer.break_even_rate_per_hour),
        "break_even_hit_share": plain(answer.break_even_hit_share),
        "band": answer.band and {"low": plain(answer.band[0]), "high": plain(answer.band[1])},
        "lifetime": answer.lives and of_lives(answer.lives),
        "range": answer.range
        and {
            "low": plain(answer.range.low),
            "high": plain(answer.range.high),
            "disputed": [of_dispute(dispute) for dispute in answer.range.disputes],
        },
        "spacing": answer.spacing and of_spacing(answer.spacing, answer.total, answer.sheet.currency),
        **of_open_range(answer.total, answer.lives, answer.counted),
        "hold": None if answer.hold is None else show_duration(answer.hold),
        "expected": answer.expected,
        "warnings": list(answer.warnings),
    }


def of_open_range(total: Decimal, lives: Lives | None, counted: Counted | None) -> Record:
    """The lowest and the highest total that the answer may have, the total itself where nothing is left open."""
    low, high = open_range(total, lives, counted)
    return {"total_low": plain(low), "total_high": plain(high)}


def of_line(line: LineItem) -> Record:
    """`rate` is per 1M of `unit`, for requests per one."""
    quantity = int(line.quantity) if line.quantity == int(line.quantity) else plain(line.quantity)
    return {
        "name": line.name,
        "quantity": quantity,
        "unit": line.unit,
        "rate": plain(line.rate),
        "amount": plain(line.amount),
    }


def of_quote(quoted: Quote) -> Record:
    return {
        "total": plain(quoted.total),
        "currency": quoted.currency,
        "version": quoted.version,
        "status": quoted.status,
        "free": quoted.free,
        "lines": [of_line(line) for line in quoted.lines],
        "warnings": list(quoted.warnings),
    }


def of_curve(curve: Curve) -> Record:
    """The curve for machines: `lines[i].totals[k]` is the bill for `queries[k]` queries, null where `statuses[k]`
    says that the vendor would refuse them. `total_low` and `total_high` are of the largest number that is served."""
    unserved = dict.fromkeys(f"would be refused: the model {found.why}" for found in curve.refusals if found)
    return {
        "schema_version": SCHEMA_VERSION,
        "model": curve.sheet.id,
        "version": curve.version,
        "currency": curve.sheet.currency,
        "workload": {key: value for key, value in of_workload(curve.workload).items() if key != "queries"},
        "queries": list(curve.points),
        "statuses": list(curve.statuses),
        "lines": [
            {
                "strategy": line.strategy,
                "status": "too_short" if line.minimum else "ok",
                "totals": _totals(curve, line.totals),
                "lifetime": line.lifetime
                and {
                    "least": show_duration(line.lifetime.least),
                    "most": show_duration(line.lifetime.most),
                    "totals_low": _totals(curve, tuple(map(min, line.totals, line.longest))),
                    "totals_high": _totals(curve, tuple(map(max, line.totals, line.longest))),
                },
                "totals_low": _totals(curve, line.lows),
                "totals_high": _totals(curve, line.highs),
                "total_low": plain(curve.ends(line)[0]),
                "total_high": plain(curve.ends(line)[1]),
                "spacing": line.spacing and of_spacing(line.spacing, total, curve.sheet.currency),
                "break_even": line.break_even and line.break_even._asdict(),
                "warnings": [*unserved, *line.warnings],
            }
            for line, total in zip(curve.lines, curve.at_last, strict=True)
        ],
    }


def _totals(curve: Curve, totals: Sequence[Decimal]) -> list[str | None]:
    return [plain(total) for total in curve.served(totals)]


def of_lives(lives: Lives) -> Record:
    """The totals at the shortest and at the longest life of automatic entries."""
    return {
        "least": show_duration(lives.least),
        "most": show_duration(lives.most),
        "total_at_least": plain(lives.at_least),
        "total_at_most": plain(lives.at_most),
    }


def of_sheet(sheet: PriceSheet, *, cards: bool = True) -> Record:
    """A price sheet for machines; `cards` False leaves its rate cards out."""
    found: Record = {
        "model": sheet.id,
        "name": sheet.name,
        "currency": sheet.currency,
        "checked": sheet.checked.isoformat(),
        "aliases": list(sheet.names[1:]),
        "region": sheet.region,
        "note": sheet.note,
    }
    if cards:
        found["rate_cards"] = [of_card(card, sheet) for card in sheet.cards]
    return found


def of_card(card: RateCard, sheet: PriceSheet) -> Record:
    return {
        "version": sheet.version(card),
        "effective": show_instant(card.effective),
        "status": card.status,
        "confidence": card.confidence,
        "sources": list(card.sources),
        "seen": card.seen.isoformat(),
        "note": card.note,
        "limits": {name: getattr(card.limits, name) for name in ("context", "input", "output")},
        "caching": {kind: _terms(getattr(card.caching, kind)) for kind in card.caching.kinds},
        "regions": {name: plain(factor) for name, factor in card.regions.items()},
        "disputed": [of_dispute(dispute) for dispute in card.disputes],
        "rows": [of_row(row) for row in card.rows],
    }


def of_dispute(dispute: Dispute) -> Record:
    """A term on which sources contradict each other: the reading taken, and the others with who says so."""
    return {
        "term": dispute.name,
        "taken": str(dispute.taken),
        "others": [{"value": str(value), "source": source} for value, source in dispute.others],
    }


def of_row(row: Row) -> Record:
    return {
        "service": row.service,
        "prompt": {"from": row.prompt.low, "to": row.prompt.high},
        "output": {"from": row.output.low, "to": row.output.high},
        "thinking": row.thinking,
        "window": row.window
        and {
            "hours": [f"{begin:%H:%M}-{end:%H:%M}" for begin, end in row.window.hours],
            "days": sorted(row.window.days),
            "zone": row.window.zone,
            "closed_on": sorted(day.isoformat() for day in row.window.closed_on),
        },
        "rates": {name: plain(rate.value) for name, rate in row.rates.items()},
        "free": row.free,
        "not_sold": row.not_sold,
        "note": row.note,
    }


def _terms(kind: Any) -> Record:
    return {name: _term(value) for name, value in vars(kind).items() if value is not None}


def _term(value: Any) -> Any:
    if isinstance(value, timedelta):
        return show_duration(value)
    return {name: _term(part) for name, part in value._asdict().items()} if isinstance(value, Lifetime) else value
