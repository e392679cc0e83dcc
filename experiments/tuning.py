"""The recipe tuned by Optuna on the past alone, and what that gained: the test rows are looked at once, at the end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import polars as pl

from alliance.errors import InvalidInput
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.listing import Listing, gain, interval, listing, value
from experiments.paired import Draws, Measured
from experiments.panel import LABEL
from experiments.peers.compare import foretold
from experiments.peers.encoding import Levels
from experiments.peers.lightgbm import fit as fit_lightgbm
from experiments.peers.peer import INSTALL, Lesson
from experiments.splits import STOP_SHARE, Split, company_folds
from experiments.study import Study, rows_of
from experiments.study_plots import forest_figure
from experiments.train import RECIPE, Recipe, grow
from scoring.months import months_after

if TYPE_CHECKING:
    import optuna

QUESTION = (
    "Would another recipe do better? Chosen by log-loss on folds inside what is taught, each later than what it was"
    " taught on; then the recipe chosen and the standing one are examined once, on the same test rows."
)

INNER_FOLDS = 3
STANDING, TUNED = "standing recipe", "tuned recipe"
WARM_UP = 5
"""Trials that are never pruned: a median of fewer says nothing."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows that teach and rows that judge, both inside what is taught."""

    fit: pl.DataFrame
    judge: pl.DataFrame


@dataclass(frozen=True, kw_only=True, eq=False)
class Tuned:
    """What tuning found.

    Attributes:
        recipe: the best one.
        trials: each trial's number, state (``complete`` or ``pruned``), loss and settings, in order.
        standing_loss, loss: mean log-loss on the inner folds of the standing recipe and of the best.
        seconds: what it cost.
        folds: number of inner folds.
    """

    recipe: Recipe
    trials: pl.DataFrame
    standing_loss: float
    loss: float
    seconds: float
    folds: int


def inner_folds(taught: pl.DataFrame, horizon_months: int, folds: int = INNER_FOLDS) -> tuple[Fold, ...]:
    """Folds inside the rows that are taught, the latest last.

    Rows of several days: each fold judges on a part of the last days and is taught by those a horizon before them, so
    that no fold knows an outcome before it was known. Rows of one day, or undated: by company.

    Raises:
        InvalidInput: the days do not reach for a single fold.
    """
    days = taught["as_of"].unique().sort().to_list()
    if len(days) == 1:
        drawn = company_folds(taught["company_id"], folds)
        return tuple(Fold(taught.filter(drawn != place), taught.filter(drawn == place)) for place in range(folds))
    width = max(1, round(len(days) * STOP_SHARE))
    found: list[Fold] = []
    for place in range(folds):
        judged = days[max(0, len(days) - (place + 1) * width) : len(days) - place * width]
        before = [day for day in days if judged and months_after(day, horizon_months) <= judged[0] and day < judged[0]]
        fold = Fold(taught.filter(pl.col("as_of").is_in(before)), taught.filter(pl.col("as_of").is_in(judged)))
        if all(rows[LABEL].n_unique() == 2 for rows in (fold.fit, fold.judge)):
            found.insert(0, fold)
    if not found:
        raise InvalidInput(
            "What is taught does not reach for one fold inside it.", remedy="Take more days, or a shorter horizon."
        )
    return tuple(found)


def tune(
    split: Split,
    columns: Sequence[Column],
    horizon_months: int,
    *,
    trials: int,
    seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Tuned:
    """Search for a recipe by what a split teaches; its test rows are never touched.

    The standing recipe is the first trial, so the best cannot be worse on the folds. A trial is pruned when after a
    fold its mean loss is above the median of those before it. The same seed gives the same trials.

    Args:
        progress: called with 1 after each trial.

    Raises:
        InvalidInput: Optuna is not installed, or what is taught does not reach for one fold inside it.
    """
    if not find_spec("optuna"):
        raise InvalidInput("Optuna is not installed.", remedy=INSTALL)
    import optuna  # noqa: PLC0415

    lesson = Lesson.of(split, columns)
    levels = Levels.of(lesson, lesson.columns)
    folds = [
        Fold(levels.flagged(one.fit), levels.flagged(one.judge)) for one in inner_folds(lesson.taught, horizon_months)
    ]
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP),
        direction="minimize",
    )
    study.enqueue_trial({name: asdict(RECIPE)[name] for name in SEARCHED})
    started = time.monotonic()

    def objective(trial: "optuna.Trial") -> float:
        losses: list[float] = []
        for step, fold in enumerate(folds):
            losses.append(min(grow(fold.fit, fold.judge, levels.flags, suggested(trial)).losses))
            trial.report(sum(losses) / len(losses), step)
            if step + 1 < len(folds) and trial.should_prune():
                raise optuna.TrialPruned
        return sum(losses) / len(losses)

    study.optimize(objective, n_trials=trials, callbacks=[lambda *_: progress(1)])
    return Tuned(
        recipe=replace(RECIPE, **study.best_params),
        trials=_trials(study),
        standing_loss=float(study.trials[0].value or 0.0),
        loss=float(study.best_value),
        seconds=time.monotonic() - started,
        folds=len(folds),
    )


SEARCHED = ("learning_rate", "max_depth", "num_leaves", "leaf_share", "lambda_l2", "feature_fraction",
            "bagging_fraction")  # fmt: skip


def suggested(trial: "optuna.Trial") -> Recipe:
    """A recipe of a trial. Trees stay shallow: at most five features act together, for an explanation is read."""
    return replace(
        RECIPE,
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.1, log=True),
        max_depth=trial.suggest_int("max_depth", 2, 5),
        num_leaves=trial.suggest_int("num_leaves", 4, 24),
        leaf_share=trial.suggest_float("leaf_share", 0.002, 0.03, log=True),
        lambda_l2=trial.suggest_float("lambda_l2", 0.1, 100.0, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", 0.1, 1.0),
        bagging_fraction=trial.suggest_float("bagging_fraction", 0.5, 1.0),
    )


def _trials(study: "optuna.Study") -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {"trial": trial.number, "state": trial.state.name.lower(),
         "loss": trial.value if trial.value is not None else trial.intermediate_values.get(0), **trial.params}
        for trial in study.trials
    ]  # fmt: skip
    return pl.DataFrame(rows)


def examined(examination: Examination, columns: Sequence[Column], recipe: Recipe, seed: int = 0) -> dict[str, Measured]:
    """The two recipes on the same test rows."""
    told = {
        name: foretold(examination, columns, partial(fit_lightgbm, recipe=one), seed)
        for name, one in ((STANDING, RECIPE), (TUNED, recipe))
    }
    return Draws.of(examination.sample, told).against(STANDING)


def run_tuning(
    dataset: Dataset,
    examination: Examination,
    *,
    trials: int,
    seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Study:
    """Tune by what the examination's first split teaches, and examine on that split."""
    one = Examination(examination.name, examination.how, examination.splits[:1])
    tuned = tune(one.splits[0], dataset.columns, dataset.horizon_months, trials=trials, seed=seed, progress=progress)
    return tuning_study(dataset, one, tuned, examined(one, dataset.columns, tuned.recipe), seed)


def tuning_study(
    dataset: Dataset, examination: Examination, tuned: Tuned, found: dict[str, Measured], seed: int
) -> Study:
    """Cost and gain, the recipe, the trials."""
    after = found[TUNED].gains["auc"]
    said = "a gain" if after.low > 0 else "a loss" if after.high < 0 else "no difference that these data can tell"
    pruned = tuned.trials.filter(pl.col("state") == "pruned").height
    return Study(
        kind="tune",
        data=dataset.name,
        about=dataset.about,
        question=QUESTION,
        says=(
            f"{tuned.trials.height} trials on {tuned.folds} inner folds, {pruned} pruned, in {tuned.seconds:.0f} s:"
            f" log-loss inside {tuned.standing_loss:.4f} before, {tuned.loss:.4f} after.",
            f"On the test rows, AUC: {said}, {gain(after)}; log-loss {gain(found[TUNED].gains['log_loss'])}.",
        ),
        listings=(examined_listing(examination, found), recipe_listing(tuned)),
        params={"seed": seed, "trials": tuned.trials.height, "pruned": pruned, "examination": examination.name,
                **{f"tuned_{name}": asdict(tuned.recipe)[name] for name in SEARCHED}, **rows_of(dataset)},
        metrics={
            "seconds": tuned.seconds,
            "inner_log_loss_standing": tuned.standing_loss,
            "inner_log_loss_tuned": tuned.loss,
            "auc_standing": found[STANDING].values["auc"],
            "auc_tuned": found[TUNED].values["auc"],
            "auc_gain": after,
            "log_loss_gain": found[TUNED].gains["log_loss"],
        },
        figures={
            "recipes": forest_figure("AUC on the test rows", {name: one.values["auc"] for name, one in found.items()},
                                     "AUC"),
        },
        simulated=dataset.simulated,
    )  # fmt: skip


def examined_listing(examination: Examination, found: dict[str, Measured]) -> Listing:
    """The two recipes side by side."""
    rows = [
        (name, value(one.values["auc"]), interval(one.values["auc"]),
         gain(one.gains["auc"]) if name == TUNED else "", value(one.values["log_loss"]),
         gain(one.gains["log_loss"]) if name == TUNED else "")
        for name, one in found.items()
    ]  # fmt: skip
    heads = "by|AUC|95% interval|gain (paired)|log-loss|change (paired)"
    return listing(f"{examination.name}: {examination.how}", heads, rows, "AUC|log-loss")


def recipe_listing(tuned: Tuned) -> Listing:
    """What the standing recipe says, and the tuned one."""
    rows = [(name, f"{asdict(RECIPE)[name]:.4g}", f"{asdict(tuned.recipe)[name]:.4g}") for name in SEARCHED]
    return listing("recipe", "setting|standing|tuned", rows, "standing|tuned")
