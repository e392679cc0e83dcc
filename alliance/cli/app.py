"""``alliance``: all its commands, in the order of its help."""

import typer

from alliance.cli import (
    disputes,
    erasure,
    facts,
    grants,
    identity,
    keys,
    ledger,
    members,
    reliability,
    rights,
    submissions,
)
from alliance.terminal import PlainErrors

HELP = "Give members' files to the alliance; see what is known, who says so, who is who and who may use it."

app = typer.Typer(cls=PlainErrors, no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
app.command()(submissions.signals)
app.command()(submissions.submit)
app.command("submit-folder")(submissions.submit_folder)
app.command("contract-check")(submissions.contract_check)
app.command("submissions")(submissions.submissions)
app.add_typer(submissions.quarantine, name="quarantine")
app.command()(submissions.companies)
app.add_typer(identity.identity, name="identity")
app.command()(facts.facts)
app.add_typer(reliability.reliability, name="reliability")
app.add_typer(disputes.dispute, name="dispute")
app.add_typer(ledger.ledger, name="ledger")
app.add_typer(erasure.erase, name="erase")
app.command()(erasure.retention)
app.add_typer(keys.keys, name="keys")
app.add_typer(members.members, name="members")
app.add_typer(grants.grants, name="grants")
app.add_typer(grants.consent, name="consent")
app.add_typer(rights.rights, name="rights")
app.command()(rights.aggregate)
