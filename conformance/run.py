"""How many of the bills in `cases/` a library meets: `python conformance/run.py LIBRARY.py ...`

A library is a Python file with `price(case)`, which answers the total of a case as a number, or None where it has no
price; what it raises counts as none. `libraries/` has three examples. Needs PyYAML.
"""

from __future__ import annotations

import runpy
import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Case = dict[str, Any]
Price = Callable[[Case], Any]
CASES = Path(__file__).parent / "cases"
EXACT = Decimal("1e-9")
"""The part of a total by which an answer may differ, so that binary fractions are no fault."""


@cache
def cases() -> list[Case]:
    """Every case with whole numbers as counts; amounts stay text, in which every digit is exact."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    pages = (yaml.load(path.read_text(encoding="utf-8"), Loader=loader) for path in sorted(CASES.glob("*.yaml")))
    return [_counted(case) for page in pages for case in page["cases"]]


def _counted(case: Case) -> Case:
    def count(value: Any) -> Any:
        return {key: count(each) for key, each in value.items()} if isinstance(value, dict) else _number(value)

    return {**case, "usage": count(case["usage"]), "service": case.get("service", "standard")}


def _number(text: str) -> int | str:
    return int(text.replace("_", "")) if text.replace("_", "").isdigit() else text


def kinds(case: Case) -> list[str]:
    """What a case is about, by its usage, service and region."""
    usage, writes = case["usage"], case["usage"].get("cache_write", {})
    found = ["all", "plain" if usage.keys() <= {"input", "output"} else ""]
    found += ["cache reads" if "cache_read" in usage else ""]
    found += [f"writes of {ttl}" for ttl in writes] if isinstance(writes, dict) else ["writes"]
    found += ["rent and creation" if usage.keys() & {"storage_token_hours", "creation"} else ""]
    found += ["audio, image, video" if usage.keys() & {"audio", "image", "video"} else ""]
    found += ["reasoning" if "reasoning" in usage else "", "tools" if "fees" in usage else ""]
    found += [case["service"] if case["service"] != "standard" else "", "regions" if "region" in case else ""]
    return list(filter(None, found))


def verdict(price: Price, case: Case) -> str:
    """Whether a library meets a case: `right`, `wrong`, or `none` where it has no price."""
    try:
        total = price(case)
    except Exception:
        return "none"
    if total is None:
        return "none"
    expected = Decimal(case["total"])
    return "right" if abs(Decimal(str(total)) - expected) <= EXACT * expected else "wrong"


def scores(price: Price) -> Counter[tuple[str, str]]:
    """How many cases of each kind a library meets, fails or does not price."""
    return Counter((kind, said) for case in cases() for said in [verdict(price, case)] for kind in kinds(case))


def main(files: list[str]) -> None:
    tables = {Path(file).stem: scores(runpy.run_path(file)["price"]) for file in files}
    of_each = Counter(kind for case in cases() for kind in kinds(case))
    print(f"{'right / wrong / no price':<26}{'cases':>6}" + "".join(f"{name:>20}" for name in tables))
    for kind, number in of_each.most_common():
        shown = (
            " / ".join(f"{table[kind, said]:>4}" for said in ("right", "wrong", "none")) for table in tables.values()
        )
        print(f"{kind:<26}{number:>6}" + "".join(f"{each:>20}" for each in shown))


if __name__ == "__main__":
    main(sys.argv[1:])
