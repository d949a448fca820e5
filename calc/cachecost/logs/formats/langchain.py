"""Messages of LangChain and runs of LangSmith: input includes cached and written tokens, which the details give.

https://python.langchain.com/api_reference/core/messages/langchain_core.messages.ai.UsageMetadata.html and
https://docs.langchain.com/langsmith/log-llm-trace. Runs of chains and agents repeat the tokens of the calls below them.
"""

from ..flat import Fields
from ..format import Format, Rule

MESSAGE = Fields(
    model="response_metadata.model_name|response_metadata.model|model",
    provider="response_metadata.model_provider",
    service="response_metadata.service_tier",
    input="usage_metadata.input_tokens",
    read="usage_metadata.input_token_details.cache_read",
    write="usage_metadata.input_token_details.cache_creation",
    ttls="usage_metadata.input_token_details",
    output="usage_metadata.output_tokens",
    thoughts="usage_metadata.output_token_details.reasoning",
    audio=("usage_metadata.input_token_details.audio", "usage_metadata.output_token_details.audio", ""),
    total="usage_metadata.total_tokens",
    id="response_metadata.id|id",
)
RUN = Fields(
    at="start_time",
    model="extra.metadata.ls_model_name|extra.invocation_params.model|extra.invocation_params.model_name",
    provider="extra.metadata.ls_provider",
    input="prompt_tokens|outputs.usage_metadata.input_tokens",
    read="prompt_token_details.cache_read|outputs.usage_metadata.input_token_details.cache_read",
    write="prompt_token_details.cache_creation|outputs.usage_metadata.input_token_details.cache_creation",
    ttls="prompt_token_details|outputs.usage_metadata.input_token_details",
    output="completion_tokens|outputs.usage_metadata.output_tokens",
    thoughts="completion_token_details.reasoning|outputs.usage_metadata.output_token_details.reasoning",
    audio=("prompt_token_details.audio", "completion_token_details.audio", ""),
    total="total_tokens|outputs.usage_metadata.total_tokens",
    session="extra.metadata.thread_id|extra.metadata.session_id|extra.metadata.conversation_id|trace_id",
    project="session_name|session_id",
    id="id",
    paid="total_cost",
)


NO_CALL = (
    Rule("run_type", "!^llm$", "a run of type {}: its calls have their own"),
    Rule(RUN.input, "!^$"),
    Rule("error", "!^$", "a failed request"),
    Rule("run_type", "", "an answer without usage"),
)
LANGCHAIN = Format("langchain", "usage_metadata.input_tokens", MESSAGE, is_enveloped=True, counts="usage_metadata")
LANGSMITH = Format("langsmith", "run_type start_time", RUN, skips=NO_CALL)
