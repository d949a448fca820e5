"""A deployment at a glance: what a context takes, what each tier asks for it, and for how long keeping it pays; and in
sentences: why something does not fit and what would hold it, and what is assumed of its speed."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ..errors import NotSold
from .architecture import WEIGHT_BYTES
from .deployment import GB, HBM, HOUR, Deployment, Estimate
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
        deployment.cache_bytes(tokens),
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
    readings = [deployment.but(reading=reading) for reading in READINGS]
    gaps = Spread(*(each.pays_up_to(tokens, name, per_hour) if timed else None for each in readings))
    size = (tier.size if tier else deployment.pool) / GB
    return TierSummary(name, size, rent, rent * each * 10**6 / GB, deployment.load_seconds(tokens, name), gaps)


NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def misfit(deployment: Deployment, tokens: int) -> str:
    """Why a request of so many tokens does not fit, and what would hold it."""
    gpu, gpus = deployment.machine.gpu, deployment.gpus
    cards = f"one {gpu.label} has" if gpus == 1 else f"{gpus} {gpu.label} have"
    weights = f"weights of {gigabytes(deployment.weight_bytes)}"
    if deployment.pool <= 0:
        usable = gigabytes(max(Fraction(0), deployment.usable))
        why = f"{weights} do not fit: {cards} {gigabytes(gpus * gpu.memory)}, of which {usable} may be used"
    else:
        kept = f"{tokens:,} tokens take {gigabytes(deployment.cache_bytes(tokens))} in {deployment.kv}"
        pool = f"{gigabytes(deployment.pool)} for caches, which hold {deployment.pool_tokens:,} tokens"
        why = f"{kept}, and beside {weights} {cards} {pool}"
    return f"{why}. {'; '.join(_what_fits(deployment, tokens)).replace('; or', ', or')}"


def _what_fits(deployment: Deployment, tokens: int) -> Iterator[str]:
    """The fewest cards that hold the weights, and the tokens; fewer with smaller numbers."""
    counts = [number for number in range(1, deployment.machine.gpus + 1) if deployment.splits(number)]
    first = next((number for number in counts if deployment.but(gpus=number).pool > 0), None)
    fitting = next((number for number in counts if deployment.but(gpus=number).holds(tokens)), None)
    if first and deployment.pool <= 0:
        text = f"{'one card holds' if first == 1 else f'{NUMBERS.get(first, first)} cards hold'} them and a cache of "
        yield f"{text[0].upper()}{text[1:]}{deployment.but(gpus=first).pool_tokens:,} tokens"
    if fitting:
        yield f"{tokens:,} tokens fit from {fitting} ({deployment.place(fitting)})"
    for word, name in _smaller(deployment):
        said = {word: name}
        number = next((number for number in counts if deployment.but(gpus=number, **said).holds(tokens)), None)
        if number and (fitting is None or number < fitting):
            yield f"{'or' if fitting else f'{tokens:,} tokens fit'} from {number} with {name} for {word}"
            return
    if not fitting:
        yield f"No number of cards of {deployment.machine.id} holds {tokens:,} tokens; expected a larger machine"


def _smaller(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Words that make weights or caches smaller."""
    own = WEIGHT_BYTES[deployment.weights]
    yield from (("weights", name) for name, size in WEIGHT_BYTES.items() if size < own)
    if deployment.kv == "bf16" and all(group.keeps("fp8") for group in deployment.model.layers):
        yield "kv", "fp8"


def gigabytes(size: Fraction) -> str:
    """`2,199 GB`, `141.1 GB`, `0.89 GB`."""
    places = 0 if size >= 1_000 * GB else 1 if size >= 10 * GB else 2
    return f"{float(round(size / GB, places)):,.{places}f} GB"


def assumed(deployment: Deployment) -> Iterator[str]:
    """Shares of the peak, demand for the pool, and use of the machine."""
    serving, kind = deployment.serving, deployment.computes_in
    if serving.linear:
        linear, attention = percent(serving.linear), percent(serving.attended or serving.linear)
    else:
        linear = _band(deployment.efficiency(kind).linear)
        attention = _band(deployment.efficiency("bf16").attention)
    yield f"linear layers at {linear} of the dense {kind} peak"
    yield f"attention at {attention} of the dense bf16 peak"
    yield "memory of the cards that others do not want" if serving.free_pool else "all of the pool in demand"
    if not serving.dedicated:
        yield "the machine busy all the time" if serving.use == 1 else f"{percent(serving.use)} of its hours used"


def doubts(deployment: Deployment, prompt: int, answer: int, tier: str) -> Iterator[str]:
    """What the figures of requests of this size rest on, where little is known of it."""
    serving = deployment.serving
    if serving.dedicated:
        return
    if answer:
        batch, reached = deployment.batch(prompt + answer), deployment.engine.decode
        yield (
            f"answers are counted as decoded {batch} at a time at {_band(reached)} of the memory's bandwidth: "
            "measure your own, and give it as batch"
        )
    if tier == HBM and not serving.free_pool:
        yield "rent as if the pool were full: where it is not, keeping costs nothing (pool: free)"


def _band(band: Estimate) -> str:
    return f"{percent(band.middle)} ({percent(band.worst)} to {percent(band.best)})"


def percent(share: Fraction) -> str:
    """`35%`, `31.5%`."""
    return f"{float(round(share * 100, 2)):g}%"
