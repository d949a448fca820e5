"""A deployment at a glance: what a context takes, what each tier asks for it, and for how long keeping it pays."""

from fractions import Fraction
from typing import NamedTuple

from ..errors import NotSold
from .deployment import HOUR, Deployment
from .fit import misfit
from .machine import GB
from .serving import READINGS

DEFAULT = 131_072
"""Tokens of the context that is shown where none is asked for and the model takes so many."""


class Spread(NamedTuple):
    """A figure at the best, the middle and the worst speed; None where it has no end or is not known."""

    best: Fraction | None
    middle: Fraction | None
    worst: Fraction | None


class TierSummary(NamedTuple):
    """`size` in GB; money for a GB-hour, and for 1M tokens and hour; seconds in which the context is loaded; hours
    between two queries up to which keeping it costs less than reading it again."""

    tier: str
    size: Fraction
    rent: Fraction
    per_million_tokens: Fraction
    load: Fraction
    pays_up_to: Spread


class Summary(NamedTuple):
    """`bytes`: of the context's cache. `seconds`: of its prompt, None where what that takes is not known.
    `per_million`: money for 1M of its tokens. `weights`, `pool`: bytes, None where the parameters are not known."""

    deployment: Deployment
    tokens: int
    per_hour: Fraction
    bytes_per_token: Fraction
    bytes: Fraction
    weights: Fraction | None
    pool: Fraction | None
    seconds: Spread | None
    per_million: Spread | None
    tiers: tuple[TierSummary, ...]
    misfit: str

    @property
    def taken(self) -> Fraction | None:
        """Bytes of weights, of one cache of the context, and of what the engine keeps for itself."""
        return None if self.weights is None else self.weights + self.bytes + self.reserve

    @property
    def reserve(self) -> Fraction:
        return self.deployment.gpus * self.deployment.engine.reserve


def summary(deployment: Deployment, tokens: int, per_hour: Fraction) -> Summary:
    """A deployment at a rent of the whole machine and a context of so many tokens."""
    known = deployment.model.parameters is not None
    each = deployment.model.bytes_per_token(deployment.kv)
    seconds = _seconds(deployment, tokens)
    hourly = deployment.hourly(per_hour) / deployment.serving.use
    costs = seconds and Spread(*(second * hourly / HOUR / tokens * 10**6 for second in seconds if second is not None))
    fits = known and deployment.holds(tokens)
    return Summary(
        deployment,
        tokens,
        deployment.hourly(per_hour),
        each,
        deployment.kept(tokens),
        deployment.weight_bytes if known else None,
        deployment.pool if known else None,
        seconds,
        costs,
        tuple(_tier(deployment, name, tokens, per_hour, each, timed=seconds is not None) for name in deployment.tiers),
        "" if fits or not known else misfit(deployment, tokens),
    )


def _seconds(deployment: Deployment, tokens: int) -> Spread | None:
    try:
        return Spread(*(deployment.but(reading=name).prefill_seconds(0, tokens) for name in READINGS))
    except NotSold:
        return None


def _tier(
    deployment: Deployment, name: str, tokens: int, per_hour: Fraction, each: Fraction, *, timed: bool
) -> TierSummary:
    rent, tier = deployment.rent(name, per_hour), deployment.machine.tiers.get(name)
    gaps = Spread(*((_gap(deployment, name, tokens, per_hour, reading) if timed else None) for reading in READINGS))
    size = (tier.size if tier else deployment.pool) / GB
    return TierSummary(name, size, rent, rent * each * 10**6 / GB, deployment.load_seconds(tokens, name), gaps)


def _gap(deployment: Deployment, tier: str, tokens: int, per_hour: Fraction, reading: str) -> Fraction | None:
    return deployment.but(reading=reading).pays_up_to(tokens, tier, per_hour)
