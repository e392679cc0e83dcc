"""``make bench``: measure, print, and write ``bench/REPORT.md``; ``make bench-quick``: the same in about a minute."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from alliance.errors import InvalidInput
from alliance.terminal import out
from bench.measure import Found
from bench.parts import PARTS, Ground
from bench.report import markdown, show

REPORT = Path(__file__).with_name("REPORT.md")


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes; writes no report unless told where.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A part to measure, by its name; all by default.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Where the report goes; of a whole run to bench/REPORT.md.")
    ] = None,
) -> None:
    """Measure, print, and write the report."""
    names = [name for name, _ in PARTS]
    if unknown := [name for name in only or () if name not in names]:
        raise InvalidInput(f"There is no part {', '.join(unknown)}.", remedy=f"Name some of {', '.join(names)}.")
    started, found = time.perf_counter(), Found()
    with TemporaryDirectory(prefix="bench-") as folder:
        ground = Ground(Path(folder), quick)
        for name, measure in PARTS:
            if not only or name in only:
                began = time.perf_counter()
                found.add(measure(ground))
                out.print(f"{name}: {time.perf_counter() - began:.0f} s", style="bright_black")
    show(found)
    target = write or (None if quick or only else REPORT)
    if target is not None:
        report = markdown(found, quick=quick, seconds=time.perf_counter() - started)
        target.write_text(report, encoding="utf-8")
        out.print(f"written: {target}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    typer.run(main)
