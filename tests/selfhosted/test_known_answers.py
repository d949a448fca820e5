"""Memory, time and rent of deployments against 92 answers from papers, logs of engines, invoices and measurements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from cachecost import units
from cachecost.catalog.catalog import Catalog
from cachecost.catalog.fleet import architecture_of
from cachecost.catalog.hardware_page import ModelWords
from cachecost.prices.quote import quote
from cachecost.prices.usage import Usage
from cachecost.selfhosted.architecture import Architecture, Layers, ParameterCounts
from cachecost.selfhosted.deployment import GB, GIB, Deployment, Efficiency, Engine, Estimate, Gpu, Machine, Rent, Tier

KNOWN = yaml.load((Path(__file__).parent / "known_answers.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
UNITS = {"GB": GB, "GiB": GIB, "8 GiB": 8 * GIB, "MiB": 2**20, "2 MiB": 2**21, "s": 1, "us": Fraction(1, 10**6)}
SAME = Fraction(1)


def number(text: str) -> Fraction:
    return Fraction(text.replace("_", ""))


def model(name: str) -> Architecture:
    """A shape of the file, read as a page is read."""
    page = {"maker": "any", "model": "any", "name": name, "checked": "2026-11-28", "seen": "2026-11-28"}
    page["source"] = "https://arxiv.org/abs/2405.05254"
    return architecture_of(ModelWords.model_validate(page | KNOWN["models"][name]))


def deployed(
    architecture: Architecture,
    *,
    cards: int = 1,
    of: int = 0,
    memory: Fraction = Fraction(80 * GIB),
    share: Fraction = SAME,
    reserve: Fraction = Fraction(0),
    peak: Fraction = SAME,
    linear: Fraction = SAME,
    attention: Fraction = SAME,
    speed: Fraction = SAME,
) -> Deployment:
    """A model on a machine of which only this is known."""
    band = Efficiency(Estimate(linear, linear, linear), Estimate(attention, attention, attention))
    engine = Engine(share, reserve, 1, 256, Estimate(SAME, SAME, SAME), {"bf16": band})
    gpu = Gpu("card", "Card", memory, SAME, {"bf16": peak * 10**12})
    tiers = {"ram": Tier(Fraction(10**15), SAME, Estimate(speed * GB, speed * GB, speed * GB))}
    rent = Rent(datetime(2026, 1, 1, tzinfo=UTC), SAME, ("https://example.org/",), date(2026, 1, 1))
    machine = Machine("host", "machine", gpu, of or cards, tiers, date(2026, 1, 1), (rent,))
    return Deployment(architecture, machine, cards, engine)


def timed(row: dict[str, str]) -> Deployment:
    how = {name: number(row[name]) for name in ("peak", "speed") if name in row}
    shares = {name: units.share(row[name]) for name in ("linear", "attention")}
    return deployed(model(row["model"]), cards=int(row.get("cards", "1")), **how, **shares)


def pool(row: dict[str, str]) -> Fraction:
    weights = round(number(row["weights"]) * GIB / 2)
    architecture = Architecture("any", (Layers(1, kv_heads=1, head_dim=1),), ParameterCounts(weights, weights, weights))
    memory, reserve = number(row["memory"]) * GIB, number(row["reserve"]) * GIB
    return deployed(architecture, memory=memory, share=units.share(row["share"]), reserve=reserve).pool / GIB


def sold(row: dict[str, str]) -> Fraction:
    used = Usage(**{name: int(number(row[name])) for name in ("input", "cache_read", "output")})
    return Fraction(quote(used, Catalog().sheet(row["model"]), at=units.instant(row["at"])).total)


def times_dearer(row: dict[str, str]) -> Fraction:
    deployment, tokens = timed(row), int(row["tokens"])
    return deployment.prefill_seconds(0, tokens) / deployment.load_seconds(tokens, "ram")


def rent(row: dict[str, str]) -> Fraction:
    architecture = Architecture("any", (Layers(1, "recurrent"),))
    hourly = deployed(architecture, cards=int(row["gpus"]), of=int(row["of"])).hourly(number(row["per_hour"]))
    return hourly * number(row["machines"]) * number(row["hours"])


WORKED_OUT: dict[str, Callable[[dict[str, Any]], Fraction]] = {
    "bytes_per_token": lambda row: model(row["model"]).bytes_per_token(row["kv"]),
    "ratio": lambda row: model(row["model"]).bytes_per_token(row["kv"]) / model(row["over"]).bytes_per_token(row["kv"]),
    "kept": lambda row: model(row["model"]).cache_bytes(int(number(row["tokens"])), row["kv"]) / UNITS[row["in"]],
    "tokens_in": lambda row: number(row["bytes"]) / model(row["model"]).bytes_per_token(row["kv"]),
    "contexts": lambda row: (
        model(row["model"]).cache_bytes(int(number(row["pool_tokens"])), "bf16")
        / model(row["model"]).cache_bytes(int(number(row["tokens"])), "bf16")
    ),
    "pool": pool,
    "seconds": lambda row: timed(row).prefill_seconds(0, int(number(row["tokens"]))) / UNITS[row["in"]],
    "load": lambda row: deployed(model(row["model"]), speed=number(row["speed"])).load_seconds(
        int(number(row["tokens"])), "ram"
    ),
    "times_dearer": times_dearer,
    "share_of_peak": lambda row: (
        model(row["model"]).flops(0, 1).linear
        * number(row["tokens"])
        / (number(row["cards"]) * number(row["peak"]) * 10**12)
    ),
    "rent": rent,
    "sold": sold,
}


def test_there_are_92_of_them() -> None:
    assert len(KNOWN["answers"]) == 92


@pytest.mark.parametrize("answer", KNOWN["answers"], ids=lambda answer: answer["what"])
def test_a_known_answer_comes_out(answer: dict[str, Any]) -> None:
    """Exactly, or within what its source leaves open."""
    kind = next(name for name in answer if name in WORKED_OUT)
    expected = number(answer["expected"])
    off = abs(WORKED_OUT[kind](answer[kind]) - expected) / expected
    assert off <= (units.share(answer["within"]) if "within" in answer else 0), (float(off), answer["source"])
