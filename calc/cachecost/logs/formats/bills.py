"""Bills of clouds as they are exported: charges. Their tokens are not read, since clouds name models in their own ways.

AWS: https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-understanding-cur-data.html. Models of other makers
are sold through the marketplace, whose usage types say only the class of tokens:
`USE1-MP:USE1_CacheReadInputTokenCount-Units`. Amounts of usage are in units of 1K or of 1M tokens, and not needed.
Google Cloud: https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage, costs before
credits. Azure, dates with the month first:
https://learn.microsoft.com/azure/cost-management-billing/automate/understand-usage-details-fields. FOCUS:
https://focus.finops.org/focus-specification/. Which services of each sell tokens was collected from public queries of
such exports: a charge of another name may be skipped, and the report counts it.
"""

import re
from collections.abc import Iterator

from ..flat import object_at, value
from ..tables import Costs, charges
from ..values import Record, objects

TOKENS = ("bedrock", "tokencount", "token-count", "-tokens", "_tokens")
MODELS = ("openai", "foundry", "gemini", "generative", "vertex ai", "claude", "anthropic", "azure ai", "cognitive")
AWS = Costs(
    at="line_item_usage_start_date|lineItem/UsageStartDate",
    until="line_item_usage_end_date|lineItem/UsageEndDate",
    amount="line_item_unblended_cost|lineItem/UnblendedCost",
    currency="line_item_currency_code|lineItem/CurrencyCode",
    item="line_item_usage_type|lineItem/UsageType|line_item_line_item_type|lineItem/LineItemType",
    model="product_model|product/model|product.model|product_servicename|product/servicename",
    project="line_item_usage_account_id|lineItem/UsageAccountId",
    service="line_item_product_code|lineItem/ProductCode+product_servicename|product/servicename|product_product_name"
    "|product/ProductName+line_item_usage_type|lineItem/UsageType",
    ours=TOKENS,
    id="identity_line_item_id|identity/LineItemId",
)
EXPLORER = Costs(at="Start", until="End", amount="Amount", currency="Unit", item="keys")
GOOGLE = Costs(
    at="usage_start_time",
    until="usage_end_time",
    amount="cost",
    currency="currency",
    item="sku.description|sku_description|sku",
    project="project.id|project_id",
    service="service.description|service_description|service",
    ours=MODELS,
)
AZURE = Costs(
    at="date",
    amount="CostInBillingCurrency|costInBillingCurrency|PreTaxCost|preTaxCost",
    currency="BillingCurrency|billingCurrency|BillingCurrencyCode|billingCurrencyCode|Currency|currency",
    item="MeterName|meterName",
    model="ProductName|productName|Product|product",
    project="ResourceGroup|resourceGroup|resourceGroupName|ResourceGroupName",
    service="MeterCategory|meterCategory+MeterSubCategory|meterSubCategory|MeterSubcategory",
    ours=MODELS,
)
DATES = "Date|date|UsageDateTime|usageDateTime"
FOCUS = Costs(
    at="ChargePeriodStart",
    until="ChargePeriodEnd",
    amount="BilledCost",
    currency="BillingCurrency",
    item="ChargeDescription|SkuMeter|SkuId",
    project="SubAccountName|SubAccountId",
    service="ServiceName+ServiceSubcategory+ChargeDescription+SkuMeter",
    ours=(*TOKENS, *MODELS),
)
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def _dated(record: Record) -> list[Record]:
    """A row of Azure with its date as others write it."""
    text = str(value(record, DATES))
    match = _MONTH_FIRST.fullmatch(text)
    return [{**record, AZURE.at: f"{match[3]}-{match[1]:0>2}-{match[2]:0>2}" if match else text}]


def _explored(record: Record) -> Iterator[Record]:
    """The charges of `aws ce get-cost-and-usage`: of a period, by group where it was grouped."""
    for period in objects(record.get("ResultsByTime", [record])):
        for group in objects(period.get("Groups")) or [period]:
            keys, metrics = group.get("Keys"), object_at(group, "Metrics") or object_at(group, "Total")
            names = " ".join(map(str, keys)) if isinstance(keys, list) else ""
            costs = sorted(name for name in metrics if name.endswith("Cost"))  # the unblended one comes last
            if costs:
                yield {"keys": names, **object_at(period, "TimePeriod"), **object_at(metrics, costs[-1])}


def _is_explored(record: Record) -> bool:
    return "ResultsByTime" in record or ("TimePeriod" in record and ("Groups" in record or "Total" in record))


AWS_USAGE = charges("aws_cur", f"{AWS.amount}+{AWS.at}", AWS)
AWS_EXPLORER = charges("aws_cost_explorer", "", EXPLORER, is_ours=_is_explored, parts=_explored)
GOOGLE_BILLING = charges(
    "gcp_billing", f"{GOOGLE.at}+{GOOGLE.amount}+{GOOGLE.currency}+{GOOGLE.item}", GOOGLE, note="costs before credits"
)
AZURE_COSTS = charges("azure_costs", f"{AZURE.item}+{AZURE.amount}+{DATES}", AZURE, parts=_dated)
FOCUS_COSTS = charges("focus", f"{FOCUS.at}+{FOCUS.amount}+ServiceName", FOCUS)
