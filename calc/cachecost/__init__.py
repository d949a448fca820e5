"""What N queries over a long context cost: sent fresh each time, or cached. Exact, at the prices of any day."""

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
