"""`make size`: lines of Python, modules in a folder, circles of imports and floors of packages."""

from __future__ import annotations

from collections import Counter

from .conftest import ROOT
from .test_walls import CODE, FLOORS, circle


def main() -> None:
    folders, lines = Counter[str](), Counter[str]()
    for path in CODE:
        folder = str(path.parent.relative_to(ROOT))
        folders[folder] += path.name != "__init__.py"
        lines[folder] += len(path.read_text(encoding="utf-8").splitlines())
    for folder in sorted(folders):
        print(f"{lines[folder]:>7,} lines {folders[folder]:>3} modules  {folder}")
    print(f"{lines.total():>7,} lines {folders.total():>3} modules  on {len(FLOORS)} floors")
    print("circle of imports:", " -> ".join(circle()) or "none")


if __name__ == "__main__":
    main()
