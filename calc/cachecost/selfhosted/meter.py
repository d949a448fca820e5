"""The meter of a deployment: what requests use in GPU-seconds and caches in GB-hours, and the sheet on which both have
a price.

A deployment stands in for a price sheet: its card has the rates of a GPU-second and of a GB-hour in each tier, and the
engine multiplies them as it multiplies tokens.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache

from .. import money
from ..errors import NotSold
from ..prices.caching import Caching, Stored
from ..prices.card import Limits, Rate, RateCard, Row
from ..prices.sheet import PriceSheet, Version
from ..prices.usage import Meter, Usage
from ..units import show_instant
from .deployment import GB, HOUR, Deployment, Rent
from .serving import BEST, GB_HOURS, GPU_HOURS, GPU_SECONDS, WORST, Serving
from .summary import assumed, doubts, gigabytes, misfit

PREFILL, LOAD, DECODE, KEPT, MACHINE = "prefill", "load", "decode", "kept", "machine"


class WorkMeter(Meter):
    """What requests on a deployment use. Seconds and bytes are cut once, at `money.GRAIN` decimals, so that the lines
    of a bill add up to its total to the last digit."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, self.cards = deployment, deployment.gpus
        self.assumed = tuple(assumed(deployment))
        serving = deployment.serving
        # Both ends of the band of speeds, unless the shares of the peak are said or time costs nothing.
        self.readings = () if serving.linear or serving.dedicated else (BEST, WORST)

    def request(
        self, plain: int, answer: int, kind: str = "", read: int = 0, entry: str = "", written: int = 0
    ) -> Usage:
        """A request that computes so many tokens of its prompt after so many that it reads from a tier (`entry`)."""
        return _request(self.deployment, plain + written, answer, read, entry)

    def creation(self, tokens: int, line: str = "creation") -> Usage:
        """Filling a cache: a prompt of its tokens, without an answer."""
        return _request(self.deployment, tokens, 0, 0, "")

    def rented(self, entry: str) -> Usage:
        """What a cache uses in one hour for each unit of `size`: a GB-hour of its tier."""
        return Usage.of_work({f"{KEPT}:{entry}": 1})

    def size(self, tokens: int, entry: str) -> Fraction:
        """GB of a cache of so many tokens; NotSold where its tier holds fewer."""
        kept, tier = self.deployment.cache_bytes(tokens), self.deployment.machine.tiers.get(entry)
        if tier and kept > tier.size:
            has = f"{self.deployment.machine.id} has {gigabytes(tier.size)} of it"
            raise NotSold(f"{KEPT}:{entry}: {tokens:,} tokens take {gigabytes(kept)}; {has}")
        return kept / GB

    def standing(self) -> Usage | None:
        """What the machine itself uses in an hour, where it is billed whatever it does."""
        return Usage.of_work({MACHINE: self.deployment.gpus}) if self.deployment.serving.dedicated else None

    def doubts(self, prompt: int, answer: int, entry: str) -> tuple[str, ...]:
        return tuple(doubts(self.deployment, prompt, answer, entry))


@lru_cache(maxsize=4096)
def _request(deployment: Deployment, plain: int, answer: int, read: int, tier: str) -> Usage:
    prompt, gpus = plain + read, deployment.gpus
    if not deployment.holds(prompt + answer):
        raise NotSold(misfit(deployment, prompt + answer))
    seconds = {
        # What is read of a prompt and what is computed after it add up to the whole prompt, although both are cut.
        PREFILL: _prefill(deployment, prompt) - _prefill(deployment, read),
        LOAD: _cut(deployment.load_seconds(read, tier) * gpus) if read else Fraction(0),
        DECODE: _cut(deployment.answer_seconds(prompt, answer) * gpus),
    }
    return Usage.of_work({name: each for name, each in seconds.items() if each})


def _prefill(deployment: Deployment, tokens: int) -> Fraction:
    """GPU-seconds of a prompt."""
    return _cut(deployment.prefill_seconds(0, tokens) * deployment.gpus)


def _cut(seconds: Fraction) -> Fraction:
    return Fraction(money.exact(seconds))


@dataclass(frozen=True, kw_only=True)
class DeploymentSheet(PriceSheet):
    """The price sheet of a deployment: a card for each rent of its machine."""

    deployment: Deployment

    def __hash__(self) -> int:
        return hash((self.model, self.deployment.serving))

    @property
    def id(self) -> str:
        return self.model

    @cached_property
    def meter(self) -> Meter:
        return WorkMeter(self.deployment)

    def version(self, card: RateCard) -> Version:
        """`aws/p5.48xlarge@2025-06-05+llama-3.1-70b`: the rent, and the model that runs for it."""
        machine, model = self.deployment.machine, self.deployment.model.model
        version = Version(f"{machine.id}@{show_instant(card.effective)}+{model}")
        version.terms = card.terms
        return version

    def served(self, serving: Serving) -> PriceSheet:
        """The same sheet where the deployment serves otherwise; NotSold where it cannot serve so."""
        served = self if serving == self.deployment.serving else _served(self, serving)
        served.deployment.check()
        return served


@lru_cache(maxsize=256)
def _served(sheet: DeploymentSheet, serving: Serving) -> DeploymentSheet:
    deployment = replace(sheet.deployment, serving=serving)
    rents = zip(sheet.cards, deployment.machine.rents, strict=True)
    cards = tuple(replace(card, rows=(_row(deployment, rent),)) for card, rent in rents)
    return replace(sheet, deployment=deployment, cards=cards)


def sheet_of(
    deployment: Deployment,
    *,
    label: str,
    checked: date,
    context: int | None = None,
    confidence: str = "high",
    note: str | None = None,
) -> DeploymentSheet:
    """The sheet of a deployment. `label`: the model's name. `context`: the most tokens that it takes. `confidence`:
    that of what is known of the model."""
    machine = deployment.machine
    cards = []
    for rent in machine.rents:
        least = max(confidence, rent.confidence, key=("high", "medium", "low").index)
        card = RateCard(
            effective=rent.effective,
            rows=(_row(deployment, rent),),
            sources=rent.sources,
            seen=rent.seen,
            # The cache is there as soon as the prompt was read, and costs nothing once it is dropped.
            caching=Caching(stored=Stored(default_ttl=timedelta(0))),
            confidence=least,
            note=" ".join(filter(None, (note, rent.note))) or None,
            limits=Limits(context=context),
        )
        cards.append(card)
    return DeploymentSheet(
        provider=machine.host,
        model=deployment.id,
        name=f"{label} ({deployment.place(deployment.gpus)})",
        currency=machine.currency,
        checked=checked,
        cards=tuple(cards),
        deployment=deployment,
    )


def _row(deployment: Deployment, rent: Rent) -> Row:
    """The rates of a GPU-second of work, of a GB-hour in each tier, and of the machine where it is billed as a
    whole."""
    gpu_hour = deployment.hourly(rent.per_hour) / deployment.gpus
    if deployment.serving.dedicated:
        free = {name: _rate(Fraction(0), GPU_SECONDS) for name in (PREFILL, LOAD, DECODE)}
        free |= {f"{KEPT}:{tier}": _rate(Fraction(0), GB_HOURS) for tier in deployment.tiers}
        return Row(free | {MACHINE: _rate(gpu_hour, GPU_HOURS)})
    work = _rate(gpu_hour / HOUR / deployment.serving.use, GPU_SECONDS)
    rents = {tier: _rate(deployment.rent(tier, rent.per_hour), GB_HOURS) for tier in deployment.tiers}
    return Row(dict.fromkeys((PREFILL, LOAD, DECODE), work) | {f"{KEPT}:{tier}": each for tier, each in rents.items()})


def _rate(each: Fraction, unit: str) -> Rate:
    money_for_one = money.exact(each)
    return Rate(money_for_one, unit, money_for_one)
