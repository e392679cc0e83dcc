"""``make demo``: the main job on the seed alliance, from members' files to an explained score over HTTP."""

import json
import shutil
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.request import Request, urlopen

import numpy as np
import polars as pl
import typer
import uvicorn
from rich.rule import Rule
from rich.table import Table
from sklearn.metrics import roc_auc_score

from alliance import callers
from alliance.callers import register
from alliance.callers.register import Made
from alliance.config import Settings
from alliance.contracts import Role, load_contract
from alliance.rights import AccessRequest, Right
from alliance.rights.words import explained
from alliance.store import Receipt, Store
from alliance.terminal import PlainErrors, out, progress, table
from alliance.trust import days_to_learn, learn_reliabilities
from alliance.view import History
from experiments.experiment import Experiment
from experiments.foreseeable import best_foreseeable, numbers_of
from experiments.outcome import borrowing
from experiments.report import measures_table, parts_table, pillars_table
from experiments.training import Plan, train_and_keep, training_history
from scoring.api import create_app
from scoring.batch import Job, Summary
from scoring.batch import run as run_batch
from scoring.bundle_source import load_bundle
from scoring.console import render
from scoring.decide import Scorer
from scoring.result import Score
from seeds import members, truth
from seeds.charter import DOCUMENT, give_charter
from seeds.hand_in import hand_in
from seeds.parameters import WINDOW_START
from seeds.trust.report import Trust, answers_table, errors_table, trust
from seeds.world import simulate

SCORED_AS_OF = date(2024, 12, 31)
"""The simulator's last day: the portfolio is scored as it stood then."""

LAST_TEACHING_DAY = date(2023, 12, 31)
"""The last day whose outcome a year ahead the simulated members can know."""

BANK = "bank-01"
"""The member that asks for scores."""

KEY_LABEL, KEY_DAYS = "make demo", 7

MOST_SAID = 400
"""Characters told of a sentence; ``alliance rights explain`` tells all."""

NEXT = (
    ("make serve", "the API at http://127.0.0.1:8000/docs, MLflow at http://127.0.0.1:5000"),
    (".venv/bin/alliance quarantine list", "rows that were not accepted, with what to do about each"),
    (".venv/bin/alliance companies NAME", "companies by a part of their name"),
    (".venv/bin/scoring score COMPANY --member bank-01", "any company, by id or registration number"),
    (".venv/bin/alliance rights explain --member bank-01 --purpose loan_origination", "what a bank may read, and why"),
)
"""Where to look next."""

app = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)


@app.command()
def demo(
    companies: Annotated[int, typer.Option(min=200, help="Number of start-ups.")] = 4000,
    seed: Annotated[int, typer.Option(help="The same seed and size give the same alliance.")] = 7,
) -> None:
    """Make the seed alliance, take in its members' files, train, score the portfolio, ask the API for one score."""
    settings, started = Settings.from_environment(), time.monotonic()
    folder = settings.home / f"seeds-{companies}-{seed}"
    with step("1  The seed alliance (simulated: no evidence about the world)"):
        make(folder, companies, seed)
    store = Store(settings.database_url)
    with step("2  Members' files, each by its contract"):
        out.print(intake_table(hand_in(store, folder / "members"), folder))
        show_rights(store, folder)
    with step("3  Facts the alliance can trust"):
        learn(store)
        history, contracts = training_history(store)
        show_trust(trust(store, history, folder, SCORED_AS_OF))
    with step("4  A model, out of time"):
        plan = Plan(last=LAST_TEACHING_DAY, simulated=True)
        found, kept = train_and_keep(settings, store, history, contracts, plan)
        show_model(found, store, folder)
        place = f"champion version {kept.champion}" if kept.champion else f"challenger version {kept.challenger}"
        out.print(f"MLflow run {kept.run_id}, {place}", highlight=False)
    scorer = Scorer(store, load_bundle(str(settings.home / "bundle"), settings.tracking_uri))
    with step(f"5  The portfolio as of {SCORED_AS_OF}"):
        summary = score_portfolio(scorer, history, settings.home)
        show_portfolio(store, summary)
    with step("6  One score, asked for over HTTP"):
        show_one(scorer, summary)
    out.print(f"\nDone in {time.monotonic() - started:.0f} s. Where to look next:")
    for command, shows in NEXT:
        out.print(f"  {command}\n      {shows}", highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    out.print()
    out.print(Rule(title, align="left", style="cyan"))
    yield


def make(folder: Path, companies: int, seed: int) -> None:
    """Simulate the alliance into a folder, unless it is there whole."""
    done = folder / "done.json"
    if done.exists():
        out.print(f"{companies:,} start-ups of seed {seed} are there already: {folder}", highlight=False)
        return
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted run left
    with progress("start-ups, quarters lived", 100) as bar:
        world = simulate(
            companies, seed, progress=lambda share: bar.update(bar.task_ids[0], completed=int(100 * share))
        )
    with progress("member files written", None) as bar:
        links = members.write(world, folder, progress=lambda count: bar.update(bar.task_ids[0], completed=count))
    best = truth.write(world, links, folder)
    done.write_text(json.dumps({"companies": companies, "seed": seed, "bayes_auc": best.auc}) + "\n")
    out.print(f"{companies:,} start-ups over six years, as seen by {len(list((folder / 'members').iterdir()))} members")


def intake_table(receipts: list[Receipt], folder: Path) -> Table:
    """What was taken in, by kind of member."""
    roles = {path.name: role_of(path) for path in sorted((folder / "members").iterdir())}
    numbers = ("members", "files", "rows", "accepted", "quarantined", "records")
    listing = table("intake", "role", "formats", *numbers, right=numbers)
    for role in Role:
        of_role = [receipt for receipt in receipts if roles.get(receipt.member) == role]
        if of_role:
            listing.add_row(role.value.replace("_", " "), formats(of_role), *counts(of_role))
    listing.add_section()
    listing.add_row("all", "", *counts(receipts), style="bold")
    return listing


def role_of(member: Path) -> Role:
    return load_contract(min(member.glob("*.contract.yaml"))).role


def formats(receipts: list[Receipt]) -> str:
    return ", ".join(sorted({receipt.file_name.split(".", 1)[1] for receipt in receipts}))


def counts(receipts: list[Receipt]) -> list[str]:
    sums = (sum(getattr(receipt, name) for receipt in receipts) for name in
            ("rows", "accepted", "quarantined", "records"))  # fmt: skip
    members_ = len({receipt.member for receipt in receipts})
    return [f"{number:,}" for number in (members_, len(receipts), *sums)]


def show_rights(store: Store, folder: Path) -> None:
    """Have the members give what the charter says, and tell what a bank may read by it."""
    given = give_charter(store, folder)
    access = store.access(AccessRequest(BANK, "loan_origination", Right.SCORES))
    out.print(f"\n{len(given):,} grants by one document: {folder / DOCUMENT}", soft_wrap=True, highlight=False)
    for sentence in explained(access, store.rights()):
        for line in (sentence.zh, sentence.en):
            out.print(textwrap.shorten(line, MOST_SAID, placeholder=" ..."), soft_wrap=True, highlight=False)


def learn(store: Store) -> None:
    """Learn reliabilities as of every quarter's end of the window that was not learned yet."""
    days = days_to_learn(store, WINDOW_START, SCORED_AS_OF)
    if set(days) <= set(store.reliabilities().days):  # the last day is always among them
        return
    with progress("quarters learned", len(days)) as bar:
        learn_reliabilities(store, days, progress=lambda count: bar.advance(bar.task_ids[0], count))


def show_trust(found: Trust) -> None:
    for listing in (answers_table(found), errors_table(found)):
        out.print(listing)
        out.print()


def show_model(found: Experiment, store: Store, folder: Path) -> None:
    measures = measures_table(found)
    measures.add_section()
    measures.add_row("Bayes-optimal AUC, same rows", f"{bayes_auc(found, store, folder):.4f}", "simulator's truth")
    for listing in (parts_table(found), measures, pillars_table(found)):
        out.print(listing)
        out.print()


def bayes_auc(found: Experiment, store: Store, folder: Path) -> float:
    """AUC, on the model's own test rows, of the chance of default given all that is hidden: the best to be expected."""
    rows = found.split.test
    best = best_foreseeable(numbers_of(store, rows["company_id"]), rows, folder / "truth")
    known = ~np.isnan(best)
    return float(roc_auc_score(found.sample.labels[known], best[known]))


def score_portfolio(scorer: Scorer, history: History, home: Path) -> Summary:
    """Every company with an open facility, through the batch job."""
    source, target = home / "portfolio.csv", home / "portfolio_scores.parquet"
    borrowers = borrowing(history.facts(SCORED_AS_OF))
    pl.DataFrame({"company": borrowers}).write_csv(source)
    job = Job(source=source, target=target, as_of=SCORED_AS_OF, member=BANK, purpose="portfolio_monitoring")
    with progress("companies scored", len(borrowers)) as bar:
        return run_batch(scorer, job, progress=lambda done, _total: bar.update(bar.task_ids[0], completed=done))


def show_portfolio(store: Store, summary: Summary) -> None:
    scores = pl.read_parquet(summary.scores).sort("points", descending=True)
    names = {entry.company_id: entry.names for entry in store.companies(scores["company_id"].to_list())}
    listing = table("the five safest and the five riskiest", "company", "grade", "points", "PD", "the main reason",
                    right=("points", "PD"))  # fmt: skip
    for place, (rows, reasons) in enumerate(((scores.head(5), "lowers"), (scores.tail(5), "raises"))):
        if place:
            listing.add_section()
        for row in rows.iter_rows(named=True):
            name = next(iter(names[row["company_id"]]), row["company_id"])
            reason = f"{row[reasons][0]['zh']}\n{row[reasons][0]['en']}" if row[reasons] else ""
            listing.add_row(name, row["grade"], f"{row['points']:.0f}", f"{row['pd']:.2%}", reason)
    out.print(listing)
    out.print(f"\n{summary.scored:,} scored, {summary.rejected:,} rejected: {summary.scores}", soft_wrap=True)


def show_one(scorer: Scorer, summary: Summary) -> None:
    """Ask the API for the company in the middle of the portfolio and show the answer."""
    scores = pl.read_parquet(summary.scores).sort("pd", "company_id")
    company = scores["company_id"][scores.height * 3 // 4]
    question = {"company": company, "as_of": SCORED_AS_OF.isoformat(), "purpose": "loan_origination"}
    key = demo_key(scorer.store)
    with serving(scorer) as url:
        out.print(f"POST {url}/v1/scores {json.dumps(question)}", soft_wrap=True)
        answer = post(f"{url}/v1/scores", question, key.text)
    names = answer["company"]["names"] or [company]
    out.print(render(Score.from_dict(answer["score"]), company_name=names[0]))
    out.print(f"decision {answer['decision_id']}: GET /v1/decisions/{answer['decision_id']}", highlight=False)
    out.print(f"An analyst's key of {BANK}, for {KEY_DAYS} days: {key.text}", soft_wrap=True, highlight=False)


def demo_key(store: Store) -> Made:
    """A new key of the demo's analyst; those of earlier demos end."""
    now = datetime.now(UTC)
    for old in register.listed(store, member=BANK):
        if old.label == KEY_LABEL and old.holds(now):
            register.revoke(store, old.prefix, by=KEY_LABEL, reason="the demo ran again")
    analyst = frozenset({callers.Role.ANALYST})
    return register.create(store, member=BANK, roles=analyst, label=KEY_LABEL, days=KEY_DAYS, by=KEY_LABEL)


@contextmanager
def serving(scorer: Scorer) -> Iterator[str]:
    """The API on a free port of this machine, while the block runs."""
    config = uvicorn.Config(create_app(scorer), host="127.0.0.1", port=0, log_level="warning", access_log=False)
    socket = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def post(url: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = Request(url, json.dumps(body).encode(), headers)
    with urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


if __name__ == "__main__":
    app()
