"""Where to put breakpoints, for people and programs: the ways side by side, the parts, and the rule in words."""

from __future__ import annotations

from fractions import Fraction

from ... import money
from ...advice.breakpoints import Piece, Placement, Way
from ...units import show_duration
from ..figures import amount, cited, count, duration, given, percent, plain
from ..records import SCHEMA_VERSION, Record
from ..screen import Screen
from ..table import Table

NAMES = {"none": "none", "one": "1 at the end", "best": "up to {most}", "unlimited": "no limit"}


def on_screen(found: Placement) -> Screen:
    """The whole answer for a terminal or a pipe; its sentence comes last."""
    screen = Screen()
    screen.paragraph(head(found), "bold")
    screen.text("")
    screen.table(ways_table(found))
    screen.text("")
    screen.table(parts_table(found))
    screen.text("")
    for note in notes(found):
        screen.paragraph(note, "dim")
    screen.text("")
    screen.paragraph(sentence(found), "bold", indent="")
    return screen


def markdown(found: Placement) -> str:
    """The same as markdown."""
    tables = (ways_table(found).as_markdown(), parts_table(found).as_markdown())
    return "\n\n".join([head(found), *tables, *notes(found), f"**{sentence(found)}**"])


def head(found: Placement) -> str:
    """`113,000 tokens in 4 parts, a query 12 times an hour at random`"""
    pace, parts = found.pace, len(found.pieces)
    whole = count(sum(piece.tokens for piece in found.pieces))
    when = f"a query every {duration(pace.gap)}" if pace.gap is not None else f"{_times(pace.rate)}, at random"
    return f"{whole} tokens in {parts} {'part' if parts == 1 else 'parts'}, {when}"


def _times(rate: Fraction | None) -> str:
    return f"{count(rate or 0)} {'query' if rate == 1 else 'queries'} an hour"


def ways_table(found: Placement, *, exact: bool = False) -> Table:
    """A row a way, fresh first, then by TTL; with every digit for CSV."""
    if exact:
        headings = "model version currency breakpoints ttl after total savings savings_ratio best".split()
        return Table(headings, [_exact(way, found) for way in found.ways])
    currency, fresh = found.sheet.currency, found.fresh
    rows = [
        [
            NAMES[way.name].format(most=found.most),
            way.ttl or "-",
            _after(way, found),
            amount(way.total, currency),
            "" if way is fresh else percent_of(way, fresh),
        ]
        for way in found.ways
    ]
    return Table(["breakpoints", "TTL", "after", "per query", "saved"], rows, ("per query", "saved"), spare=("saved",))


def percent_of(way: Way, fresh: Way) -> str:
    ratio = 1 - way.cost / fresh.cost
    return f"{'-' if ratio < 0 else ''}{percent(ratio)}"


def _after(way: Way, found: Placement) -> str:
    """`system, docs`; the TTL beside each where they are mixed."""
    mixed = len({ttl for _, ttl in way.stops}) > 1
    names = (found.pieces[part].name + (f" {ttl}" if mixed else "") for part, ttl in way.stops)
    return ", ".join(names) or "nothing"


def parts_table(found: Placement) -> Table:
    """A row a part: how often the prefix up to its end is found under each TTL, and what the best way does with it."""
    survives = [f"hits in {each.ttl}" for each in found.survivals]
    done = _done(found)
    rows, so_far = [], 0
    for place, piece in enumerate(found.pieces):
        so_far += piece.tokens
        shares = [percent(each.hit_shares[place]) for each in found.survivals]
        rows.append([piece.name, count(piece.tokens), changes(piece), count(so_far), *shares, done[place]])
    headings = ["part", "tokens", "changes", "prefix", *survives, "best"]
    return Table(headings, rows, ("tokens", "prefix", *survives), spare=("prefix",))


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


def notes(found: Placement) -> list[str]:
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
    return f"Put {which} after {where}{alive}: a query's prompt costs {costs} ({percent_of(best, fresh)} less)."


def of_placement(found: Placement) -> Record:
    """The answer for machines; shares are of the later queries, `least_hit_share` is the rule."""
    pace = found.pace
    return {
        "schema_version": SCHEMA_VERSION,
        "model": found.sheet.id,
        "version": found.version,
        "currency": found.sheet.currency,
        "rate_per_hour": None if pace.rate is None else given(pace.rate),
        "every": None if pace.gap is None else show_duration(pace.gap),
        "at_most": found.most,
        "min_tokens": found.minimum,
        "ttls": [{"ttl": each.ttl, "least_hit_share": plain(each.least)} for each in found.survivals],
        "parts": [_of_piece(place, found) for place in range(len(found.pieces))],
        "ways": [_of_way(way, found) for way in found.ways],
        "best": _of_way(found.best, found),
        "sentence": sentence(found),
    }


def _of_piece(place: int, found: Placement) -> Record:
    piece = found.pieces[place]
    return {
        "name": piece.name,
        "tokens": piece.tokens,
        "changes": "each" if piece.changes is None else "never" if not piece.changes else "at random",
        "changes_per_hour": plain(piece.changes),
        "hit_shares": {each.ttl: plain(each.hit_shares[place]) for each in found.survivals},
    }


def _of_way(way: Way, found: Placement) -> Record:
    return {
        "breakpoints": way.name,
        "ttl": way.ttl,
        "after": [{"part": found.pieces[part].name, "ttl": ttl} for part, ttl in way.stops],
        "total": plain(way.total),
        "savings": plain(money.subtract(found.fresh.total, way.total)),
        "savings_ratio": plain(1 - way.cost / found.fresh.cost),
    }


def _exact(way: Way, found: Placement) -> list[str]:
    record = _of_way(way, found)
    after = " ".join(f"{each['part']}:{each['ttl']}" for each in record["after"])
    lead = [found.sheet.id, found.version, found.sheet.currency, way.name, way.ttl or "", after]
    return [
        *lead,
        *(record[key] for key in ("total", "savings", "savings_ratio")),
        "true" if way is found.best else "false",
    ]
