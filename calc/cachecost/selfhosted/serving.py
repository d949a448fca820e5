"""How a deployment serves, where the user knows better than its pages."""

from fractions import Fraction
from typing import NamedTuple

BEST, MIDDLE, WORST = READINGS = ("best", "middle", "worst")
"""The readings of a band."""
TENSOR, DATA = "tensor", "data"
KV_TYPES = ("fp32", "bf16", "fp16", "fp8", "int8", "q8_0", "q4_0", "fp4")
"""Types of number in which caches are kept."""
WEIGHT_TYPES = ("bf16", "fp8", "int4")
GPU_SECONDS, GPU_HOURS, GB_HOURS = "GPU-seconds", "GPU-hours", "GB-hours"
"""Units of the lines of a bill."""


class Serving(NamedTuple):
    """What is said of a deployment; what is empty or None is as its pages have it.

    `kv`, `weights`: types of number. `attention`: `tensor` splits the heads over the cards, `data` keeps one copy.
    `use`: the share of its hours in which the machine works. `dedicated`: the whole machine is billed for the span.
    `batch`: requests that are decoded together. `linear`, `attended`: shares of the peak, in place of the band.
    `free_pool`: memory of the cards costs nothing. `reading`: which end of the band is taken.
    """

    kv: str = ""
    weights: str = ""
    attention: str = ""
    use: Fraction = Fraction(1)
    dedicated: bool = False
    batch: int | None = None
    linear: Fraction | None = None
    attended: Fraction | None = None
    free_pool: bool = False
    reading: str = MIDDLE

    @property
    def word(self) -> str:
        """The first word of a question that says something else than the pages."""
        changed = next(name for name in self._fields if getattr(self, name) != getattr(AS_ON_PAGES, name))
        return {"linear": "efficiency", "attended": "efficiency", "free_pool": "pool"}.get(changed, changed)


AS_ON_PAGES = Serving()
