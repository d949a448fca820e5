"""The shapes of the pages of self-hosted models, of machines and of cards, in `pricing/self-hosted/`.

As on a price page every scalar arrives as its text; what the words mean together is the business of `hardware_rules`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from .. import units
from .page import DisputedReading, Words
from .scalars import SOME, Addresses, Confidence, Count, Day, Factor, Instant, Name, Number, Text, Whole, Word, meaning

# Spelled out for editors and type checkers, and held equal to `architecture` by a test.
Attention = Literal["full", "sliding", "latent", "recurrent", "log-linear", "shared"]
Layout = Literal["fp32", "bf16", "fp16", "fp8", "int8", "q8_0", "q4_0", "fp4"]
WeightType = Literal["bf16", "fp8", "int4"]
BYTES = {"GB": 10**9, "GiB": 2**30}


def _parameters(text: object) -> int:
    if isinstance(text, str) and re.fullmatch(r"[0-9]{1,3}(_[0-9]{3}){1,4}|[0-9]{1,15}", text) and int(text):
        return int(text)
    raise ValueError("expected a whole number of parameters such as 70_553_706_496; leave it out if it is not known")


def _size(text: object) -> Fraction:
    match = re.fullmatch(r"([0-9]{1,3}(?:_[0-9]{3})*|[0-9]{1,9})(\.[0-9]{1,6})? (GB|GiB)", str(text))
    if not match:
        raise ValueError("expected a size with its unit, such as 2_048 GiB or 80 GB (GiB are 7% more than GB)")
    whole, decimals, unit = match.groups()
    return Fraction(Decimal(whole.replace("_", "") + (decimals or ""))) * BYTES[unit]


def _share(text: object) -> Fraction:
    share = meaning(units.share, text)
    if not share:
        raise ValueError("expected a share above 0, such as 50%")
    return share


Parameter = Annotated[int, BeforeValidator(_parameters), WithJsonSchema({"type": ["integer", "string"]})]
Size = Annotated[Fraction, BeforeValidator(_size), WithJsonSchema({"type": "string", "pattern": "^[0-9_.]+ (GB|GiB)$"})]
Share = Annotated[Fraction, BeforeValidator(_share), WithJsonSchema({"type": ["string", "number"]})]
YesNo = Literal["yes", "no"]


class ParametersWords(Words, noun="number of parameters"):
    """All parameters; those that an output token passes through; those that a token of the prompt does."""

    total: Parameter
    active: Parameter | None = None
    prefill: Parameter | None = None


class LayersWords(Words, noun="key of layers"):
    """So many layers alike. `entry`, `indexer`: bytes of an entry by type, where they are a kernel's layout."""

    count: Count
    attention: Attention
    kv_heads: Count | None = None
    head_dim: Count | None = None
    v_dim: Count | None = None
    query_heads: Count | None = None
    qk_dim: Count | None = None
    window: Count | None = None
    rank: Count | None = None
    rope: Count | None = None
    every: Whole | None = None
    entry: dict[Layout, Count] = Field(default_factory=dict)
    indexer: dict[Layout, Count] = Field(default_factory=dict)
    state_bytes: Count | None = None
    in_prefill: YesNo = "yes"
    note: Text | None = None


class ModelLimits(Words, noun="limit"):
    context: Count | None = None


class Published(Words, noun="key of what is published"):
    """What the maker or a paper says of memory or time, beside what is worked out here."""

    says: Text
    source: Addresses
    seen: Day


class ModelWords(Words, noun="key of a model's page"):
    """One model whose weights can be had: what its layers keep and compute."""

    maker: Name
    model: Name
    name: Text
    aliases: list[Word] = Field(default_factory=list)
    checked: Day
    source: Addresses
    seen: Day
    confidence: Confidence = "high"
    note: Text | None = None
    limits: ModelLimits = ModelLimits()
    parameters: (
        Annotated[
            Annotated[Parameter, Tag("number")] | Annotated[ParametersWords, Tag("numbers")],
            Discriminator(lambda value: "numbers" if isinstance(value, dict | ParametersWords) else "number"),
        ]
        | None
    ) = None
    weights: WeightType = "bf16"
    num_layers: Count | None = None
    layers: Annotated[list[LayersWords], SOME]
    disputed: dict[str, Annotated[list[DisputedReading[Count]], SOME]] = Field(default_factory=dict)
    published: list[Published] = Field(default_factory=list)


class BandWords(Words, noun="end of a band"):
    best: Factor
    middle: Factor
    worst: Factor


class ShareBand(Words, noun="end of a band"):
    best: Share
    middle: Share
    worst: Share


class EfficiencyWords(Words, noun="key of an efficiency"):
    """Shares of the dense peak that prompts reach, in linear layers and in attention."""

    linear: ShareBand
    attention: ShareBand
    source: Addresses
    seen: Day
    note: Text | None = None


class TierWords(Words, noun="key of a tier"):
    """Memory beside the cards. `load`: GB a second, from RAM to each card, from disks to the machine."""

    size: Annotated[Size, Field(gt=0)]
    rent_per_gib_hour: Number | None = None
    rent_per_gb_hour: Number | None = None
    rent_per_gb_month: Number | None = None
    load: BandWords
    source: Addresses
    seen: Day
    note: Text | None = None


class TiersWords(Words, noun="tier"):
    ram: TierWords | None = None
    nvme: TierWords | None = None


class RentWords(Words, noun="key of a rate card"):
    """The rent of the whole machine from an instant on."""

    effective: Instant
    per_hour: Number
    region: Text | None = None
    source: Addresses
    seen: Day
    confidence: Confidence = "high"
    note: Text | None = None


class MachineWords(Words, noun="key of a machine"):
    """So many cards of one kind, rented together. `peak`: dense TFLOP/s where the host states other ones."""

    machine: Name
    gpu: Name
    gpus: Count
    peak: dict[Literal["bf16", "fp8"], Factor] = Field(default_factory=dict)
    tiers: TiersWords = TiersWords()
    efficiency: EfficiencyWords | None = None
    rate_cards: Annotated[list[RentWords], SOME]
    note: Text | None = None


class HostWords(Words, noun="key of a host's page"):
    """The machines of one host."""

    host: Name
    currency: Literal["USD", "CNY", "EUR"] = "USD"
    checked: Day
    note: Text | None = None
    machines: Annotated[list[MachineWords], SOME]


class HardwareCardWords(Words, noun="key of a card"):
    """A card: GB a second of bandwidth, dense TFLOP/s by type."""

    name: Text
    memory: Annotated[Size, Field(gt=0)]
    bandwidth: Factor
    peak: dict[Literal["bf16", "fp8"], Factor]
    source: Addresses
    seen: Day
    confidence: Confidence = "high"
    note: Text | None = None


class EngineWords(Words, noun="key of an engine"):
    """What an inference engine takes of a card, and what decoding reaches of its bandwidth."""

    share: Share
    reserve: Size
    block: Whole
    batch: Whole
    decode: ShareBand
    source: Addresses
    seen: Day
    note: Text | None = None


class GpusWords(Words, noun="key of the table of cards"):
    """The table of cards, and what is assumed of engines on them."""

    checked: Day
    engine: EngineWords
    efficiency: dict[Literal["bf16", "fp8"], EfficiencyWords]
    cards: Annotated[dict[Word, HardwareCardWords], SOME]
