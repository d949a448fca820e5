"""What is wrong with the words of a page of a self-hosted model, of machines or of cards, taken together."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..prices.sheet import Path
from ..selfhosted.architecture import FULL, LATENT, LOG_LINEAR, RECURRENT, SHARED, SLIDING, WITH_HEADS
from . import hardware_page as page
from .composed import Faults

MOST_LAYERS = 1_000
SPARSE = Fraction(6, 5)
"""A peak so much above a card's dense one is that with sparsity, which vendors print."""


def model_faults(words: page.ModelWords) -> Faults:
    for number, group in enumerate(words.layers):
        yield from _group_faults(("layers", number), group, first=not number)
    if words.num_layers is not None and (layers := sum(group.count for group in words.layers)) != words.num_layers:
        yield ("num_layers",), f"is {words.num_layers:,}, but the groups hold {layers:,} layers"
    if isinstance(words.parameters, page.ParametersWords):
        total, active = words.parameters.total, words.parameters.active or words.parameters.total
        if active > total:
            yield ("parameters", "active"), f"{active:,} is above total ({total:,})"
        if (words.parameters.prefill or 0) > active:
            yield ("parameters", "prefill"), f"{words.parameters.prefill:,} is above active ({active:,})"
    numbers = {f"layers[{n}].{key}" for n, each in enumerate(words.layers) for key, at in each if isinstance(at, int)}
    for place in words.disputed:
        if place not in numbers:
            yield ("disputed", place), "names no number on this page; expected one such as layers[0].kv_heads"


def _group_faults(path: Path, group: page.LayersWords, *, first: bool) -> Faults:
    kind = group.attention
    if not 1 <= group.count <= MOST_LAYERS:
        yield (*path, "count"), f"expected 1 to {MOST_LAYERS:,} layers, not {group.count:,}"
    own_entry = bool(group.entry) and kind == SLIDING
    if kind in WITH_HEADS and not own_entry:
        for name in ("kv_heads", "head_dim"):
            if not getattr(group, name):
                yield (*path, name), f"missing; {kind} attention keeps kv_heads x head_dim of each token"
    if group.kv_heads and group.query_heads and group.query_heads % group.kv_heads:
        yield (*path, "kv_heads"), f"{group.kv_heads} does not divide query_heads ({group.query_heads})"
    if kind == SLIDING and not group.window:
        yield (*path, "window"), "missing; expected the tokens that sliding attention looks back"
    if kind == LATENT and not group.rank:
        yield (*path, "rank"), "missing; expected the width of the compressed entry"
    if kind == LATENT and not group.entry:
        example = "{bf16: 1_152, fp8: 656}"
        yield (*path, "entry"), f"missing; expected bytes by type as kernels lay them out, such as {example}"
    if kind == SHARED and first:
        yield (*path, "attention"), "shared in the first group has no entries to share; expected it after others"
    yield from _out_of_place(path, group)


def _out_of_place(path: Path, group: page.LayersWords) -> Faults:
    """Words that mean nothing for a kind of attention."""
    only: dict[str, tuple[str, ...]] = {
        "window": (SLIDING,),
        "rank": (LATENT,),
        "rope": (LATENT,),
        "every": (LATENT,),
        "indexer": (LATENT,),
        "entry": (LATENT, SLIDING),
        "kv_heads": WITH_HEADS,
        "head_dim": WITH_HEADS,
        "query_heads": (FULL, SLIDING, LATENT),
        "state_bytes": (RECURRENT, LOG_LINEAR),
    }
    for name, kinds in only.items():
        value = getattr(group, name)
        if value not in (None, {}) and group.attention not in kinds:
            yield (*path, name), f"{group.attention} attention has none; expected it with {' or '.join(kinds)}"


def host_faults(words: page.HostWords, cards: Mapping[str, page.HardwareCardWords]) -> Faults:
    seen: set[str] = set()
    for number, machine in enumerate(words.machines):
        path: Path = ("machines", number)
        if machine.machine in seen:
            yield (*path, "machine"), f"{machine.machine} is on this page twice; append a rate card instead"
        seen.add(machine.machine)
        yield from _machine_faults(path, machine, cards)


def _machine_faults(path: Path, machine: page.MachineWords, cards: Mapping[str, page.HardwareCardWords]) -> Faults:
    card = cards.get(machine.gpu)
    if card is None:
        yield (*path, "gpu"), f"{machine.gpu!r} is not in gpus.yaml; expected {', '.join(cards)}"
    if not 1 <= machine.gpus <= 1_000:
        yield (*path, "gpus"), f"expected 1 to 1,000 cards, not {machine.gpus:,}"
    for kind, peak in machine.peak.items():
        dense = card.peak.get(kind) if card else None
        if dense is not None and Fraction(peak) > Fraction(dense) * SPARSE:
            yield (*path, "peak", kind), f"{peak} is above the dense peak of {machine.gpu}, {dense}: with sparsity?"
    for name in ("ram", "nvme"):
        if tier := getattr(machine.tiers, name):
            yield from _tier_faults((*path, "tiers", name), tier)
    if machine.efficiency:
        yield from _efficiency_faults((*path, "efficiency"), machine.efficiency)
    for number, rent in enumerate(machine.rate_cards):
        if not rent.per_hour:
            paid = "what an hour costs you where it is your own; how much of it is used is said with --use"
            yield (*path, "rate_cards", number, "per_hour"), f"expected a rent above 0: {paid}"
    for number, (before, rent) in enumerate(pairwise(machine.rate_cards), 1):
        if rent.effective <= before.effective:
            yield (*path, "rate_cards", number, "effective"), "is not after the card above; expected the oldest first"


def _tier_faults(path: Path, tier: page.TierWords) -> Faults:
    rents = [name for name in ("rent_per_gib_hour", "rent_per_gb_hour", "rent_per_gb_month") if getattr(tier, name)]
    if len(rents) != 1:
        given = "two are given" if rents else "missing or 0"
        message = f"{given}; expected one rent above 0 (a tier whose rent is not known is left out)"
        yield (*path, rents[-1] if rents else "rent_per_gb_hour"), message
    yield from _band_faults((*path, "load"), tier.load)


def _efficiency_faults(path: Path, words: Any) -> Faults:
    for name in ("linear", "attention"):
        yield from _band_faults((*path, name), getattr(words, name))


def _band_faults(path: Path, band: page.BandWords | page.ShareBand) -> Faults:
    if band.worst > band.middle or band.middle > band.best:
        yield (*path, "worst"), "the band is out of order; expected best >= middle >= worst"


def gpus_faults(words: page.GpusWords) -> Faults:
    for name, card in words.cards.items():
        if "bf16" not in card.peak:
            yield ("cards", name, "peak"), "expected the dense peak in bf16, with others beside it"
    if "bf16" not in words.efficiency:
        yield ("efficiency",), "expected bf16, with others beside it"
    for kind, shares in words.efficiency.items():
        yield from _efficiency_faults(("efficiency", kind), shares)
    yield from _band_faults(("engine", "decode"), words.engine.decode)
