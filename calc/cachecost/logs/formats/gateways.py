"""Logs of gateways between an application and its vendors: Cloudflare AI Gateway and Portkey.

https://developers.cloudflare.com/api/resources/ai_gateway/subresources/logs/: a `cached` answer came from the gateway.
https://portkey.ai/docs/product/observability/logs-export: the columns of an export without the answers; what they hold
was not seen in a real file.
"""

from __future__ import annotations

from ..flat import Fields, flat
from ..format import Record

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


def _not_bought(record: Record) -> str:
    if str(record.get("cached")).lower() == "true":
        return "answered from Cloudflare's own cache: nothing was bought"
    return "a failed request" if str(record.get("success")).lower() == "false" else ""


def _failed(record: Record) -> str:
    return "a failed request" if str(record.get("is_success")).lower() == "false" else ""


CLOUDFLARE = flat("cloudflare", "tokens_in tokens_out provider", IN_CLOUDFLARE, failure=_not_bought, note=NOTE)
PORTKEY = flat("portkey", "req_units ai_model", IN_PORTKEY, failure=_failed, note=NOTE)
