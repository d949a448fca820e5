"""Sessions of Codex CLI ("rollouts"), and what `codex exec --json` prints: input includes cached and written tokens.

A rollout names its session first and the model before each turn; `token_count` then has what the last request used and
what the session has used so far. The same count may come again with new rate limits. A fork or a subagent begins with
the events of its parent, which Codex writes again within a second, as of the instant of the fork:
https://github.com/ccusage/ccusage/blob/main/rust/adapters/codex/src/parser.rs. Compaction on OpenAI's side is no
`token_count`: its tokens are in a `token_usage_record`, named by the `compacted` that follows (same source).

`turn.completed` of `codex exec --json` counts since the thread began, over all requests, without a model or a time:
https://github.com/openai/codex/blob/main/codex-rs/exec/src/event_processor_with_jsonl_output.rs.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...prices.card import STANDARD
from ...replay.request import Item, Skipped
from ..flat import Fields, object_at, requests, words
from ..format import Format
from ..values import Record, count, inner, instant, service, text

FIELDS = Fields(
    input="input_tokens",
    read="cached_input_tokens",
    write="cache_write_input_tokens",
    output="output_tokens",
    thoughts="reasoning_output_tokens",
    total="total_tokens",
)
COUNTS = (FIELDS.input, FIELDS.read, FIELDS.write, FIELDS.output, FIELDS.thoughts, FIELDS.total)
PARENT = "forked_from_id|parent_thread_id|source.subagent.thread_spawn.parent_thread_id"
BURST = timedelta(seconds=1)
"""Events of a parent are written in one go; the first answer to a fork comes seconds later."""
LINES = frozenset(
    "session_meta turn_context event_msg response_item compacted token_usage_record world_state realtime_item "
    "inter_agent_communication inter_agent_communication_metadata security_risk_score".split()
)
SERVICES = {"fast": "priority"}
"""What Codex calls the tiers that OpenAI sells under another name."""


def _counts(counts: Record) -> dict[str, int]:
    return {key: count(counts, key) for key in COUNTS if key in counts}


def _since(counts: Record, before: Record) -> dict[str, int]:
    """What was used between two sums."""
    return {key: max(0, count(counts, key) - count(before, key)) for key in COUNTS if key in counts}


class Rollout:
    """One session: its id and folder, the model of the turn, and what was counted so far."""

    def __init__(self) -> None:
        self.session = self.project = self.provider = self.model = ""
        self.service = STANDARD
        self.total: Record = {}
        self.copied_until: datetime | None = None
        self.recorded: Record = {}

    def read(self, record: Record) -> list[Item]:
        kind, payload = text(record, "type"), inner(record, "payload")
        at = instant(record.get("timestamp"), "timestamp")
        if kind == "session_meta" and not self.session:
            self.session, self.project = words(payload, "id|session_id"), text(payload, "cwd")
            self.provider = text(payload, "model_provider")
            self.copied_until = at + BURST if at and words(payload, PARENT) else None
        elif kind == "turn_context":
            self.model = text(payload, "model") or self.model
        elif kind == "token_usage_record":
            self.recorded = payload
        elif kind == "compacted":
            response, recorded = text(payload, "compaction_response_id"), self.recorded
            if response and response == text(recorded, "response_id"):
                self.recorded = {}  # its own id, which a fork that copies it repeats
                return self._requests(inner(recorded, "usage"), at, text(recorded, "model"), response)
        elif kind == "event_msg":
            return self._event(payload, at)
        return [Skipped(f"not an answer ({kind[:30]})")]

    def _event(self, payload: Record, at: datetime | None) -> list[Item]:
        kind, settings = text(payload, "type"), inner(payload, "thread_settings")
        if kind == "thread_settings_applied":
            self.model = text(settings, "model") or self.model
            if tier := text(settings, "service_tier"):
                self.service = SERVICES.get(tier) or service(tier)
        if kind != "token_count":
            return [Skipped("not an answer (event_msg)")]
        total, last = (object_at(payload, f"info.{name}_token_usage") for name in ("total", "last"))
        before, self.total = self.total, total or self.total
        used = _counts(last) if last else _since(total, before)
        if not any(used.values()):
            return [Skipped("limits without tokens")]
        if total and total == before:
            return [Skipped("a count that came before")]
        if at and self.copied_until and at <= self.copied_until:
            self.copied_until = max(self.copied_until, at + BURST)
            return [Skipped("a copy of what the parent session used")]
        self.copied_until = None
        if _counts(inner(self.recorded, "usage")) == used:
            self.recorded = {}  # a compaction on this side, which is counted here
        named = ":".join(map(str, [self.session, *_counts(total).values()])) if self.session and total else ""
        return self._requests(used, at, words(payload, "model|info.model"), named)

    def _requests(self, used: Record, at: datetime | None, model: str, named: str) -> list[Item]:
        return requests(
            used,
            FIELDS,
            at=at,
            model=model or self.model,
            provider=self.provider,
            service=self.service,
            session=self.session or None,
            project=self.project or None,
            id=named or None,
        )


class Execution:
    """One thread of `codex exec --json`."""

    def __init__(self) -> None:
        self.thread = ""
        self.total: Record = {}

    def read(self, record: Record) -> list[Item]:
        kind = text(record, "type")
        self.thread = text(record, "thread_id") or self.thread
        if kind != "turn.completed":
            return [Skipped(f"not an answer ({kind[:30]})")]
        before, self.total = self.total, inner(record, "usage")
        used = _since(self.total, before)
        return requests(used, FIELDS, session=self.thread or None, lasting=timedelta())


def _is_rollout(record: Record) -> bool:
    return text(record, "type") in LINES and isinstance(record.get("payload"), Mapping)


def _is_execution(record: Record) -> bool:
    kind = record.get("type")
    return kind in ("thread.started", "turn.completed", "turn.started") or (
        kind in ("item.started", "item.updated", "item.completed", "turn.failed") and len(record) == 2
    )


SESSION = Format(
    "codex",
    is_ours=_is_rollout,
    begin=lambda name: Rollout().read,
    tool="Codex CLI",
    places=(
        "${CODEX_HOME:-~/.codex}/sessions/**/rollout-*.jsonl",
        "${CODEX_HOME:-~/.codex}/archived_sessions/rollout-*.jsonl",
    ),
)
EXECUTION = Format(
    "codex_exec",
    is_ours=_is_execution,
    begin=lambda name: Execution().read,
    tool="codex exec --json",
    note="names no model: give one with --alias =MODEL; a turn is the sum of its requests, at no time",
)
