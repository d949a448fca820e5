"""Tasks of Cline, Roo Code and Kilo Code (`ui_messages.json`): each request's counts, as JSON in a message's text.

Cline counts cached tokens beside `tokensIn`, except for providers whose own count it passes on (`apps/vscode` of
https://github.com/cline/cline). Roo and Kilo, told by `apiProtocol`, count the whole prompt since 3.29.5 of 1 November
2025: https://github.com/RooCodeInc/Roo-Code/pull/8954. Earlier ones count what Anthropic's protocol did not cache.
Both name no model: `--alias =MODEL` does.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, number, object_at, requests, value, words
from ..format import Format, Reader, folder_of
from ..values import Record, text

FIELDS = Fields(
    at="ts",
    model="modelInfo.modelId",
    provider="modelInfo.providerId",
    input="tokensIn",
    read="cacheReads",
    write="cacheWrites",
    output="tokensOut",
    counting="exclusive",
    paid="cost",
)
PASSED_ON = frozenset("openai litellm doubao fireworks hicap lmstudio qwen xai zai".split())
NORMALIZED = 1_761_955_200_000
"""1 November 2025 in milliseconds."""


def _fields(record: Record) -> Fields:
    cached = number(record, FIELDS.read) + number(record, FIELDS.write)
    if "apiProtocol" in record:
        early = record["apiProtocol"] == "anthropic" and number(record, "ts") < NORMALIZED
        is_whole = cached <= number(record, FIELDS.input) and not early
    else:
        is_whole = words(record, FIELDS.provider) in PASSED_ON
    return FIELDS._replace(counting="inclusive") if is_whole else FIELDS


def _reader(name: str) -> Reader:
    """What reads the messages of one task, which is named by its folder."""

    def read(record: Record) -> list[Item]:
        if record.get("say") != "api_req_started":
            return [Skipped(f"not an answer ({text(record, 'type')})")]
        whole = {**record, **object_at(record, "text")}
        if value(whole, FIELDS.input) is None:
            return [Skipped("an answer without usage")]
        task = folder_of(name)
        return requests(
            whole, _fields(whole), session=task or None, id=f"{task}:{words(record, 'ts')}" if task else None
        )

    return read


EDITORS = (
    "${XDG_CONFIG_HOME:-~/.config}/*",
    "~/Library/Application Support/*",
    "${APPDATA:-~/AppData/Roaming}/*",
    "~/.vscode-server/data",
)

FORMAT = Format(
    "cline",
    is_ours=lambda record: "ts" in record and record.get("type") in ("say", "ask"),
    begin=_reader,
    tool="Cline, Roo Code, Kilo Code",
    places=(
        *(f"{editor}/User/globalStorage/*/tasks/*/ui_messages.json" for editor in EDITORS),
        "~/.cline/data/tasks/*/ui_messages.json",
    ),
)
