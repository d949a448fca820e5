"""LiteLLM's sums by day: the tables `LiteLLM_DailyUserSpend`, `...TeamSpend` and so on, and the CSV of its dashboard.

https://github.com/BerriAI/litellm/blob/main/schema.prisma, https://github.com/BerriAI/litellm/pull/32015. As in the
spend log, a prompt includes the cached tokens, also Anthropic's. `api_requests` includes those that failed. A row of
the table grows until its day is over: of rows of one id the largest counts.
"""

from ..flat import Fields
from ..tables import sums

TABLE = Fields(
    at="date",
    model="model|model_group",
    provider="custom_llm_provider",
    input="prompt_tokens",
    read="cache_read_input_tokens",
    write="cache_creation_input_tokens",
    output="completion_tokens",
    requests="successful_requests|api_requests",
    project="team_id|organization_id|user_id|tag",
    id="id",
    paid="spend",
)
DASHBOARD = Fields(
    at="Date",
    model="Model",
    input="Prompt Tokens",
    read="Cache Read Tokens",
    write="Cache Write Tokens",
    output="Completion Tokens",
    total="Total Tokens",
    counting="total",
    requests="Successful Requests|Requests",
    project="Team|Tag|User|Organization",
    paid="Spend",
)
DAILY = sums(
    "litellm_daily", "date+custom_llm_provider+prompt_tokens+completion_tokens+api_requests+spend", TABLE, repeats=True
)
EXPORT = sums("litellm_export", "Date+Model+Spend+Prompt Tokens+Completion Tokens", DASHBOARD)
