"""Logs of gateways between an application and its vendors: Cloudflare AI Gateway and Portkey.

https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/: a `cached` answer came from the gateway.
https://portkey.ai/docs/product/observability/logs-export: the columns of an export without the answers; what they hold
was not seen in a real file.
"""

from ..declared import Rule, flat
from ..flat import Fields

NOTE = "cached tokens are not listed separately: they are priced as plain input"
IN_CLOUDFLARE = Fields(
    at="created_at",
    model="model",
    provider="provider",
    input="tokens_in",
    output="tokens_out",
    id="id",
    paid="cost",
)
IN_PORTKEY = Fields(
    at="created_at",
    model="ai_model",
    provider="ai_org",
    input="req_units",
    output="res_units",
    total="total_units",
    session="trace_id",
    id="id",
)


NOT_BOUGHT = (
    Rule("cached", "(?i)^true$", "answered from Cloudflare's own cache: nothing was bought"),
    Rule("success", "(?i)^false$", "a failed request"),
)
FAILED = (Rule("is_success", "(?i)^false$", "a failed request"),)
CLOUDFLARE = flat("cloudflare", "tokens_in tokens_out provider", IN_CLOUDFLARE, skips=NOT_BOUGHT, note=NOTE)
PORTKEY = flat("portkey", "req_units ai_model", IN_PORTKEY, skips=FAILED, note=NOTE)
