"""`make size`: lines of Python, modules in a folder, circles of imports and floors of packages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set

from .conftest import ROOT
from .test_walls import CODE, FLOORS, imports, module_of


def reach(module: str, imported: Mapping[str, Set[str]]) -> set[str]:
    """Every module that a module imports, however indirectly."""
    todo, seen = [*imported[module]], set[str]()
    while todo:
        if (name := todo.pop()) not in seen:
            seen.add(name)
            todo += imported[name]
    return seen


def circles() -> list[list[str]]:
    """Groups of modules that import each other, imports inside functions included."""
    modules = {module_of(path): path for path in CODE}
    imported = {
        name: {each for _, target in imports(path) for each in (target, target.rpartition(".")[0]) if each in modules}
        for name, path in modules.items()
        if path.name != "__init__.py"
    }
    imported = {name: result & imported.keys() for name, result in imported.items()}
    reached = {name: reach(name, imported) for name in imported}
    groups = {tuple(sorted(other for other in reached[name] if name in reached[other])) for name in imported}
    return sorted(list(group) for group in groups if len(group) > 1)


def main() -> None:
    folders, lines = Counter[str](), Counter[str]()
    for path in CODE:
        folder = str(path.parent.relative_to(ROOT))
        folders[folder] += path.name != "__init__.py"
        lines[folder] += len(path.read_text(encoding="utf-8").splitlines())
    for folder in sorted(folders):
        print(f"{lines[folder]:>7,} lines {folders[folder]:>3} modules  {folder}")
    print(f"{lines.total():>7,} lines {folders.total():>3} modules  on {len(FLOORS)} floors")
    for circle in circles():
        print("circle:", ", ".join(circle))


if __name__ == "__main__":
    main()
