"""The report of a run, and which rates were taken where the log leaves it open."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ...errors import BadUsage
from ...replay.account import Account
from ...replay.breakdown import by_currency, report, take_off
from ...replay.reconcile import reconcile
from ...replay.report import Report, WhatIf
from ...replay.run import Run
from ...replay.tally import price
from ..figures import many, span

CLOUDS = ("azure/", "bedrock/", "google-vertex/")
"""Providers whose rates depend on where a request ran, and not on what it asked for."""


def summed_up(
    run: Run, answer: WhatIf | str, *, today: date, stopped: bool = False, reconciling: bool = False
) -> Report:
    """The report of what was read; of nothing but what was paid where `answer` says why."""
    answer = WhatIf(notes=[answer]) if isinstance(answer, str) else answer
    if reconciling and not stopped and not run.account.charges:
        raise BadUsage("none of the files is a cost report or an invoice; name one beside the usage", word="reconcile")
    free = take_off(run.account)
    return report(
        run.account,
        replace(answer, notes=[*free, *_assumed(run.account), *answer.notes]),
        reconciled=reconcile(run.account, run.ledger.unpriced) if reconciling else (),
        stopped=stopped,
        ledger=run.ledger,
        outside=run.outside,
        today=today,
    )


def _assumed(account: Account) -> Iterator[str]:
    """Which rates were taken where the log leaves it open."""
    today = "priced at today's rates; give as_of for those of another day."
    if account.as_of is None and account.timeless:
        yield f"Without a time: {many(account.timeless, 'request')}, {today}"
    if account.as_of is None and account.relative:
        yield f"With a time since a trace began: {many(account.relative, 'request')}, {today}"
    if account.sums:
        yield f"Sums over a time: {many(account.sums, 'record')}, each at the rates of its beginning."
        yield from _between(account)
    yield from _regions(account)
    if account.calls:
        tools = ", ".join(f"{tool.replace('_', ' ')} ({number:,})" for tool, number in account.calls.most_common())
        yield f"Calls of tools cost a fee beside their tokens, which is not priced: {tools}."


def _between(account: Account) -> Iterator[str]:
    """What sums come to, where that depends on the sizes of prompts that they do not say."""
    least, most = (by_currency(price(tally, account.sheets), account.sheets) for tally in (account.least, account.most))
    for currency in least:
        if least[currency] != most[currency]:
            cost = span((least[currency], most[currency]), currency)
            why = "since rates depend on the size of each prompt, which they do not state"
            yield f"Sums over a time: they cost {cost}, {why}."


def _regions(account: Account) -> Iterator[str]:
    """Models of clouds whose rates differ by region, where neither the log nor the user names one."""
    keys, region = account.whole().sums, account.region
    if region:
        if keys and not any(key.region for key in keys):
            yield f"No model of this log has other rates in the region {region}: the general ones are used."
        return
    regional = (
        key.sheet
        for key in keys
        if key.sheet.startswith(CLOUDS) and not key.region and account.card(key).regions and "[" not in key.sheet
    )
    if models := ", ".join(dict.fromkeys(regional)):
        yield f"Priced as the global endpoint, since the log names no region and none is given: {models}."
