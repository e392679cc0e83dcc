"""Training where rows exceed one machine's memory: LightGBM's own data-parallel engine, on Dask.

The recipe, the split, the calibration and the bundle are those of ``experiments.train``; only trees grow elsewhere.
What may differ from trees grown in one process, and why:

- bins: each worker finds the bins of some features, from its own rows; so a threshold may lie a little aside;
- bagging: each worker draws its share among its own rows;
- monotone constraints: where rows are spread LightGBM knows the method "basic" alone, which gives up a little gain;
- sums of gradients are added in the order of the workers, so a near tie between two splits may end otherwise.

The same file, parts and recipe give the same model to the bit. ``experiments engines`` holds both engines side by side.
"""
