"""The figures as tables: on the console, and as ``bench/REPORT.md``. The one farthest from its aim stands on top."""

import math
import os
import platform
import shutil
import statistics
import subprocess
from importlib.metadata import version
from pathlib import Path

from alliance.terminal import out, table
from bench.measure import Comparison, Found, Limit, Rate

_PACKAGES = ("fastapi", "lightgbm", "mlflow", "numba", "pandas", "polars", "shap", "sqlalchemy", "uvicorn")
_COMPARED = ("comparison", "ours", "peer", "ratio", "range", "aim", "against")
_LIMITED = ("to stay below a limit", "measured", "limit")
_SERVED = ("behind HTTP", "connections", "requests/s", "range", "p50", "p99")
_BOUND = "what limits it now, what would move it"


def show(found: Found) -> None:
    """Print every table; what bounds the figures stands in the report alone."""
    out.print(farthest(found), soft_wrap=True)
    for head, rows in _tables(found):
        listing = table("", *head, right=head[1:-1])
        for row in rows:
            listing.add_row(*row)
        out.print(listing)


def farthest(found: Found) -> str:
    """The figure farthest from its aim, in words."""
    figures: list[Comparison | Limit] = [*found.comparisons, *found.limits]
    if not figures:
        return "Nothing was measured."
    worst = min(figures, key=lambda one: one.reached)
    if worst.reached >= 1:
        return f"Every aim is reached; the closest to its own is {worst.name}."
    return f"Farthest from its aim: {worst.name}, at {worst.reached:.2f} of it."


def markdown(found: Found, *, quick: bool, seconds: float) -> str:
    """The report of a run that took so many seconds."""
    how = "make bench-quick, with small sizes" if quick else "make bench"
    lines = [
        "# Benchmarks", "",
        f"**{farthest(found)}**", "",
        "Medians of the runs of each side, made in turn on one machine. A ratio is the peer's time by ours: above 1 we"
        " are faster. Times depend on the machine; ratios hold better.", "",
        f"Made by `{how}` in {seconds / 60:.1f} minutes on {machine()}.", "",
        f"{', '.join(f'{name} {version(name)}' for name in _PACKAGES)}; requests by {_load()}.", "",
    ]  # fmt: skip
    for head, rows in _tables(found, bounds=True):
        lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]
    return "\n".join(lines)


def machine() -> str:
    """Cores, processor, memory and system."""
    made = f"{os.cpu_count()} cores of {_processor()}, {_memory_gib():.0f} GiB"
    return f"{made}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _load() -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        return "bench.service.load"
    said = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False)
    words = (said.stdout + said.stderr).split()
    return " ".join(words[:2])


def _tables(found: Found, *, bounds: bool = False) -> list[tuple[tuple[str, ...], list[list[str]]]]:
    """Header and rows of every table that has rows; with what bounds the figures or without it."""
    wanted = sorted((one for one in found.comparisons if one.aim is not None), key=lambda one: one.reached)
    others = sorted((one for one in found.comparisons if one.aim is None), key=lambda one: one.ratio)
    limits = sorted(found.limits, key=lambda one: one.reached)
    more = (_BOUND,) if bounds else ()
    made = [
        ((*_COMPARED, *more), [[*of_comparison(one), *_of_bound(one, bounds)] for one in wanted]),
        ((*_LIMITED, *more), [[*of_limit(one), *_of_bound(one, bounds)] for one in limits]),
        (_SERVED, [of_rate(one) for one in found.rates]),
        ((*_COMPARED[:5], "without an aim, against"), [[*of_comparison(one)[:5], one.peer_name] for one in others]),
    ]  # fmt: skip
    return [(head, rows) for head, rows in made if rows]


def _of_bound(one: Comparison | Limit, bounds: bool) -> list[str]:
    return [one.bound] if bounds else []


def of_comparison(one: Comparison) -> list[str]:
    ratios = one.ratios
    return [
        f"{one.name} ({one.unit})",
        f"{statistics.median(one.ours):.4g} s",
        f"{statistics.median(one.peer):.4g} s",
        f"{one.ratio:.2f}",
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
        "" if one.aim is None else f"{one.aim:g}",
        one.peer_name,
    ]


def of_limit(one: Limit) -> list[str]:
    return [one.name, f"{one.measured:.4g} {one.unit}", f"{one.limit:g} {one.unit}"]


def of_rate(one: Rate) -> list[str]:
    low, high = min(one.per_second, default=math.nan), max(one.per_second, default=math.nan)
    return [
        one.name,
        str(one.connections),
        f"{statistics.median(one.per_second):.0f}",
        f"{low:.0f} to {high:.0f}",
        f"{statistics.median(one.p50):.1f} ms",
        f"{statistics.median(one.p99):.1f} ms",
    ]
