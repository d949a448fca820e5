"""How a deployment serves, read from the words of a question."""

from collections.abc import Sequence
from fractions import Fraction

from .. import units
from ..errors import BadQuantity
from ..selfhosted.serving import AS_ON_PAGES, DATA, KV_TYPES, TENSOR, WEIGHT_TYPES, Serving
from . import reading

FREE, FULL = "free", "full"
POOLS = (FULL, FREE)
ATTENTIONS = (TENSOR, DATA)


def serving_of(
    *, kv: str, weights: str, attention: str, use: str, dedicated: bool, batch: str, efficiency: str, pool: str
) -> Serving:
    """What is said in place of what pages have; texts that are empty say nothing."""
    if not (kv or weights or attention or use or dedicated or batch or efficiency or pool):
        return AS_ON_PAGES
    linear, attended = reading.maybe("efficiency", _efficiency, efficiency) or (None, None)
    return Serving(
        kv=_one_of("kv", kv, KV_TYPES),
        weights=_one_of("weights", weights, WEIGHT_TYPES),
        attention=_one_of("attention", attention, ATTENTIONS),
        use=reading.maybe("use", _share, use) or Fraction(1),
        dedicated=dedicated,
        batch=reading.maybe("batch", _batch, batch),
        linear=linear,
        attended=attended,
        free_pool=_one_of("pool", pool, POOLS) == FREE,
    )


def _one_of(word: str, text: str, known: Sequence[str]) -> str:
    if text and text not in known:
        raise BadQuantity(f"expected {', '.join(known)}, not {text!r}", word=word)
    return text


def _share(text: str) -> Fraction:
    share = units.share(text)
    if not share:
        raise BadQuantity(f"expected a share above 0, such as 40%, not {text!r}")
    return share


def _efficiency(text: str) -> tuple[Fraction, Fraction]:
    """`45%`, or `45%,30%` for linear layers and attention."""
    linear, comma, attended = text.partition(",")
    return _share(linear), _share(attended if comma else linear)


def _batch(text: str) -> int:
    number = units.count(text)
    if not number:
        raise BadQuantity("expected 1 request or more")
    return number
