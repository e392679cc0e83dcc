"""``scoring``: one score, a file of them, the service, the model."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from alliance.callers import register
from alliance.signals import PILLAR_NAMES
from alliance.store import Decision, Store
from alliance.terminal import PlainErrors, err, out, progress, table
from scoring.api import create_app
from scoring.api.endpoints import endpoints_table
from scoring.api.oidc import Issuers
from scoring.batch import Job, Summary, run_features
from scoring.batch import run as run_batch
from scoring.batch.elsewhere import COMPANIES_ELSEWHERE, FEATURES_ELSEWHERE, Elsewhere
from scoring.batch.job import CHUNK_SIZE
from scoring.bundle_source import link_of, load_bundle
from scoring.cli_advice import help_, next_data_
from scoring.cli_lending import formulas, lending
from scoring.cli_overrides import overrides
from scoring.console import Language, render
from scoring.decide import ScoreRequest
from scoring.engines import LOCAL, engine_named
from scoring.opened import (
    BundleSource,
    Database,
    Day,
    EngineName,
    KeepExport,
    Master,
    Member,
    Purpose,
    WorkFolder,
    opened,
    settings_of,
)
from scoring.rescore import Rescored, rescore, touched_by
from scoring.result import Score
from scoring.serving import serve_alone, serve_together

HELP = "Score companies: one, explained; a file of them; as a service. Look at the model."

app = typer.Typer(cls=PlainErrors, no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
app.add_typer(overrides, name="overrides")
app.command("help")(help_)
app.command("next-data")(next_data_)
app.command("lending")(lending)
app.command("lending-formulas")(formulas)

TOO_MANY_REJECTS = 3
"""Exit code of a batch whose files are written, but hold more rejects than allowed."""


@app.command()
def score(
    company: Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")],
    *,
    as_of: Day = None,
    purpose: Purpose = "loan_origination",
    member: Member = "anonymous",
    language: Annotated[Language, typer.Option(help="Language of the page.")] = "both",
    json: Annotated[bool, typer.Option("--json", help="Print the decision as JSON.")] = False,
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """Score one company, explained, and record the decision."""
    with opened(database, bundle) as scorer:
        day = scorer.today() if as_of is None else as_of.date()
        made = scorer.decide(ScoreRequest(company=company, as_of=day, member=member, purpose=purpose))
        names = scorer.store.companies([made.company_id])[0].names
    if json:
        plain = {"decision_id": made.decision_id, "names": names, "score": made.result}
        typer.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2))
        return
    name = names[0] if names else made.company_id
    out.print(render(Score.from_dict(made.result), company_name=name, language=language))
    out.print(f"decision {made.decision_id}", style="bright_black")


@app.command()
def batch(
    *,
    source: Annotated[Path, typer.Option("--in", help="File of companies, or of ready features, one company a row.")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the rows that name none.")],
    target: Annotated[Path, typer.Option("--out", help="Parquet file of the scores; rejects and manifest beside it.")],
    features: Annotated[
        bool, typer.Option("--features", help="The rows hold the model's features; nothing is read from the store.")
    ] = False,
    missing_as_unknown: Annotated[
        bool, typer.Option("--missing-as-unknown", help="A feature that has no column counts as unknown.")
    ] = False,
    purpose: Purpose = "portfolio_monitoring",
    member: Member = "anonymous",
    chunk_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Rows at a time; {CHUNK_SIZE} companies, or of features what memory allows.",
            show_default=False,
        ),
    ] = None,
    max_reject_rate: Annotated[
        float, typer.Option(min=0, max=1, help="Share of rows that may be rejected before the exit code is 3.")
    ] = 0.05,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Cores to score with; all by default.", show_default=False)
    ] = None,
    engine: EngineName = "local",
    master: Master = "local[*]",
    work: WorkFolder = None,
    keep: KeepExport = False,
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """Score a file of companies or of features; called again after it was killed, it goes on where it was."""
    job = Job(source=source, target=target, as_of=as_of.date(), member=member, purpose=purpose)
    cores = threads or cores_here()
    folder = work or target.with_name(target.name + ".work")
    with (
        opened(database, bundle) as scorer,
        _elsewhere(engine, master, folder, keep) as elsewhere,
        progress("rows" if features else "companies", None) as bar,
    ):

        def told(done: int, total: int | None) -> None:
            bar.update(bar.task_ids[0], completed=done, total=total)

        if features:
            summary = run_features(
                scorer, job, chunk_size=chunk_size or (FEATURES_ELSEWHERE if elsewhere else None),
                threads=cores, missing_as_unknown=missing_as_unknown, elsewhere=elsewhere, progress=told,
            )  # fmt: skip
        else:
            summary = run_batch(
                scorer, job, chunk_size=chunk_size or (COMPANIES_ELSEWHERE if elsewhere else CHUNK_SIZE),
                threads=cores, elsewhere=elsewhere, progress=told,
            )  # fmt: skip
    show_summary(summary)
    if summary.reject_rate > max_reject_rate:
        raise typer.Exit(TOO_MANY_REJECTS)


@contextmanager
def _elsewhere(engine: str, master: str, folder: Path, keep: bool) -> Iterator[Elsewhere | None]:
    """The engine that is named, with its folder; nothing for this process itself."""
    if engine == LOCAL:
        yield None
        return
    with engine_named(engine, master) as chosen:
        yield Elsewhere(engine=chosen, folder=folder, keep=keep)


def cores_here() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def show_summary(summary: Summary) -> None:
    resumed = f" ({summary.resumed:,} by an earlier run)" if summary.resumed else ""
    out.print(f"{summary.scored:,} scored, {summary.rejected:,} rejected ({summary.reject_rate:.1%}){resumed}")
    if summary.passed_over:
        out.print(f"no features of the model, passed over: {', '.join(summary.passed_over)}", soft_wrap=True)
    if summary.unknown:
        out.print(f"no column, counted as unknown: {', '.join(summary.unknown)}", soft_wrap=True)
    for path in (summary.scores, summary.rejects, summary.manifest):
        out.print(str(path), soft_wrap=True, highlight=False)


@app.command("rescore")
def rescore_(
    dispute: Annotated[str, typer.Option(help="Id of a dispute whose ruling excluded something.")],
    *,
    as_of: Day = None,
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """Score again what rests on an excluded claim: once for every company, member and purpose; the old scores stay."""
    with opened(database, bundle) as scorer:
        day = scorer.today() if as_of is None else as_of.date()
        made = rescore(scorer, touched_by(scorer.store, dispute, day), day)
    if not made:
        out.print(f"No earlier score rests on a claim that dispute {dispute} excluded.")
        return
    show_rescored(made, day)


def show_rescored(made: Sequence[Rescored], day: date) -> None:
    columns = ("company", "member", "purpose", "points", "PD", "grade", "decision")
    listing = table(f"scored again as of {day}", *columns, right=("points", "PD"))
    for one in made:
        whose = (one.before.company_id, one.before.member, one.before.purpose)
        if isinstance(one.after, Decision):
            old, new = one.before.result, one.after.result
            points = f"{old['points']:.0f} → {new['points']:.0f}"
            listing.add_row(*whose, points, f"{old['pd']:.2%} → {new['pd']:.2%}", f"{old['grade']} → {new['grade']}",
                            f"{one.before.decision_id}\n→ {one.after.decision_id}")  # fmt: skip
        else:
            listing.add_row(*whose, "", "", "", f"{one.before.decision_id}\n{one.after}")
    out.print(listing)
    earlier = sum(one.earlier for one in made)
    out.print(f"Earlier scores: {earlier:,}. They stay as they are, and replay as they were made.")


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    database: Database = None,
    bundle: BundleSource = None,
    shadow: Annotated[
        str | None, typer.Option(help="Challenger to score beside it, unseen: as --bundle.", envvar="ALLIANCE_SHADOW")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the address.")] = 1,
) -> None:
    """Serve the scoring API until told to stop; when another model becomes champion, go on with that."""

    def say(taken: int) -> None:
        out.print(f"Serving at http://{host}:{taken}, described at /docs", soft_wrap=True)

    with opened(database, bundle, shadow) as scorer:
        say_if_closed(scorer.store)
        if workers == 1:
            serve_alone(create_app(scorer, link=link_of(settings_of(database, bundle).bundle)), host, port, say)
    if workers > 1:
        serve_together(settings_of(database, bundle, shadow), workers, host, port, say)


def say_if_closed(store: Store) -> None:
    """Say how callers come to be known, where none can be yet."""
    now = datetime.now(UTC)
    if not any(key.holds(now) for key in register.listed(store)) and not Issuers.from_environment():
        err.print("No key holds yet, so nobody can ask. Make one: alliance keys create --member NAME --role analyst",
                  soft_wrap=True)  # fmt: skip


@app.command("endpoints")
def endpoints_(
    write: Annotated[Path | None, typer.Option(help="File to write it to, such as docs/endpoints.md.")] = None,
) -> None:
    """Print which scope each endpoint needs and which roles have it, as Markdown."""
    if write is None:
        typer.echo(endpoints_table(), nl=False)
    else:
        write.write_text(endpoints_table(), encoding="utf-8")


@app.command()
def model(bundle: BundleSource = None) -> None:
    """Print which model is loaded: what it foresees, its scale and its features."""
    settings = settings_of(None, bundle)
    loaded = load_bundle(settings.bundle, settings.tracking_uri)
    outcome, scale = loaded.outcome, loaded.scale
    out.print(f"{loaded.version}  {loaded.sha256}", soft_wrap=True, highlight=False)
    out.print(f"{outcome.name} within {outcome.horizon_months} months, base rate {loaded.base_rate:.2%}")
    out.print(
        f"{scale.base_points:g} points at odds of {scale.base_odds:g} to 1, {scale.points_to_double:g} double them;"
        f" log-odds = {loaded.calibration.slope:g} x raw {loaded.calibration.intercept:+g}",
        soft_wrap=True,
    )
    listing = table("features", "pillar", "feature", "zh", "en", "unit", "direction")
    for feature in loaded.contract:
        listing.add_row(
            PILLAR_NAMES[feature.pillar][0], feature.name, feature.zh, feature.en, feature.unit, feature.direction
        )
    out.print(listing)
