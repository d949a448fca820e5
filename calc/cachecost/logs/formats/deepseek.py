"""What DeepSeek's platform exports: `amount-*.csv`, a row for each class of tokens, and `cost-*.csv`, what was paid.

Both headings, with days or with intervals, stand in public repositories: `user_id,utc_date,model,api_key_name,api_key,
type,price,amount` and `user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency`. Prices of a row are in
the currency of the account, CNY or USD, and the row does not say which: they are not compared.
"""

from collections.abc import Callable, Mapping

from ...prices.usage import Usage
from ...replay.request import Item, Request, Skipped
from ..flat import value, words
from ..format import Format, Record
from ..tables import SUMS, Costs, charges, digest, has, lasting
from ..values import instant, needed

AT, UNTIL = "start_time_iso|utc_date", "end_time_iso"
CLASSES: Mapping[str, Callable[[int], Usage]] = {
    "input_cache_hit_tokens": lambda number: Usage(cache_read=number),
    "input_cache_miss_tokens": lambda number: Usage(input=number),
    "input_tokens": lambda number: Usage(input=number),
    "output_tokens": lambda number: Usage(output=number),
}


def _amount(record: Record) -> list[Item]:
    kind, number = words(record, "type"), needed(record, "amount")
    if kind not in CLASSES:
        return [Skipped(f"a row of another type ({kind[:30]})")]
    at = instant(value(record, AT), "utc_date")
    request = Request(
        at=at,
        model=words(record, "model"),
        usage=CLASSES[kind](number),
        provider="deepseek",
        project=words(record, "api_key_name") or None,
        id=digest(record),
        lasting=lasting(at, instant(value(record, UNTIL), UNTIL)),
    )
    return [request]


AMOUNTS = Format(
    "deepseek_amounts",
    has(f"{AT}+model+type+price+amount"),
    _amount,
    note=f"{SUMS}; each row counts as one request, whatever their number",
    tool="DeepSeek",
)
COSTS = charges(
    "deepseek_costs",
    f"{AT}+wallet_type+cost+currency",
    Costs(at=AT, until=UNTIL, amount="cost", currency="currency", item="wallet_type", model="model", id=AT),
)
