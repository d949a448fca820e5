"""Bedrock's log of invocations: input, read and written tokens side by side; TTLs where the answer tells them.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html, and for `cacheDetails`
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html.
"""

from ..flat import Fields, value
from ..format import Format, Rule
from ..values import Record, objects, text

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


def _is_ours(record: Record) -> bool:
    return record.get("schemaType") == "ModelInvocationLog" or ("modelId" in record and "requestId" in record)


def _with_ttls(record: Record) -> list[Record]:
    """Written tokens by TTL are a list there; here an object, so that a path leads to it."""
    details = objects(value(record, f"{USAGE}.cacheDetails"))
    return [{**record, "ttls": {text(each, "ttl"): each.get("inputTokens") for each in details}}]


FORMAT = Format(
    "bedrock",
    "modelId requestId",
    FIELDS,
    is_ours=_is_ours,
    parts=_with_ttls,
    skips=(
        Rule(FIELDS.input, "!^$"),
        Rule("errorCode", "!^$", "a failed request: {}"),
        Rule(FIELDS.input, "", "an answer without usage"),
    ),
    providers=(Rule("", "", "bedrock"),),
    leaves=(Rule(f"{USAGE}.cacheDetails", r"!^(\[\])?$"),),
    counts=USAGE,
    others=OTHERS,
)
