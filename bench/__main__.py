"""``make bench``: measure, print, and write ``bench/REPORT.md``."""

import platform
import statistics
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from alliance.terminal import out, table
from bench.alliance import prepared
from bench.corroboration import against_pandas, million, one_company
from bench.intake import intake
from bench.ledger import appends_a_second, ledger
from bench.linkage import linking
from bench.measure import Comparison, Limit
from bench.panel import panels
from bench.rights import authorised_score
from bench.scores import batch, one_score
from bench.shap import contributions

REPORT = Path(__file__).with_name("REPORT.md")
_PACKAGES = ("lightgbm", "pandas", "polars", "shap", "sqlalchemy")


def main() -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        out.print("Making a small alliance to measure on ...")
        limits = million()  # first, so that the memory is its own
        measured = prepared(folder)
        limits += [one_company(measured), *linking()]
        recorded = ledger(folder)
        authorised, rise = authorised_score(measured, folder)
        limits += [appends_a_second(recorded[0]), rise]
        found = [intake(folder), one_score(measured), authorised, batch(measured, folder), against_pandas(), *recorded]
        found += [*panels(), *contributions()]
    found.sort(key=lambda one: one.ratio / (one.aim or 1.0))
    show(found, limits)
    REPORT.write_text(report(found, limits), encoding="utf-8")
    out.print(f"written: {REPORT.relative_to(Path.cwd()) if REPORT.is_relative_to(Path.cwd()) else REPORT}")


def show(found: list[Comparison], limits: list[Limit]) -> None:
    numbers = ("ours", "peer", "ratio", "range", "aim")
    listing = table("peer's time by ours: above 1 we are faster", "comparison", *numbers, "against", right=numbers)
    for one in found:
        listing.add_row(*cells(one))
    out.print(listing)
    listing = table("to stay below a limit", "what", "measured", "limit", right=("measured", "limit"))
    for limit in limits:
        listing.add_row(*of_limit(limit))
    out.print(listing)


def cells(one: Comparison) -> list[str]:
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


def report(found: list[Comparison], limits: list[Limit]) -> str:
    """The figures as Markdown, the one farthest from its aim on top."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    head = ("comparison", "ours", "peer", "ratio", "range", "aim", "against")
    lines = [
        "# Benchmarks",
        "",
        "Medians of three to seven runs of each side, in turn, in one process. The ratio is the peer's time by ours:",
        "above 1 we are faster. Times depend on the machine; ratios hold better. Made by `make bench`.",
        "",
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cells(one))} |" for one in found),
        "",
        "| to stay below a limit | measured | limit |",
        "|---|---|---|",
        *(f"| {' | '.join(of_limit(one))} |" for one in limits),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
