"""Messages of opencode and of tools made from it: input, cached and written tokens side by side.

A message is a file of JSON, or a row of `opencode.db` whose `data` is that JSON; `session_message` is its table since
version 2. Which fields it has: https://github.com/ccusage/ccusage/blob/main/rust/adapters/opencode/src/parser.rs.
Thoughts stand beside the output unless the total shows them inside. A cost of 0 means that a subscription paid.
"""

from ..flat import Fields
from ..format import Format, Rule
from ..values import Record

FIELDS = Fields(
    at="time.created|time_created",
    model="modelID|model.id|model.modelID",
    provider="providerID|model.providerID",
    input="tokens.input",
    read="tokens.cache.read",
    write="tokens.cache.write",
    output="tokens.output",
    apart="tokens.reasoning",
    total="tokens.total",
    counting="exclusive",
    session="sessionID|session_id",
    project="path.root|path.cwd",
    id="id",
    paid="cost",
)
ROW = frozenset(("session_id", "time_created", "data"))


def _is_message(record: Record) -> bool:
    return ("sessionID" in record and "role" in record) or record.keys() >= ROW


FORMAT = Format(
    "opencode",
    fields=FIELDS,
    is_ours=_is_message,
    skips=(
        Rule("role|type", "^$", "not an answer (no role)"),
        Rule("role|type", "!^assistant$", "not an answer ({})"),
        Rule("tokens.input|tokens.output", "^$", "an answer without usage"),
    ),
    counts="tokens",
    is_zero_unpaid=True,
    tool="opencode",
    places=(
        "${XDG_DATA_HOME:-~/.local/share}/opencode/opencode*.db",
        "${XDG_DATA_HOME:-~/.local/share}/opencode/storage/message/*/*.json",
        "${XDG_DATA_HOME:-~/.local/share}/kilo/kilo.db",
    ),
    tables=("message", "session_message"),
).also_in("data")
