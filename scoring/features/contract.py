"""What a feature means, as a fingerprint: equal while its values would be, whatever it is called to a reader."""

import json
from hashlib import sha256
from typing import Any

import polars as pl

from scoring.features.catalogue import ROWS, feature_named, inputs
from scoring.features.declaration import Feature, Rows


def contract(feature: Feature) -> str:
    """SHA-256, in hex, of a feature's definition: name, signal, expression, unit, direction, and what it builds on: the
    row columns of its signal that it reads, the contracts of its inputs.

    The wording is left out. The expression is taken as Polars writes it, which is the same in every process but may
    change with the version of Polars: a fingerprint then differs where the meaning does not, and never the other way.

    Raises:
        NotFound: a derived feature has an input that is not in ``FEATURES``.
    """
    definition = {
        "name": feature.name,
        "signal": feature.signal,
        "expression": _written(feature.expr),
        "rows": {name: _written(expr) for name, expr in _rows(feature).items()},
        "unit": feature.unit.value,
        "direction": feature.direction.value,
        "inputs": [contract(feature_named(name)) for name in inputs(feature)],
    }
    return sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()


def _written(expr: pl.Expr) -> Any:
    return json.loads(expr.meta.serialize(format="json"))


def _rows(feature: Feature) -> Rows:
    read = set(feature.expr.meta.root_names())
    return {name: expr for name, expr in ROWS.get(feature.signal or "", {}).items() if name in read}
