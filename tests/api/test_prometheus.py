"""A real Prometheus scrapes the real server with the shipped configuration, and sees a price change."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from cachecost.catalog.catalog import Catalog
from cachecost_api.middleware.metrics import LABELS, in_force

from ..command import shelf
from ..conftest import PATIENCE, TODAY
from ..server import Server
from .test_alerts import FOLDER, program

pytest.importorskip("prometheus_client", reason="needs prometheus-client, of the extra `metrics`")
GPT, GEMINI = "openai/gpt-4o", "google/gemini-2.5-pro"


@pytest.fixture(scope="module")
def catalog(whole_catalog: Catalog) -> Catalog:
    """All pages, also those that came later."""
    return whole_catalog


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, once it finds something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if result := look():
                return result
        except (URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError("nothing came")


def test_no_two_rates_of_the_catalogue_share_their_labels(catalog: Catalog) -> None:
    """Prometheus would keep one of them and drop the other; rules and page name labels that there are."""
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    labels = [tuple(each) for sheet in catalog.sheets() for each, _ in in_force(sheet, at)]
    assert len(set(labels)) == len(labels) > 3_000
    messages = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$labels\.(\w+)", messages)) <= {*LABELS, "instance", "route"}


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    return shelf(tmp_path / "pricing", GPT, GEMINI)


@pytest.fixture
def server(sheets: Path) -> Iterator[Server]:
    result = Server("--prices", sheets, CACHECOST_RELOAD="0.2")
    yield result
    result.stop()


@pytest.fixture
def ask(server: Server, tmp_path: Path) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Put a query to a Prometheus that runs the shipped configuration, but for the port and the pace."""
    command = program("prometheus")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    (tmp_path / "prometheus.yml").write_text(
        settings.replace("localhost:8000", server.url.removeprefix("http://")).replace("_interval: 1m", "_interval: 1s")
    )
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    flags = [f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [command, *flags, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log, cwd=tmp_path
        )

    def put(expression: str) -> list[dict[str, Any]]:
        assert process.poll() is None, (tmp_path / "log").read_text()
        with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={quote(expression)}", timeout=PATIENCE) as answer:
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return result

    yield put
    process.terminate()
    process.wait(PATIENCE)


@pytest.mark.external
def test_a_real_prometheus_scrapes_the_rates_and_sees_a_price_change(
    ask: Callable[[str], list[dict[str, Any]]], server: Server, sheets: Path
) -> None:
    """$2.50 for GPT-4o's input stands in the page, and in Prometheus; edited to $3, the alert of the change goes off.

    Source of the rate: https://openai.com/api/pricing/
    """
    eventually(lambda: ask("up == 1 and on () cachecost_sheets == 2"))
    (result,) = ask(f'cachecost_rate{{model="{GPT}", kind="input", service="standard"}}')
    assert float(result["value"][1]) == 2.5
    assert result["metric"]["provider"] == "openai"
    scraped = {tuple(sorted(each["metric"].items())) for each in ask("cachecost_rate")}
    assert len(scraped) == len(json.loads(server.get("/v1/prices")))
    assert ask('ALERTS{alertstate="firing"}') == []
    page = sheets / f"{GPT}.yaml"
    text = page.read_text(encoding="utf-8")
    part = page.with_suffix(".part")
    part.write_text(text.replace("input: 2.50", "input: 3.00"), encoding="utf-8")
    assert part.read_text(encoding="utf-8") != text
    part.replace(page)
    firing = eventually(
        lambda: ask('ALERTS{alertname="CachecostRateChanged", alertstate="firing", service="standard"}')
    )
    assert {(each["metric"]["model"], each["metric"]["kind"]) for each in firing} == {(GPT, "input")}
