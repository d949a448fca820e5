"""`cachecost run` and `cachecost diff`: a file of workloads month by month, and what a change of it does to a month."""

import json as texts
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ... import clock
from ...bills.months import Course, months_from, over_months
from ...catalog.catalog import Catalog
from ...errors import BadDocument
from ...files.reading import is_file
from ...files.yaml_text import read_side_file
from ...output.answers.months import diff_reply, run_reply
from ...output.figures import amount, many, plain
from ...output.reply import UNSERVED, Reply, emit
from ...prices.sheet import PriceSheet
from ...questions import reading
from ...questions.words import Question
from ...questions.workload_file import RUN, month as month_of, schema as file_schema, starts, workloads_of
from .. import options
from ..progress import message

FILE = typer.Argument(metavar="FILE", help="A file of workloads, such as workloads.yaml.")
UNPRICED = "Exit 3 where a part has no price."
MOST = typer.Option("--fail-over", metavar="MONEY", help=f"Exit 1 if any month costs more in all: 500. {UNPRICED}")
MORE = typer.Option(
    "--fail-over", metavar="MONEY", help=f"Exit 1 if the month costs this much more than before: 100. {UNPRICED}"
)
BASE = typer.Argument(metavar="BASE", help="Another such file, or a git revision: main, HEAD~1.")
CHECK = typer.Option("--check", help="Only check the file: every fault with its line.")
SCHEMA = typer.Option("--schema", help="Print the JSON schema of such a file.")


@options.answered
def run(
    file: Annotated[Path | None, FILE] = None,
    words: Annotated[dict[str, str], RUN] = {},  # noqa: B006
    check: Annotated[bool, CHECK] = False,
    schema: Annotated[bool, SCHEMA] = False,
    prices: options.Prices = None,
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    fail_over: Annotated[str, MOST] = "",
) -> Reply | None:
    """Price a file of workloads month by month.

    Price changes that are announced are included.

    cachecost run workloads.yaml --months 6
    cachecost run workloads.yaml --check
    """
    if schema:
        emit(texts.dumps(file_schema(), indent=2), None)
        return None
    if file is None:
        raise BadDocument("name a file of workloads, such as workloads.yaml", word="file")
    budget = reading.maybe("fail_over", reading.price, fail_over)
    courses = _courses(file, options.catalog(prices, discount, terms), starts(words, clock.now()), check=check)
    if check:
        print(f"{many(len(courses), 'workload')}, no fault")
        return None
    answer = run_reply(courses)
    names = [f"{month.start:%Y-%m}" for month in courses[0].months]
    if over := [name for place, name in enumerate(names) if budget is not None and _over(courses, place, budget)]:
        message(f"{', '.join(over)} cost{'s' * (len(over) == 1)} more than {plain(budget)}; see --fail-over")
        return answer._replace(exit_code=1)
    return _known(answer, budget, [each.traffic.name for each in courses if each.total is None])


@options.answered
def diff(
    file: Annotated[Path, FILE],
    base: Annotated[str, BASE],
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="Which month: 2027-01 (default: this).")] = "",
    prices: options.Prices = None,
    discount: options.Discount = "",
    terms: options.TermsFile = "",
    fail_over: Annotated[str, MORE] = "",
) -> Reply:
    """Say what a change of a file of workloads does to a month.

    cachecost diff workloads.yaml main --format markdown
    """
    from ...review.revisions import prices_at as folder_at

    budget = reading.maybe("fail_over", reading.price, fail_over)
    start = reading.maybe("month", month_of, month) or clock.now()
    catalog, months = options.catalog(prices, discount, terms), months_from(start, 1)
    after = _courses(file, catalog, months)
    if is_file(Path(base)):
        before = _courses(Path(base), catalog, months)
    else:
        with folder_at(base, folder=file.absolute().parent, what="file") as folder:
            there = folder / file.name
            before = _courses(there, catalog, months) if is_file(there) else []
    answer, more, unknown = diff_reply(before, after, months[0])
    if budget is not None and (over := [f"{amount(each, name)}" for name, each in more.items() if each > budget]):
        message(f"{' and '.join(over)} more a month is over {plain(budget)}; see --fail-over")
        return answer._replace(exit_code=1)
    return _known(answer, budget, unknown)


def _known(answer: Reply, budget: Decimal | None, unknown: Sequence[str]) -> Reply:
    """The answer, with exit code 3 where a budget may be exceeded by workloads that have no price."""
    if budget is None or not unknown:
        return answer
    message(f"{', '.join(unknown)}: no price is known, so a budget of {plain(budget)} may be exceeded; see --fail-over")
    return answer._replace(exit_code=UNSERVED)


def _courses(path: Path, catalog: Catalog, starts: Sequence[datetime], *, check: bool = False) -> list[Course]:
    """Every workload of a file, over the months."""

    def counted(document: str) -> Callable[[PriceSheet], int]:
        count = options.of_documents(Question(file=[document]), catalog.folder)
        return lambda sheet: count(sheet).tokens

    find: partial[PriceSheet] = partial(options.sheet, catalog, at=starts[0])
    traffic = workloads_of(read_side_file(path), sheet=find, counter=counted, folder=catalog.folder)
    return [Course(each, ()) if check else over_months(each, starts) for each in traffic]


def _over(courses: Sequence[Course], place: int, budget: object) -> bool:
    """Whether a month costs more than a budget in any currency."""
    sums: dict[str, Fraction] = {}
    for course in courses:
        currency, total = course.traffic.sheet.currency, course.months[place].total
        sums[currency] = sums.get(currency, Fraction(0)) + (total or 0)
    return any(each > Fraction(str(budget)) for each in sums.values())
