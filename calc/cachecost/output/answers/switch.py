"""Stay or switch in the middle of a conversation, for people and programs."""

from decimal import Decimal
from fractions import Fraction

from ...advice.onward import Onward, Switch
from ..figures import amount, cited, count, given, intervals, many, ordinal
from ..labels import policy
from ..records import LATER, Answered, Count, Currency, ModelId, RecordFields, Text, Version, of, record, rows
from ..reply import Page, Reply
from ..table import Table
from .measures import BreakEvenRecord
from .question import WorkloadRecord


class SwitchCourseRecord(RecordFields):
    """One of the two: what the turns from the switch on cost, and the whole conversation."""

    model: ModelId = of("plan.sheet.id")
    version: Version = of(lambda onward: onward.plan.sheet.version(onward.plan.card))
    strategy: Text = of("plan.strategy")
    first_turn: Decimal = of(lambda onward: onward.exact_total(1))
    turns: Decimal
    total: Decimal


class SwitchRecord(Answered):
    """A conversation that stays on a model beside one that switches at a turn."""

    currency: Currency = of("stay.plan.sheet.currency")
    workload: WorkloadRecord
    at_turn: Count = of("turn")
    token_ratio: Fraction = of("ratio")
    before: Decimal
    stay: SwitchCourseRecord
    switch: SwitchCourseRecord
    saved: Decimal
    pays: BreakEvenRecord
    note: str | None
    sentence: Text = of(lambda switch: sentence(switch))
    counted: str | None = LATER


def reply(switch: Switch) -> Reply:
    """The answer in every form."""
    turns = {name: switch.costs(onward) for name, onward in _courses(switch).items()}
    courses = {
        name: record(SwitchCourseRecord, onward, turns=turns[name], total=switch.before + turns[name])
        for name, onward in _courses(switch).items()
    }
    cells = [{"course": name} | each for name, each in courses.items()]
    return Reply(
        page=lambda: page(switch),
        record=lambda: record(SwitchRecord, switch, **courses),
        rows=lambda: rows("course model version strategy first_turn turns total", cells),
    )


def _courses(switch: Switch) -> dict[str, Onward]:
    return {"stay": switch.stay, "switch": switch.switch}


def page(switch: Switch) -> Page:
    """A row a course, what is assumed, and where the rates come from."""
    currency, work, courses = switch.stay.plan.sheet.currency, switch.workload, _courses(switch)
    cells = [
        {
            "course": f"{name} {'to' if name == 'switch' else 'on'} {onward.plan.sheet.id}",
            "the turn": amount(onward.exact_total(1), currency),
            f"{many(switch.follow, 'turn')} from it on": amount(switch.costs(onward), currency),
            f"all {count(work.queries)}": amount(switch.before + switch.costs(onward), currency),
            "as": policy(onward.plan.strategy),
        }
        for name, onward in courses.items()
    ]
    sizes = f"each with {count(work.question)} of question and {count(work.answer)} of answer"
    turns = f"{many(work.queries, 'turn')} from {many(work.context, 'token')}"
    tokens = f"{given(switch.ratio)} tokens for one" if switch.ratio != 1 else "the same tokens"
    other = switch.switch.plan
    sent = f"{other.sheet.id} is sent the whole context once, {many(other.workload.prompt, 'token')}"
    return Page(
        f"{turns}, {sizes}; a switch at the {ordinal(switch.turn)} turn",
        [Table.of(cells, list(cells[0])[1:4], spare=("as",))],
        [switch.note] if switch.note else (),
        [
            f"Assumed: {sent} ({tokens}); what it then answers is as long.",
            *(cited(each.plan.sheet, each.plan.sheet.version(each.plan.card)) for each in courses.values()),
        ],
        sentence(switch),
    )


def sentence(switch: Switch) -> str:
    """`Switching pays if 6 more turns follow; over these 13 it saves $0.42.`"""
    currency, saved, pays = switch.stay.plan.sheet.currency, switch.saved, switch.pays
    over = f"over these {count(switch.follow)}" if switch.follow > 1 else "in this one"
    bill = amount(abs(saved), currency)
    effect = f"{over} it {f'saves {bill}' if saved > 0 else f'costs {bill} more'}"
    if not saved and pays.first is None:
        return "Switching makes no difference."
    if pays.first is None:
        return f"Switching never pays in {count(pays.horizon or 0)} turns; {effect}."
    if pays.stable_from is None:
        return f"Switching pays if {intervals(pays, '+', ' to ')} more turns follow, and no longer; {effect}."
    follow = f"{many(pays.stable_from, 'more turn')} follow{'s' if pays.stable_from == 1 else ''}"
    return f"Switching pays if {follow}; {effect}."
