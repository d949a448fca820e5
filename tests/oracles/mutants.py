"""Mutants of the engine: one small change to a function each, which some test should notice.

`python -m tests.oracles.mutants 300 7` draws 300 of them by the seed 7, runs the fast tests of the engine on each, and
prints what share was noticed and what was not. Some survivors mean the same as the code: a bound that is never met.

No file is written. Tests are collected once; each mutant is a fork of that process in which the code of one function is
replaced, and runs the test files that reach the function, beginning with the tests that call it.
"""

from __future__ import annotations

import ast
import functools
import gc
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "calc" / "cachecost"
MODULES = ("money.py", "prices/quote.py", "bills/*.py", "strategies/*.py")
TESTS = (
    "tests/test_money.py",
    "tests/prices",
    "tests/strategies",
    "tests/bills",
    "tests/workload",
    "tests/test_cases.py",
)
NOTICED = 0.9
"""The share of a sample below which the command fails."""
SECONDS, BYTES = 300, 4 * 1024**3
"""Processor time and memory of one mutant, some of which never end."""
PAIRS = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.Div),
    (ast.And, ast.Or),
)
SWAPPED: dict[Any, Any] = dict(PAIRS) | {right: left for left, right in PAIRS} | {ast.FloorDiv: ast.Mult}
EXTREMES = {"min": "max", "max": "min"}
PATHS = sorted(path for pattern in MODULES for path in ENGINE.glob(pattern))
SOURCES = {path: path.read_text(encoding="utf-8") for path in PATHS}
Place = tuple[str, int]
"""A function: its file and first line."""


class Mutant(NamedTuple):
    """A module whose node number `place` is changed, in the function that begins at line `function`, and how that reads
    before and after it."""

    path: Path
    line: int
    place: int
    function: int
    change: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.change}"


def nodes(tree: ast.AST, function: int = 0) -> Iterator[tuple[ast.AST, int]]:
    """The nodes of functions that are worth a change, in order, each with the line at which its function begins:
    neither types, defaults and messages nor what only a type checker reads."""
    for name, value in ast.iter_fields(tree):
        for child in value if isinstance(value, list) else [value]:
            if name in ("annotation", "returns", "decorator_list") or not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.arguments | ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
                continue
            if isinstance(child, ast.keyword) and child.arg == "strict":  # checks what is so anyway
                continue
            inside = first_line(child) if isinstance(child, ast.FunctionDef) else function
            if inside:
                yield child, inside
            yield from nodes(child, inside)


def first_line(function: ast.FunctionDef) -> int:
    """As code objects count it: with the decorators."""
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def changed(node: Any) -> bool:
    """Whether there was something to change in a node, and now has been."""
    match node:
        case ast.Compare(ops=[first, *rest]) if type(first) in SWAPPED:
            node.ops = [SWAPPED[type(first)](), *rest]
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign() if type(node.op) in SWAPPED:
            node.op = SWAPPED[type(node.op)]()
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.UnaryOp(op=ast.USub()):
            node.op = ast.UAdd()
        case ast.Call(func=ast.Name(id=name)) if name in EXTREMES:
            node.func = ast.Name(EXTREMES[name], ast.Load())
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case _:
            return False
    return True


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module."""
    for place, (node, function) in enumerate(nodes(ast.parse(SOURCES[path]))):
        other: Any = copy(node)
        if changed(other):
            before, after = (ast.unparse(each).split("\n", 1)[0] for each in (node, other))
            yield Mutant(path, other.lineno, place, function, f"{before}  ->  {after}")


def replace_code(mutant: Mutant) -> None:
    """Give the functions of the module that are in memory the code of the mutant, and forget what they remembered."""
    tree = ast.parse(SOURCES[mutant.path])
    changed([*nodes(tree)][mutant.place][0])
    codes = dict(_codes(compile(ast.fix_missing_locations(tree), mutant.path, "exec")))
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(mutant.path):
            each.__code__ = codes[each.__code__.co_qualname, each.__code__.co_firstlineno]
        elif isinstance(each, functools._lru_cache_wrapper):
            each.cache_clear()


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    yield (code.co_qualname, code.co_firstlineno), code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


class Trial:
    """A plugin of pytest that tries mutants once the tests are collected. Each is a fork, which goes on to run them."""

    def __init__(self, drawn: list[Mutant], calls: Path) -> None:
        """`calls`: a file for what each test calls."""
        self.drawn, self.survivors = drawn, list[Mutant]()
        self.calls: dict[str, set[Place]] = {}
        self.file = calls
        self.is_fork = self.notes_calls = self.fails_anyway = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Run everything without a mutant to see which test calls what, then each mutant."""
        if (status := self._forked()) is None:
            self.notes_calls = True
            return
        self.fails_anyway = bool(status)
        self.calls = {} if status else pickle.loads(self.file.read_bytes())
        for mutant in [] if status else self.drawn:
            tests = self._reaching(mutant, session.items)
            if tests and (status := self._forked()) is None:
                replace_code(mutant)
                session.items[:] = tests
                return
            if not tests or not status:
                self.survivors.append(mutant)
                print(mutant, flush=True)
        session.items.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Note which functions a test calls."""
        if not self.notes_calls:
            return (yield)
        codes: dict[int, CodeType] = {}  # by id: a code object takes long to hash

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                codes[id(frame.f_code)] = frame.f_code

        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.calls[item.nodeid] = {(each.co_filename, each.co_firstlineno) for each in codes.values()}

    def _reaching(self, mutant: Mutant, items: list[pytest.Item]) -> list[pytest.Item]:
        """The tests that call the function, then others of their files, which may share what those made."""
        function = (str(mutant.path), mutant.function)
        callers = [each for each in items if function in self.calls[each.nodeid]]
        files = {each.path for each in callers}
        return callers + [each for each in items if each.path in files and function not in self.calls[each.nodeid]]

    def _forked(self) -> int | None:
        """The status with which a fork has ended; None in the fork itself."""
        if child := os.fork():
            return os.waitpid(child, 0)[1]
        self.is_fork = True
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        return None


def main(size: int = 300, seed: int = 1) -> int:
    """The exit code: 1 where too few mutants are noticed, 2 where the tests fail without one."""
    os.chdir(ROOT)
    everyone = [mutant for path in PATHS for mutant in mutants(path)]
    drawn = sorted(random.Random(seed).sample(everyone, min(size, len(everyone))), key=lambda each: each[:2])
    plugins = [word for name in ("cacheprovider", "schemathesis", "xdist") for word in ("-p", f"no:{name}")]
    with tempfile.TemporaryDirectory() as place:
        os.environ["TMPDIR"] = tempfile.tempdir = place
        trial = Trial(drawn, Path(place, "calls"))
        code = pytest.main(["-x", "-q", "-s", "-m", "not external", *plugins, *TESTS], plugins=[trial])
        if trial.is_fork:
            if trial.notes_calls:
                trial.file.write_bytes(pickle.dumps(trial.calls))
            os._exit(code)
    if trial.fails_anyway:
        print("The tests fail without a mutant.")
        return 2
    noticed = len(drawn) - len(trial.survivors)
    print(f"{noticed} of {len(drawn)} mutants are noticed ({noticed / len(drawn):.1%}), of {len(everyone):,}")
    return int(noticed < NOTICED * len(drawn))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
