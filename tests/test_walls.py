"""The walls between packages: which may import which, and what no module may hold."""

from __future__ import annotations

import ast
import functools
import graphlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cachecost.catalog import cache

from .conftest import ROOT

FLOORS = (
    "errors money",
    "units",
    "clock files hours",
    "documents",
    "prices workload",
    "selfhosted",
    "strategies",
    "bills",
    "advice sweep",
    "catalog replay",
    "logs review questions",
    "engines output",
    "cli",
)
"""Packages and modules of `cachecost`, lowest floor first: each imports only from the floors below its own."""

PURE = "prices workload selfhosted strategies bills sweep advice replay".split()
"""Packages without clock, files and printing."""

WORLD = {"yaml", "typer", "rich", "fastapi", "pydantic", "pathlib", "os", "sys", "time", "io", "random"}
UNSAYING = set("asked found held heap kept left put road room swift told who".split())
NAMES = {"utils", "helpers", "common", "core", "base", "manager", "service", "misc"}

ENGINE = ROOT / "calc" / "cachecost"
API = ROOT / "api" / "cachecost_api"
CODE = sorted([*ENGINE.rglob("*.py"), *API.rglob("*.py")])
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names.split()}


class Import(NamedTuple):
    """One imported module or name, whole: `cachecost.prices.sheet.PriceSheet`."""

    line: int
    target: str


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    source = ENGINE.parent if path.is_relative_to(ENGINE) else API.parent
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """What a file says, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path, text: str | None = None) -> tuple[Import, ...]:
    """Every import of a file, those inside functions too; relative ones made absolute."""
    return tuple(_imports(path, text))


def _imports(path: Path, text: str | None) -> Iterator[Import]:
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(tree_of(path) if text is None else ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from (Import(node.lineno, f"{source}.{alias.name}") for alias in node.names)


def against_the_arrows(path: Path, text: str | None = None) -> list[str]:
    """Imports of a package that is not below the file's own."""
    own = module_of(path).split(".")[1]
    wrong = []
    for line, target in imports(path, text):
        parts = target.split(".")
        if parts[0] == "cachecost" and parts[1] != own and FLOOR.get(parts[1], len(FLOORS)) >= FLOOR[own]:
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {own} imports {target}")
    return wrong


def circle() -> list[str]:
    """Modules each of which imports the next, and the last the first, inside functions too; empty where none do."""
    modules = {module_of(path): path for path in CODE if path.name != "__init__.py"}
    imported = {
        name: {each for _, target in imports(path) for each in (target, target.rpartition(".")[0]) if each in modules}
        for name, path in modules.items()
    }
    try:
        graphlib.TopologicalSorter(imported).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_through_others() -> None:
    """Not even by an import inside a function."""
    assert not circle()


def test_arrows_run_one_way() -> None:
    """A package imports only from the floors below its own."""
    paths = sorted({*ENGINE.rglob("*.py")} - {ENGINE / "__init__.py"})
    assert not [wrong for path in paths for wrong in against_the_arrows(path)]


@pytest.mark.parametrize(
    "wrong",
    [
        "from ..bills.bill import Bill",
        "def late():\n    from cachecost.cli import main",
        "from .. import strategies",
        "import cachecost.output.records",
    ],
)
def test_a_single_import_against_the_arrows_is_seen(wrong: str) -> None:
    """The wall holds for imports inside functions, relative or absolute."""
    assert against_the_arrows(ENGINE / "prices" / "quote.py", wrong)


def test_every_package_has_its_floor() -> None:
    """A new package says where it belongs."""
    names = {path.name for path in ENGINE.iterdir() if (path / "__init__.py").exists()}
    assert names | {path.stem for path in ENGINE.glob("*.py")} - {"__init__"} == set(FLOOR)


def test_a_pure_package_touches_no_file_and_no_clock() -> None:
    """Engine packages import no library that reaches the world, and never ask what time it is."""
    for path in (path for name in PURE for path in (ENGINE / name).rglob("*.py")):
        assert not {target.partition(".")[0] for _, target in imports(path)} & WORLD, path
        assert not re.search(r"\b(now|today|utcnow)\(", path.read_text(encoding="utf-8")), path


def test_only_one_module_asks_what_a_path_is() -> None:
    """From Python 3.14 on a Path says that a locked folder is missing. Entries of a listing know what they are."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("exists", "is_file", "is_dir")
    }
    listing = {"calc/cachecost/catalog/pages.py", "api/cachecost_api/sheets.py"}
    assert asking == {"calc/cachecost/files/reading.py", *listing}


def test_numpy_is_loaded_only_where_it_is_used() -> None:
    """Answers need numpy for simulations and large replays only; a function imports it then."""
    arrays = {module_of(path) for path in CODE if "import numpy" in path.read_text(encoding="utf-8")}
    simulated = {name for name in arrays if not name.startswith(("cachecost.replay", "cachecost.engines"))}
    assert simulated == {"cachecost.strategies.simulated"}
    for path in CODE:
        loaded = {target for target in _loaded_at_once(path) if target.startswith("cachecost.strategies.simulated")}
        assert not loaded, path


def _loaded_at_once(path: Path) -> Iterator[str]:
    """What a module imports when it is loaded."""
    outside = "\n".join(ast.unparse(node) for node in _outside_functions(tree_of(path)))
    return (target for _, target in imports(path, outside))


def _outside_functions(tree: ast.AST) -> Iterator[ast.ImportFrom | ast.Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif (
            not isinstance(node, ast.FunctionDef) and getattr(getattr(node, "test", None), "id", "") != "TYPE_CHECKING"
        ):
            yield from _outside_functions(node)


def test_a_checked_sheet_knows_all_the_code_that_checked_it() -> None:
    """Every module that the reader of pages loads is in the key of its cache; words of errors change no check."""
    modules = {module_of(path): path for path in CODE}
    todo, checks = ["cachecost.catalog.reader"], set[Path]()
    while todo:
        path = modules[todo.pop()]
        if path not in checks:
            checks.add(path)
            targets = {name for _, target in imports(path) for name in (target, target.rpartition(".")[0])}
            todo += [name for name in targets & modules.keys() if modules[name].name != "__init__.py"]
    checks -= {ENGINE / "errors.py"}
    assert checks <= {*cache.CHECKED_BY}


def test_only_one_module_reads_the_clock() -> None:
    """All others are given the time."""
    readers = [path.name for path in CODE if re.search(r"datetime\.now\(|date\.today\(|time\.time\(", path.read_text())]
    assert readers == ["clock.py"]


def test_the_engine_does_not_know_the_web() -> None:
    """Start-up stays light, and arrows run one way: api -> calc."""
    web = {"cachecost_api", "fastapi", "uvicorn", "starlette"}
    assert not [path for path in ENGINE.rglob("*.py") if {part.partition(".")[0] for _, part in imports(path)} & web]


def test_the_api_knows_neither_the_command_line_nor_terminal_tables() -> None:
    """The API shares records, not screens."""
    screens = re.compile(r"cachecost\.(cli|output\.(screen|table)\b)")
    assert not [(path, target) for path in API.rglob("*.py") for _, target in imports(path) if screens.match(target)]


def test_messages_of_the_engine_name_no_flag() -> None:
    """Servers and tools of agents show them too, where a word is a parameter or a key: `sweep`, never `--sweep`."""
    modules = [path for folder in (*PURE, "documents", "questions") for path in (ENGINE / folder).rglob("*.py")]
    modules.append(ENGINE / "output" / "replay" / "summary.py")  # its notes are in records, too
    wrong = []
    for path in modules:
        tree = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        docstrings = {id(each.value) for each in tree if isinstance(each, ast.Expr)}
        texts = [each for each in tree if isinstance(each, ast.Constant) and id(each) not in docstrings]
        wrong += [(path.name, each.lineno) for each in texts if re.search(r"[ (`]--([a-z]|$)", str(each.value))]
    assert not wrong


def test_pricing_holds_data_only() -> None:
    """A price is a line of YAML, never code."""
    assert {path.suffix for path in (ROOT / "pricing").rglob("*") if path.is_file()} <= {
        ".yaml",
        ".md",
        ".json",
        ".lock",
        ".csv",
    }


def test_no_price_is_in_code() -> None:
    """A decimal literal in code would be a rate without a date."""
    for path in CODE:
        literals = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant)]
        assert not [value for value in literals if isinstance(value, float) and value not in (0.0, 0.5)], path


def test_a_class_name_means_one_thing() -> None:
    """In the whole of the code, so that who has read one knows the other; private ones are known in their module."""
    classes = [node.name for path in CODE for node in tree_of(path).body if isinstance(node, ast.ClassDef)]
    assert not [name for name, count in Counter(classes).items() if count > 1 and not name.startswith("_")]


def test_module_names_say_something() -> None:
    """utils and its kin are where ideas are forgotten."""
    assert not [path for path in CODE if path.stem in NAMES]


def test_public_names_say_what_they_are() -> None:
    """What was asked, found or left over is a word for the moment, and tells a reader elsewhere nothing."""
    for path in CODE:
        for node in ast.walk(tree_of(path)):
            arguments = (
                [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
                if isinstance(node, ast.FunctionDef)
                else []
            )
            names = (
                {getattr(node, "name", None), *arguments} if isinstance(node, ast.FunctionDef | ast.ClassDef) else ()
            )
            assert not UNSAYING & {*names}, path


def test_every_module_opens_with_a_sentence() -> None:
    """A product manager should be able to read it."""
    assert not [path for path in CODE if path.name != "__init__.py" and not ast.get_docstring(tree_of(path))]
