"""A page to begin with: every word explained, and a blank for everything that only the vendor knows."""

import re
from datetime import date

from ..errors import BadDocument

TEMPLATE = """\
# yaml-language-server: $schema=../sheet.schema.json
provider: {provider}
model: {model}
# maker: NAME                        # whose model it is, where {provider} only hosts it
# resells: NAME/MODEL                # the page whose rates it sells, in place of maker, unit, caching and tiers
name: {model}
aliases: []                          # dated ids and other names under which the model is asked for
unit: USD per 1M tokens
# limits: {{context: 1_000_000, output: 64_000}}  # `input` where the largest prompt is stated apart from the answer

rate_cards:
  - effective: {today}            # first instant, UTC; 2026-08-16T16:00Z where the vendor gave one
    # status: scheduled              # announced | scheduled | cancelled | withdrawn; default in force
    # confidence: medium             # why, goes into note
    # fees: {{web_search: 10.00 per 1k}}
    # allowance: {{web_search: 5_000, per: month}}  # calls that are free, which a replay takes off
    source:                          # the address of the vendor's page
    seen: {today}                 # the day on which you read the source
    caching:                         # leave out what is not sold
      automatic: {{}}                  # {{min_tokens: 1_024}} where the vendor states a minimum
      # written: {{min_tokens: 1_024, default_ttl: 5m}}
      # stored: {{min_tokens: 1_024, default_ttl: 1h}}
    tiers:                           # as printed, per 1M tokens; a row prices the whole request
      - input:
        # cache_write: {{5m: 1.25, 1h: 2.00}}
        cache_read:
        # storage_per_hour: 1.00
        output:
      # Where long prompts cost more: `prompt_up_to: 200_000` on the row above, and a second row
      # - prompt_over: 200_000
      #   input: 2.00
      # - service: batch             # flex, priority … with the numbers as printed
      #   input: 0.50
      # free: yes                    # on a row where a rate of 0 is what the vendor charges
"""


def skeleton(provider: str, model: str, *, today: date) -> str:
    """The text of a page for a provider's model; BadDocument on names that no page can have."""
    for name in (provider, model):
        if not re.fullmatch(r"[A-Za-z0-9][\w.:@+-]{0,59}", name):
            raise BadDocument(
                f"{name!r} is no name of a page; expected letters, digits and . : @ + - _, such as gpt-4o"
            )
    return TEMPLATE.format(provider=provider, model=model, today=today)
