"""Random trees as LightGBM's model text: quicker than training, and wilder than what training gives."""

from collections.abc import Callable
from typing import Any

import numpy as np

THRESHOLDS = (0.0, -0.0, 1.0000000180025095e-35, -1.0000000180025095e-35, 1e300, -1e300, 5e-324)
VALUES = (*THRESHOLDS, 1e-36, -1e-36, 1.1e-35, np.inf, -np.inf, np.nan, np.nan, np.nan)
MISSING = {"none": 0, "zero": 4, "nan": 8}  # as in a split's decision type


def model_text(
    seed: int, *, features: int, depth: int, trees: int = 3, splits: int = 40, missing: str | None = None
) -> str:
    """A model of random trees, no deeper than ``depth``; every split of one missing type, or each of its own."""
    generator = np.random.default_rng(seed)
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={features - 1}", "objective=binary sigmoid:1",
        f"feature_names={' '.join(f'f{place}' for place in range(features))}",
        f"feature_infos={' '.join(['[-3:3]'] * features)}", "",
    ]  # fmt: skip
    grown = [_tree(generator, features, depth, splits, missing) for _ in range(trees)]
    body = [f"Tree={number}\n{text}\n\n" for number, text in enumerate(grown)]
    return "\n".join(head) + "\n" + "\n".join(body) + "\nend of trees\n\nparameters:\nend of parameters\n"


def rows(seed: int, features: int, count: int = 11) -> Any:
    """Rows for such a model: numbers near its thresholds, one in five of them unknown, zero, tiny or infinite."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(count, features)).round(1)
    odd = generator.random(values.shape) < 0.2
    values[odd] = generator.choice(VALUES, odd.sum())
    return values


def _tree(generator: Any, features: int, depth: int, splits: int, missing: str | None) -> str:
    """One tree, split by split where there is room; a chain as likely as a bush."""
    left, right, cover, leaf_cover, depths = [], [], [], [int(generator.integers(2, 2**31))], [0]
    parent: list[tuple[list[int], int] | None] = [None]
    chosen: Callable[[list[int]], int] = (lambda open_: open_[-1]) if generator.random() < 0.3 else generator.choice
    for split in range(int(generator.integers(0, splits + 1))):
        open_ = [leaf for leaf, level in enumerate(depths) if level < depth and leaf_cover[leaf] > 1]
        if not open_:
            break
        leaf, new = int(chosen(open_)), len(leaf_cover)
        if (above := parent[leaf]) is not None:
            above[0][above[1]] = split
        left.append(~leaf)
        right.append(~new)
        parent[leaf], total = (left, split), leaf_cover[leaf]
        parent.append((right, split))
        cover.append(total)
        leaf_cover[leaf] = int(generator.integers(1, total))
        leaf_cover.append(total - leaf_cover[leaf])
        depths[leaf] += 1
        depths.append(depths[leaf])
    count = len(left)
    kinds = [MISSING[missing]] if missing else list(MISSING.values())
    thresholds = np.where(
        generator.random(count) < 0.2, generator.choice(THRESHOLDS, count), generator.normal(size=count).round(1)
    )
    fields: dict[str, Any] = {
        "num_leaves": count + 1, "num_cat": 0, "split_feature": generator.integers(0, features, count),
        "split_gain": np.ones(count, int), "threshold": [repr(float(one)) for one in thresholds],
        "decision_type": generator.choice(kinds, count) + generator.choice([0, 2], count),
        "left_child": left, "right_child": right,
        "leaf_value": [repr(float(one)) for one in generator.normal(size=count + 1)],
        "leaf_weight": leaf_cover, "leaf_count": leaf_cover, "internal_value": np.zeros(count, int),
        "internal_weight": cover, "internal_count": cover, "is_linear": 0, "shrinkage": 1,
    }  # fmt: skip
    return "\n".join(f"{name}={_line(value)}" for name, value in fields.items())


def _line(value: Any) -> str:
    return str(value) if isinstance(value, int) else " ".join(map(str, value))
