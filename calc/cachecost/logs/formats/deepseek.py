"""What DeepSeek's platform exports: `amount-*.csv`, a row for each class of tokens, and `cost-*.csv`, what was paid.

Both headings, with days or with intervals, stand in public repositories: `user_id,utc_date,model,api_key_name,api_key,
type,price,amount` and `user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency`. Prices of a row are in
the currency of the account, CNY or USD, and the row does not say which: they are not compared.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, all_paths, words
from ..format import Format
from ..tables import SUMS, Costs, charges, has, summed
from ..values import Record, needed

AT, UNTIL = "start_time_iso|utc_date", "end_time_iso"
AMOUNT = Fields(
    at=AT,
    model="model",
    input="input_cache_miss_tokens|input_tokens",
    read="input_cache_hit_tokens",
    output="output_tokens",
    counting="exclusive",
    project="api_key_name",
)


def _amount(record: Record) -> list[Item]:
    """A row is one count, whose name its `type` says."""
    kind, number = words(record, "type"), needed(record, "amount")
    if kind not in all_paths(AMOUNT):
        return [Skipped(f"a row of another type ({kind[:30]})")]
    return summed({**record, "input_tokens": 0, kind: number}, AMOUNT, until=UNTIL, provider="deepseek")


AMOUNTS = Format(
    "deepseek_amounts",
    is_ours=has(f"{AT}+model+type+price+amount"),
    reader=_amount,
    note=f"{SUMS}; each row counts as one request, whatever their number",
    tool="DeepSeek",
)
COSTS = charges(
    "deepseek_costs",
    f"{AT}+wallet_type+cost+currency",
    Costs(at=AT, until=UNTIL, amount="cost", currency="currency", item="wallet_type", model="model", id=AT),
)
