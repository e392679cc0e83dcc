"""The model card: what the model is for, on what it rests, how good it is, where it ends."""

from collections.abc import Iterable

from alliance.store.decisions import grants_digest
from experiments.experiment import DataUsed, Experiment
from experiments.metrics import REPLICATES
from experiments.plots import pillar_importance

NAMES = {"auc": "AUC", "ks": "KS", "brier": "Brier score", "log_loss": "Log-loss"}

MOST_CONTRACTS = 12
"""Contracts a card names; more are a list of their own."""

OUTCOMES = {
    "default": "default or write-off of a company with an open facility",
    "closure": "closure of a company that operates",
}

SIMULATED = (
    "**The data are simulated.** Companies, members and outcomes are made up by a documented process; the figures show"
    " that the method works, and say nothing of any real company, lender or market."
)


def model_card(experiment: Experiment, data: DataUsed) -> str:
    """The card in Markdown."""
    bundle = experiment.bundle
    sections = (
        f"# Model card: {bundle.outcome.name} within {bundle.outcome.horizon_months} months",
        f"Version `{bundle.version}`, bundle `{bundle.sha256}`.",
        *([SIMULATED] if data.simulated else []),
        _purpose(experiment),
        _data(experiment, data),
        _method(experiment),
        _performance(experiment),
        _pillars(experiment),
        _limits(data),
    )
    return "\n\n".join(sections) + "\n"


def _purpose(experiment: Experiment) -> str:
    name = experiment.bundle.outcome.name
    return (
        "## Purpose\n\n"
        "To help a credit analyst rank technology start-ups by risk, with the reasons of each. People decide.\n\n"
        f"Outcome: {OUTCOMES.get(name, name)}, within {experiment.bundle.outcome.horizon_months} months after the day"
        " looked from. A company that leaves in another way counts as one the outcome did not befall."
    )


def _data(experiment: Experiment, data: DataUsed) -> str:
    rows = [
        (part, f"{kept.height:,}", f"{kept['company_id'].n_unique():,}", f"{kept['label'].sum():,}",
         f"{kept['as_of'].min()} to {kept['as_of'].max()}")
        for part, kept in vars(experiment.split).items()
    ]  # fmt: skip
    if len(data.contracts) > MOST_CONTRACTS:
        contracts = f"{len(data.contracts):,}, listed in `contracts.txt` of the run"
    else:
        contracts = ", ".join(f"`{contract}`" for contract in data.contracts) or "none on record"
    return (
        f"## Data\n\n{data.about}\n\n"
        f"Submissions up to number {data.watermark}; outcomes as known by {data.data_cut};"
        f" panel `{data.panel_sha256}`.\n\n"
        + _table(("part", "rows", "companies", "outcomes", "days"), rows)
        + "\n\nPopulation: companies at risk on each day. Features and population see only what was known by then."
        + f"\n\nContracts: {contracts}."
        + f"\n\nRead for `{data.purpose}` under {len(data.grants):,} grants, listed in `grants.txt` of the run (digest"
        f" `{grants_digest(data.grants)}`). When one of them is revoked, train again without it."
    )


def _method(experiment: Experiment) -> str:
    told, trained = experiment.trained.parameters, experiment.trained
    calibration = experiment.bundle.calibration
    return (
        "## Method\n\n"
        f"LightGBM, {trained.trees} trees of depth {told['max_depth']} at most, learning rate {told['learning_rate']},"
        f" at least {told['min_data_in_leaf']} rows a leaf, {len(experiment.bundle.names)} features;"
        " each feature with a direction holds it (monotone constraints). The number of trees is the one with the least"
        " log-loss on the `stop` rows; then as many are grown on the `taught` rows. Platt's calibration"
        f" (slope {calibration.slope:.3f}, intercept {calibration.intercept:.3f}) is fitted to the `taught` rows, each"
        " scored by trees its company taught nothing."
        " Contributions are exact SHAP values and add up to the score."
    )


def _performance(experiment: Experiment) -> str:
    rows = [
        (NAMES[name], f"{found.value:.4f}", f"{found.low:.4f} to {found.high:.4f}")
        for name, found in experiment.metrics.items()
    ]
    bins = [
        (str(place), f"{row['rows']:,}", f"{row['foretold']:.2%}", f"{row['observed']:.2%}",
         f"{row['low']:.2%} to {row['high']:.2%}")
        for place, row in enumerate(experiment.reliability.iter_rows(named=True), start=1)
    ]  # fmt: skip
    return (
        "## Performance on the test rows\n\n"
        + _table(("measure", "value", "95% interval"), rows)
        + f"\n\nIntervals: {REPLICATES:,} bootstrap draws of whole companies."
        f" Calibration: slope {experiment.calibration['slope']:.3f}, intercept"
        f" {experiment.calibration['intercept']:.3f} (1 and 0 are perfect).\n\n"
        + _table(("bin", "rows", "foretold", "observed", "95% interval"), bins)
    )


def _pillars(experiment: Experiment) -> str:
    rows = [
        (row["pillar"], f"{row['contribution']:.1%}", f"{row['gain']:.1%}")
        for row in pillar_importance(experiment).iter_rows(named=True)
    ]
    return (
        "## What moves scores\n\n"
        + _table(("pillar", "of absolute contributions", "of gain in training"), rows)
        + "\n\nReasons count features that speak of the same thing once. Each is tested: with its features at their"
        f" reference the PD must fall (of a strength, rise). {experiment.reasons_hold:.2%} of the test rows' do;"
        " the others are not given."
    )


def _limits(data: DataUsed) -> str:
    limits = [
        "Not advice, and no decision: a score is one input to a person's judgement.",
        "Foretells the outcome named above, for companies like those of the data; it is untested elsewhere.",
        "What members do not give is unknown to it; the score says how much is known.",
        "The relations it found are not causes: changing a feature need not change the risk.",
        "It wears out: measure again when new outcomes are known, and train again when they differ.",
    ]
    if data.simulated:
        limits.insert(0, "Trained on simulated data: not to be used on real companies.")
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
