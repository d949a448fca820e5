"""Where to put breakpoints, for people and programs: the ways side by side, the parts, and the rule in words."""

from ... import money
from ...advice.breakpoints import Piece, Placement, Way
from ..figures import amount, cited, count, duration, many, percent, signed
from ..records import Record, fields, of_model, record, rows
from ..reply import Page, Reply
from ..table import Table
from .records import PartRecord, PlacementRecord, WayRecord

NAMES = {"none": "none", "one": "1 at the end", "best": "up to {most}", "unlimited": "no limit"}


def reply(found: Placement) -> Reply:
    """The answer in every form."""

    def as_record() -> Record:
        shares = [{each.ttl: each.hit_shares[place] for each in found.survivals} for place in range(len(found.pieces))]
        parts = [record(PartRecord, piece, hit_shares=each) for piece, each in zip(found.pieces, shares, strict=True)]
        ways = [_way(way, found) for way in found.ways]
        return record(
            PlacementRecord, found, parts=parts, ways=ways, best=_way(found.best, found), sentence=sentence(found)
        )

    def as_rows() -> Table:
        ways = []
        for way in found.ways:
            after = " ".join(f"{found.pieces[part].name}:{ttl}" for part, ttl in way.stops)
            ways.append(_way(way, found) | {"after": after, "best": way is found.best})
        return rows([*fields(WayRecord), "best"], ways, **of_model(found))

    return Reply(
        page=lambda: Page(head(found), [ways_table(found), parts_table(found)], (), sources(found), sentence(found)),
        record=as_record,
        rows=as_rows,
    )


def _way(way: Way, found: Placement) -> Record:
    return record(
        WayRecord,
        way,
        after=[(found.pieces[part].name, ttl) for part, ttl in way.stops],
        savings=money.subtract(found.fresh.total, way.total),
        savings_ratio=1 - way.cost / found.fresh.cost,
    )


def head(found: Placement) -> str:
    """`113,000 tokens in 4 parts, a query 12 times an hour at random`"""
    pace, rate = found.pace, f"{many(found.pace.rate or 0, 'query', 'queries')} an hour"
    whole = count(sum(piece.tokens for piece in found.pieces))
    when = f"a query every {duration(pace.gap)}" if pace.gap is not None else f"{rate}, at random"
    return f"{whole} tokens in {many(len(found.pieces), 'part')}, {when}"


def ways_table(found: Placement) -> Table:
    """A row a way, fresh first, then by TTL."""
    currency, fresh = found.sheet.currency, found.fresh
    cells = [
        [
            NAMES[way.name].format(most=found.most),
            way.ttl or "-",
            _after(way, found),
            amount(way.total, currency),
            "" if way is fresh else signed(1 - way.cost / fresh.cost),
        ]
        for way in found.ways
    ]
    return Table(["breakpoints", "TTL", "after", "per query", "saved"], cells, ("per query", "saved"), spare=("saved",))


def _after(way: Way, found: Placement) -> str:
    """`system, docs`; the TTL beside each where they are mixed."""
    mixed = len({ttl for _, ttl in way.stops}) > 1
    names = (found.pieces[part].name + (f" {ttl}" if mixed else "") for part, ttl in way.stops)
    return ", ".join(names) or "nothing"


def parts_table(found: Placement) -> Table:
    """A row a part: how often the prefix up to its end is found under each TTL, and what the best way does with it."""
    survives = [f"hits in {each.ttl}" for each in found.survivals]
    done = _done(found)
    cells, so_far = [], 0
    for place, piece in enumerate(found.pieces):
        so_far += piece.tokens
        shares = [percent(each.hit_shares[place]) for each in found.survivals]
        cells.append([piece.name, count(piece.tokens), changes(piece), count(so_far), *shares, done[place]])
    headings = ["part", "tokens", "changes", "prefix", *survives, "best"]
    return Table(headings, cells, ("tokens", "prefix", *survives), spare=("prefix",))


def changes(piece: Piece) -> str:
    """`never`, `2/h`, `1/d`, `each query`."""
    if piece.changes is None:
        return "each query"
    if not piece.changes:
        return "never"
    return f"{count(piece.changes)}/h" if piece.changes >= 1 else f"{count(piece.changes * 24)}/d"


def _done(found: Placement) -> list[str]:
    """For each part the TTL with which the best way caches it, or plain."""
    stops = iter(found.best.stops)
    stop = next(stops, None)
    done = []
    for place in range(len(found.pieces)):
        if stop and place > stop[0]:
            stop = next(stops, None)
        done.append(f"cached {stop[1]}" if stop else "plain")
    return done


def sources(found: Placement) -> list[str]:
    least = " or ".join(f"{percent(each.least)} ({each.ttl})" for each in found.survivals)
    told = [f"Rule: with breakpoints enough, cache a part if the prefix up to its end is found by at least {least}."]
    whole = sum(piece.tokens for piece in found.pieces)
    if whole < found.minimum:
        told.append(f"The whole prompt is below the minimum of {found.minimum:,} tokens: nothing is cached.")
    elif found.minimum:
        told.append(f"A breakpoint before {found.minimum:,} tokens caches nothing, and none is placed there.")
    told.append("Assumed: a later query in the long run; parts change at random; what is found starts its TTL again.")
    return [*told, "The prompt alone: answers cost the same whatever is cached.", cited(found.sheet, found.version)]


def sentence(found: Placement) -> str:
    """`Put breakpoints after tools 1h and docs 5m: a query's prompt costs $0.02 instead of $0.40 fresh (95% less).`"""
    best, fresh, currency = found.best, found.fresh, found.sheet.currency
    if not best.stops:
        return (
            f"Put no breakpoint: a query's prompt costs {amount(fresh.total, currency)} fresh, and no cache costs less."
        )
    ttls = list(dict.fromkeys(ttl for _, ttl in best.stops))
    which = "a breakpoint" if len(best.stops) == 1 else "breakpoints"
    names = _after(best, found).split(", ")
    where = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    alive = f" with a TTL of {ttls[0]}" if len(ttls) == 1 else ""
    costs = f"{amount(best.total, currency)} instead of {amount(fresh.total, currency)} fresh"
    return (
        f"Put {which} after {where}{alive}: a query's prompt costs {costs} ({signed(1 - best.cost / fresh.cost)} less)."
    )
