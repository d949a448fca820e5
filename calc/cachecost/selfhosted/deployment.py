"""Machines that can be rented: their cards, memory and rents. A model on the cards of one: the pool that its caches
share, how long prompts, loads and answers take, what memory costs, and whether anything fits.

Everything is exact; which reading of a band is taken is an argument or a word of `Serving`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import Any, NamedTuple

from ..errors import NotSold
from .architecture import LATENT, WEIGHT_BYTES, Architecture
from .serving import AS_ON_PAGES, DATA, TENSOR, Serving

HOUR = 3600
"""Seconds."""
GB, GIB = 10**9, 2**30
HBM, RAM, NVME = TIERS = ("hbm", "ram", "nvme")
"""Memory in which caches are kept, from the cards outwards: of the GPU, of the host, of its disks."""


class Estimate(NamedTuple):
    """A figure that is only known within bounds."""

    best: Fraction
    middle: Fraction
    worst: Fraction


class Efficiency(NamedTuple):
    """Shares of a card's dense peak that linear layers and attention reach over a prompt."""

    linear: Estimate
    attention: Estimate


class Gpu(NamedTuple):
    """A card: bytes of memory, bytes a second of bandwidth, dense FLOP a second by type of number."""

    name: str
    label: str
    memory: Fraction
    bandwidth: Fraction
    peak: Mapping[str, Fraction]


class Tier(NamedTuple):
    """Memory of a machine beside its cards: bytes, money for a GB-hour, bytes a second in which a cache comes back
    (from RAM to each card)."""

    size: Fraction
    rent: Fraction
    load: Estimate


class Rent(NamedTuple):
    """Money for an hour of the whole machine, from an instant on."""

    effective: datetime
    per_hour: Fraction
    sources: tuple[str, ...]
    seen: date
    note: str | None = None
    confidence: str = "high"


class Engine(NamedTuple):
    """What an inference engine does with a card: the share of the memory that it takes, bytes of it that it keeps for
    itself, tokens in a block of its cache, the most requests in a batch, the share of the bandwidth that decoding
    reaches, and efficiencies by the type of number in which linear layers compute."""

    share: Fraction
    reserve: Fraction
    block: int
    batch: int
    decode: Estimate
    efficiency: Mapping[str, Efficiency]


@dataclass(frozen=True)
class Machine:
    """So many cards of one kind at a host, the tiers beside them, and its rents, oldest first."""

    host: str
    name: str
    gpu: Gpu
    gpus: int
    tiers: Mapping[str, Tier]
    checked: date
    rents: tuple[Rent, ...]
    currency: str = "USD"
    efficiency: Efficiency | None = None

    @property
    def id(self) -> str:
        return f"{self.host}/{self.name}"


@dataclass(frozen=True, eq=False)  # told apart by identity: pages hold mappings
class Deployment:
    """A model on some of the cards of a machine, served in some way."""

    model: Architecture
    machine: Machine
    gpus: int
    engine: Engine
    serving: Serving = AS_ON_PAGES

    def check(self) -> None:
        """NotSold for a type without a layout, and for a number of cards over which the query heads cannot be split."""
        for group in self.model.layers:
            group.entry_bytes(self.kv)
        if not self.splits(self.gpus):
            fitting = [n for n in range(self.gpus + 1, self.machine.gpus + 1) if self.splits(n)]
            then = f"expected {self.place(fitting[0])}, or data for attention" if fitting else "try data for attention"
            heads = next(group.query_heads for group in self.model.layers if group.query_heads)
            raise NotSold(f"{self.gpus} cards cannot share {heads} query heads evenly; {then}", ("gpus", ""))

    def but(self, *, gpus: int | None = None, **said: Any) -> Deployment:
        """The same on another number of cards, or served otherwise."""
        return replace(self, gpus=gpus or self.gpus, serving=self.serving._replace(**said))

    def of(self, model: Architecture) -> Deployment:
        """The same with another model."""
        return replace(self, model=model)

    @property
    def id(self) -> str:
        """`llama-3.1-70b@aws/p5.48xlarge`, with `:4` where it takes 4 of 8 cards."""
        return f"{self.model.model}@{self.place(self.gpus)}"

    def place(self, gpus: int) -> str:
        """`aws/p5.48xlarge`, or `aws/p5.48xlarge:4` for a part of its cards."""
        return self.machine.id if gpus == self.machine.gpus else f"{self.machine.id}:{gpus}"

    @property
    def kv(self) -> str:
        return self.serving.kv or self.model.kv

    @property
    def weights(self) -> str:
        return self.serving.weights or self.model.weights

    @property
    def attention(self) -> str:
        """Latent attention has one head, of which every card would hold a copy: it is served in parallel over requests
        (`data`) unless `tensor` is asked for."""
        latent = any(group.attention == LATENT for group in self.model.layers)
        return self.serving.attention or (DATA if latent else TENSOR)

    def splits(self, gpus: int) -> bool:
        """Whether the query heads can be split over so many cards evenly, where they are."""
        return self.attention == DATA or not any(group.query_heads % gpus for group in self.model.layers)

    @cached_property
    def copies(self) -> Fraction:
        """Copies of each entry that the cards hold together, on average over the bytes of a token: with fewer heads
        than cards each head lies on several of them."""
        if self.attention == DATA:
            return Fraction(1)
        groups = [group for group in self.model.layers if group.entry_bytes(self.kv)]
        each = [max(Fraction(1), Fraction(self.gpus, group.kv_heads or 1)) for group in groups]
        sizes = [group.count * group.entry_bytes(self.kv) / group.every for group in groups]
        return sum(map(mul, each, sizes), Fraction(0)) / sum(sizes) if groups else Fraction(1)

    @cached_property
    def weight_bytes(self) -> Fraction:
        """Bytes of the weights; NotSold where the number of parameters is not known."""
        if self.model.parameters is None:
            raise NotSold(f"{self.model.model}: its page has no parameters, so what its weights take is not known")
        return self.model.parameters.total * WEIGHT_BYTES[self.weights]

    @property
    def usable(self) -> Fraction:
        """Bytes of the cards that weights and caches may take."""
        return self.gpus * (self.machine.gpu.memory * self.engine.share - self.engine.reserve)

    @cached_property
    def pool(self) -> Fraction:
        """Bytes for the caches of all requests, each entry counted once; 0 or below where the weights do not fit."""
        return (self.usable - self.weight_bytes) / self.copies

    @property
    def pool_tokens(self) -> int:
        """Tokens that fill the pool, where all are of one context."""
        return int(self.pool / self.model.bytes_per_token(self.kv)) if self.model.bytes_per_token(self.kv) else 0

    def cache_bytes(self, tokens: int) -> Fraction:
        """Bytes kept for so many tokens, in whole blocks."""
        block = self.engine.block
        return self.model.cache_bytes(-(-tokens // block) * block, self.kv)

    def contexts(self, tokens: int) -> Fraction:
        """How many contexts of so many tokens the pool holds at once."""
        return self.pool / self.cache_bytes(tokens)

    def holds(self, tokens: int) -> bool:
        """Whether a request of so many tokens fits beside the weights."""
        return self.pool > 0 and self.cache_bytes(tokens) <= self.pool

    def efficiency(self, kind: str) -> Efficiency:
        return self.machine.efficiency or self.engine.efficiency[kind]

    @property
    def computes_in(self) -> str:
        """The type in which linear layers compute: that of the weights where the card has a peak for it."""
        return self.weights if self.weights in self.machine.gpu.peak else "bf16"

    @property
    def _shares(self) -> tuple[Fraction, Fraction]:
        """Shares of the peaks that linear layers and attention reach. Attention computes in bf16."""
        said, reading = self.serving, self.serving.reading
        linear = said.linear or getattr(self.efficiency(self.computes_in).linear, reading)
        return linear, said.attended or said.linear or getattr(self.efficiency("bf16").attention, reading)

    def prefill_seconds(self, start: int, end: int) -> Fraction:
        """Seconds in which all cards together read the positions from `start` to `end` of a prompt."""
        flops, peak = self.model.flops(start, end), self.machine.gpu.peak
        linear, attended = self._shares
        return (
            flops.linear / (linear * peak[self.computes_in]) + flops.attention / (attended * peak["bf16"])
        ) / self.gpus

    def load_seconds(self, tokens: int, tier: str) -> Fraction:
        """Seconds until a cache of so many tokens is back on the cards: each card takes its part of it out of RAM."""
        if tier == HBM:
            return Fraction(0)
        speed = self.machine.tiers[tier].load.middle * (self.gpus if tier == RAM else 1)
        return self.cache_bytes(tokens) / speed

    def batch(self, tokens: int) -> int:
        """Requests that are decoded together at a context of so many tokens."""
        return self.serving.batch or max(1, min(self.engine.batch, int(self.contexts(tokens))))

    def step_seconds(self, tokens: int) -> Fraction:
        """Seconds of one step of decoding, which gives each request of a batch one token: all weights and all caches
        are read once, or the arithmetic takes longer than that."""
        assert self.model.parameters
        gpu, batch = self.machine.gpu, self.batch(tokens)
        reached: Fraction = getattr(self.engine.decode, self.serving.reading)
        read = (self.weight_bytes + batch * self.cache_bytes(tokens)) / (gpu.bandwidth * reached)
        worked = 2 * self.model.parameters.active * batch / (gpu.peak[self.computes_in] * self._shares[0])
        return max(read, worked) / self.gpus

    def answer_seconds(self, prompt: int, answer: int) -> Fraction:
        """Seconds of all cards for an answer of so many tokens, shared among the batch."""
        if not answer:
            return Fraction(0)
        tokens = prompt + answer
        return answer * self.step_seconds(tokens) / self.batch(tokens)

    def hourly(self, per_hour: Fraction) -> Fraction:
        """Rent of the cards taken, at a rent of the whole machine."""
        return per_hour * self.gpus / self.machine.gpus

    def rent(self, tier: str, per_hour: Fraction) -> Fraction:
        """Money for a GB-hour in a tier. The whole machine's rent is carried by its pool: what holds a share of it
        keeps that share of other requests away."""
        if tier != HBM:
            return self.machine.tiers[tier].rent
        return Fraction(0) if self.serving.free_pool else self.hourly(per_hour) * GB / self.pool

    @property
    def tiers(self) -> tuple[str, ...]:
        """Where caches can be kept: in the pool where there is one, and in the tiers that the machine's page has."""
        pool = (HBM,) if self.model.parameters and self.pool > 0 else ()
        return (*pool, *self.machine.tiers)

    def pays_up_to(self, tokens: int, tier: str, per_hour: Fraction) -> Fraction | None:
        """Hours between two queries up to which keeping a context of so many tokens costs less than reading it again;
        None where a load takes longer than a prompt, or without end."""
        saved = self.prefill_seconds(0, tokens) - self.load_seconds(tokens, tier)
        rent = self.rent(tier, per_hour) * self.cache_bytes(tokens) / GB
        if saved <= 0 or not rent:
            return None
        return saved * self.hourly(per_hour) / self.serving.use / HOUR / rent
