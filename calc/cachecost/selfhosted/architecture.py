"""What a model keeps for each token of a context, and what it computes to read a prompt: bytes and FLOP, exact.

The layers of a model are given in groups of layers alike. A group keeps an entry for each token (`full`), for each of
the last tokens (`sliding`), one compressed entry for all heads (`latent`), a state whatever the length (`recurrent`:
Mamba, gated delta nets, gated retention, Mesa), a state for each level of a Fenwick tree over the tokens
(`log-linear`), or nothing since it reads the entries of another layer (`shared`, as in YOCO).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from ..errors import NotSold
from .serving import KV_TYPES, WEIGHT_TYPES

KINDS = tuple("full sliding latent recurrent log-linear shared".split())
"""Kinds of attention."""
FULL, SLIDING, LATENT, RECURRENT, LOG_LINEAR, SHARED = KINDS
WITH_HEADS, WITH_ENTRIES = (FULL, SLIDING), (FULL, SLIDING, LATENT)
VALUE_BYTES = {
    "fp32": Fraction(4),
    "bf16": Fraction(2),
    "fp16": Fraction(2),
    "fp8": Fraction(1),
    "int8": Fraction(1),
    # llama.cpp's blocks of 32 values carry a scale of 16 bits: 34 and 18 bytes for 32 values.
    "q8_0": Fraction(34, 32),
    "q4_0": Fraction(18, 32),
}
"""Bytes of one value by its type, in caches; those of fp4 depend on the kernel and are never worked out."""
WEIGHT_BYTES = dict(zip(WEIGHT_TYPES, (Fraction(2), Fraction(1), Fraction(1, 2)), strict=True))
"""Bytes of one parameter by its type."""


class ParameterCounts(NamedTuple):
    """Numbers of parameters: all of them, those that an output token passes through, and those that a token of the
    prompt passes through."""

    total: int
    active: int
    prefill: int


@dataclass(frozen=True)
class Layers:
    """So many layers alike.

    `kv_heads`, `head_dim`, `v_dim`: heads that are kept and the dimensions of their keys and values. `query_heads`,
    `qk_dim`: what attention computes over a prompt; 0 query heads are not known. Values and queries have the dimensions
    of keys where they are 0. `window`: entries at most. `every`: one entry for so many tokens. `entry`, `indexer`:
    bytes by type where they are a kernel's layout. `state_bytes`: of one state. `in_prefill`: whether the prompt runs
    through these layers.
    """

    count: int
    attention: str = FULL
    kv_heads: int = 0
    head_dim: int = 0
    v_dim: int = 0
    query_heads: int = 0
    qk_dim: int = 0
    window: int | None = None
    every: int = 1
    entry: Mapping[str, int] = field(default_factory=dict)
    indexer: Mapping[str, int] = field(default_factory=dict)
    state_bytes: int = 0
    in_prefill: bool = True

    @property
    def value_dim(self) -> int:
        return self.v_dim or self.head_dim

    def entry_bytes(self, kv: str) -> Fraction:
        """Bytes of one layer's entry; NotSold for a type without a layout, which is never guessed."""
        if self.attention not in WITH_ENTRIES:
            return Fraction(0)
        if not self.keeps(kv):
            known = ", ".join(self.entry or VALUE_BYTES)
            raise NotSold(
                f"kv {kv!r}: {self.attention} attention has no layout in it here; expected {known}", ("kv", kv)
            )
        own = self.entry.get(kv) or self.kv_heads * (self.head_dim + self.value_dim) * VALUE_BYTES[kv]
        return Fraction(own + self.indexer.get(kv, 0))

    def keeps(self, kv: str) -> bool:
        """Whether these layers can keep entries of a type: one that the page lists where it lists any."""
        return self.attention not in WITH_ENTRIES or kv in (self.entry or VALUE_BYTES)

    def states(self, tokens: int) -> int:
        """States that so many tokens leave: one, or one a level, which are floor(log2 C) + 1."""
        if self.attention == LOG_LINEAR:
            return tokens.bit_length()  # floor(log2 C) + 1 for C of 1 and more, and 0 for 0
        return int(self.attention == RECURRENT)

    def cache_bytes(self, tokens: int, kv: str) -> Fraction:
        """Bytes kept for so many tokens."""
        entries = tokens if self.window is None else min(tokens, self.window)
        each = Fraction(entries, self.every) * self.entry_bytes(kv) + self.states(tokens) * self.state_bytes
        return self.count * each

    def attention_flops(self, start: int, end: int) -> Fraction:
        """FLOP of attention over the positions from `start` to `end`: two for each dimension of queries and of values,
        at each earlier position that is looked at. Position p looks at p of them on average while it is added, so that
        n positions look at n x n / 2; a window looks at no more than its own length."""
        if not self.in_prefill or self.attention not in WITH_ENTRIES:
            return Fraction(0)
        pairs, dims = self._pairs(end) - self._pairs(start), (self.qk_dim or self.head_dim) + self.value_dim
        return self.count * 2 * self.query_heads * dims * pairs / self.every

    def _pairs(self, tokens: int) -> Fraction:
        """The integral of min(p, window) over the first so many positions."""
        if self.window is None or tokens <= self.window:
            return Fraction(tokens * tokens, 2)
        return Fraction(self.window * self.window, 2) + (tokens - self.window) * self.window


class Flops(NamedTuple):
    """FLOP of a prompt, in linear layers and in attention."""

    linear: Fraction
    attention: Fraction


@dataclass(frozen=True)
class Architecture:
    """The layers of a model and its parameters, None where they are not known. `weights`: their type as released."""

    model: str
    layers: tuple[Layers, ...]
    parameters: ParameterCounts | None = None
    weights: str = "bf16"

    def bytes_per_token(self, kv: str) -> Fraction:
        """What every further token keeps: all entries but those of windows and states."""
        growing = (each for each in self.layers if each.window is None)
        return sum((each.count * each.entry_bytes(kv) / each.every for each in growing), Fraction(0))

    def cache_bytes(self, tokens: int, kv: str) -> Fraction:
        """Bytes kept for so many tokens."""
        return sum((each.cache_bytes(tokens, kv) for each in self.layers), Fraction(0))

    def flops(self, start: int, end: int) -> Flops:
        """FLOP of the positions from `start` to `end`: two for each parameter and token, and those of attention.
        NotSold where the page lacks the parameters or the query heads."""
        if self.parameters is None or not self.heads_known:
            lacks = "query_heads of all layers" if self.parameters else "parameters"
            raise NotSold(f"{self.model}: how long a prompt takes is not known, since its page has no {lacks}")
        linear = Fraction(2 * self.parameters.prefill * (end - start))
        return Flops(linear, sum((each.attention_flops(start, end) for each in self.layers), Fraction(0)))

    @property
    def heads_known(self) -> bool:
        return all(each.query_heads for each in self.layers if each.attention in WITH_ENTRIES and each.in_prefill)

    @property
    def kv(self) -> str:
        """The type in which entries are kept where none is named: bf16, or the first that all layers can keep."""
        return next(kv for kv in sorted(KV_TYPES, key=lambda kv: kv != "bf16") if all(g.keeps(kv) for g in self.layers))
