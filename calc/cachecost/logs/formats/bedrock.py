"""Bedrock's log of invocations: input, read and written tokens side by side; TTLs where the answer tells them.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html, and for `cacheDetails`
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html.
"""

from ...replay.request import Item
from ..declared import Declared, Rule
from ..flat import Fields, object_at, unknown, value
from ..format import Format, Record
from ..values import objects, text

ANSWER = "output.outputBodyJson"
USAGE = f"{ANSWER}.usage"
FIELDS = Fields(
    at="timestamp",
    model="modelId",
    input="input.inputTokenCount",
    read=f"input.cacheReadInputTokenCount|{USAGE}.cacheReadInputTokens|{USAGE}.cache_read_input_tokens",
    write=f"input.cacheWriteInputTokenCount|{USAGE}.cacheWriteInputTokens|{USAGE}.cache_creation_input_tokens",
    ttls=f"{USAGE}.cache_creation|ttls",
    output="output.outputTokenCount",
    total=f"{USAGE}.totalTokens",
    counting="exclusive",
    service=f"{ANSWER}.serviceTier.type|serviceTier",
    project="accountId",
    id="requestId",
)
OTHERS = (
    "inputTokens outputTokens cacheDetails input_tokens output_tokens cacheReadInputTokenCount "
    "cacheWriteInputTokenCount service_tier inference_geo server_tool_use"
)
"""What an answer has beside the counts that are read, or once more."""

DECLARED = Declared(
    FIELDS,
    "modelId requestId",
    skips=(
        Rule(FIELDS.input, "!^$"),
        Rule("errorCode", "!^$", "a failed request: {}"),
        Rule(FIELDS.input, "", "an answer without usage"),
    ),
    leaves=(Rule(f"{USAGE}.cacheDetails", r"!^(\[\])?$"),),
    provider="bedrock",
)


def detect(record: Record) -> bool:
    return record.get("schemaType") == "ModelInvocationLog" or ("modelId" in record and "requestId" in record)


def read(record: Record) -> list[Item]:
    if skipped := DECLARED.skipped(record):
        return skipped
    details = objects(value(record, f"{USAGE}.cacheDetails"))
    ttls = {text(each, "ttl"): each.get("inputTokens") for each in details}
    items = DECLARED.requests({**record, "ttls": ttls}, provider="bedrock")
    return [*items, *unknown(object_at(record, USAGE), USAGE, FIELDS, OTHERS, name="usage")]


FORMAT = Format("bedrock", detect, read, declared=DECLARED)
