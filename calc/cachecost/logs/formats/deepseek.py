"""What DeepSeek's platform exports: `amount-*.csv`, a row for each class of tokens, and `cost-*.csv`, what was paid.

Both headings, with days or with intervals, stand in public repositories: `user_id,utc_date,model,api_key_name,api_key,
type,price,amount` and `user_id,start_time_iso,end_time_iso,model,wallet_type,cost,currency`. Prices of a row are in
the currency of the account, CNY or USD, and the row does not say which: they are not compared. A row of amounts is one
count, whose name its `type` says.
"""

from ..flat import Fields, words
from ..format import Rule
from ..tables import SUMS, Costs, charges, sums
from ..values import needed

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


AMOUNTS = sums(
    "deepseek_amounts",
    f"{AT}+model+type+price+amount",
    AMOUNT,
    until=UNTIL,
    parts=lambda record: [{**record, "input_tokens": 0, words(record, "type"): needed(record, "amount")}],
    skips=(Rule("type", "!^(input_cache_miss|input|input_cache_hit|output)_tokens$", "a row of another type ({})"),),
    providers=(Rule("", "", "deepseek"),),
    note=f"{SUMS}; each row counts as one request, whatever their number",
    tool="DeepSeek",
)
COSTS = charges(
    "deepseek_costs",
    f"{AT}+wallet_type+cost+currency",
    Costs(at=AT, until=UNTIL, amount="cost", currency="currency", item="wallet_type", model="model", id=AT),
)
