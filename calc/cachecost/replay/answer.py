"""What other policies and models come to, in money and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..strategies.names import AUTOMATIC, FRESH, STORED, WRITTEN
from .account import Account
from .breakdown import rates_of
from .cases import CLAIRVOYANT, Case
from .epochs import Epochs
from .losses import COLD, MOST, NEVER_READ, losses
from .report import Alternative, Answer, Rates, Worst, counted
from .tally import Tally, price
from .traffic import Traffic
from .whatif import FORESEEN, WhatIf

_BOUNDED = (FRESH, AUTOMATIC, WRITTEN, STORED)
"""Kinds of policies that are shown where sessions share a prefix of unknown length."""


def what_if(
    account: Account, traffic: Traffic, *, others: Sequence[Epochs] = (), names: Sequence[str] = (), common: int = 0
) -> Answer:
    """Every policy on the models of the log, then on the others; and what was lost. `common`: tokens that all sessions
    of a model begin with, whichever of them wrote them."""
    what_if = WhatIf(account, traffic, others=others, names=names, common=common)
    alternatives, sharing, notes = list[Alternative](), list[str](), list[str]()
    for case in what_if.own:
        rows, shares = _own(case, account, traffic)
        sharing += [case.sheet] * shares
        was_on = any(each.was_on for each in rows)
        notes += case.lifetime_notes(was_on=was_on) if any(map(_is_automatic, rows)) else ()
        alternatives += rows
    rates = list[Rates]()
    own, *elsewhere = what_if.surveys
    for case, survey in zip(what_if.elsewhere, elsewhere, strict=True):
        for reason, count in sorted(survey.refused.items(), key=lambda each: (-each[1], each[0])):
            notes.append(f"Without a price on {case.sheet}: {counted(count, 'request')}: {reason}")
        if not case.keys:
            continue
        paid = None if survey.refused or None in own.shares else _paid(account, traffic)
        rates += rates_of(case.keys.values(), case.sheets)
        rows = list(case.alternatives(Tally(), ()))
        if sharing and not common:  # what is sent fresh costs the same, whatever sessions share
            rows = [each for each in rows if each.policy == FRESH]
        notes += case.lifetime_notes() if any(each.policy == AUTOMATIC for each in rows) else ()
        alternatives += (each._replace(paid=paid, same_model=False) for each in rows)
    # what a session of theirs wrote, another may have read
    mine = {
        of: n for of, n in what_if.lost.counts.items() if of[0] not in (NEVER_READ, COLD) or of[1].sheet not in sharing
    }
    notes += _notes(what_if, common, compared=bool(alternatives))
    if sharing and what_if.least_read and not common:
        notes.append(
            f"Sessions begin with a read of {what_if.least_read:,} tokens or more that they did not write; other "
            f"policies are shown as if each wrote its own. --shared {what_if.least_read} takes them as shared by all."
        )
    unknown = [] if common else sharing
    worst = [] if sharing else list(_worst(what_if, account))
    return Answer(alternatives, rates, losses(mine, account.sheets), notes, unknown, worst)


def _worst(what_if: WhatIf, account: Account) -> Iterator[Worst]:
    """The sessions that lost most, each currency by itself."""
    sessions = []
    for session, lost in what_if.lost.worst.items():
        causes = [each for each in losses(lost, account.sheets) if not each.needed and each.amount]
        for currency in dict.fromkeys(each.currency for each in causes):
            sessions.append(Worst(session, currency, tuple(each for each in causes if each.currency == currency)))
    yield from sorted(sessions, key=lambda each: (-each.amount, each.session))[:MOST]


def _own(case: Case, account: Account, traffic: Traffic) -> tuple[list[Alternative], bool]:
    """The alternatives of a model of the log, and whether its sessions share a prefix: nothing can be cheaper than the
    lower bound, and the log paid less, because one session read what another wrote. What sessions cost that each write
    the prefix is then a bound from above, unless the common tokens are known."""
    wholes = [each for each in traffic.wholes if each.key.sheet == case.sheet and not case.shared]
    part = _took_part(account, traffic, case.sheet, wholes=bool(wholes))
    paid, only_read = price(part, account.sheets).total, _only_read(part)
    unchanged = Tally(cell for cell in traffic.unchanged if cell.key.sheet == case.sheet)
    rows = list(case.alternatives(unchanged, wholes))
    shares = case.undercut or any(each.bound == "lower" and each.total > paid for each in rows)
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


def _notes(what_if: WhatIf, common: int, *, compared: bool) -> Iterator[str]:
    shares = what_if.surveys[0].shares.values()
    alone, named = sum(share.alone for share in shares), any(share.named for share in shares)
    if alone and named and compared:
        yield (
            f"Without a session: {counted(alone, 'request')} of {what_if.requests:,}; where others on the model name "
            "one, they are sent fresh under other policies."
        )
    if not what_if.foreseen and any(case.shared for case in (*what_if.own, *what_if.elsewhere)):
        yield (
            f"Left out above {FORESEEN:,} requests: the bound below all policies; --policy {CLAIRVOYANT} asks for it."
        )
    if what_if.headless and not common:
        yield (
            f"Begun with a read of what the log does not show being written: {counted(what_if.headless, 'session')}; "
            "other policies pay for that write."
        )
    if named and compared and common:
        yield f"Assumed: all sessions of a model begin with the same {common:,} tokens."
    if named and compared:
        yield "Assumed: within a session a prompt begins with the one before it; a shorter one is its beginning."


def _only_read(part: Tally) -> bool:
    """Whether requests paid for no cache: none was written, created or rented."""
    return not any(part.total(line) for line in ("cache_write", "creation", "storage"))


def _took_part(account: Account, traffic: Traffic, sheet: str | None = None, *, wholes: bool = False) -> Tally:
    """What the requests that are compared added to the bill, of one sheet or of all; with sums of requests or not.
    Calls of tools cost the same under every policy, and are left out."""
    whole = account.whole()
    for tally in (traffic.timeless, *(() if wholes else (traffic.sums,))):
        for key, line, count in tally:
            whole.add(key, line, -count)
    tokens = (cell for cell in whole if not cell.line.startswith("fee."))
    return Tally(cell for cell in tokens if sheet in (None, cell.key.sheet))


def _paid(account: Account, traffic: Traffic) -> Decimal | None:
    """What all requests that take part cost on their own models; None where they cost several currencies."""
    whole = _took_part(account, traffic)
    currencies = {account.sheets[key.sheet].sheet.currency for key in whole.sums}
    return price(whole, account.sheets).total if len(currencies) == 1 else None
