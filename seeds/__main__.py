"""``python -m seeds``: make a seed alliance."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from alliance.errors import AllianceError
from seeds import members, truth
from seeds.parameters import YEARS
from seeds.world import simulate


def main(
    out: Annotated[Path, typer.Option(help="Folder to write members/ and truth/ into.")],
    companies: Annotated[int, typer.Option(min=50, help="Number of start-ups.")] = 4000,
    seed: Annotated[int, typer.Option(help="The same seed and size give the same files.")] = 7,
    years: Annotated[int, typer.Option(min=3, max=6, help="Years from 2019-01-01.")] = YEARS,
) -> None:
    """Simulate start-ups and write what every member has seen of them, and the truth beside."""
    console, started = Console(stderr=True), time.monotonic()
    try:
        bayes = _make(companies, seed, years, out, console)
    except AllianceError as error:
        console.print(str(error))
        raise typer.Exit(1) from error
    console.print(
        f"{companies} companies, {years} years, seed {seed}, in {time.monotonic() - started:.1f} s: {out}\n"
        f"Bayes AUC {bayes.auc:.3f} over {bayes.companies} cases with {bayes.defaults} defaults, as of "
        f"{bayes.as_of[0]} to {bayes.as_of[-1]}. Simulated: no evidence about the world."
    )


def _make(companies: int, seed: int, years: int, out: Path, console: Console) -> truth.BayesAuc:
    """The three steps, each with its bar."""
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:2], TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        lives = progress.add_task("Companies live", total=1.0)
        world = simulate(companies, seed, years, lambda share: progress.update(lives, completed=share))
        files = progress.add_task("Members write", total=None)
        links = members.write(world, out, progress=lambda count: progress.update(files, completed=count))
        progress.update(files, total=1, completed=1)
        best = progress.add_task("Best forecast", total=None)
        bayes = truth.write(world, links, out)
        progress.update(best, total=1, completed=1)
    return bayes


if __name__ == "__main__":
    typer.run(main)
