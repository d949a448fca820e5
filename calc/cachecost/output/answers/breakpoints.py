"""Where to put breakpoints, for people and programs: the ways side by side, the parts, and the rule in words."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from ... import money
from ...advice.breakpoints import BreakpointWay, Piece, Placement
from ..figures import amount, cited, count, duration, many, percent, signed
from ..records import Count, OfOneModel, RecordFields, Text, fields, of, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table

NAMES = {"none": "none", "one": "1 at the end", "best": "up to {most}", "unlimited": "no limit"}


class TtlRecord(RecordFields):
    """A time to live, and the share of later queries that has to find a prefix for caching it to pay."""

    ttl: str
    least_hit_share: Decimal = of("least")


class PartRecord(RecordFields):
    """A part of the prompt; `hit_shares`: TTL -> share of later queries that find the prefix up to its end."""

    name: str
    tokens: Count
    changes: Literal["each", "never", "at random"] = of(
        lambda piece: "each" if piece.changes is None else "at random" if piece.changes else "never"
    )
    changes_per_hour: Decimal | None = of("changes")
    hit_shares: dict[str, Decimal]


class StopRecord(RecordFields):
    """A breakpoint: the part after which it stands, and its time to live."""

    part: str = of(0)
    ttl: str = of(1)


class BreakpointWayRecord(RecordFields):
    """One way to place breakpoints, and what a query's prompt then costs."""

    breakpoints: str = of("name")
    ttl: str | None
    after: list[StopRecord]
    total: Decimal
    savings: Decimal
    savings_ratio: Decimal


class PlacementRecord(OfOneModel):
    """Where to put breakpoints; shares are of the later queries."""

    rate_per_hour: Fraction | None = of("pace.rate")
    every: timedelta | None = of("pace.gap")
    at_most: Count = of("most")
    min_tokens: Count = of("minimum")
    ttls: list[TtlRecord] = of("lives")
    parts: list[PartRecord]
    ways: list[BreakpointWayRecord]
    best: BreakpointWayRecord
    sentence: Text = of(lambda placement: sentence(placement))


def reply(placement: Placement) -> Reply:
    """The answer in every form."""
    parts = [
        record(PartRecord, piece, hit_shares={each.ttl: each.hit_shares[place] for each in placement.lives})
        for place, piece in enumerate(placement.pieces)
    ]
    ways = [
        record(
            BreakpointWayRecord,
            way,
            after=[(placement.pieces[part].name, ttl) for part, ttl in way.stops],
            savings=money.subtract(placement.fresh.total, way.total),
            savings_ratio=1 - way.cost / placement.fresh.cost,
        )
        for way in placement.ways
    ]
    best = ways[placement.ways.index(placement.best)]
    cells = [
        way | {"after": " ".join(":".join(stop.values()) for stop in way["after"]), "best": way is best} for way in ways
    ]
    return Reply(
        page=lambda: page(placement),
        record=lambda: record(PlacementRecord, placement, parts=parts, ways=ways, best=best),
        rows=lambda: rows([*fields(BreakpointWayRecord), "best"], cells, **of_model(placement)),
    )


def page(placement: Placement) -> Page:
    """`113,000 tokens in 4 parts, a query 12 times an hour at random`: the ways, the parts, and the rule."""
    whole, pace = sum(piece.tokens for piece in placement.pieces), placement.pace
    rate = f"{many(pace.rate or 0, 'query', 'queries')} an hour, at random"
    when = rate if pace.gap is None else f"a query every {duration(pace.gap)}"
    head = f"{many(whole, 'token')} in {many(len(placement.pieces), 'part')}, {when}"
    least = " or ".join(f"{percent(each.least)} ({each.ttl})" for each in placement.lives)
    minimum = ""
    if whole < placement.minimum:
        minimum = f"The whole prompt is below the minimum of {placement.minimum:,} tokens: nothing is cached."
    elif placement.minimum:
        minimum = f"A breakpoint before {placement.minimum:,} tokens caches nothing, and none is placed there."
    sources = [
        f"Rule: cache a part if at least {least} of later queries find the prefix up to its end.",
        *filter(None, [minimum]),
        "Assumed: the mean of later queries in the long run; parts change at random; each read starts the TTL anew.",
        "Costs are those of the prompt alone; answers cost the same whatever is cached.",
        cited(placement.sheet, placement.version),
    ]
    return Page(head, [ways_table(placement), parts_table(placement)], (), sources, sentence(placement))


def ways_table(placement: Placement) -> Table:
    """A row a way, fresh first, then by TTL."""
    currency, fresh = placement.sheet.currency, placement.fresh
    rows = (
        {
            "breakpoints": NAMES[way.name].format(most=placement.most),
            "TTL": way.ttl or "-",
            "after": _after(way, placement),
            "per query": amount(way.total, currency),
            "saved": "" if way is fresh else signed(1 - way.cost / fresh.cost),
        }
        for way in placement.ways
    )
    return Table.of(rows, ("per query", "saved"), spare=("saved",))


def _after(way: BreakpointWay, placement: Placement) -> str:
    """`system, docs`; the TTL beside each where they are mixed."""
    mixed = len({ttl for _, ttl in way.stops}) > 1
    names = (placement.pieces[part].name + (f" {ttl}" if mixed else "") for part, ttl in way.stops)
    return ", ".join(names) or "nothing"


def parts_table(placement: Placement) -> Table:
    """A row a part: how often the prefix up to its end is found under each TTL, and the TTL with which the best way
    caches it, or plain."""
    hits = [f"hits in {each.ttl}" for each in placement.lives]
    cells, so_far = [], 0
    for place, piece in enumerate(placement.pieces):
        so_far += piece.tokens
        shares = [percent(each.hit_shares[place]) for each in placement.lives]
        best = next((f"cached {ttl}" for part, ttl in placement.best.stops if part >= place), "plain")
        cells.append([piece.name, count(piece.tokens), changes(piece), count(so_far), *shares, best])
    headings = ["part", "tokens", "changes", "prefix", *hits, "best"]
    return Table(headings, cells, ("tokens", "prefix", *hits), spare=("prefix",))


def changes(piece: Piece) -> str:
    """`never`, `2/h`, `1/d`, `each query`."""
    if not piece.changes:
        return "each query" if piece.changes is None else "never"
    return f"{count(piece.changes)}/h" if piece.changes >= 1 else f"{count(piece.changes * 24)}/d"


def sentence(placement: Placement) -> str:
    """`Put breakpoints after tools 1h and docs 5m: a query's prompt costs $0.02 instead of $0.40 (95% less).`"""
    best, fresh, currency = placement.best, placement.fresh, placement.sheet.currency
    if not best.stops:
        return f"Put no breakpoint: a query's prompt costs {amount(fresh.total, currency)}, and no cache costs less."
    ttls = list(dict.fromkeys(ttl for _, ttl in best.stops))
    which = "a breakpoint" if len(best.stops) == 1 else "breakpoints"
    names = _after(best, placement).split(", ")
    where = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    alive = f" with a TTL of {ttls[0]}" if len(ttls) == 1 else ""
    costs = f"{amount(best.total, currency)} instead of {amount(fresh.total, currency)}"
    less = signed(1 - best.cost / fresh.cost)
    return f"Put {which} after {where}{alive}: a query's prompt costs {costs} ({less} less)."
