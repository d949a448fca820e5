"""What Prometheus scrapes: rates in force, sheets and faults, and how requests went; never a gauge for a question."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from cachecost import clock
from cachecost.output.prices.records import rates
from cachecost.prices.sheet import PriceSheet

from ..sheets import Shelf

LABELS = ("provider", "model", "kind", "service", "tier", "answer", "thinking", "window", "region", "unit", "currency")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
BUCKETS = tuple(ms / 1000 for ms in (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000))


class Metrics:
    """Counts of requests, and the rates in force; two applications in one process have a registry each."""

    def __init__(self, shelf: Shelf) -> None:
        """Raises ImportError without the extra `metrics`."""
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self.registry = CollectorRegistry()
        self._shelf = shelf
        self._requests = Counter(
            "cachecost_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "cachecost_request_seconds", "Seconds a request.", ("route",), registry=self.registry, buckets=BUCKETS
        )
        self.registry.register(self)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request by the route that answered it."""
        self._requests.labels(route, method if method in METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def describe(self) -> list[Any]:
        """Nothing is collected when the registry learns of us."""
        return []

    def collect(self) -> Iterator[Any]:
        """The rates in force now, and whether all sheets are right."""
        from prometheus_client.core import GaugeMetricFamily

        gauge = GaugeMetricFamily("cachecost_rate", "Rate in force, in `currency` for one `unit`.", labels=LABELS)
        sheets = self._shelf.current.sheets
        for sheet in sheets:
            for labels, value in in_force(sheet, clock.now()):
                gauge.add_metric(labels, value)
        yield gauge
        yield GaugeMetricFamily("cachecost_sheets", "Price sheets in force.", value=len(sheets))
        yield GaugeMetricFamily(
            "cachecost_sheets_faults", "Faults that keep an edit out.", value=len(self._shelf.faults_now)
        )

    def text(self) -> tuple[bytes, str]:
        """The scrape, and its media type."""
        from prometheus_client.openmetrics import exposition

        write: Callable[[Any], bytes] = exposition.generate_latest
        return write(self.registry), exposition.CONTENT_TYPE_LATEST


def in_force(sheet: PriceSheet, at: datetime) -> Iterator[tuple[list[str], float]]:
    """The labels and value of every rate of the card in force, if the model is sold."""
    card = sheet.sold(at)
    if card is None:
        return
    for flat in rates(sheet, card):
        shown = {
            "tier": band(flat["prompt_from"], flat["prompt_to"]),
            "answer": band(flat["output_from"], flat["output_to"]),
            "thinking": {None: "", True: "on", False: "off"}[flat["thinking"]],
        }
        yield [str((flat | shown)[label] or "") for label in LABELS], float(flat["rate"])


def band(low: int, high: int | None) -> str:
    """`0-200000`, `200001-`; nothing where it holds for every size."""
    return "" if not low and high is None else f"{low}-{'' if high is None else high}"
