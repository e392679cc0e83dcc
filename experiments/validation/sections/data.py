"""On which data the model rests, and how they can be found again."""

from experiments.listing import listing
from experiments.validation.section import Reader, Section, Status

LINEAGE = (
    ("data_data_cut", "outcomes as known by"),
    ("data_watermark", "last entry of the store that was read"),
    ("data_panel_sha256", "panel, SHA-256"),
    ("data_purpose", "read for"),
    ("data_grants", "grants"),
    ("data_grants_sha256", "grants, SHA-256"),
    ("data_contracts", "contracts"),
    ("data_contracts_sha256", "contracts, SHA-256"),
)
"""Parameters of a model's run that say where its data came from, and what they are."""


def data(reader: Reader) -> Section:
    """The card's words on data, then the digests."""
    rows = [(what, reader.param(reader.model, name, what)) for name, what in LINEAGE]
    told = dict(rows)
    return Section(
        title="Data and lineage",
        status=Status.EXAMINED if reader.traces else Status.NOT,
        summary=f"panel {told['panel, SHA-256'][:12]}, {told['contracts']} contracts, {told['grants']} grants",
        parts=[*reader.card("Data"), listing("lineage", "what|is", rows)],
        traces=reader.traces,
    )
