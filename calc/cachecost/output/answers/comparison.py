"""A comparison for people: what was asked, the table, what to know, where the rates come from, the sentence."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from ...bills.break_even import BreakEven
from ...bills.comparison import Answer, Comparison
from ...bills.measures import Counted, Lives
from ...prices.card import Dispute
from ...strategies.assumptions import Assumptions
from ...strategies.names import FRESH, STORED, parsed
from ...strategies.plan import Plan
from ...workload.arrivals import CLOSED
from ...workload.workload import Workload
from ..figures import amount, cited, count, duration, intervals, is_rounded, many, percent, signed, span
from ..labels import CREATION
from ..records import Record, record, rows
from ..reply import UNSERVED, Page, Reply
from ..table import Table
from .quote import line_cells
from .records import AnswerRecord, ComparisonRecord
from .sentence import sentence
from .spacing import apart, near, spacing_record

FIGURES = ("total", "estimated", "per query", "savings", "saved", "of at most", "quantity", "rate", "amount")


COLUMNS = (
    "model version strategy currency total per_query savings savings_ratio break_even.first break_even.stable_from "
    "status free total_low total_high warnings"
)


def reply(comparison: Comparison, counted: str = "", *, lines: bool = False) -> Reply:
    """A comparison in every form; `counted` says how documents were counted, `lines` adds the line items."""
    return Reply(
        page=lambda: Page(
            question(comparison.workload, comparison.assumptions, [each.context for each in comparison.answers]),
            [table(comparison), *([lines_table(comparison)] if lines else [])],
            notes(comparison),
            footer(comparison),
            sentence(comparison),
            about=[counted],
        ),
        record=lambda: record(
            ComparisonRecord,
            comparison,
            answers=_answers(comparison),
            sentence=sentence(comparison),
            counted=counted or None,
        ),
        rows=lambda: rows(COLUMNS, _answers(comparison)),
        exit_code=0 if comparison.served else UNSERVED,
    )


def _answers(comparison: Comparison) -> list[Record]:
    return [
        record(AnswerRecord, each, spacing=spacing_record(each.spacing, each.total, each.sheet.currency))
        for each in comparison.answers
    ]


def question(work: Workload, assumptions: Assumptions, contexts: Iterable[int]) -> str:
    """The question in one line; the context has other lengths on other models."""
    lengths = sorted({count(tokens) for tokens in contexts})
    queries = many(work.queries, "turn") + " from" if work.grows else many(work.queries, "query", "queries") + " over"
    texts = [f"{queries} {' / '.join(lengths)} tokens"]
    texts.append(f"each with {count(work.question)} of question and {count(work.answer)} of answer")
    if work.tools:
        texts.append(f"{count(work.tools)} of tool results")
    texts += [spread(work), f"from {work.start:%Y-%m-%d %H:%M} UTC"]
    if assumptions.service != "standard":
        texts.append(f"service {assumptions.service}")
    return ", ".join(texts)


def spread(work: Workload) -> str:
    """How the queries come, in words."""
    if work.rate is not None:
        per = f"{count(work.rate)} an hour"
        return f"at a Poisson rate of {per}" if work.arrivals == "poisson" else f"evenly, {per}"
    if work.office:
        office = work.office
        pace = f"one every {duration(office.every)}"
        pace = pace if office.rate is None else f"at a Poisson rate of {count(office.rate)} an hour"
        return f"{pace}, open {office.text}"
    if work.times:
        return f"at {count(len(set(work.times)))} given instants"
    if work.every is not None:
        return f"one every {duration(work.every)}"
    if work.over is not None:
        return f"{'at random' if work.arrivals == 'random' else 'evenly'} over {duration(work.over)}"
    return "all within one time to live"


def table(comparison: Comparison) -> Table:
    """A row an answer."""
    ids = {answer.model for answer in comparison.answers}
    short = len({answer.sheet.model for answer in comparison.answers}) == len(ids)
    cells = [_shown(answer, short) for answer in comparison.answers]
    headings = ["model", "strategy", "total", "estimated", "per query", "savings", "saved", "of at most", "pays for N"]
    shown = Table(headings, cells, FIGURES, spare=("of at most", "savings", "per query")).without_empty("estimated")
    return shown.without("model") if len(ids) == 1 else shown


def _shown(answer: Answer, short: bool) -> list[str]:
    currency = answer.sheet.currency
    name = answer.sheet.model if short else answer.model
    if answer.refusal:
        return [name, answer.strategy, answer.status, "", "", "", "", "", "never"]
    fresh = answer.break_even is None
    bound = "" if answer.savings_bound is None else percent(answer.savings_bound)
    return [
        name,
        answer.strategy,
        "free" if answer.free else amount(answer.total, currency),
        estimated(answer.counted, currency),
        amount(answer.per_query, currency),
        "" if fresh else amount(answer.savings, currency),
        "" if fresh else signed(answer.savings_ratio),
        bound,
        "" if fresh else pays_for(answer.break_even),
    ]


def estimated(counted: Counted | None, currency: str) -> str:
    """`$6.03 to $10.05`: what the bill may be where the tokens of a document were only estimated."""
    return span(counted[:2], currency) if counted else ""


def pays_for(break_even: BreakEven | None) -> str:
    """`4+`, `2-4`, `6, 8+`, `never`: the numbers of queries, short."""
    tried = f" of {break_even.horizon:,} tried" if break_even and break_even.intervals and break_even.horizon else ""
    return intervals(break_even, "+", "-") + tried


def lines_table(comparison: Comparison) -> Table:
    """The line items of every answer."""
    several = len({answer.model for answer in comparison.answers}) > 1
    cells = []
    for answer in comparison.served:
        name = f"{answer.sheet.id} {answer.strategy}" if several else answer.strategy
        for line in answer.lines:
            cells.append([name, *line_cells(line, answer.sheet.currency)])
            name = ""
    return Table(["strategy", "line", "quantity", "unit", "rate", "amount"], cells, FIGURES, spare=("unit",))


def notes(comparison: Comparison) -> list[str]:
    """Every warning once, with the strategies that it is about where it is not about all."""
    told: dict[str, list[Answer]] = {}
    for answer in comparison.answers:
        for warning in (*answer.warnings, *(() if answer.refusal else _of_figures(answer))):
            told.setdefault(warning, []).append(answer)
    found = [f"{about}{warning}" for warning, answers in told.items() for about in [_about(answers, comparison)]]
    return [*found, *(f"left out: {reason}" for reason in comparison.left_out)]


def _about(answers: list[Answer], comparison: Comparison) -> str:
    """What a warning is about, as a lead: some strategies, some models, one strategy of a model; nothing for all."""
    if len(answers) == len(comparison.answers):
        return ""
    models = sorted({answer.sheet.model for answer in answers})
    if len({answer.model for answer in comparison.answers}) == 1:
        return f"{', '.join(answer.strategy for answer in answers)}: "
    if len(models) == 1 and len(answers) == 1:
        return f"{models[0]} {answers[0].strategy}: "
    return f"{', '.join(models)}: "


def _of_figures(answer: Answer) -> Iterator[str]:
    currency = answer.sheet.currency
    if answer.spacing and answer.spacing.gap is not None:
        yield near(answer.spacing, answer.total, currency)
    if answer.band:
        low, high = (amount(end, currency) for end in answer.band)
        yield f"best effort: {low} if every later query in time hits, {high} if none does"
    if answer.lives:
        yield lived(answer.lives, currency)
    if answer.range:
        terms = "; ".join(disputed(dispute) for dispute in answer.range.disputes)
        yield f"{span(answer.range[:2], currency)}, since sources disagree: {terms}"


def lived(lives: Lives, currency: str) -> str:
    """`$0.2378 to $1.25, since the vendor keeps an automatic cache for 5 min to 1 h after its last use; ...`."""
    least, most = duration(lives.least), duration(lives.most)
    kept = f"the vendor keeps an automatic cache for {least} to {most} after its last use"
    low, high = sorted((lives.at_least, lives.at_most))
    return f"{span((low, high), currency)}, since {kept}; counted here as lost after {least}"


def disputed(dispute: Dispute) -> str:
    """`stored.creation is input here, but free at https://…`."""
    others = ", ".join(f"{value} at {source}" for value, source in dispute.others)
    return f"{dispute.name} is {dispute.taken} here, but {others}"


def footer(comparison: Comparison) -> list[str]:
    """Assumptions, where the rates come from, and what was rounded."""
    lines = []
    if comparison.served:
        best = comparison.best
        spaced = [(each.strategy, each.spacing) for each in comparison.served if each.sheet is best.sheet]
        texts = (apart(spaced, best.sheet.currency), _assumed(comparison), _break_evens(comparison))
        lines = [text for text in texts if text]
    lines += dict.fromkeys(cited(answer.sheet, answer.version) for answer in comparison.answers)
    figures = [value for answer in comparison.answers for value in (answer.total, answer.savings, answer.per_query)]
    if any(map(is_rounded, figures)):
        lines.append("Amounts are rounded here; --json has every digit.")
    return lines


def _assumed(comparison: Comparison) -> str:
    texts = []
    asked = comparison.assumptions
    stored = [answer for answer in comparison.answers if answer.strategy == STORED and answer.hold]
    if stored and (hold := stored[0].hold):
        plan = Plan(STORED, comparison.workload, stored[0].sheet, asked)
        creation = CREATION[plan.creation]
        first = (
            "the first query reads the cache" if asked.first_query == "reads" else "the first query creates the cache"
        )
        texts += [f"stored for {duration(hold)}", creation, first]
        texts.append(f"rent is paid by the {plan.billed_per}")
    texts += assumed(comparison.workload, asked, {answer.expected: None for answer in comparison.answers})
    if any(parsed(answer.strategy).kind not in (FRESH, STORED) for answer in comparison.answers):
        share = Fraction(asked.hit_share)
        every = "every later query that finds its entry hits" if asked.eviction else "every later query in time hits"
        texts.append(every if share == 1 else f"{percent(share)} of the later queries hit")
    return f"Assumed: {'; '.join(texts)}." if texts else ""


def assumed(work: Workload, assumptions: Assumptions, known: Iterable[str | None]) -> list[str]:
    """What is lost before its time, and how hits and misses are known where they are expected numbers."""
    ways, eviction, found = [way for way in known if way], assumptions.eviction, []
    if eviction:
        source = f" (reported at {eviction.source}, seen {eviction.seen})" if eviction.source else ""
        found = [f"entries are evicted before their time, {eviction.name}{source}"]
    found += [f"hits and misses are expected numbers, by {way}" for way in ways if way == CLOSED]
    found += [f"hits and misses are {way}" for way in ways if way != CLOSED]
    if not ways and work.arrivals != "even":
        found.append(f"hits and misses are expected numbers, by {CLOSED}")
    return found


def _break_evens(comparison: Comparison) -> str:
    texts = []
    for answer in comparison.answers:
        if answer.break_even_rate_per_hour is not None:
            texts.append(f"{answer.strategy} pays above {count(answer.break_even_rate_per_hour)} queries per hour")
        if answer.break_even_hit_share:
            texts.append(f"{answer.strategy} pays from a hit share of {percent(answer.break_even_hit_share)}")
    one_model = len({answer.model for answer in comparison.answers}) == 1
    return f"In the long run {'; '.join(texts)}." if texts and one_model else ""
