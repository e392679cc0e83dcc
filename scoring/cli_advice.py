"""``scoring help`` and ``scoring next-data``: advice on a decision."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import typer
from rich.console import RenderableType

from alliance.terminal import out
from scoring.advice import next_data, what_would_help
from scoring.console import Language, render_help, render_next_data
from scoring.decide import DECISION, Scorer, ScoreRequest
from scoring.opened import BundleSource, Database, Day, Member, Purpose, opened

Asked = Annotated[
    str, typer.Argument(help="Id of a decision; or a company (id, registration number, or namespace:id), scored first.")
]


def help_(
    asked: Asked,
    *,
    as_of: Day = None,
    purpose: Purpose = "loan_origination",
    member: Member = "anonymous",
    language: Annotated[Language, typer.Option(help="Language of the page.")] = "both",
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """What would help: the cheapest changes that bring a company to the next better grade."""
    with opened(database, bundle) as scorer:
        made = decision_on(scorer, asked, as_of, member, purpose)
        show_advice(
            render_help(what_would_help(scorer, made), company_name=name_of(scorer, made), language=language), made
        )


def next_data_(
    asked: Asked,
    *,
    as_of: Day = None,
    purpose: Purpose = "loan_origination",
    member: Member = "anonymous",
    language: Annotated[Language, typer.Option(help="Language of the page.")] = "both",
    database: Database = None,
    bundle: BundleSource = None,
) -> None:
    """Which signals to obtain next: those that would make the PD less uncertain, for what they cost."""
    with opened(database, bundle) as scorer:
        made = decision_on(scorer, asked, as_of, member, purpose)
        show_advice(
            render_next_data(next_data(scorer, made), company_name=name_of(scorer, made), language=language), made
        )


def decision_on(scorer: Scorer, asked: str, as_of: datetime | None, member: str, purpose: str) -> str:
    """The id of a decision that is named, or of one made now on a company."""
    if asked.startswith(DECISION):
        return asked
    day = scorer.today() if as_of is None else as_of.date()
    return scorer.decide(ScoreRequest(company=asked, as_of=day, member=member, purpose=purpose)).decision_id


def name_of(scorer: Scorer, decision_id: str) -> str:
    """What people call the company of a decision."""
    company = scorer.store.decision(decision_id).company_id
    names = scorer.store.companies([company])[0].names
    return names[0] if names else company


def show_advice(parts: Iterable[RenderableType], decision_id: str) -> None:
    for part in parts:
        out.print(part)
    out.print(f"decision {decision_id}", style="bright_black")
