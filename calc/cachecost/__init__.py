"""What N queries over a long context cost: sent fresh each time, or cached. Exact, at the prices of any day."""

from __future__ import annotations

TYPE_CHECKING = False
"""As that of `typing`, which takes longer to load than a line of a status bar."""
if TYPE_CHECKING:
    from .advice.ahead import Ahead as Ahead, ahead as ahead
    from .advice.bounds import Bounds as Bounds, bounds as bounds
    from .advice.onward import Switch as Switch, stay_or_switch as stay_or_switch
    from .advice.session import Call as Call
    from .bills.break_even import BreakEven as BreakEven
    from .bills.comparison import Answer as Answer, Comparison as Comparison, compare as compare
    from .bills.months import Traffic as Traffic, months_from as months_from, over_months as over_months
    from .catalog.catalog import Catalog as Catalog
    from .errors import CachecostError as CachecostError
    from .logs.tail import Session as Session, last_session as last_session
    from .prices.card import RateCard as RateCard
    from .prices.quote import LineItem as LineItem, Quote as Quote, quote as quote
    from .prices.sheet import PriceSheet as PriceSheet
    from .prices.usage import Usage as Usage
    from .strategies.assumptions import Assumptions as Assumptions
    from .sweep.curve import Curve as Curve, curve as curve
    from .workload.workload import Workload as Workload

_HOMES = {
    "advice.ahead": ["Ahead", "ahead"],
    "advice.bounds": ["Bounds", "bounds"],
    "advice.onward": ["Switch", "stay_or_switch"],
    "advice.session": ["Call"],
    "bills.break_even": ["BreakEven"],
    "bills.comparison": ["Answer", "Comparison", "compare"],
    "bills.months": ["Traffic", "months_from", "over_months"],
    "catalog.catalog": ["Catalog"],
    "errors": ["CachecostError"],
    "logs.tail": ["Session", "last_session"],
    "prices.card": ["RateCard"],
    "prices.quote": ["LineItem", "Quote", "quote"],
    "prices.sheet": ["PriceSheet"],
    "prices.usage": ["Usage"],
    "strategies.assumptions": ["Assumptions"],
    "sweep.curve": ["Curve", "curve"],
    "workload.workload": ["Workload"],
}
__all__ = [name for names in _HOMES.values() for name in names]


def __getattr__(name: str) -> object:
    """Load a public name on its first use, so that a command loads only the modules that it needs."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
