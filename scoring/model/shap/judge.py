"""LightGBM's own answers of a model, from its compiled library alone.

LightGBM's Python package brings pandas, SciPy and scikit-learn along, whose import takes longer than all else a service
does before it is ready. The library it wraps has a C interface of its own, which is stable and documented
(https://lightgbm.readthedocs.io/en/stable/C-API.html), and a judge asks two things of it.
"""

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from alliance.errors import BundleError
from scoring.model.scale import FloatArray

_DOUBLES, _ROWS_TOGETHER, _ALL_TREES = 1, 1, -1
_RAW, _CONTRIBUTIONS = 1, 3
"""C_API_DTYPE_FLOAT64, row-major, every iteration; C_API_PREDICT_RAW_SCORE, C_API_PREDICT_CONTRIB (``c_api.h``)."""


class Judge:
    """A model as LightGBM reads it. As much of ``lightgbm.Booster`` as its answers are compared by.

    Raises:
        BundleError: LightGBM cannot read the model, or is not installed with its library.
    """

    def __init__(self, model: str) -> None:
        self._library = _library()
        self._handle, trees = ctypes.c_void_p(), ctypes.c_int()
        self._done(
            self._library.LGBM_BoosterLoadModelFromString(
                model.encode(), ctypes.byref(trees), ctypes.byref(self._handle)
            )
        )
        features = ctypes.c_int()
        self._done(self._library.LGBM_BoosterGetNumFeature(self._handle, ctypes.byref(features)))
        self._features = features.value

    def __del__(self) -> None:
        if handle := getattr(self, "_handle", None):
            self._library.LGBM_BoosterFree(handle)

    def predict(
        self, matrix: FloatArray, *, raw_score: bool = True, pred_contrib: bool = False, num_threads: int = 1
    ) -> FloatArray:
        """The raw output (n) of feature values (n, f), NaN for unknown; or its contributions and their base (n, f + 1).

        The arguments are called as ``lightgbm.Booster.predict`` calls them, and the answers have its bits.

        Raises:
            ValueError: the matrix has not the model's number of columns, or something else than raw output is wanted.
        """
        if not raw_score and not pred_contrib:
            raise ValueError("A judge gives the raw output or its contributions.")
        values = np.ascontiguousarray(matrix, dtype=np.float64)
        if values.ndim != 2 or values.shape[1] != self._features:
            raise ValueError(f"The matrix has the shape {values.shape}; the model has {self._features} features.")
        found = np.empty((len(values), self._features + 1) if pred_contrib else len(values))
        count = ctypes.c_int64()
        self._done(
            self._library.LGBM_BoosterPredictForMat(
                self._handle, ctypes.c_void_p(values.ctypes.data), _DOUBLES, ctypes.c_int32(len(values)),
                ctypes.c_int32(self._features), _ROWS_TOGETHER, _CONTRIBUTIONS if pred_contrib else _RAW, 0, _ALL_TREES,
                f"num_threads={num_threads}".encode(), ctypes.byref(count), ctypes.c_void_p(found.ctypes.data),
            )
        )  # fmt: skip
        if count.value != found.size:
            raise BundleError(
                f"LightGBM gives {count.value} numbers of {len(values)} rows, not {found.size}.",
                remedy="Use a model with one output.",
            )
        return found

    def _done(self, code: int) -> None:
        if code:
            said = self._library.LGBM_GetLastError().decode(errors="replace")
            raise BundleError(f"LightGBM cannot read the model: {said}", remedy="Train the model again.")


@cache
def _library() -> ctypes.CDLL:
    """LightGBM's library, as its package holds it; the package itself is found, not imported."""
    package = find_spec("lightgbm")
    folders = [] if package is None else list(package.submodule_search_locations or ())
    found = next((path for folder in folders for path in sorted(Path(folder).rglob("lib_lightgbm.*"))), None)
    if found is None:
        raise BundleError("LightGBM's library is not installed.", remedy="Install lightgbm from a wheel.")
    library = ctypes.CDLL(str(found))
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library
