"""What vendors give free by day or month: the first calls of a tool, taken off the sums of a log.

Calls alone have allowances: they cost the same under every policy. Which tokens are the first would differ from policy
to policy, and no vendor of the catalogue gives tokens free beside paid ones.
"""

from collections import Counter, defaultdict
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from .account import FEE, Account
from .breakdown import WRITTEN
from .epochs import DAY, instant


class Calls(NamedTuple):
    """Calls of one tool in one part of a log: on which day, or in which hour where hours are told apart; how many are
    free, and the sums in which they are counted."""

    when: int
    free: int
    sums: dict[str, int]


def take_off(account: Account) -> list[str]:
    """Take the calls that are free off the parts of an account, and say how many, a line for each allowance.

    Periods are those of UTC, and within one the first calls are free. What one day or hour has of the last of them is
    shared out over its parts in proportion, to whole calls. Calls without a time fall in no period and are paid.
    """
    periods: dict[tuple[str, str, str], list[Calls]] = defaultdict(list)
    for part, tally in account.parts.items():
        if part.day is None:
            continue
        hour = account.label(part, "hour")
        for key, sums in tally.sums.items():
            sheet, allowance = account.sheets[key.sheet].sheet, account.card(key).allowance
            for tool, most in allowance.free.items() if allowance else ():
                if allowance and sums.get(FEE + tool):
                    whose = f"{sheet.provider}/{allowance.shared or sheet.model}"
                    period = f"{instant(part.day * DAY):{WRITTEN[allowance.per]}}"
                    calls = Calls(hour if isinstance(hour, int) else part.day, most, sums)
                    periods[whose, tool, period].append(calls)
    free, made = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (whose, tool, _period), those in periods.items():
        used, when = 0, attrgetter("when")
        for _, same in groupby(sorted(those, key=when), when):
            together = list(same)
            counts = [each.sums[FEE + tool] for each in together]
            total = sum(counts)
            rest = min(max(max(each.free for each in together) - used, 0), total)
            before = 0
            for each, count in zip(together, counts, strict=True):
                each.sums[FEE + tool] -= (before + count) * rest // total - before * rest // total
                before += count
            used += total
            free[whose, tool] += rest
            made[whose, tool] += total
    return [
        f"Free: {count:,} of {made[whose, tool]:,} calls of {tool} on {whose}, as if the log had all of the account."
        for (whose, tool), count in free.items()
    ]
