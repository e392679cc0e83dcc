"""A model and all that is needed to use it, as text and JSON under one SHA-256. Never pickled."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from alliance.errors import BundleError, InvalidInput
from scoring.features import FEATURES_BY_NAME, feature_named
from scoring.features.declaration import Feature
from scoring.model.calibration import Calibration
from scoring.model.certainty import Certainty
from scoring.model.contract import ContractFeature, PillarColumns, refuse_unknown
from scoring.model.groups import FeatureGroup, GroupColumns, refuse_unsound
from scoring.model.likeness import Likeness
from scoring.model.scale import FloatArray, ScoreScale
from scoring.model.shap import ADDITIVITY_TOLERANCE, Explainer, Judge, check_against_lightgbm, raw_log_odds
from scoring.model.trees import refuse_unfit, sample

if TYPE_CHECKING:
    import lightgbm as lgb

FORMAT = 2
"""Version of the layout on disk."""

MODEL_FILE = "model.txt"
BUNDLE_FILE = "bundle.json"
_SAMPLE_ROWS = 32
_FETCH_AGAIN = "Fetch the bundle again from where it was registered."


@dataclass(frozen=True)
class Outcome:
    """What a model predicts: the outcome's name, and within how many months of the as-of day."""

    name: str
    horizon_months: int


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One trained model, ready to score.

    Attributes:
        model: LightGBM model text.
        calibration: raw log-odds to log-odds of default.
        scale: log-odds of default to points and grades.
        contract: the features, in the model's order.
        outcome: what is predicted.
        base_rate: share of the training sample with the outcome, between 0 and 1.
        training: facts of the training (range of as-of days, fingerprint of the data, when); plain JSON values.
        version: the label people use; the bundle's identity is ``sha256``.
        certainty: how sure its PDs are; ``None`` where nothing is known of it.
        reference: by feature, the value a reason's feature is moved to when the reason is tested: where the feature
            speaks neither for nor against a company. A feature that is not named is moved to unknown.
        groups: features that speak of the same thing and are one reason; the others stand alone.
    """

    model: str
    calibration: Calibration
    scale: ScoreScale
    contract: tuple[ContractFeature, ...]
    outcome: Outcome
    base_rate: float
    training: Mapping[str, Any] = field(hash=False)
    version: str
    certainty: Certainty | None = None
    reference: Mapping[str, float] = field(default_factory=dict, hash=False)
    groups: tuple[FeatureGroup, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """What another process is told: the attributes; what was worked out of them may hold compiled code."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def __post_init__(self) -> None:
        refuse_unfit(self.model, self.contract)
        refuse_unsound(self.groups, self.contract)
        self._refuse_unsound_reference()
        if self.certainty is not None and len(self.certainty.support.low) != len(self.contract):
            raise BundleError("The certainty is of other features than the model's.", remedy="Fit it with the model.")
        if not 0 < self.base_rate < 1:
            raise BundleError(f"The base rate {self.base_rate} is not between 0 and 1.", remedy="Give a share.")

    def _refuse_unsound_reference(self) -> None:
        """Raise ``BundleError`` unless every reference is a finite number of a feature of the contract."""
        strange = [name for name, value in self.reference.items() if name not in self.names or not math.isfinite(value)]
        if strange:
            raise BundleError(
                f"No finite reference of a feature of the model: {', '.join(sorted(strange))}.",
                remedy="Name the model's features alone; leave out one whose reference is unknown.",
            )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in the model's order."""
        return tuple(feature.name for feature in self.contract)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The features as this code computes them, in the model's order; ``NotFound`` where it has not one of them."""
        return tuple(map(feature_named, self.names))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each feature in the model's order, by name."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def directions(self) -> FloatArray:
        """How risk moves when a feature rises (f): 1 up, -1 down, 0 where that is not declared."""
        return np.array([feature.direction.constraint for feature in self.contract], dtype=np.float64)

    @cached_property
    def pillars(self) -> PillarColumns:
        """The features by pillar."""
        return PillarColumns.of(self.contract)

    @cached_property
    def together(self) -> GroupColumns:
        """The features by group."""
        return GroupColumns.of(self.contract, self.groups)

    @cached_property
    def references(self) -> FloatArray:
        """The reference of each feature (f), NaN for unknown."""
        return np.array([self.reference.get(name, math.nan) for name in self.names])

    @cached_property
    def likeness(self) -> Likeness:
        """The values that are to the trees as the references are."""
        return Likeness.of(self.model, self.references)

    @cached_property
    def judge(self) -> Judge:
        """The model as LightGBM itself reads it, parsed once; ``BundleError`` when it cannot."""
        return Judge(self.model)

    @cached_property
    def booster(self) -> "lgb.Booster":
        """The model for LightGBM's own tools, parsed once; ``BundleError`` when LightGBM cannot read it."""
        import lightgbm as lgb  # noqa: PLC0415 -- takes seconds, and scoring needs none of it

        try:
            return lgb.Booster(model_str=self.model)
        except lgb.basic.LightGBMError as error:
            raise BundleError(f"LightGBM cannot read the model: {error}", remedy="Train the model again.") from error

    @cached_property
    def explainer(self) -> Explainer:
        """The model's exact contributions, prepared once; ``BundleError`` when its trees do not read as such."""
        return Explainer.read(self.model)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the content, which holds the SHA-256 of the model text; hexadecimal."""
        return _sha256(_canonical(self._content()))

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": self.version,
            "model_sha256": _sha256(self.model.encode()),
            "calibration": asdict(self.calibration),
            "scale": asdict(self.scale),
            "contract": [feature.as_dict() for feature in self.contract],
            "outcome": asdict(self.outcome),
            "base_rate": self.base_rate,
            "training": dict(self.training),
            "certainty": None if self.certainty is None else self.certainty.as_dict(),
            "reference": dict(self.reference),
            "groups": [group.as_dict() for group in self.groups],
        }

    def check_explanations(self) -> None:
        """Raise ``BundleError`` unless explanations are LightGBM's own, on made-up rows with unknown values."""
        check_against_lightgbm(self.explainer, self.judge, sample(self.model, _SAMPLE_ROWS))

    def check_directions(self) -> None:
        """Raise ``BundleError`` unless raising a feature moves the log-odds its declared way, on made-up rows.

        A probe, not a proof: that the trees were trained under the constraints is known from the model text.
        """
        rows = sample(self.model, _SAMPLE_ROWS)
        before = raw_log_odds(self.judge, rows)
        for column, feature in enumerate(self.contract):
            if not (sign := feature.direction.constraint):
                continue
            raised = rows.copy()
            raised[:, column] = np.maximum(rows[:, column], rows[::-1, column])
            change = raw_log_odds(self.judge, raised) - before
            known = ~np.isnan(raised[:, column])
            if (sign * change[known] < -ADDITIVITY_TOLERANCE).any():
                raise BundleError(
                    f"The model's risk moves against the declared direction of {feature.name}.",
                    remedy="Train the model again with the features' directions as monotone constraints.",
                )

    def save(self, directory: Path) -> None:
        """Write ``model.txt`` and ``bundle.json`` (canonical JSON: UTF-8, sorted keys) into a directory, made at need.

        Raises:
            BundleError: the training facts are not plain JSON values.
        """
        document = _canonical({"sha256": self.sha256, "content": self._content()})
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MODEL_FILE).write_bytes(self.model.encode())
        (directory / BUNDLE_FILE).write_bytes(document)


def load(directory: Path, *, sha256: str | None = None, known: Mapping[str, Feature] = FEATURES_BY_NAME) -> Bundle:
    """The bundle that ``save`` wrote, after every check.

    Args:
        directory: holds ``model.txt`` and ``bundle.json``.
        sha256: the bundle this must be, as recorded elsewhere; any intact bundle when not given.
        known: the features this code has, by name.

    Raises:
        BundleError: a file is missing or any byte of it was changed; it is another bundle than ``sha256``; the model
            does not fit its contract or cannot be explained (see ``trees.refuse_unfit``); a feature is not known to
            this code or defined differently; explanations are not LightGBM's; or risk moves against a declared
            direction.
    """
    document, model = _read(directory / BUNDLE_FILE), _read(directory / MODEL_FILE)
    content = _intact(document, model)
    bundle = _parse(content, model.decode())
    if sha256 not in (None, bundle.sha256):
        raise BundleError(f"This is bundle {bundle.sha256}, not {sha256}.", remedy=_FETCH_AGAIN)
    refuse_unknown(bundle.contract, known)
    bundle.check_explanations()
    bundle.check_directions()
    return bundle


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError("A file of the bundle cannot be read.", remedy=_FETCH_AGAIN, file=str(path)) from error


def _intact(document: bytes, model: bytes) -> dict[str, Any]:
    """The content of ``bundle.json``, when neither file differs from what was saved by as much as a byte."""
    try:
        stored = json.loads(document.decode())
        content: dict[str, Any] = stored["content"]
        signed = stored["sha256"] == _sha256(_canonical(content)) and content["model_sha256"] == _sha256(model)
        intact = signed and document == _canonical(stored)
    except (ValueError, TypeError, KeyError, BundleError):
        intact = False
    if not intact:
        raise BundleError("The bundle is not as it was saved: its SHA-256 does not match.", remedy=_FETCH_AGAIN)
    if content["format"] != FORMAT:
        raise BundleError(
            f"The bundle has format {content['format']}, this code reads {FORMAT}.",
            remedy="Run the code version the bundle was saved with.",
        )
    return content


def _parse(content: dict[str, Any], model: str) -> Bundle:
    try:
        return Bundle(
            model=model,
            calibration=Calibration(**content["calibration"]),
            scale=ScoreScale(**content["scale"]),
            contract=tuple(map(ContractFeature.from_dict, content["contract"])),
            outcome=Outcome(**content["outcome"]),
            base_rate=content["base_rate"],
            training=content["training"],
            version=content["version"],
            certainty=None if content["certainty"] is None else Certainty.from_dict(content["certainty"]),
            reference=content["reference"],
            groups=tuple(map(FeatureGroup.from_dict, content["groups"])),
        )
    except (ValueError, TypeError, KeyError, InvalidInput) as error:
        raise BundleError(
            f"The bundle does not read as one: {error}", remedy="Run the code version it was saved with."
        ) from error


def _canonical(plain: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise BundleError(
            f"The bundle holds more than plain JSON: {error}", remedy="Give training facts as JSON values."
        ) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
