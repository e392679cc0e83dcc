"""The comparison with the peers as a study."""

from collections.abc import Mapping, Sequence

from experiments.datasets.dataset import Dataset
from experiments.listing import Listing, gain, interval, left_out, listing, value
from experiments.metrics import Estimate
from experiments.paired import MEASURES, PARTIAL, Measured
from experiments.peers import LIGHTGBM, PEERS, Peer
from experiments.peers.compare import Comparison
from experiments.study import Study, rows_of
from experiments.study_plots import forest_figure

QUESTION = (
    "What is the alliance's LightGBM worth against what an analyst or a data scientist would use instead? The same rows"
    " teach and examine all; intervals hold 95 per cent of 1,000 bootstrap draws of whole companies, and differences"
    " are paired: taken on the same draws. pAUC is the partial area at most a fifth of the sound turned away (McClish),"
    " among firms financed within three years."
)


def peers_study(dataset: Dataset, found: Sequence[Comparison], peers: Sequence[Peer] = PEERS, seed: int = 0) -> Study:
    """Tables by examination, the peers' settings, and what others reported."""
    listings = [comparison_listing(one) for one in found]
    if found[0].skipped:
        listings.append(left_out(found[0].skipped))
    listings.append(settings_listing(peers, found[0]))
    if dataset.published:
        listings.append(published_listing(dataset))
    return Study(
        kind="peers",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=tuple(line for one in found for line in verdicts(one)),
        listings=tuple(listings),
        params={"seed": seed, **rows_of(dataset)},
        metrics=named_metrics({one.examination: one.measured for one in found}),
        figures={
            f"auc_{_slug(one.examination)}": forest_figure(
                f"AUC, {one.examination}", {name: found.values["auc"] for name, found in one.measured.items()}, "AUC"
            )
            for one in found
        },
        simulated=dataset.simulated,
    )


def comparison_listing(found: Comparison) -> Listing:
    """One row a peer; with the partial AUC where data know rounds."""
    title = (
        f"{found.examination}: {found.how}; {found.rows:,} rows of {found.companies:,} companies or borrowers,"
        f" {found.outcomes:,} outcomes"
    )
    fresh = any(PARTIAL in one.values for one in found.measured.values())
    rows = [
        (name, value(one.values["auc"]), interval(one.values["auc"]),
         "" if name == found.against else gain(one.gains["auc"]), value(one.values["ks"], 3),
         value(one.values["brier"]), value(one.values["log_loss"]),
         *([value(one.values.get(PARTIAL), 3)] if fresh else []))
        for name, one in found.measured.items()
    ]  # fmt: skip
    numbers = "AUC|95% interval|less ours (paired)|KS|Brier|log-loss" + ("|pAUC" if fresh else "")
    return listing(title, f"by|{numbers}", rows, numbers)


def settings_listing(peers: Sequence[Peer], found: Comparison) -> Listing:
    """How each peer that took part was set."""
    rows = [(peer.name, peer.how) for peer in peers if peer.name in found.measured]
    return listing("settings", "by|how", rows)


def published_listing(dataset: Dataset) -> Listing:
    """What others reported on the same data; by other splits, so beside ours as a check of sanity only."""
    rows = [(one.by, one.said, "read" if one.verified else "quoted from memory, not read again")
            for one in dataset.published]  # fmt: skip
    return listing("reported by others, on other splits", "by|said|source", rows)


def verdicts(found: Comparison) -> list[str]:
    """What the paired intervals of the AUC say, in words that follow from them alone."""
    if found.against != LIGHTGBM.name:
        return []
    said = []
    for name in found.measured:
        if name == found.against:
            continue
        lead = found.measured[name].gains["auc"]
        if lead.high < 0:
            said.append(f"{found.examination}: better than {name} by {-lead.value:.3f}.")
        elif lead.low > 0:
            said.append(f"{found.examination}: worse than {name} by {lead.value:.3f}.")
        else:
            said.append(f"{found.examination}: no difference from {name} that these data can tell.")
    return said


def named_metrics(found: Mapping[str, Mapping[str, Measured]]) -> dict[str, Estimate | float]:
    """Metrics of a run: ``EXAMINATION.NAME.MEASURE``, and ``gain`` for the difference of the AUC."""
    metrics: dict[str, Estimate | float] = {}
    for examination, measured in found.items():
        for name, one in measured.items():
            stem = f"{_slug(examination)}.{_slug(name)}"
            metrics |= {f"{stem}.{measure}": one.values[measure] for measure in MEASURES if measure in one.values}
            metrics[f"{stem}.auc_gain"] = one.gains["auc"]
    return metrics


def _slug(name: str) -> str:
    return "_".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())
