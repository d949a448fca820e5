"""Machines that can be rented: their cards, the memory beside them in tiers, and the rent of the whole by the hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

GB, GIB = 10**9, 2**30
HBM, RAM, NVME = TIERS = ("hbm", "ram", "nvme")
"""Memory in which caches are kept, from the cards outwards: of the GPU, of the host, of its disks."""


class Band(NamedTuple):
    """A figure that is only known within bounds."""

    best: Fraction
    middle: Fraction
    worst: Fraction


class Efficiency(NamedTuple):
    """Shares of a card's dense peak that linear layers and attention reach over a prompt."""

    linear: Band
    attention: Band


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
    load: Band


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
    decode: Band
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
