"""Laws of architectures and deployments that hold whatever the figures."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from cachecost.catalog.catalog import Catalog
from cachecost.errors import NotSold
from cachecost.selfhosted.architecture import KINDS, VALUE_BYTES, Architecture, Layers, ParameterCounts
from cachecost.selfhosted.deployment import Deployment

from ..conftest import a_thousand

LENGTHS = st.integers(0, 300)
LLAMA = "llama-3.1-70b@aws/p5.48xlarge"
RENT = Fraction(5504, 100)
"""Dollars an hour, as the page of the machine has it."""


@st.composite
def groups(draw: st.DrawFn) -> Layers:
    """Layers alike, of any kind."""
    kind, head = draw(st.sampled_from(KINDS)), draw(st.sampled_from([16, 128]))
    heads = draw(st.sampled_from([1, 2, 8]))
    count, queries = draw(st.integers(1, 90)), heads * draw(st.integers(1, 8))
    in_prefill = draw(st.booleans())
    if kind in ("full", "sliding"):
        window = draw(st.integers(1, 200)) if kind == "sliding" else None
        return Layers(count, kind, heads, head, head, queries, head, window=window, in_prefill=in_prefill)
    if kind == "latent":
        entry, every = {"bf16": draw(st.integers(1, 2_000))}, draw(st.sampled_from([1, 2, 4, 128]))
        shape = {"query_heads": queries, "qk_dim": 192, "v_dim": 128}
        return Layers(count, kind, entry=entry, every=every, in_prefill=in_prefill, **shape)
    states = draw(st.integers(0, 10_000)) if kind != "shared" else 0
    return Layers(count, kind, state_bytes=states, in_prefill=in_prefill)


@st.composite
def models(draw: st.DrawFn) -> Architecture:
    total, *fewer = sorted(draw(st.lists(st.integers(1, 10**12), min_size=3, max_size=3)), reverse=True)
    return Architecture("any", tuple(draw(st.lists(groups(), min_size=1, max_size=4))), ParameterCounts(total, *fewer))


def one_by_one(group: Layers, start: int, end: int) -> Fraction:
    """FLOP of attention, position by position: while position p is added, p + 1/2 earlier ones are looked at on
    average, or as many as a window has."""
    if group.attention not in ("full", "sliding", "latent") or not group.in_prefill:
        return Fraction(0)
    total = Fraction(0)
    for position in range(start, end):
        seen = position + Fraction(1, 2)
        total += seen if group.window is None else min(seen, group.window)
    return total * group.count * 2 * group.query_heads * (group.qk_dim + group.v_dim) / group.every


@a_thousand()
@given(models(), LENGTHS, LENGTHS)
def test_the_closed_form_of_a_prompt_is_the_sum_over_its_positions(model: Architecture, one: int, other: int) -> None:
    """For 200 random models: two FLOP a parameter and token, and attention added up token by token."""
    start, end = sorted((one, other))
    assert model.parameters
    flops = model.flops(start, end)
    assert flops.linear == sum(2 * model.parameters.prefill for _ in range(start, end))
    assert flops.attention == sum(one_by_one(group, start, end) for group in model.layers)


@given(models(), LENGTHS, LENGTHS)
def test_bytes_add_up_over_groups_and_never_fall_with_the_length(model: Architecture, one: int, other: int) -> None:
    alone = [replace(model, layers=(group,)) for group in model.layers]
    assert model.cache_bytes(one, "bf16") == sum(each.cache_bytes(one, "bf16") for each in alone)
    assert model.bytes_per_token("bf16") == sum(each.bytes_per_token("bf16") for each in alone)
    short, long = sorted((one, other))
    assert model.cache_bytes(short, "bf16") <= model.cache_bytes(long, "bf16")


@given(st.integers(1, 5_000), st.integers(0, 10_000))
def test_a_window_keeps_no_more_beyond_its_length(window: int, more: int) -> None:
    layers = Layers(10, "sliding", 8, 128, 128, window=window)
    assert layers.cache_bytes(window + more, "bf16") == layers.cache_bytes(window, "bf16") == 10 * window * 8 * 256 * 2


@pytest.mark.parametrize(
    ("tokens", "states"), [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (1_023, 10), (1_024, 11), (1_048_576, 21)]
)
def test_log_linear_attention_keeps_a_state_for_each_level(tokens: int, states: int) -> None:
    """floor(log2 C) + 1 levels of a Fenwick tree over C tokens: 2^20 tokens have 21."""
    assert Layers(2, "log-linear", state_bytes=100).cache_bytes(tokens, "bf16") == 2 * states * 100


@given(st.integers(0, 10**7))
def test_a_recurrent_state_has_the_same_size_at_every_length(tokens: int) -> None:
    assert Layers(48, "recurrent", state_bytes=3_268_608).cache_bytes(tokens, "bf16") == 48 * 3_268_608


def test_layers_that_share_entries_keep_none() -> None:
    assert Layers(36, "shared").cache_bytes(10**6, "bf16") == 0


def test_a_latent_layout_is_never_guessed() -> None:
    """An fp8 kernel keeps 656 bytes where twice 576 were halved to 576."""
    latent = Layers(61, "latent", entry={"bf16": 1_152})
    with pytest.raises(NotSold, match="latent attention has no layout in it here; expected bf16"):
        latent.entry_bytes("fp8")


# -- a deployment


def deployed(name: str = LLAMA, **said: object) -> Deployment:
    return Catalog().fleet.sheet(name).deployment.but(**said)


@pytest.mark.parametrize("tier", ["hbm", "ram", "nvme"])
def test_twice_the_bytes_of_a_number_are_twice_the_rent_and_half_the_gap(tier: str) -> None:
    """bf16 against fp8. Exact on the cards; a load that is twice as long shortens the gap of other tiers further."""
    wide, narrow = deployed(kv="bf16"), deployed(kv="fp8")
    assert wide.cache_bytes(131_072) == 2 * narrow.cache_bytes(131_072)
    assert wide.rent(tier, RENT) == narrow.rent(tier, RENT)
    gaps = [each.pays_up_to(131_072, tier, RENT) for each in (wide, narrow)]
    assert gaps[0]
    assert gaps[1]
    assert 2 * gaps[0] == gaps[1] if tier == "hbm" else 2 * gaps[0] < gaps[1]


def test_half_the_cards_have_half_the_rent_and_half_the_pool_less_the_weights() -> None:
    whole, half = deployed(), deployed(f"{LLAMA}:4")
    assert half.hourly(RENT) == whole.hourly(RENT) / 2
    assert half.pool == (whole.pool + whole.weight_bytes) / 2 - whole.weight_bytes
    assert half.prefill_seconds(0, 100_000) == 2 * whole.prefill_seconds(0, 100_000)


def test_heads_fewer_than_cards_lie_on_several_of_them() -> None:
    """Qwen3 235B has 4 heads: over 8 cards each entry is kept twice, and data-parallel attention keeps it once."""
    split, copied = deployed("qwen3-235b-a22b@p5.48xlarge"), deployed("qwen3-235b-a22b@p5.48xlarge", attention="data")
    assert (split.copies, copied.copies) == (2, 1)
    assert split.pool == copied.pool / 2


def test_latent_attention_keeps_one_copy_unless_it_is_split() -> None:
    assert deployed("deepseek-v3@p5en.48xlarge").copies == 1
    assert deployed("deepseek-v3@p5en.48xlarge", attention="tensor").copies == 8


def test_tokens_are_kept_in_whole_blocks() -> None:
    """vLLM's blocks hold 16 tokens: 17 take two of them, 32 x 327,680 bytes."""
    assert deployed().cache_bytes(17) == deployed().cache_bytes(32) == 32 * 327_680


@pytest.mark.parametrize("share", [Fraction(1, 4), Fraction(1, 2), Fraction(1)])
def test_a_prompt_takes_as_long_as_its_share_of_the_peak_is_small(share: Fraction) -> None:
    one = deployed(linear=share, attended=share).prefill_seconds(0, 100_000)
    assert one == deployed(linear=Fraction(1), attended=Fraction(1)).prefill_seconds(0, 100_000) / share


def test_decoding_waits_for_the_memory_or_for_the_arithmetic() -> None:
    """At 100,000 tokens and a batch of 13: (141.1 GB + 13 x 32.768 GB) / (8 x 3.35 TB/s x 60%) = 35.3 ms a step."""
    assert float(deployed().step_seconds(100_000)) == pytest.approx(0.0353, rel=0.005)
    assert deployed().batch(100_000) == 13
    alone = deployed(batch=1)
    assert alone.answer_seconds(99_000, 1_000) == 1_000 * alone.step_seconds(100_000)


def test_layouts_named_on_pages_are_those_of_the_engine() -> None:
    from typing import get_args

    from cachecost.catalog import hardware_page as page
    from cachecost.selfhosted import serving

    assert get_args(page.Attention) == KINDS
    assert get_args(page.Layout) == serving.KV_TYPES == (*VALUE_BYTES, "fp4")
    assert get_args(page.WeightType) == serving.WEIGHT_TYPES


def test_values_and_queries_have_the_dimensions_of_keys_unless_the_page_says_others() -> None:
    """2 heads x (4 + 4) x 2 bytes are 32, with values of 2 dimensions 2 x (4 + 2) x 2 = 24. Two positions look at 2 x
    2 / 2 = 2 earlier ones, at 2 FLOP for each of 4 + 2 dimensions of the one query head: 24."""
    assert Layers(1, kv_heads=2, head_dim=4).entry_bytes("bf16") == 32
    group = Layers(1, kv_heads=2, head_dim=4, v_dim=2, query_heads=1)
    assert group.entry_bytes("bf16") == 24
    assert group.attention_flops(0, 2) == 24
