"""The same requests under other policies, in money and words; and what was lost.

First all requests are surveyed: which rates they have here and on other sheets decides which policies there are. Then
the requests of each sheet are weighed under each policy, in whole tokens.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from ..units import counted
from .account import Account
from .cases import CLAIRVOYANT, SheetCase, Weighing
from .clairvoyant import least
from .epochs import Epochs
from .losses import COLD, MOST, NEVER_READ, Counts, losses, lost
from .other_models import on_model
from .policies import policy
from .report import Alternative, WhatIf, Worst
from .survey import Database, RequestSurvey, Share, survey
from .tally import STORAGE, Cell, Tally, price
from .touches import PLACES
from .traffic import RequestTable

FORESEEN = 100_000
"""Requests of a log up to which the bound below all policies is worked out unasked: some seconds."""
SAMPLED = 20_000
"""Requests that are looked at for a prefix that sessions share, where no bound is worked out for all."""
_BOUNDED = (FRESH, AUTOMATIC, WRITTEN, STORED)
"""Kinds of policies that are shown where sessions share a prefix of unknown length."""


def what_if(
    account: Account,
    traffic: RequestTable,
    *,
    others: Sequence[Epochs] = (),
    names: Sequence[str] = (),
    common: int = 0,
) -> WhatIf:
    """Every policy on the models of the log, then on the `others`; and what was lost. `names`: only these policies.
    `common`: tokens that all sessions of a model begin with, whichever of them wrote them. BadWorkload where a name is
    no policy."""
    for name in names:
        if name != CLAIRVOYANT:
            policy(name)
    database, sheets = traffic.database, account.sheets
    own = survey(database, "requests", dict(enumerate(traffic.keys)), sheets)
    shares = own.shares.values()
    requests = sum(share.requests for share in shares)
    weighing = Weighing(names, common, requests <= FORESEEN or bool(names))
    is_read = any(share.reads and share.named for share in shares)
    headless, least_read = _headless(own) if is_read else (0, 0)
    if headless:
        _sample(database)
    gone, worst = lost(own, list(traffic.lines))
    # every cache that was created and rented counts as paid; calls of tools cost the same under every policy
    caches = (cell for cell in account.whole() if cell[1].startswith(("creation", STORAGE)))
    spent = Tally((*_texts(traffic), *caches))
    cases = [SheetCase(sheet, own, weighing) for sheet in _ranked(own, traffic)]
    alternatives, sharing, notes = list[Alternative](), list[str](), list[str]()
    for case in cases:
        rows, shares_prefix = _own(case, spent, traffic, headless=headless > 0)
        sharing += [case.sheet] * shares_prefix
        automatic = [each for each in rows if _is_automatic(each)]
        notes += case.lifetime_notes(was_on=any(each.was_on for each in automatic)) if automatic else ()
        alternatives += rows
    is_unknown = bool(sharing) and not common
    paid = None if None in own.shares else spent
    moved = [on_model(each, account, traffic, weighing, paid, is_bound=is_unknown) for each in others]
    for other in moved:
        alternatives += other.alternatives
        notes += other.notes
    if any(other.alternatives for other in moved) and (traffic.unchanged.sums or traffic.unchanged_of_sums.sums):
        notes.append(
            "Other models are compared by text alone: tokens of audio, images and video count on neither side."
        )
    notes += _without_session(shares, requests) if alternatives else ()
    absent = [name for name in dict.fromkeys(names) if all(each.policy != name for each in alternatives)]
    shared = any(case.shared for case in cases) or any(other.shared for other in moved)
    if absent and shared and not sharing:
        notes.append(f"Sold by no model that is compared here: {', '.join(absent)}.")
    if shared and not weighing.foreseen:
        notes.append(f"Left out above {FORESEEN:,} requests: the bound below all policies, the policy {CLAIRVOYANT}.")
    if not common:
        notes += _begun_with_a_read(headless, least_read if sharing else 0)
    if alternatives and any(share.named for share in shares):
        notes += _assumed(common)
    # what a session of theirs wrote, another may have read
    mine = {of: n for of, n in gone.items() if of[0] not in (NEVER_READ, COLD) or of[1].sheet not in sharing}
    return WhatIf(
        alternatives=alternatives,
        rates=[rates for other in moved for rates in other.rates],
        losses=losses(mine, sheets),
        notes=notes,
        sharing=sharing if is_unknown else (),
        worst=() if sharing else tuple(_worst(worst, sheets)),
    )


def _ranked(own: RequestSurvey, traffic: RequestTable) -> list[str]:
    """The log's own sheets, those with most requests first; those of which there are only sums last."""
    counts = Counter[str]()
    for key, share in own.shares.items():
        if key is not None:
            counts[own.keys[key].sheet] += share.requests
    wholes = Counter(each.key.sheet for each in traffic.wholes)
    ranked = sorted(counts, key=lambda sheet: (-counts[sheet], sheet))
    return list(dict.fromkeys((*ranked, *(sheet for sheet, _ in wholes.most_common()))))


def _headless(own: RequestSurvey) -> tuple[int, int]:
    """Sessions on a model whose first request read a cache, which was written before the log begins or by another
    session; and the fewest tokens that one of them read."""
    first = f"ARG_MIN(read, CAST(moment AS HUGEINT) * {PLACES} + place)"
    named = "session IS NOT NULL AND key IS NOT NULL"
    query = f"SELECT {first} AS first FROM requests WHERE {named} GROUP BY {own.session}"
    ((headless, least),) = own.database.rows(f"SELECT COUNT(*), MIN(first) FROM ({query}) WHERE first > 0")
    return int(headless), int(least or 0)


def _own(case: SheetCase, spent: Tally, traffic: RequestTable, *, headless: bool) -> tuple[list[Alternative], bool]:
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


def _undercut(case: SheetCase, traffic: RequestTable) -> bool:
    """Whether the requests of the `_sample` cost less than under any policy that knows each session alone."""
    paid = _of_sheet(case.sheet, _texts(traffic, "sampled"))
    return price(paid, case.sheets).total < least(case.survey._replace(requests="sampled"))


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


def _begun_with_a_read(headless: int, least_read: int) -> Iterator[str]:
    """Of sessions whose first request read a cache. `least_read`: where what they share is not known."""
    if headless:
        yield (
            f"Begun with a read of what the log does not show being written: {counted(headless, 'session')}; "
            "other policies pay for that write."
        )
    if least_read:
        yield (
            f"Sessions begin with a read of {least_read:,} tokens or more that they did not write; other "
            f"policies are shown as if each wrote its own; {least_read} for shared takes them as one for all."
        )


def _assumed(common: int) -> Iterator[str]:
    if common:
        yield f"Assumed: all sessions of a model begin with the same {counted(common, 'token')}."
    yield "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."


def _worst(those: Mapping[str, Counts], sheets: Mapping[str, Epochs]) -> Iterator[Worst]:
    """The sessions that lost most, each currency by itself."""
    sessions = []
    for session, counts in those.items():
        causes = [each for each in losses(counts, sheets) if not each.needed and each.amount]
        for currency in dict.fromkeys(each.currency for each in causes):
            sessions.append(Worst(session, currency, tuple(each for each in causes if each.currency == currency)))
    yield from sorted(sessions, key=lambda each: (-each.amount, each.session))[:MOST]


def _of_sheet(sheet: str, *parts: Iterable[Cell]) -> Tally:
    return Tally((key, line, count) for key, line, count in chain(*parts) if key.sheet == sheet)


def _texts(traffic: RequestTable, requests: str = "requests") -> Tally:
    """What the text of all requests that take part added to the bill."""
    keys, tally = list(traffic.keys), Tally()
    for (key,), lines in traffic.text_sums(requests, "key"):
        tally.add(keys[key], lines)
    return tally
