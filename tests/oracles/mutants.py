"""Mutants of the engine: its code with one small change each, which some test should notice.

`python -m tests.oracles.mutants 300 7` draws 300 of them by the seed 7, runs the fast tests of the engine on each, and
prints what share was noticed and what was not. Some survivors mean the same as the code: a bound that is never met.
No file is written: each mutant is compiled in a forked process and replaces its module there.
"""

from __future__ import annotations

import ast
import os
import random
import resource
import signal
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any, NamedTuple

import pydantic  # noqa: F401  # loaded once, before the process of each mutant begins
import pytest
import yaml  # noqa: F401

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


class Mutant(NamedTuple):
    """A module whose node number `place` is changed, and how that reads before and after it."""

    path: Path
    line: int
    place: int
    change: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.change}"


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are worth a change, in order: neither types and messages nor what only a type checker reads."""
    for name, value in ast.iter_fields(tree):
        for child in value if isinstance(value, list) else [value]:
            if name in ("annotation", "returns", "decorator_list") or not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.keyword) and child.arg == "strict":  # checks what is so anyway
                continue
            yield child
            yield from nodes(child)


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
    for place, node in enumerate(nodes(ast.parse(path.read_text(encoding="utf-8")))):
        other: Any = copy(node)
        if changed(other):
            before, after = (ast.unparse(each).split("\n", 1)[0] for each in (node, other))
            yield Mutant(path, other.lineno, place, f"{before}  ->  {after}")


def is_noticed(mutant: Mutant | None) -> bool:
    """Whether a test fails, or nothing ends, with the mutant in place of its module."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] != 0
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        if mutant:
            _compile_in_place(mutant)
        named = [each for each in TESTS if mutant and each.endswith(mutant.path.parent.name)]
        tests = [*named, *(each for each in TESTS if each not in named)]
        plugins = [word for name in ("cacheprovider", "schemathesis", "xdist") for word in ("-p", f"no:{name}")]
        code = pytest.main(["-x", "-q", "-m", "not external", *plugins, *tests])
    finally:
        os._exit(code)


def _compile_in_place(mutant: Mutant) -> None:
    tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
    changed([*nodes(tree)][mutant.place])
    code, original = compile(ast.fix_missing_locations(tree), mutant.path, "exec"), SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        return code if loader.path == str(mutant.path) else original(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def main(size: int = 300, seed: int = 1) -> int:
    """The exit code: 1 where too few mutants are noticed, 2 where the tests fail without one."""
    os.chdir(ROOT)
    paths = sorted(path for pattern in MODULES for path in ENGINE.glob(pattern))
    everyone = [mutant for path in paths for mutant in mutants(path)]
    drawn = sorted(random.Random(seed).sample(everyone, min(size, len(everyone))), key=lambda each: each[:2])
    if is_noticed(None):
        print("The tests fail without a mutant.")
        return 2
    survivors = []
    for mutant in drawn:
        if not is_noticed(mutant):
            survivors.append(mutant)
            print(mutant, flush=True)
    noticed = 1 - len(survivors) / len(drawn)
    print(f"{len(drawn) - len(survivors)} of {len(drawn)} mutants are noticed ({noticed:.1%}), of {len(everyone):,}")
    return int(noticed < NOTICED)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.environ["TMPDIR"] = tempfile.tempdir = place
        sys.exit(main(*map(int, sys.argv[1:])))
