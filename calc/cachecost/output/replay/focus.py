"""The bill as rows of FOCUS, for tools that add up the costs of a whole company: a row per day, model, rate and line.

Columns of the FinOps Open Cost and Usage Specification, 1.2 with those that 1.3 renames beside them:
https://focus.finops.org/focus-specification/v1-2, https://focus.finops.org/focus-specification/v1-3. Every row is an
estimate, says so, and is never an invoice: list costs are at the rates of the page, the others under the customer's own
terms where there are any.
"""

import json
from datetime import date, datetime, timedelta

from ... import money
from ...prices.card import PER_MILLION
from ...prices.quote import LineItem
from ...replay.account import Account, Slice
from ...replay.breakdown import class_of
from ...replay.epochs import DAY, RateKey, instant
from ...replay.tally import price
from ..figures import plain
from ..table import Table

COLUMNS = (
    "BillingPeriodStart BillingPeriodEnd ChargePeriodStart ChargePeriodEnd ChargeCategory ChargeClass "
    "ChargeDescription ChargeFrequency ServiceCategory ServiceSubcategory ServiceName ProviderName "
    "PublisherName InvoiceIssuerName ServiceProviderName HostProviderName RegionId SkuId SkuPriceId SkuMeter "
    "SkuPriceDetails ConsumedQuantity ConsumedUnit PricingQuantity PricingUnit PricingCategory "
    "PricingCurrency ListUnitPrice ContractedUnitPrice ListCost ContractedCost BilledCost EffectiveCost "
    "BillingCurrency SubAccountId Tags x_CacheClass x_ConsumedTokens x_Estimate"
).split()
UNITS = {"tokens": "Tokens", "token-hours": "Token-Hours", "requests": "Requests", "calls": "Calls"}


def rows(account: Account) -> Table:
    """One row for each day, set of rates and line, in order of time; what has no day stands without a charge period."""
    lines = [
        _row(part, key, item, account)
        for part, tally in account.parts.items()
        for key, item in price(tally, account.sheets).items
    ]
    return Table(COLUMNS, sorted(lines))


def _row(part: Slice, key: RateKey, item: LineItem, account: Account) -> list[str]:
    epochs = account.sheets[key.sheet]
    sheet, card = epochs.sheet, epochs.card(key)
    version = sheet.version(card)
    sku = "/".join(filter(None, (sheet.id, key.service, key.region or sheet.region, item.name)))
    details = {"service": key.service, "row": key.row, "rate_card": version, "checked": sheet.checked.isoformat()}
    details |= _cache(item)
    tags = {word: label for word in account.labels if word != "hour" and (label := account.label(part, word))}
    each, cost = plain(item.each) or "", plain(item.amount) or ""
    listed, rated = epochs.listed(key, item.name), "your own terms" if card.terms else "list price"
    quantity = plain(item.quantity) or ""
    sellers = ("ProviderName", "InvoiceIssuerName", "ServiceProviderName", "HostProviderName")
    values = {
        **_periods(part),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"Estimate at {rated}, not an invoice: {sheet.name}, {item.name}",
        "ChargeFrequency": "Usage-Based",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "ServiceName": sheet.name,
        **dict.fromkeys(sellers, sheet.provider),
        "PublisherName": sheet.maker or sheet.provider,
        "RegionId": key.region or sheet.region or "",
        "SkuId": sku,
        "SkuPriceId": f"{sku}@{version.partition('@')[2]}#{key.row}",
        "SkuMeter": item.name,
        "SkuPriceDetails": json.dumps(details),
        **dict.fromkeys(("ConsumedQuantity", "PricingQuantity"), quantity),
        **dict.fromkeys(("ConsumedUnit", "PricingUnit"), UNITS.get(item.unit, item.unit)),
        "PricingCategory": "Standard",
        **dict.fromkeys(("PricingCurrency", "BillingCurrency"), sheet.currency),
        "ListUnitPrice": plain(listed) or "",
        "ListCost": cost if listed == item.each else plain(money.times(item.quantity, listed)) or "",
        "ContractedUnitPrice": each,
        **dict.fromkeys(("ContractedCost", "BilledCost", "EffectiveCost"), cost),
        "SubAccountId": str(account.label(part, "project") or ""),
        "Tags": json.dumps(tags, ensure_ascii=False),
        "x_CacheClass": item.name,
        "x_ConsumedTokens": quantity if item.unit == "tokens" else "",
        "x_Estimate": "true",
    }
    return [values.get(column, "") for column in COLUMNS]


def _cache(item: LineItem) -> dict[str, str]:
    """What FOCUS says of caching, from its draft of 2026-09-09 on:
    https://github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec/pull/2682."""
    if item.unit not in PER_MILLION:
        return {}
    name = class_of(item.name)
    action = {"cache_read": "Read", "cache_write": "Write", "storage": "Other"}.get(name, "None")
    return {"CacheAction": action} | (
        {"TokenDirection": "Output" if name == "output" else "Input"} if item.unit == "tokens" else {}
    )


def _periods(part: Slice) -> dict[str, str]:
    """The day of the charge and the month of the bill, both without their ends."""
    if part.day is None:
        return {}
    begin = instant(part.day * DAY)
    first = begin.date().replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    times: dict[str, datetime | date] = {
        "BillingPeriodStart": first,
        "BillingPeriodEnd": following,
        "ChargePeriodStart": begin.date(),
        "ChargePeriodEnd": begin.date() + timedelta(days=1),
    }
    return {name: f"{day:%Y-%m-%d}T00:00:00Z" for name, day in times.items()}
