"""Every shape of log that is known, and which of them a record has: one file for each vendor or tool."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from ..envelope import opened
from ..format import Format
from ..values import Record, given

SHAPES = 1_000


def _is_failure(record: Record) -> bool:
    envelope = opened(record)
    return any(given(each.get("error")) or each.get("type") == "error" for each in (envelope.body, *envelope.around))


FAILURE = Format("failure", is_ours=_is_failure, reader=lambda record: [opened(record).failure])
"""A request that failed: no vendor charges for it, and no vendor's shape is left to detect."""
ORDER = """
anthropic.TRANSCRIPT codex.SESSION codex.EXECUTION opencode.FORMAT gemini_cli.FORMAT copilot.FORMAT
cline.FORMAT cursor.AGENT aider.FORMAT inspect_ai.FORMAT otel.AGENT_EVENTS posthog.FORMAT
langchain.LANGSMITH langchain.LANGCHAIN vercel.FORMAT gateways.CLOUDFLARE gateways.PORTKEY bedrock.FORMAT
cursor.EVENTS litellm.DAILY litellm.EXPORT deepseek.AMOUNTS deepseek.COSTS bills.AWS_USAGE bills.AWS_EXPLORER
bills.GOOGLE_BILLING bills.AZURE_COSTS bills.FOCUS_COSTS gateways.OPENROUTER_DAILY litellm.SPEND
litellm.PAYLOAD traces.MOONCAKE gateways.HELICONE langfuse.FORMAT gateways.OPENROUTER_GENERATION
gateways.OPENROUTER_ACTIVITY traces.AZURE traces.BURSTGPT gemini.CACHE reports.OPENAI_COSTS
reports.OPENAI_USAGE reports.ANTHROPIC_COSTS reports.ANTHROPIC_USAGE openai.RESPONSE anthropic.MESSAGE
openai.COMPLETION gemini.ANSWER otel.SPANS plain.FORMAT FAILURE
""".split()
"""Where each format is declared: those with distinctive keys first, shapes that many tools write last."""


class Formats(Mapping[str, Format]):
    """Formats by name, in order. One is loaded when a name or a record is none of those before it, so that a log of
    Claude Code loads no other."""

    def __init__(self) -> None:
        self._by_place = {"FAILURE": FAILURE}
        self._by_name = {FAILURE.name: FAILURE}

    def __getitem__(self, name: str) -> Format:
        if name not in self._by_name:
            any(each == name for each in self)
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return (self._declared(place).name for place in ORDER)

    def __len__(self) -> int:
        return len(ORDER)

    def _declared(self, place: str) -> Format:
        if place not in self._by_place:
            module, _, name = place.partition(".")
            shape: Format = getattr(import_module(f".{module}", __name__), name)
            self._by_place[place] = self._by_name[shape.name] = shape
        return self._by_place[place]


FORMATS = Formats()


def sniff(record: Record) -> Format | None:
    """The format of a record, None where no reader knows it."""
    return next((each for each in FORMATS.values() if each.detect(record)), None)


class Detector:
    """Detects formats quickly: what records with the same keys had is tried first, and with a value for the same ones,
    since a record whose counts are null may pass for one of a format that many tools write."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[tuple[str, bool], ...], Format] = {}

    def format(self, record: Record) -> Format | None:
        """The format of a record, None where no reader knows it."""
        keys = tuple((key, given(value)) for key, value in record.items())
        known = self._shapes.get(keys)
        if known and known.detect(record):
            return known
        shape = sniff(record)
        if shape and shape is not FAILURE:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            self._shapes[keys] = shape
        return shape
