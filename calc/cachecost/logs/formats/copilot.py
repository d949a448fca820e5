"""Sessions of GitHub Copilot CLI (`events.jsonl`): what each run used, by model, when it shut down.

Input includes cached and written tokens; runs of a resumed session add up:
https://github.com/ccusage/ccusage/blob/main/rust/adapters/copilot/src/parser.rs. A cost there is a number of premium
requests and no money.
"""

from collections.abc import Mapping

from ...replay.request import Item, Skipped
from ..flat import Fields, words
from ..format import Format, folder_of
from ..tables import NOW, by_model
from ..values import Record, given, inner, instant, text

FIELDS = Fields(
    input="usage.inputTokens",
    read="usage.cacheReadTokens",
    write="usage.cacheWriteTokens",
    output="usage.outputTokens",
    thoughts="usage.reasoningTokens",
    requests="requests.count",
)


class Events:
    """One session, which is named by its first event or by its folder."""

    def __init__(self, name: str) -> None:
        self.session, self.project = folder_of(name), ""

    def read(self, record: Record) -> list[Item]:
        kind, data = text(record, "type"), inner(record, "data")
        if kind == "session.start":
            self.session, self.project = text(data, "sessionId") or self.session, words(data, "context.cwd")
        if kind != "session.shutdown":
            return [Skipped(f"not a sum of requests ({kind.partition('.')[0][:30]})")]
        end = instant(record.get("timestamp"), "timestamp")
        begin = instant(data.get("sessionStartTime"), "sessionStartTime") or end
        metrics = {model: each for model, each in inner(data, "modelMetrics").items() if isinstance(each, Mapping)}
        items = by_model(
            {model: each for model, each in metrics.items() if any(map(given, inner(each, "usage").values()))},
            FIELDS,
            f"{text(record, 'id') or end}:{self.session}",
            at=begin,
            lasting=max(NOW, end - begin) if end and begin else NOW,
            provider="github-copilot",
            session=self.session or None,
            project=self.project or None,
        )
        return items or [Skipped("a run without requests")]


def _is_event(record: Record) -> bool:
    is_chained = "parentId" in record or text(record, "type").startswith("session.")
    return is_chained and isinstance(record.get("data"), Mapping) and "timestamp" in record


FORMAT = Format(
    "copilot",
    is_ours=_is_event,
    begin=lambda name: Events(name).read,
    tool="Copilot CLI",
    places=("${COPILOT_HOME:-~/.copilot}/session-state/*/events.jsonl",),
    note="sums of the requests of a run: a rate that depends on the length of a prompt is taken by their mean",
)
