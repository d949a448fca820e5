"""The report of a log for people: the sentence, what was paid, what could have been, and where every line went."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...replay.report import SAME, Alternative, Report
from ...units import show_instant
from ..escapes import in_markdown
from ..figures import after, count, many
from ..reply import ROUNDED
from ..screen import Screen
from ..table import Table
from .sentence import advice, length, money_of, sentence
from .tables import by_table, claim_table, class_table, loss_table, reconciled, share, what_if_table, worst_table

LISTED = 10
"""Malformed lines, doubts and models that a person is shown; JSON has them all."""


class Section(NamedTuple):
    """A heading, its table, and what is to be said below it."""

    heading: str
    table: Table | None
    remarks: tuple[str, ...] = ()


def sections(report: Report) -> Iterator[Section]:
    """The sections after the sentence, in order; empty sections are left out."""
    if report.totals:
        for word in report.words:
            table = class_table(report) if word == "class" else by_table(report, word)
            rate = (
                f"Per month: 30 days at the rate of these {length(report.span)}."
                if "per month" in table.headings and report.span
                else ""
            )
            yield Section(f"Paid, by {word}", table, (rate,))
        if "class" not in report.words:
            yield Section("Paid, by class of tokens", class_table(report), (hits(report),))
    if report.lost:
        yield Section("Of that, spent for nothing", loss_table(report), tuple(loss_remarks(report)))
    if len(report.worst) > 1:
        yield Section("Sessions that lost most", worst_table(report))
    if report.claims:
        yield Section("The log's own figures", claim_table(report))
    if report.reconciled:
        agreed = sum(not each.cause for each in report.reconciled)
        remark = f"{agreed:,} of {len(report.reconciled):,} rows agree to the last digit."
        yield Section("Reconciled with cost reports", reconciled(report), (remark,))
    elif report.billed:
        rows = [[each.item, money_of(each.amount, each.currency)] for each in report.billed]
        yield Section("Stated by cost reports", Table(["item", "amount"], rows, ("amount",)))
    same = [each for each in report.alternatives if each.same_model]
    if same:
        yield Section("The same requests under another policy", what_if_table(same), bounds(same))
    others = [each for each in report.alternatives if not each.same_model]
    if others:
        models = list(dict.fromkeys(each.on for each in others))
        where = models[0] if len(models) == 1 else "other models"
        yield Section(f"The same requests on {where}", what_if_table(others), bounds(others))


def hits(report: Report) -> str:
    """How much of the prompts a cache served, in words; sums do not say in how many requests."""
    lines = []
    for each in report.whole:
        if each.hit_share is not None and each.requests:
            those = "" if report.sums else f", in {count(each.hits)} of {many(each.requests, 'request')}"
            lines.append(f"Caches served {share(each.cache_read, each.prompt) or 'none'} of the prompt tokens{those}.")
    return " ".join(lines)


def loss_remarks(report: Report) -> Iterator[str]:
    """How causes are known, what a longer TTL would have kept, and what is no loss."""
    stated = " unless the vendor states them" if any(each.reason for each in report.lost) else ""
    yield f"Causes are inferred from the token counts of each session{stated}."
    if outlived := _sums((each.outlived, each.currency) for each in report.lost):
        yield f"With the longest TTL on sale, {outlived} of the expired caches would have lived; its writes cost more."
    if needed := _sums((each.amount, each.currency) for each in report.cold_start):
        yield f"Not counted as lost: {needed} above the input rate for first writes that were read later."


def _sums(amounts: Iterable[tuple[Decimal, str]]) -> str:
    return " and ".join(money_of(each, currency) for each, currency in amounts if each)


def bounds(alternatives: Sequence[Alternative]) -> tuple[str, ...]:
    """What the bounds and the same hits among the rows mean."""
    texts = {
        SAME: "The same hits: each token that the log read is read there; what it wrote is written for the shortest "
        "life on sale that is as long, and plain input where caching is automatic.",
        "lower": "A lower bound is no policy: none without pings goes below it, if prompts share what is assumed here.",
        "upper": "An upper bound is the worst case: what requests may have shared is written anew by each.",
    }
    kinds = {each.bound or each.policy for each in alternatives}
    return tuple(text for each, text in texts.items() if each in kinds)


def accounting(report: Report) -> list[str]:
    """Where every line and every request went, in sentences whose counts add up."""
    ledger, total = report.ledger, report.ledger.total
    parts = [f"{total.read:,} read"]
    headings = ("duplicate", "skipped", "malformed", "blank", "header", "continued")
    parts += [f"{getattr(total, name):,} {name}" for name in headings if getattr(total, name) or name == "malformed"]
    lines = [f"{many(total.entries, 'line')} of {many(len(ledger.files), 'file')}: {', '.join(parts)}."]
    result = [f"{ledger.priced:,} priced", f"{report.unpriced:,} unpriced"]
    result += [f"{report.outside:,} outside the time asked for"] if report.outside else []
    every = ledger.priced + report.unpriced + report.outside
    lines.append(f"{many(every, 'usage record' if report.sums else 'request')} read: {', '.join(result)}.")
    return lines


def sources(report: Report) -> list[str]:
    """Where the log comes from: its files with their formats, and its first and last request."""
    every = report.ledger.files
    files = [f"{file.name} ({file.format or 'no known format'})" for file in every[:LISTED]]
    more = f" and {len(every) - LISTED:,} more" if len(every) > LISTED else ""
    span = f", {show_instant(report.first)} to {show_instant(report.last)}" if report.first and report.last else ""
    return [f"Read from {', '.join(files)}{more}{span}."] if files else []


def faults(report: Report) -> Iterator[str]:
    """Warnings, the gravest first; those of rate cards last. Of each kind a few, and how many more there are."""
    ledger = report.ledger
    unpriced = [
        f"unpriced: {many(each.count, 'request')} "
        + (f"of {model}: {each.reason}" if model else "that name no model; say which they asked with --alias =MODEL")
        for model, each in sorted(ledger.unpriced.items(), key=lambda item: -item[1].count)
    ]
    empty = [f"empty: {file.name}" for file in ledger.files if not file.entries and not file.malformed]
    malformed = [f"malformed: {fault}" for fault in ledger.malformed]
    doubts = [f"doubtful: {fault}" for fault in ledger.doubts]
    for texts, number, what in (
        (unpriced, len(unpriced), "models unpriced"),
        (empty, len(empty), "empty files"),
        (malformed, max(len(malformed), ledger.total.malformed), "malformed lines"),
        (doubts, ledger.doubted, "doubtful lines"),
    ):
        yield from texts[:LISTED]
        if number > LISTED:
            yield f"and {number - LISTED:,} more {what}; --json has them"
    for reason, number in ledger.skipped.most_common(LISTED):
        yield f"skipped ({number:,}): {reason}"
    if ledger.unknown:
        keys = ", ".join(f"{key} ({number:,})" for key, number in ledger.unknown.most_common(LISTED))
        yield f"keys of usage that are not known: {keys}; tokens that another count includes were billed with it"
    yield from (f"{each.version}: {each.caution}" for each in report.rates if each.caution)


def footer(report: Report) -> list[str]:
    """What was assumed, where the rates come from, and what was rounded."""
    lines = [*report.notes, *report.ledger.notes]
    for each in report.rates[:LISTED]:
        lines.append(f"Rates: {each.version}, source read {each.checked}{after(each.terms)}")
    lines += (
        [f"and {len(report.rates) - LISTED:,} more rate cards; --json has them"] if len(report.rates) > LISTED else []
    )
    rounded = bool(report.totals or report.alternatives)
    return [*lines, ROUNDED] if rounded else lines


def on_screen(report: Report) -> Screen:
    """The whole report for a terminal or a pipe; it begins with the sentence."""
    screen = Screen()
    screen.paragraph(sentence(report), "bold", indent="")
    for line in advice(report):
        screen.paragraph(line, indent="")
    for section in sections(report):
        screen.text("")
        screen.text(section.heading, "bold")
        if section.table:
            screen.table(section.table)
        for remark in filter(None, section.remarks):
            screen.paragraph(remark, "dim")
    screen.text("")
    for line in accounting(report):
        screen.paragraph(line)
    for fault in faults(report):
        screen.paragraph(f"! {fault}", "yellow")
    for line in footer(report):
        screen.paragraph(line, "dim")
    return screen


def markdown(report: Report) -> str:
    """The whole report for a pull request or a page."""
    parts = [f"**{in_markdown(sentence(report))}**", *map(in_markdown, advice(report))]
    for section in sections(report):
        parts += [f"### {in_markdown(section.heading)}"]
        parts += [section.table.as_markdown()] if section.table else []
        parts += map(in_markdown, filter(None, section.remarks))
    parts += ["### Where the lines went", *map(in_markdown, accounting(report))]
    parts.append("\n".join(f"- {in_markdown(each)}" for each in faults(report)))
    return "\n\n".join(filter(None, [*parts, *map(in_markdown, footer(report))]))
