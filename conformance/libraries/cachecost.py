"""cachecost, by the records that `cachecost quote --from` reads."""

from datetime import UTC, datetime

from cachecost.catalog.catalog import Catalog
from cachecost.questions.usage import quote_record

catalog = Catalog()
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def price(case):
    asked = {key: case[key] for key in ("model", "at", "usage", "service", "region") if key in case}
    return quote_record(asked, sheet=catalog.sheet, default_at=NOW, today=NOW.date()).total
