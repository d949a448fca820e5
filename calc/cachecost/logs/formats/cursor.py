"""Usage events exported from Cursor's dashboard as CSV: `Input (w/ Cache Write)` are the tokens written to a cache,
`Input (w/o Cache Write)` those that were not.

The total of a row is the sum of both, of what was read and of the output: https://github.com/pingdotgg/t3code/pull/6046.
Where it is the first of the two with the rest, the second lies inside the first, as
https://github.com/steipete/CodexBar/pull/3113 has it. Older exports lack the columns from User to Kind. An event is a
turn of the agent, which may have taken several requests. What a plan includes is priced like anything else.
"""

from ...replay.request import Item, Skipped
from ..flat import Fields, number, words
from ..format import Format, Record
from ..tables import NOW, has, summed

FIELDS = Fields(
    at="Date",
    model="Model",
    input="Input (w/o Cache Write)",
    write="Input (w/ Cache Write)",
    read="Cache Read",
    output="Output Tokens",
    total="Total Tokens",
    counting="exclusive",
    project="User",
    paid="Cost",
)


def _read(record: Record) -> list[Item]:
    kind = words(record, "Kind")
    if "no charge" in kind.lower() or "not charged" in kind.lower():
        return [Skipped(f"an event without a charge ({kind[:30]})")]
    written, rest = number(record, FIELDS.write), number(record, FIELDS.input)
    if rest <= written and number(record, FIELDS.total) == sum(
        number(record, each) for each in (FIELDS.write, FIELDS.read, FIELDS.output)
    ):
        record = {**record, FIELDS.write: written - rest}
    return summed(record, FIELDS, lasting=NOW)


FORMAT = Format(
    "cursor",
    has("Date+Model+Input (w/ Cache Write)+Input (w/o Cache Write)"),
    _read,
    note="an event may be several requests: their sizes are not known",
    tool="Cursor",
)
