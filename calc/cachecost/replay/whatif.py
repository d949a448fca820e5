"""The same requests under other policies and on other models, in money and words; and what was lost.

First all requests are surveyed: which rates they have here and on other sheets decides which policies there are. Then
the requests of each sheet are weighed under each policy, in whole tokens.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from ..errors import NotInForce, NotSold
from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from ..units import counted
from . import classes
from .account import Account
from .breakdown import rates_of
from .cases import CLAIRVOYANT, Case, as_logged
from .clairvoyant import least
from .epochs import DAY, Epochs, Key, instant
from .losses import COLD, MOST, NEVER_READ, Counts, losses, lost
from .policy import policy
from .report import SAME, Alternative, Answer, Rates, Worst
from .request import Product
from .survey import Database, Share, Survey, inline, one_cache, survey
from .tally import HITS, REQUESTS, STORAGE, Cell, Tally, price
from .touches import kind
from .traffic import Traffic, Whole

FORESEEN = 100_000
"""Requests of a log up to which the bound below all policies is worked out unasked: some seconds."""
SAMPLED = 20_000
"""Requests that are looked at for a prefix that sessions share, where no bound is worked out for all."""
_BOUNDED = (FRESH, AUTOMATIC, WRITTEN, STORED)
"""Kinds of policies that are shown where sessions share a prefix of unknown length."""
_ONE = re.compile(r" at [0-9][0-9T:.Z-]*(?=:)| for a prompt of [0-9,]+ tokens")
"""What a refusal says of one request alone."""


def what_if(
    account: Account, traffic: Traffic, *, others: Sequence[Epochs] = (), names: Sequence[str] = (), common: int = 0
) -> Answer:
    """Every policy on the models of the log, then on the `others`; and what was lost. `names`: only these policies.
    `common`: tokens that all sessions of a model begin with, whichever of them wrote them. BadWorkload where a name is
    no policy."""
    _known(names)
    database, sheets = traffic.database, account.sheets
    own = survey(database, "requests", dict(enumerate(traffic.keys)))
    shares = own.shares.values()
    requests = sum(share.requests for share in shares)
    foreseen = requests <= FORESEEN or bool(names)
    is_read = any(share.reads and share.named for share in shares)
    headless, least_read = _headless(database, one_cache(own.keys, sheets)) if is_read else (0, 0)
    if headless:
        _sample(database)
    gone, worst = lost(database, own, list(traffic.lines), sheets)
    # every cache that was created and rented counts as paid; calls of tools cost the same under every policy
    caches = (cell for cell in account.whole() if cell.line.startswith(("creation", STORAGE)))
    spent = Tally((*_texts(traffic), *caches))
    alternatives, rates, sharing, notes = list[Alternative](), list[Rates](), list[str](), list[str]()
    shared = False
    for sheet in _ranked(own, traffic):
        case = Case(sheet, sheets, database, own, names, foreseen=foreseen, common=common)
        rows, shares_prefix = _own(case, spent, traffic, headless=headless > 0)
        shared = shared or case.shared
        sharing += [sheet] * shares_prefix
        was_on = any(each.was_on for each in rows)
        notes += case.lifetime_notes(was_on=was_on) if any(map(_is_automatic, rows)) else ()
        alternatives += rows
    for epochs in others:
        move = _Move(epochs, account)
        on, moved = _sold_on(move, traffic), list(_wholes_on(move, traffic))
        wholes = [each._replace(key=key) for each, key in moved]
        case = Case(epochs.name, {epochs.name: epochs}, database, on, names, foreseen=foreseen, common=common)
        shared = shared or case.shared
        notes += move.notes()
        if not case.keys and not wholes:
            continue
        wholes = [] if case.shared else wholes  # beside sessions, sums are not compared
        spent_there = Tally(chain(spent, traffic.sums)) if wholes else spent
        paid = None if move.refused or None in own.shares else _paid(spent_there, sheets)
        rates += rates_of((*case.keys.values(), *(each.key for each in wholes)), case.sheets)
        rows = []
        if case.shared:
            rows += case.alternatives(Tally(), ())
        else:
            same, remarks = _same_hits(case, _logged(on, traffic, moved), sheets)
            rows += case.alternatives(Tally(), wholes, same)
            notes += remarks
        if any(_by_size(each.key, epochs) for each in wholes):
            notes.append(
                f"Sums over a time do not state the size of each prompt, on which rates of {case.sheet} depend: "
                "where their report names no window, short prompts are taken."
            )
        if sharing and not common:  # what is sent fresh, or read as in the log, costs the same whatever sessions share
            rows = [each for each in rows if each.policy in (FRESH, SAME)]
        notes += case.lifetime_notes() if any(each.policy == AUTOMATIC for each in rows) else ()
        alternatives += (each._replace(paid=paid, same_model=False) for each in rows)
    has_modalities = any(tally.sums for tally in (traffic.unchanged, traffic.unchanged_of_sums))
    if has_modalities and any(not each.same_model for each in alternatives):
        notes.append(
            "Other models are compared by text alone: tokens of audio, images and video count on neither side."
        )
    notes += _without_session(shares, requests) if alternatives else ()
    absent = [name for name in dict.fromkeys(names) if all(each.policy != name for each in alternatives)]
    if absent and shared and not sharing:
        notes.append(f"Sold by no model that is compared here: {', '.join(absent)}.")
    if shared and not foreseen:
        notes.append(f"Left out above {FORESEEN:,} requests: the bound below all policies, the policy {CLAIRVOYANT}.")
    if headless and not common:
        notes.append(
            f"Begun with a read of what the log does not show being written: {counted(headless, 'session')}; "
            "other policies pay for that write."
        )
    if alternatives and any(share.named for share in shares):
        notes += [f"Assumed: all sessions of a model begin with the same {counted(common, 'token')}."] if common else []
        notes.append(
            "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."
        )
    if sharing and least_read and not common:
        notes.append(
            f"Sessions begin with a read of {least_read:,} tokens or more that they did not write; other "
            f"policies are shown as if each wrote its own; {least_read} for shared takes them as one for all."
        )
    # what a session of theirs wrote, another may have read
    mine = {of: n for of, n in gone.items() if of[0] not in (NEVER_READ, COLD) or of[1].sheet not in sharing}
    return Answer(
        alternatives=alternatives,
        rates=rates,
        losses=losses(mine, sheets),
        notes=notes,
        sharing=() if common else sharing,
        worst=() if sharing else tuple(_worst(worst, sheets)),
    )


class _Move:
    """The rates of a sheet for requests that another model served: of the same service and region, or else of the
    standard service and of no region.

    `refused`, `standard`, `elsewhere`: how many have no rates, those of the standard service, or those of no region,
    by reason.
    """

    def __init__(self, epochs: Epochs, account: Account) -> None:
        self.epochs, self.account = epochs, account
        self.refused, self.standard, self.elsewhere = Counter[str](), Counter[str](), Counter[str]()

    def key(self, product: Product, time: int | None, prompt: int, output: int, count: int) -> Key | None:
        """The rates of so many requests of one size; None where there are none."""
        at = self.account.at(time)
        try:
            service, why = self.epochs.sheet.service_like(product.service, instant(at))
            region, why_region = self.epochs.sheet.region_like(self.account.region_of(product), service, instant(at))
            key = self.epochs.key(at, prompt, output=output, service=service, region=region, thinking=product.thinking)
        except (NotSold, NotInForce) as error:
            self.refused[_ONE.sub("", str(error))] += count
            return None
        if why:
            self.standard[why] += count
        if why_region:
            self.elsewhere[why_region] += count
        return key

    def notes(self) -> Iterator[str]:
        """What requests are not priced as they were served, most requests first."""
        name = self.epochs.name
        for what, counts in (
            (f"Without a price on {name}", self.refused),
            (f"At standard service on {name}", self.standard),
            (f"At the rates of no region on {name}", self.elsewhere),
        ):
            for reason, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
                yield f"{what}: {counted(count, 'request')}: {reason}"


def _sold_on(move: _Move, traffic: Traffic) -> Survey:
    """The requests that are sold on a sheet."""
    database, products = traffic.database, list(traffic.products)
    keys = dict[Key, int]()
    digits = classes.rating(database, "requests", range(len(products)), [move.epochs], answer="output")
    number, rates = classes.number(digits), dict[int, int]()
    for by, count in database.rows(f"SELECT {number}, COUNT(*) FROM requests GROUP BY 1 ORDER BY MIN(place)"):
        day, product, time, prompt, output = classes.parted(by, digits)
        key = move.key(products[product], day * DAY + time, prompt, output, count)
        if key is not None:
            rates[by] = keys.setdefault(key, len(keys))
    rated = inline({"class": list(rates), "key": list(rates.values())})
    requests = (
        f"(FROM (SELECT * EXCLUDE (key), key AS own, {number} AS class FROM requests) JOIN {rated} USING (class))"
    )
    return survey(database, requests, {number: key for key, number in keys.items()})


def _wholes_on(move: _Move, traffic: Traffic) -> Iterator[tuple[Whole, Key]]:
    """The sums over a time that are sold on a sheet, with their rates there."""
    for each in traffic.wholes:
        key = move.key(each.product, each.at, each.size, 0, each.requests or 1)
        if key is not None:
            yield each, key


class _Logged(NamedTuple):
    """Tokens of text by line, and their rates on the log's own model (None without a price) and on another."""

    own: Key | None
    key: Key
    lines: Mapping[str, int]


def _logged(on: Survey, traffic: Traffic, wholes: Iterable[tuple[Whole, Key]]) -> Iterator[_Logged]:
    """What the requests that are sold on another sheet read and wrote, and sums over a time."""
    own = [*traffic.keys, None]
    for (was, number), lines in _text_sums(traffic, on.requests, "COALESCE(own, -1), key"):
        yield _Logged(own[was], on.keys[number], lines)
    for each, key in wholes:
        yield _Logged(each.key, key, {**each.lines, REQUESTS: each.requests})


def _same_hits(
    case: Case, logged: Iterable[_Logged], sheets: Mapping[str, Epochs]
) -> tuple[Tally | None, Iterable[str]]:
    """What a log read and wrote on another model, and what is assumed of it; None where nothing was, or where no cache
    is sold there without rent."""
    those, tally = list(logged), Tally()
    if not any(lines[line] for _, _, lines in those for line in lines if line.startswith("cache_")):
        return None, ()
    if not any(kind(each.key, case.sheets[case.sheet]) in (WRITTEN, AUTOMATIC) for each in those):
        return None, [f"The same hits on {case.sheet} are not shown: it sells no cache without rent."]
    assumed = list[str]()
    for own, key, lines in those:
        is_unwritten = own is not None and kind(own, sheets[own.sheet]) == AUTOMATIC and bool(lines.get("cache_read"))
        if is_unwritten and kind(key, case.sheets[case.sheet]) == WRITTEN:
            assumed = [
                f"Assumed of the same hits on {case.sheet}: all that was not read is written there, since the log's "
                "own model caches it without a write."
            ]
        tally.add(key, as_logged(lines, key, case.sheets[case.sheet], all_written=is_unwritten))
    return tally, assumed


def _by_size(key: Key, epochs: Epochs) -> bool:
    """Whether the rates of a service depend on more than the day."""
    ladder = epochs.card(key).ladders.get(key.service)
    return ladder is None or len(ladder[1]) > 1


def _ranked(own: Survey, traffic: Traffic) -> list[str]:
    """The log's own sheets, those with most requests first; those of which there are only sums last."""
    counts = Counter[str]()
    for key, share in own.shares.items():
        if key is not None:
            counts[own.keys[key].sheet] += share.requests
    wholes = Counter(each.key.sheet for each in traffic.wholes)
    ranked = sorted(counts, key=lambda sheet: (-counts[sheet], sheet))
    return list(dict.fromkeys((*ranked, *(sheet for sheet, _ in wholes.most_common()))))


def _headless(database: Database, session: str) -> tuple[int, int]:
    """Sessions on a model whose first request read a cache, which was written before the log begins or by another
    session; and the fewest tokens that one of them read."""
    first = "ARG_MIN(read, CAST(moment AS HUGEINT) * 1099511627776 + place)"  # by time, then by place below 2**40
    named = "session IS NOT NULL AND key IS NOT NULL"
    query = f"SELECT {first} AS first FROM requests WHERE {named} GROUP BY {session}"
    ((headless, least),) = database.rows(f"SELECT COUNT(*), MIN(first) FROM ({query}) WHERE first > 0")
    return int(headless), int(least or 0)


def _own(case: Case, spent: Tally, traffic: Traffic, *, headless: bool) -> tuple[list[Alternative], bool]:
    """The alternatives of a model of the log, and whether its sessions share a prefix: nothing can be cheaper than the
    lower bound, and the log paid less, because one session read what another wrote. What sessions cost that each write
    the prefix is then a bound from above, unless the common tokens are known. `spent`: what text and caches
    added to the bill. `headless`: some begin with a read."""
    wholes = [each for each in traffic.wholes if each.key.sheet == case.sheet and not case.shared]
    sums, unchanged_of_sums = (traffic.sums, traffic.unchanged_of_sums) if wholes else ((), ())
    unchanged = _of_sheet(case.sheet, traffic.unchanged, unchanged_of_sums)
    part = _of_sheet(case.sheet, spent, unchanged, sums)
    paid = price(part, case.sheets).total
    # requests paid for no cache: none was written, created or rented
    only_read = not any(part.total(line) for line in ("cache_write", "creation", "storage"))
    rows = list(case.alternatives(unchanged, wholes))
    shares = any(each.bound == "lower" and each.total > paid for each in rows)
    # a session can only read what another wrote if it begins with a read
    shares = shares or (headless and case.shared and not case.bounded and _undercut(case, traffic))
    if case.common or shares:
        floor = case.floor(unchanged)
        rows = [each for each in rows if not each.bound]
        if not case.common:
            of = {kind: [each for each in rows if each.policy.partition(":")[0] == kind] for kind in _BOUNDED}
            rows = [*of.pop(FRESH), *(each._replace(bound="upper") for those in of.values() for each in those)]
        rows.append(floor._replace(total=min(floor.total, paid)))
    shown = [each._replace(paid=paid, was_on=only_read and _is_automatic(each)) for each in rows]
    return shown, shares or bool(case.common)


def _is_automatic(one: Alternative) -> bool:
    return one.policy.partition(":")[0] == AUTOMATIC


def _sample(database: Database) -> None:
    """Every n-th session of the requests that have a price, about `SAMPLED` requests in all, as the table `sampled`."""
    step = f"(SELECT (COUNT(*) + {SAMPLED - 1}) // {SAMPLED} FROM requests)"
    database.rows(
        "CREATE OR REPLACE TABLE sampled AS SELECT * FROM requests "
        f"WHERE key IS NOT NULL AND hash(session) % {step} = 0 ORDER BY place LIMIT {2 * SAMPLED}"
    )


def _undercut(case: Case, traffic: Traffic) -> bool:
    """Whether the requests of the `_sample` cost less than under any policy that knows each session alone."""
    paid = _of_sheet(case.sheet, _texts(traffic, "sampled"))
    return price(paid, case.sheets).total < least(traffic.database, "sampled", case.keys, case.sheets)


def _known(names: Iterable[str]) -> None:
    for name in names:
        if name != CLAIRVOYANT:
            policy(name)


def _without_session(shares: Iterable[Share], requests: int) -> Iterator[str]:
    alone, named = sum(share.alone for share in shares), any(share.named for share in shares)
    if alone and named:
        yield (
            f"Without a session: {counted(alone, 'request')} of {requests:,}; where others on the model name "
            "one, they are sent fresh under other policies."
        )
    elif alone:
        yield (
            f"Without a session: {counted(alone, 'request')}. Nothing says which prompts share a prefix, so what "
            "caching would have cost is bounded, and no time to live can be tried."
        )


def _worst(those: Mapping[str, Counts], sheets: Mapping[str, Epochs]) -> Iterator[Worst]:
    """The sessions that lost most, each currency by itself."""
    sessions = []
    for session, counts in those.items():
        causes = [each for each in losses(counts, sheets) if not each.needed and each.amount]
        for currency in dict.fromkeys(each.currency for each in causes):
            sessions.append(Worst(session, currency, tuple(each for each in causes if each.currency == currency)))
    yield from sorted(sessions, key=lambda each: (-each.amount, each.session))[:MOST]


def _of_sheet(sheet: str, *parts: Iterable[Cell]) -> Tally:
    return Tally(cell for cell in chain(*parts) if cell.key.sheet == sheet)


def _texts(traffic: Traffic, requests: str = "requests") -> Tally:
    """What the text of all requests that take part added to the bill."""
    keys, tally = list(traffic.keys), Tally()
    for (key,), lines in _text_sums(traffic, requests, "key"):
        tally.add(keys[key], lines)
    return tally


def _text_sums(traffic: Traffic, requests: str, by: str) -> Iterator[tuple[Sequence[int], dict[str, int]]]:
    """Tokens of text by line, with their requests and those that read a cache, for each of some numbers in SQL."""
    sums = {line: f"SUM({tokens})" for line, tokens in traffic.tokens.items()}
    sums |= {REQUESTS: "COUNT(*)", HITS: "COUNT_IF(read > 0)"}
    query = f"SELECT {by}, {', '.join(sums.values())} FROM {requests} WHERE key IS NOT NULL GROUP BY {by}"
    for row in traffic.database.rows(query):
        yield row[: -len(sums)], dict(zip(sums, row[-len(sums) :], strict=True))


def _paid(spent: Tally, sheets: Mapping[str, Epochs]) -> Decimal | None:
    """What the text of all requests cost on their own models; None where it cost several currencies."""
    currencies = {sheets[key.sheet].sheet.currency for key in spent.sums}
    return price(spent, sheets).total if len(currencies) == 1 else None
