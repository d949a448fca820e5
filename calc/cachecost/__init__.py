"""What N queries over a long context cost: sent fresh each time, or cached. Exact, at the prices of any day."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bills.break_even import BreakEven
    from .bills.comparison import Answer, Comparison, compare
    from .catalog.catalog import Catalog
    from .errors import CachecostError
    from .prices.card import RateCard
    from .prices.quote import LineItem, Quote, quote
    from .prices.sheet import PriceSheet
    from .prices.usage import Usage
    from .strategies.assumptions import Assumptions
    from .sweep.curve import Curve, curve
    from .workload.workload import Workload

__all__ = [
    "Answer",
    "Assumptions",
    "BreakEven",
    "CachecostError",
    "Catalog",
    "Comparison",
    "Curve",
    "LineItem",
    "PriceSheet",
    "Quote",
    "RateCard",
    "Usage",
    "Workload",
    "compare",
    "curve",
    "quote",
]

_HOMES = {
    "bills.break_even": ["BreakEven"],
    "bills.comparison": ["Answer", "Comparison", "compare"],
    "catalog.catalog": ["Catalog"],
    "errors": ["CachecostError"],
    "prices.card": ["RateCard"],
    "prices.quote": ["LineItem", "Quote", "quote"],
    "prices.sheet": ["PriceSheet"],
    "prices.usage": ["Usage"],
    "strategies.assumptions": ["Assumptions"],
    "sweep.curve": ["Curve", "curve"],
    "workload.workload": ["Workload"],
}


def __getattr__(name: str) -> Any:
    """Load a public name on its first use, so that a command loads only the modules that it needs."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
