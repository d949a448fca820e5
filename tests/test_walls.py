"""The walls of the house: who may import whom, and what may stand nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .conftest import ROOT

ENGINE = (
    "errors money hours sheet usage quote workload strategy breakeven notices bill measures changes "
    "compare curve quantities ask question consumed arrivals keepalive dialogue conversation schedule breakpoints "
    "gaps shares offer assumptions eviction stored timeouts office openhours sampling "
    "axis straight column running parts compaction fanout expected instants stretches slopes "
    "diff effects kin reference skeleton plausible sweep simulation advice thresholds survey "
    "replay/epochs replay/tally replay/policy replay/columns replay/sessions replay/sessions_swift replay/order "
    "replay/rungs replay/binned replay/blocks replay/blocks_swift replay/clairvoyant replay/scale replay/losses "
    "replay/losses_swift replay/touches replay/bounds_swift replay/run replay/heaps "
    "replay/bounds replay/keys_swift replay/split replay/split_swift replay/settle replay/settle_swift replay/cases "
    "engines/classes engines/dialects engines/sql"
).split()
FORBIDDEN = {"yaml", "typer", "rich", "fastapi", "pydantic", "pathlib", "os", "sys", "time", "io", "random"}
DOORS = {
    "catalog",
    "compiled",
    "composed",
    "pagecheck",
    "reader",
    "page",
    "rules",
    "coverage",
    "assemble",
    "curves",
    "yaml_text",
    "documents",
    "extract",
    "tokens",
    "cli",
    "render",
}
ROOM = ROOT / "calc" / "cachecost"
CODE = sorted([*ROOM.rglob("*.py"), *(ROOT / "api").rglob("*.py")])
NAMES = {"utils", "helpers", "common", "core", "base", "manager", "service", "misc"}


def _imports(path: Path) -> set[str]:
    """The first part of every module that a file imports; relative ones as `.name`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            module = (node.module or "").partition(".")[0]
            found |= {f".{module}"} if module else {f".{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("name", ENGINE)
def test_an_engine_room_touches_no_file_no_clock_and_no_door(name: str) -> None:
    """The engine is pure: it imports neither a door nor a library that reaches the world."""
    imports = _imports(ROOM / f"{name}.py")
    assert not imports & FORBIDDEN
    assert not imports & {f".{door}" for door in DOORS}
    assert not re.search(r"\b(now|today|utcnow)\(", (ROOM / f"{name}.py").read_text(encoding="utf-8"))


def test_only_simulations_need_numpy_and_nobody_loads_them_unasked() -> None:
    """Everybody else answers without the extra; where no closed form is known, a function fetches the sampling."""
    engine = [ROOM / f"{name}.py" for name in ENGINE]
    swift = "binned blocks_swift bounds_swift keys_swift losses_swift order rungs sessions_swift settle_swift".split()
    swift += ["split_swift", "touches"]
    found = sorted(path.stem for path in engine if "numpy" in _imports(path))
    assert found == sorted([*swift, "sampling", "simulation"])
    for path in CODE:
        loaded = [node for node in _outside_functions(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        names = {each for node in loaded for each in (node.module, *(alias.name for alias in node.names))}
        assert not names & {"sampling", "simulation", "sessions_swift", "blocks_swift"}, path


def _outside_functions(tree: ast.AST) -> list[ast.AST]:
    """What is run when a module is loaded."""
    found = [tree]
    for node in ast.iter_child_nodes(tree):
        typing_only = isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        if not isinstance(node, ast.FunctionDef) and not typing_only:
            found += _outside_functions(node)
    return found


def test_only_one_room_reads_the_clock() -> None:
    """Everybody else is told what time it is."""
    readers = [path.name for path in CODE if re.search(r"datetime\.now\(|date\.today\(|time\.time\(", path.read_text())]
    assert readers == ["clock.py"]


def test_the_calculator_does_not_know_its_http_face() -> None:
    """Arrows run one way: api -> calc."""
    assert not any("cachecost_api" in _imports(path) for path in ROOM.rglob("*.py"))


def test_the_command_line_does_not_load_the_web() -> None:
    """Start-up stays light: fastapi and uvicorn are for serving."""
    assert not any(_imports(path) & {"fastapi", "uvicorn", "starlette"} for path in (ROOM / "cli").rglob("*.py"))


def test_the_api_knows_neither_the_command_line_nor_terminal_tables() -> None:
    """The API shares records, not screens."""
    screens = "screen|table|comparison|cards|curve|advice|survey|sweep"
    for path in (ROOT / "api").rglob("*.py"):
        assert not re.search(rf"cachecost\.cli|render\.({screens})", path.read_text())


def test_pricing_holds_data_only() -> None:
    """A price is a line of YAML, never code."""
    assert {path.suffix for path in (ROOT / "pricing").rglob("*") if path.is_file()} <= {".yaml", ".md", ".json"}


def test_no_price_stands_in_code() -> None:
    """A decimal literal of two digits or more after the point would be a rate that nobody dated."""
    for path in CODE:
        literals = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        assert not [value for value in literals if isinstance(value, float) and value not in (0.0, 0.5)], path


def test_no_room_has_a_name_that_says_nothing() -> None:
    """utils and its kin are where ideas go to be forgotten."""
    assert not [path for path in CODE if path.stem in NAMES]


def test_every_module_opens_with_a_sentence() -> None:
    """A product manager should be able to read it."""
    assert not [path for path in CODE if not ast.get_docstring(ast.parse(path.read_text()))]
