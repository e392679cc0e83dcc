"""What must hold for the model to be right, and what is on record about each."""

from experiments.listing import listing
from experiments.validation.section import Reader, Section, Status

ASSUMED = (
    (
        "Features hold only what was known on their day.",
        "every read goes by event and knowledge date; rows that claim otherwise are quarantined",
        "probe",
    ),
    ("The past resembles the future: what foretold outcomes goes on to.", "tested out of time only", "backtest"),
    (
        "Outcomes a horizon ago are on record; late ones are few.",
        "labels are told by the data cut; a company that leaves otherwise counts as not befallen",
        "hazard",
    ),
    (
        "What raises risk raises it everywhere.",
        "monotone constraints, by each feature's declared direction; the test rows show what that costs",
        "tune",
    ),
    (
        "Facts are right more often than wrong, and a member's reliability lasts.",
        "weights learned by quarter from agreement, never with hindsight",
        "corroboration",
    ),
    ("What is unknown goes on to be unknown as it was.", "unknown is a value of its own to trees", "monitor"),
)
"""An assumption, how the method guards it, and the study that looks at it."""


def assumptions(reader: Reader) -> Section:
    """Each assumption with its guard, and whether a study of this model's panel is on record."""
    studies = reader.evidence.studies
    rows = [
        (what, guard, f"`{kind}`, run {studies[kind].run_id[:8]}" if kind in studies else f"`{kind}`: not examined")
        for what, guard, kind in ASSUMED
    ]
    probes, probed = reader.study("probe", "experiments probe")
    facts, _ = reader.study("corroboration", "experiments corroboration")
    examined = sum(kind in studies for _, _, kind in ASSUMED)
    return Section(
        title="Assumptions",
        status=Status.EXAMINED if examined == len(ASSUMED) else Status.IN_PART if examined else Status.STATED,
        summary=f"{len(ASSUMED)} assumptions, {examined} with a study on record"
        + ("" if probed else "; not probed for leaks"),
        parts=[listing("assumptions", "assumed|guarded by|looked at by", rows), *probes, *facts],
        traces=reader.traces,
    )
