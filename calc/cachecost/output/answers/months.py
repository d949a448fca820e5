"""A file of workloads month by month, and what a change of it does to a month, for people and programs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from ...bills.months import Course
from ..figures import amount, many, percent, plain
from ..labels import policy
from ..records import Answered, Count, Currency, ModelId, RecordFields, Text, of, record, records, rows
from ..reply import UNSERVED, Page, Reply
from ..table import Table

MARK = "<!-- cachecost diff -->"
"""Stands first in a comment, so that it can be found again and updated in place."""
Totals = dict[str, Fraction]
"""Money by currency."""


class MonthRecord(RecordFields):
    """One month of a workload; `total` null where it is not served, and `why`."""

    month: str = of(lambda bill: f"{bill.start:%Y-%m}")
    number: Count
    strategy: str | None
    total: Decimal | None
    why: str | None = of(lambda bill: bill.why or None)
    changes: list[str] = of(lambda bill: [*bill.changes])


class CourseRecord(RecordFields):
    """One workload over the months."""

    name: Text = of("traffic.name")
    model: ModelId = of("traffic.sheet.id")
    currency: Currency = of("traffic.sheet.currency")
    months: list[MonthRecord]
    total: Decimal | None


class RunRecord(Answered):
    """Every workload of a file month by month; totals by currency, null where a workload has none."""

    months: list[str]
    workloads: list[CourseRecord]
    totals: dict[str, str | None]
    sentence: Text


def run_reply(courses: Sequence[Course]) -> Reply:
    """The months of a file in every form; exit code 3 where no workload is served in any month."""
    totals: dict[str, Fraction | None] = {}
    for course in courses:
        currency = course.traffic.sheet.currency
        before = totals.get(currency, Fraction(0))
        totals[currency] = None if before is None or course.total is None else before + course.total
    listed, months = records(CourseRecord, courses), [f"{month.start:%Y-%m}" for month in courses[0].months]
    parts = [f"not known in {name}" if each is None else amount(each, name) for name, each in totals.items()]
    text = f"Total over {many(len(months), 'month')}: {' and '.join(parts)}."
    in_all = {"months": months, "workloads": listed, "totals": {name: plain(each) for name, each in totals.items()}}
    cells = [
        {"name": each["name"], "model": each["model"], "currency": each["currency"]} | month
        for each in listed
        for month in each["months"]
    ]
    served = any(month.total is not None for course in courses for month in course.months)
    return Reply(
        page=lambda: Page("", [run_table(courses)], notes(courses), (), text),
        record=lambda: record(RunRecord, courses, sentence=text, **in_all),
        rows=lambda: rows("name model month number strategy currency total why changes", cells),
        exit_code=0 if served else UNSERVED,
    )


def run_table(courses: Sequence[Course]) -> Table:
    """A row a workload, a column a month."""
    cells = [
        {"workload": course.traffic.name, "model": course.traffic.sheet.id}
        | {f"{month.start:%Y-%m}": _amount(month.total, course) for month in course.months}
        | {"total": _amount(course.total, course)}
        | {"caching": ", ".join(dict.fromkeys(policy(each.strategy) for each in course.months if each.strategy))}
        for course in courses
    ]
    return Table.of(cells, list(cells[0])[2:-1], spare=("caching",))


def _amount(total: Fraction | None, course: Course) -> str:
    return "-" if total is None else amount(total, course.traffic.sheet.currency)


def notes(courses: Sequence[Course]) -> list[str]:
    """Changes that are announced, and why a month has no total; each once."""
    texts = [
        f"{course.traffic.name}: {text}"
        for course in courses
        for month in course.months
        for text in ([month.why] if month.why else [f"{course.traffic.sheet.id}: {each}" for each in month.changes])
    ]
    return list(dict.fromkeys(texts))


class _Change(NamedTuple):
    """One workload before and after, in the same month; None where it is not in the file."""

    name: str
    before: Course | None
    after: Course | None

    @property
    def sides(self) -> list[Course]:
        return [each for each in (self.before, self.after) if each]

    @property
    def currency(self) -> str:
        return self.sides[-1].traffic.sheet.currency

    @property
    def more(self) -> Fraction | None:
        """What the month costs more; None where one side has no total, or another currency."""
        before, after = (each.total if each else Fraction(0) for each in (self.before, self.after))
        currencies = {each.traffic.sheet.currency for each in self.sides}
        return None if before is None or after is None or len(currencies) > 1 else after - before

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


class SideRecord(RecordFields):
    """A workload before or after."""

    model: ModelId = of("traffic.sheet.id")
    strategy: str | None = of(lambda course: course.months[0].strategy)
    total: Decimal | None


class MonthlyChangeRecord(RecordFields):
    """What a change does to the month of a workload."""

    name: Text
    kind: Literal["added", "removed", "changed"]
    currency: Currency
    before: SideRecord | None
    after: SideRecord | None
    more: Decimal | None


class ChangesRecord(Answered):
    """What a change of a file of workloads does to one month."""

    month: str
    changes: list[MonthlyChangeRecord]
    unchanged: list[str]
    more: dict[str, str]
    sentence: Text


def diff_reply(before: Sequence[Course], after: Sequence[Course], month: datetime) -> tuple[Reply, Totals, list[str]]:
    """The difference in every form, what the month costs more by currency, and the workloads that cost more or less by
    an amount that is not known."""
    changes, unchanged = compared(before, after)
    more: Totals = {}
    for each in changes:
        if each.more is not None:
            more[each.currency] = more.get(each.currency, Fraction(0)) + each.more
    text, listed = _sentence(changes, more, month), records(MonthlyChangeRecord, changes)
    in_all = {"month": f"{month:%Y-%m}", "changes": listed, "unchanged": unchanged, "sentence": text}
    totals = {name: plain(each) for name, each in more.items()}
    tables, known = [diff_table(changes)] if changes else [], notes([each.after for each in changes if each.after])
    columns = [(side, key) for side in ("before", "after") for key in ("model", "total")]
    cells = [each | {f"{side}_{key}": (each[side] or {}).get(key) for side, key in columns} for each in listed]
    reply = Reply(
        page=lambda: _Comment("", tables, known, (), text),
        record=lambda: record(ChangesRecord, changes, more=totals, **in_all),
        rows=lambda: rows("name kind currency before_model before_total after_model after_total more", cells),
    )
    return reply, more, [each.name for each in changes if each.after and each.more is None]


class _Comment(Page):
    """A page whose markdown begins with a mark, by which its comment is found again."""

    def markdown(self) -> str:
        return f"{MARK}\n{super().markdown()}"


def compared(before: Sequence[Course], after: Sequence[Course]) -> tuple[list[_Change], list[str]]:
    """The workloads of which something differs, by their names, and the names of the others."""
    old, new = ({each.traffic.name: each for each in side} for side in (before, after))
    changes = [_Change(name, old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old])]
    sides = ((each.name, [side and record(SideRecord, side) for side in each[1:]]) for each in changes)
    alike = {name for name, (before, after) in sides if before == after}
    return [each for each in changes if each.name not in alike], [each.name for each in changes if each.name in alike]


def diff_table(changes: Sequence[_Change]) -> Table:
    """A row a workload that differs."""
    cells = [
        {
            "workload": each.name,
            "model": " -> ".join(dict.fromkeys(side.traffic.sheet.id for side in each.sides)),
            "before": _amount(each.before.total, each.before) if each.before else "-",
            "after": _amount(each.after.total, each.after) if each.after else "-",
            "change": _change(each),
        }
        for each in changes
    ]
    return Table.of(cells, ("before", "after", "change"), spare=("model",))


def _change(each: _Change) -> str:
    if each.kind != "changed":
        return each.kind
    if each.more is None:
        return "not known"
    sign, before = "-" if each.more < 0 else "+", each.sides[0].total
    share = f" ({sign}{percent(each.more / before)})" if before and each.more else ""
    return f"{sign}{amount(abs(each.more), each.currency)}{share}"


def _sentence(changes: Sequence[_Change], more: Totals, month: datetime) -> str:
    when = f"{month:%B %Y}"
    if not changes:
        return f"{when} costs the same."
    parts = [f"{amount(abs(each), name)} {'less' if each < 0 else 'more'}" for name, each in more.items()]
    unknown = any(each.more is None for each in changes)
    text = " and ".join(parts) + (", beside what is not known" if unknown and parts else "")
    return f"{when} costs {text or 'an amount that is not known'}."
