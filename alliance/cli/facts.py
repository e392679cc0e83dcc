"""What the alliance holds true of a company, and who says so."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.text import Text

from alliance.cli.opened import Database, opened
from alliance.corroboration import FactEvidence, FieldEvidence, Said, Standing
from alliance.rights import AccessRequest, Disclosure, Right
from alliance.rights.ladder import DISCLOSURE_NAMES
from alliance.signals import Field, FieldType, Signal, signal_named
from alliance.terminal import out, table
from alliance.view import View

_MARKS = {
    Standing.AGREES: ("=", "green"),
    Standing.DIFFERS: ("≠", "red"),
    Standing.CORRECTED: ("corrected", "bright_black"),
    Standing.COPIES: ("copy", "bright_black"),
    Standing.OUTDATED: ("outdated", "bright_black"),
    Standing.EXCLUDED: ("excluded", "bright_black"),
    Standing.WITHHELD: ("·", "bright_black"),
}


def facts(
    company: Annotated[str, typer.Argument(help="Company id, registration number, or namespace:id.")],
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day whose knowledge is used; today by default."),
    ] = None,
    signal: Annotated[str | None, typer.Option(help="Facts of one signal only.")] = None,
    contested: Annotated[bool, typer.Option("--contested", help="Only what members contest.")] = False,
    watermark: Annotated[int | None, typer.Option(help="Number of the last entry to see.", min=0)] = None,
    member: Annotated[str, typer.Option(help="Who asks.")] = "anonymous",
    purpose: Annotated[str, typer.Option(help="What it is for.")] = "loan_origination",
    database: Database = None,
) -> None:
    """Show every fact of a company: who says what, how far they agree, what is contested."""
    day = datetime.now(UTC).date() if as_of is None else as_of.date()
    wanted = None if signal is None else signal_named(signal)
    with opened(database) as store:
        entry = store.company(company)
        view = View(store, AccessRequest(member, purpose, Right.SCORES))
        found = view.evidence([entry.company_id], day, watermark=watermark)
    shown = [
        fact
        for fact in found
        if (wanted is None or fact.signal == wanted.name)
        and (not contested or any(field.contested for field in fact.fields))
    ]
    for name in dict.fromkeys(fact.signal for fact in shown):
        show_facts(signal_named(name), [fact for fact in shown if fact.signal == name])
    out.print(summary(entry.names[0] if entry.names else entry.company_id, day, shown))


def summary(name: str, day: date, shown: list[FactEvidence]) -> str:
    confirmed = sum(fact.members > 1 for fact in shown)
    at_odds = sum(any(field.contested for field in fact.fields) for fact in shown)
    known = sum(fact.members > 0 for fact in shown)  # of some, every claim is excluded
    return f"{name} as of {day}. Facts: {known:,}; by several members: {confirmed:,}; contested: {at_odds:,}."


def show_facts(signal: Signal, found: list[FactEvidence]) -> None:
    title = f"{signal.zh} / {signal.en}"
    listing = table(title, "fact", "field", "value", "agreement", "who says what", right=("value", "agreement"))
    for fact in found:
        label = fact.key.replace("|", " ") or str(fact.event_at or "withheld")
        for field in _told(signal, fact):
            declared = signal.field(field.field)
            mark = ("contested", "bold yellow") if field.contested else ""
            shown = _shown(declared, field)
            value = Text.assemble(shown, " " if mark and shown else "", mark)
            listing.add_row(label, declared.en, value, _agreement(field), _who(declared, field))
            label = ""
    out.print(listing)
    out.print()


def _told(signal: Signal, fact: FactEvidence) -> list[FieldEvidence]:
    """The fields worth a line: those of the key are in its name."""
    keyed = {part.field for part in signal.key}
    return [field for field in fact.fields if field.field not in keyed] or list(fact.fields)


def _agreement(field: FieldEvidence) -> str:
    return "" if field.agreement is None else f"{field.agreement:.0%}"


def _who(declared: Field, field: FieldEvidence) -> Text:
    """Members that agree by name alone, the others with what they say instead."""
    return Text("\n").join(_word(declared, field, said) for said in field.said)


def _word(declared: Field, field: FieldEvidence, said: Said) -> Text:
    mark, style = _MARKS[said.standing]
    weight = f" {said.weight:.0%}" if field.agreement is not None and said.weight else ""
    value = _shown(declared, said)
    disputed = f" disputed: {said.dispute}" if said.dispute else ""
    word = f" {said.member} {value}{weight}"
    known = f" {said.known_at}" if said.known_at else f" {', '.join(said.grants)}"
    return Text.assemble((mark, style), word, (known, "bright_black"), (disputed, "yellow"))


def _shown(declared: Field, told: FieldEvidence | Said) -> str:
    """A value, its band, or that it is withheld."""
    if told.rung is Disclosure.RAW or told.value is not None:
        return in_words(declared, told.value)
    return f"withheld, {DISCLOSURE_NAMES[told.rung][1]}"


def in_words(declared: Field, value: object) -> str:
    """A field's value, or its band, as people write it."""
    match declared.type, value:
        case _, None:
            return ""
        case FieldType.SHARE, float():
            return f"{value:.1%}"
        case FieldType.FLAG, bool():
            return "yes" if value else "no"
    match value:
        case int():
            figure = f"{value:,}"
        case float():
            figure = f"{value:,.2f}"
        case _:
            figure = str(value)
    return f"{figure} {declared.unit}".rstrip()
