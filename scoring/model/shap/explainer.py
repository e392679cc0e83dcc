"""Exact SHAP values of a LightGBM model: what each feature did to each output."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from alliance.errors import InvalidInput
from scoring.model.scale import FloatArray
from scoring.model.shap.interactions import interact_rows
from scoring.model.shap.kernel import explain_rows, raw_rows
from scoring.model.shap.tables import Model, expected, most_splits, tabulate, zeros_unknown
from scoring.model.shap.text import ZERO, feature_names, trees

if TYPE_CHECKING:
    import lightgbm as lgb
    import shap


class Contributions(NamedTuple):
    """What a model says of rows, and why.

    Attributes:
        raw: the model's raw output (n): log-odds, where it was trained on a binary outcome.
        parts: each feature's part (n, f); with the explainer's ``base`` they add up to ``raw``.
    """

    raw: FloatArray
    parts: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Explainer:
    """The SHAP values of one model, by the paths of its trees ("path-dependent"), exact but for rounding.

    A row's numbers are the same to the bit alone, in a batch, and with any number of threads; ``raw`` has the bits of
    LightGBM's own prediction. The methods may be called from several threads at once.

    Attributes:
        names: the features (f), in the model's order.
        base: where contributions start from: the mean of the raw output over the training rows that the trees count.
    """

    names: tuple[str, ...]
    base: float
    _model: Model = field(repr=False)
    _splits: int
    _zeros: tuple[int, ...]

    @classmethod
    def of(cls, booster: "lgb.Booster") -> Self:
        """The explainer of a trained model; of its best iteration, where training stopped early.

        Raises:
            BundleError: see ``read``.
        """
        return cls.read(booster.model_to_string())

    @classmethod
    def read(cls, model: str) -> Self:
        """The explainer of a LightGBM model text.

        Raises:
            BundleError: the text does not read as a model, or the model has several outputs, averages its trees, or has
                categorical splits or linear leaves.
        """
        grown = trees(model)
        names, zeros = feature_names(model), zeros_unknown(grown)
        return cls(
            names=names,
            base=float(sum(map(expected, grown))),
            _model=tabulate(grown, zeros, len(names)),
            _splits=most_splits(grown),
            _zeros=tuple(zeros),
        )

    def contributions(self, matrix: FloatArray, *, threads: int = 1) -> Contributions:
        """The raw output and its parts.

        Args:
            matrix: feature values (n, f) in the model's order, NaN for unknown.
            threads: to share the rows out to.

        Raises:
            InvalidInput: the matrix has not the model's number of columns, or holds other things than numbers.
        """
        columns = self._columns(matrix)
        raw, parts = np.zeros(len(columns)), np.empty(columns.shape)

        def explain(rows: slice) -> None:
            explain_rows(columns[rows], self._model, self._splits, raw[rows], parts[rows])

        _share_out(explain, len(columns), threads)
        if not self._zeros:
            return Contributions(raw, parts)
        features = len(self.names)
        parts[:, self._zeros] += parts[:, features:]
        return Contributions(raw, np.ascontiguousarray(parts[:, :features]))

    def raw(self, matrix: FloatArray, *, threads: int = 1) -> FloatArray:
        """The raw output (n) alone, in a fraction of the time; bits, arguments and errors as of ``contributions``."""
        columns = self._columns(matrix)
        raw = np.zeros(len(columns))
        _share_out(lambda rows: raw_rows(columns[rows], self._model, self._splits, raw[rows]), len(columns), threads)
        return raw

    def interactions(
        self, matrix: FloatArray, groups: Sequence[int] | NDArray[np.intp], *, threads: int = 1
    ) -> FloatArray:
        """What groups of features do together (n, p, p): SHAP interaction values, summed by group.

        Row by row the array is symmetric. Row a of it adds up to the contribution of group a; a, b and b, a hold one
        half each of what the two groups add only together; a, a is the rest.

        Args:
            matrix: feature values (n, f) in the model's order, NaN for unknown.
            groups: the group of each feature (f), from 0 on.
            threads: to share the rows out to.

        Raises:
            InvalidInput: as for ``contributions``; or not every feature has a group.
        """
        columns, of = self._columns(matrix), np.asarray(groups, dtype=np.int64)
        if of.shape != (len(self.names),) or not ((of >= 0) & (of < len(of))).all():
            raise InvalidInput(
                f"These are no groups of {len(self.names)} features: {of.tolist()}.",
                remedy="Give each feature's group: a number from 0 on, below the number of features.",
            )
        of, count = np.r_[of, of[list(self._zeros)]], int(of.max(initial=-1)) + 1
        together = np.empty((len(columns), count, count))

        def interact(rows: slice) -> None:
            interact_rows(columns[rows], self._model, self._splits, of, together[rows])

        _share_out(interact, len(columns), threads)
        return together

    def __call__(self, table: Any, *, threads: int = 1) -> "shap.Explanation":
        """The contributions as the ``shap`` library holds them, for all of its plots.

        Args:
            table: a matrix (n, f) as for ``contributions``, or a data frame of the model's columns (pandas or Polars).
            threads: to share the rows out to.

        Raises:
            InvalidInput: as for ``contributions``; or a data frame's columns are not the model's, in its order.
        """
        import shap  # noqa: PLC0415 -- takes seconds, and only those who plot want it

        matrix = self._matrix(table)
        parts = self.contributions(matrix, threads=threads).parts
        return shap.Explanation(
            values=parts, base_values=np.full(len(parts), self.base), data=matrix, feature_names=list(self.names)
        )

    def warm_up(self) -> None:
        """Have the walk compiled, so that no request waits for it: seconds the first time on a machine, then little.

        Interactions are compiled when they are first asked for.
        """
        some = np.zeros((1, len(self.names)))
        self.contributions(some)
        self.raw(some)

    def _matrix(self, table: Any) -> FloatArray:
        if (columns := getattr(table, "columns", None)) is None:
            return _numbers(table)
        if list(columns) != list(self.names):
            missing, surplus = {*self.names} - {*columns}, {*columns} - {*self.names}
            raise InvalidInput(
                "The columns are not those of the model, in its order"
                f" (missing: {_listed(missing)}; not asked for: {_listed(surplus)}).",
                remedy="Give the columns the model was trained on, in its order.",
            )
        return _numbers(table.to_numpy())

    def _columns(self, matrix: FloatArray) -> FloatArray:
        """The values, row by row in memory; then, without zeros, the features whose 0 some split takes for unknown."""
        values = _numbers(matrix)
        if values.ndim != 2 or values.shape[1] != len(self.names):
            raise InvalidInput(
                f"The matrix has the shape {values.shape}; the model has {len(self.names)} features.",
                remedy="Give a row for each case and a column for each feature of the model, in its order.",
            )
        if not self._zeros:
            return values
        copies = values[:, self._zeros]
        copies[np.abs(copies) <= ZERO] = np.nan
        return np.hstack([values, copies])


def _numbers(values: Any) -> FloatArray:
    """Doubles in the one layout the walk is compiled for; copied only where they are not."""
    try:
        return np.require(np.asarray(values, dtype=np.float64), requirements=["C", "A", "W"])
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"Not all values are numbers: {error}.", remedy="Give numbers, and NaN where a value is unknown."
        ) from error


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"


def _share_out(work: Callable[[slice], None], rows: int, threads: int) -> None:
    """Have the rows worked on, a run of them a thread.

    Compiled code lets go of the interpreter's lock, so plain threads do. numba's own would not: the pool it can always
    have must not be entered by two requests at once.
    """
    if min(threads, rows) <= 1:
        work(slice(0, rows))
        return
    ends = [share * rows // threads for share in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, map(slice, ends[:-1], ends[1:])))
