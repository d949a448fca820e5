"""Every alert for Prometheus goes off for what it tells of and for nothing else: promtool plays it days of samples."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..conftest import ROOT

FOLDER = ROOT / "api" / "dashboards"


def program(name: str) -> str:
    result = shutil.which(name)
    if result is None:
        pytest.skip(f"needs {name} in the path, of Debian's package prometheus")
    return result


def promtool(*arguments: str | Path) -> str:
    ran = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def rules_of() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.external
def test_prometheus_accepts_the_files() -> None:
    """The configuration names the rules, and both are right."""
    assert "SUCCESS: 1 rule files found" in promtool("check", "config", FOLDER / "prometheus.yml")
    assert f"SUCCESS: {len(rules_of())} rules found" in promtool("check", "rules", FOLDER / "alerts.yml")


def rate(model: str, tier: str = "", value: str = "") -> dict[str, str]:
    """A series of input rates as the server exposes them, its values in promtool's notation."""
    labels = f'model="{model}",kind="input",service="standard",tier="{tier}",unit="tokens",currency="USD"'
    return {"series": f"cachecost_rate{{{labels}}}", "values": value}


def requests(route: str, status: int, values: str) -> dict[str, str]:
    labels = f'instance="one:8000",route="{route}",status="{status}"'
    return {"series": f"cachecost_requests_total{{{labels}}}", "values": values}


SERIES = [
    rate("acme/dearer", value="2.5x750 3x750"),
    rate("acme/same", value="1.25x1500"),
    rate("acme/same", "200001-", "2.5x1500"),
    rate("acme/new", value="_x750 4x750"),
    rate("acme/gone", value="5x750 stale"),
    {"series": "cachecost_sheets_faults", "values": "0x750 2x750"},
    {"series": 'up{job="cachecost",instance="one:8000"}', "values": "1x750 0x750"},
    requests("/v1/compare", 500, "0x750 1+1x750"),
    requests("/v1/plan", 200, "0+9x1500"),
    requests("/metrics", 501, "0+9x1500"),
]
"""A sample every 2 minutes: all is quiet for 25 hours, then everything happens at once."""
DEARER = {"model": "acme/dearer", "kind": "input", "service": "standard", "unit": "tokens", "currency": "USD"}
EXPECTED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "CachecostRateChanged": (
        DEARER | {"severity": "info"},
        {
            "summary": "acme/dearer: input is now 3 USD per 1M tokens",
            "description": 'Service standard, tier "". cachecost prices history acme/dearer tells every card.',
        },
    ),
    "CachecostModelAppeared": (
        {"model": "acme/new", "severity": "info"},
        {"summary": "acme/new is sold now (rates: 1)"},
    ),
    "CachecostModelGone": (
        {"model": "acme/gone", "severity": "warning"},
        {"summary": "acme/gone is no longer sold"},
    ),
    "CachecostSheetsBroken": (
        {"severity": "warning"},
        {
            "summary": "2 faults keep an edit of the price sheets out; the last good ones are in force",
            "description": "/healthz names the file and the fault.",
        },
    ),
    "CachecostDown": (
        {"job": "cachecost", "instance": "one:8000", "severity": "critical"},
        {"summary": "cachecost at one:8000 does not answer"},
    ),
    "CachecostErrors": (
        {"instance": "one:8000", "route": "/v1/compare", "severity": "warning"},
        {"summary": "/v1/compare at one:8000 answers with errors"},
    ),
}
"""The labels and the sentences of each."""
LASTING = ("CachecostSheetsBroken", "CachecostDown", "CachecostErrors")


def alerts(at: str, *going: str) -> list[dict[str, Any]]:
    """What promtool is to find at a time: these alerts, and none of the others."""
    results = []
    for name, (labels, message) in EXPECTED.items():
        expected = [{"exp_labels": labels, "exp_annotations": message}] if name in going else []
        results.append({"eval_time": at, "alertname": name, "exp_alerts": expected})
    return results


@pytest.mark.external
def test_every_alert_goes_off_when_it_should_and_not_before(tmp_path: Path) -> None:
    """Quiet on the first day and before the change; then each for what changed alone; a day later prices are quiet.

    Where nothing is scraped any more, no model is said to be gone.
    """
    assert set(EXPECTED) == {rule["alert"] for rule in rules_of()}
    checks = [
        *alerts("30m"),
        *alerts("24h58m"),
        *alerts("25h10m", *EXPECTED),
        *alerts("49h30m", *LASTING),
        *alerts("51h"),
    ]
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    test = {"interval": "2m", "input_series": SERIES, "alert_rule_test": checks}
    unit = {"rule_files": ["alerts.yml"], "evaluation_interval": "2m", "tests": [test]}
    (tmp_path / "unit.yml").write_text(yaml.safe_dump(unit))
    assert "SUCCESS" in promtool("test", "rules", tmp_path / "unit.yml")
