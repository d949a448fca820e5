"""What N queries over a long context cost: sent fresh each time, or cached. Exact, at the prices of any day."""

from .breakeven import BreakEven
from .catalog import Catalog
from .compare import Answer, Comparison, compare
from .curve import Curve, curve
from .errors import CachecostError
from .quote import LineItem, Quote, quote
from .sheet import PriceSheet, RateCard
from .strategy import Assumptions
from .usage import Usage
from .workload import Workload

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
