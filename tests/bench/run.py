"""Speed and memory, each figure beside another measured in the same run. `make bench` prints them."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from genai_prices import Usage as PeerUsage, calc_price

from cachecost.advice.advice import Advice, across
from cachecost.advice.bounds import bounds
from cachecost.bills.comparison import compare
from cachecost.catalog.catalog import Catalog
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.strategies.assumptions import Assumptions
from cachecost.sweep.grid import Grid
from cachecost.sweep.lines import Axis
from cachecost.workload.workload import Workload

from .engines import engines
from .replay import replays
from .serving import serving

BIN = Path(sys.executable).parent
HELLO = """\
import typer
app = typer.Typer()
@app.command()
def main(name: str = "you") -> None:
    print("hello", name)
app()
"""
COMPARE = [str(BIN / "cachecost"), "compare", "gemini-2.5-pro", "--context", "1M"]
SESSION = Path(__file__).parents[2] / "docs" / "session.jsonl"
CURVE = [str(BIN / "cachecost"), "curve", "gemini-2.5-pro", "--context", "1M", "--format", "csv", "--queries"]


def each(call: Callable[[], object], number: int) -> float:
    """Seconds for one call: the best of seven rounds."""
    return min(timeit.repeat(call, number=number, repeat=7)) / number


def processes(commands: dict[str, list[str]], rounds: int = 15) -> dict[str, float]:
    """Median seconds of processor time of whole processes, taken in turns so that they share the machine's moods."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds[name].append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def peak_memory(command: list[str]) -> float:
    """Largest resident set of a process, in MB."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
    script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    return int(subprocess.check_output([sys.executable, "-c", script, *command])) / 1024


def quotes() -> None:
    """One quote, row lookup by instant and prompt size included, against two libraries on the same usage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        import litellm
    sheet = Catalog().sheet("gemini-2.5-pro")
    at = datetime(2026, 10, 31, tzinfo=UTC)
    ours = Usage(input=20_000, cache_read=80_000, output=1_000)
    theirs = PeerUsage(input_tokens=100_000, cache_read_tokens=80_000, output_tokens=1_000)
    lite = {"prompt_tokens": 100_000, "completion_tokens": 1_000, "cache_read_input_tokens": 80_000}
    total = each(lambda: quote(ours, sheet, at=at), 20_000)
    lines = each(lambda: quote(ours, sheet, at=at).lines, 20_000)
    genai = each(lambda: calc_price(theirs, "gemini-2.5-pro", provider_id="google", genai_request_timestamp=at), 1_000)
    litellm_ = each(lambda: litellm.cost_per_token(model="gemini/gemini-2.5-pro", **lite), 500)
    fastest = min(genai, litellm_)
    print(f"one quote                      {total * 1e6:8.2f} us")
    print(f"one quote with its line items  {lines * 1e6:8.2f} us")
    print(f"genai_prices.calc_price        {genai * 1e6:8.2f} us")
    print(f"litellm.cost_per_token         {litellm_ * 1e6:8.2f} us")
    print(f"  faster than the faster of the two: {fastest / total:.1f}x; with line items {fastest / lines:.1f}x")
    comparisons(lambda: quote(ours, sheet, at=at))


def comparisons(one_quote: Callable[[], object], rounds: int = 30) -> None:
    """Every strategy of one model with break-even, bounds and disputed readings. Quotes and comparisons are taken in
    short turns, so that they share the machine's moods."""
    catalog, today = Catalog(), date(2026, 11, 22)
    for model in ("gemini-2.5-pro", "claude-opus-5-5", "gpt-4o"):
        asks = [(catalog.sheet(model), asked(queries=50))]
        comparison = partial(compare, asks, today=today)
        turns = [(timeit.timeit(one_quote, number=500), timeit.timeit(comparison, number=2)) for _ in range(rounds)]
        quoted, compared = min(turn[0] for turn in turns) / 500, min(turn[1] for turn in turns) / 2
        print(f"  one comparison is {compared / quoted:,.0f} quotes: {model}, {compared * 1e3:.2f} ms")
    print()


def reservations() -> None:
    """The bounds of a request, of a model without and one with dear hours, in quotes."""
    catalog, at = Catalog(), datetime(2026, 10, 31, tzinfo=UTC)
    for model in ("claude-opus-5-5", "gpt-4.1", "deepseek-v4-pro"):
        sheet = catalog.sheet(model)
        one = each(lambda sheet=sheet: quote(Usage(input=100_000, output=4_000), sheet, at=at), 2_000)
        whole = each(lambda sheet=sheet: bounds(sheet, 100_000, at=at, longest=4_000), 500)
        print(f"  bounds of a request: {whole / one:,.0f} quotes, {1 / whole:,.0f} a second: {model}")
    print()


def start_up() -> None:
    """`cachecost compare` as a whole process against a typer hello and against a peer's command."""
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO, encoding="utf-8")
        peer = [str(BIN / "genai-prices"), "calc", "--input-tokens", "1000", "--output-tokens", "10", "gpt-4o"]
        check = [str(BIN / "cachecost"), "prices", "check"]
        changed = _long_session(Path(folder), "changed")
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "hello": [sys.executable, str(hello)],
            "compare": COMPARE,
            "line": [str(BIN / "cachecost"), "next", str(_long_session(Path(folder), "kept")), "--statusline"],
            "changed": ["sh", "-c", f"touch {changed}; {BIN / 'cachecost'} next {changed} --statusline"],
            "cold": ["env", "CACHECOST_CACHE=off", *COMPARE],
            "genai-prices": peer,
            "page": ["env", "CACHECOST_CACHE=off", *check, "pricing/google/gemini-2.5-pro.yaml"],
            "all": ["env", "CACHECOST_CACHE=off", *check],
        }
        time.sleep(2)  # a line is kept once its log has not changed for a second
        taken = processes(commands)
    print(f"typer hello                    {taken['hello'] * 1e3:8.1f} ms")
    print(f"cachecost compare              {taken['compare'] * 1e3:8.1f} ms")
    print(f"  the first time after a change{taken['cold'] * 1e3:9.1f} ms")
    for name, what in (("line", "unchanged"), ("changed", "changed")):
        ratios = f"{taken[name] / taken['hello']:.2f} of hello, {taken[name] / taken['python']:.1f} of python -c pass"
        print(f"next --statusline, 50 MB       {taken[name] * 1e3:8.1f} ms, {what}: {ratios}")
    print(f"genai-prices calc              {taken['genai-prices'] * 1e3:8.1f} ms")
    print(f"prices check, one page         {taken['page'] * 1e3:8.1f} ms, nothing kept from before")
    print(f"prices check, whole catalogue  {taken['all'] * 1e3:8.1f} ms, nothing kept from before")
    hello_ratio, peer_ratio = taken["compare"] / taken["hello"], taken["compare"] / taken["genai-prices"]
    page, whole = (taken[name] / taken["hello"] for name in ("page", "all"))
    print(f"  prices check is {page:.1f} of hello for one page, {whole:.1f} for the whole catalogue")
    print(f"  compare is {hello_ratio:.2f} of hello, {peer_ratio:.2f} of genai-prices calc\n")


def _long_session(folder: Path, name: str) -> Path:
    """A transcript of 50 MB that ends with the sample of the documentation."""
    line = json.dumps({"type": "user", "message": {"content": "x" * 20_000}, "sessionId": "s-1", "uuid": "u"}) + "\n"
    log = folder / f"{name}.jsonl"
    log.write_text(line * (50_000_000 // len(line)) + SESSION.read_text(encoding="utf-8"), encoding="utf-8")
    return log


def curves() -> None:
    """A curve of 10,000 points against one of 100, and the memory of the process."""
    taken = processes({"100": [*CURVE, "1..100"], "10000": [*CURVE, "1..10K"]}, rounds=9)
    print(f"curve of 100 points            {taken['100'] * 1e3:8.1f} ms")
    print(f"curve of 10,000 points         {taken['10000'] * 1e3:8.1f} ms")
    print(f"  10,000 points take {taken['10000'] / taken['100']:.2f} times as long as 100")
    print(f"  peak memory: compare {peak_memory(COMPARE):.0f} MB, curve {peak_memory([*CURVE, '1..10K']):.0f} MB\n")


def advice() -> None:
    """The cheapest strategy of every model of the catalogue, sheets loaded; and one model's advice in full."""
    sheets = Catalog().sheets()
    work = Workload(context=100_000, question=200, answer=500, queries=10, start=datetime(2026, 11, 22, tzinfo=UTC))
    today = work.start.date()
    spread, assumed = replace(work, every=timedelta(minutes=4)), Assumptions()
    at_once = each(lambda: across([(sheet, work) for sheet in sheets], assumed, today=today), 5)
    spaced = each(lambda: across([(sheet, spread) for sheet in sheets], assumed, today=today), 5)
    survey = across([(sheet, work) for sheet in sheets], assumed, today=today).advices
    fitting, totals = [best.sheet for best in survey], sum(len(best.ranking) for best in survey)
    in_full = each(lambda: [Advice(sheet, work, assumed) for sheet in fitting], 1)
    single = each(lambda: quote(Usage(input=100_200, output=500), fitting[-1], at=work.start).total, 5_000)
    print(f"every strategy of {len(fitting)} models {totals:>9,} totals, in the time of the next line")
    print(
        f"best strategy of {len(sheets)} models   {at_once * 1e3:8.1f} ms; one query every 4 min {spaced * 1e3:.1f} ms"
    )
    print(
        f"  {len(fitting) / at_once:,.0f} models a second, each for {at_once / len(fitting) / single:.0f} quotes' time"
    )
    print(
        f"advice in full, {len(fitting)} models   {in_full * 1e3:8.1f} ms, {in_full / len(fitting) * 1e3:.2f} ms each\n"
    )


def files() -> None:
    """Records priced from a file, a second."""
    with tempfile.TemporaryDirectory() as folder:
        path, many = Path(folder) / "usage.jsonl", 50_000
        question = {"model": "gemini-2.5-pro", "at": "2026-10-31", "usage": {"input": 20_000, "output": 1_000}}
        path.write_text("\n".join(json.dumps({"id": n} | question) for n in range(many)), encoding="utf-8")
        command = [str(BIN / "cachecost"), "quote", "--from", str(path)]
        taken = processes({"file": command}, rounds=3)["file"]
    print(f"quote --from, {many:,} records  {many / taken:8,.0f} records a second")


def grids() -> None:
    """A grid of 200 x 200 points, every strategy at each, against a comparison at each: straight bills, a cache held,
    and a price that changes twice a day among up to 2,000 queries."""
    catalog, work = Catalog(), asked(queries=50)
    sizes = Axis("context", tuple(range(10_000, 1_010_000, 5_000)))
    spread = Axis("every", tuple(timedelta(seconds=60 + 30 * step) for step in range(200)))
    held = Axis("hold", tuple(timedelta(seconds=60 + 300 * step) for step in range(200)))
    many = Axis("queries", tuple(range(1, 2_001, 10)))
    gemini, deepseek = catalog.sheet("gemini-2.5-pro"), catalog.sheet("deepseek-v4-pro")
    one = each(lambda: compare([(gemini, work)], today=date(2026, 11, 22)), 20)
    for sheet, axes in ((gemini, (sizes, spread)), (gemini, (spread, held)), (deepseek, (many, spread))):
        begin = time.perf_counter()
        cells = len(Grid(sheet, work, Assumptions(), axes).cells)
        taken = time.perf_counter() - begin
        name = " x ".join(axis.name for axis in axes)
        print(f"grid of {cells:,}, {name:<16}{taken:8.2f} s, {cells / taken:,.0f} cells a second")
        print(f"  {one * cells / taken:.0f} times as fast as a comparison for each cell")
    print()


def asked(queries: int) -> Workload:
    return Workload(100_000, 200, 500, queries, datetime(2026, 10, 31, tzinfo=UTC))


if __name__ == "__main__":
    quotes()
    reservations()
    start_up()
    curves()
    advice()
    files()
    grids()
    replays()
    serving()
    engines()
