"""Signals, submissions, the quarantine, companies."""

from pathlib import Path
from typing import Annotated

import orjson
import polars as pl
import typer

from alliance.cli.identity import linked, show_linkage
from alliance.cli.opened import Database, opened
from alliance.contracts import files_by_contract, load_contract
from alliance.intake import retry as retry_submission
from alliance.intake import submit as submit_file
from alliance.signals import PILLAR_NAMES, SIGNALS, signal_named
from alliance.signals.json_schema import json_schema
from alliance.store import Receipt, Store
from alliance.terminal import PlainErrors, out, progress, table

quarantine = typer.Typer(cls=PlainErrors, no_args_is_help=True, help="Rows that were not accepted.")

Link = Annotated[bool, typer.Option(help="Find out which newcomers are companies known before.")]
ContractFile = Annotated[Path, typer.Option("--contract", help="The member's contract, ODCS YAML.")]


def signals(
    schema: Annotated[str | None, typer.Option("--json-schema", help="Print the JSON Schema of one signal.")] = None,
) -> None:
    """Print the catalogue of signals, or the JSON Schema of one."""
    if schema is not None:
        text = orjson.dumps(json_schema(signal_named(schema)), option=orjson.OPT_INDENT_2).decode()
        out.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    for signal in SIGNALS:
        zh, en = PILLAR_NAMES[signal.pillar]
        listing = table(f"{signal.name}  {signal.zh} / {signal.en}  ({zh} / {en})", "field", "type", "unit", "zh", "en")
        keys = {part.field for part in signal.key}
        for field in signal.fields:
            mark = " *" if field.name in keys else " @" if field.name == signal.event else ""
            kind = f"{field.type}: {', '.join(field.values)}" if field.values else field.type.value
            listing.add_row(field.name + mark, kind, field.unit, field.zh, field.en)
        out.print(listing)
        out.print()
    out.print("* key: claims alike in these are claims of one fact   @ date of the event")


def submit(file: Path, contract: ContractFile, link: Link = True, database: Database = None) -> None:
    """Take in one member file by its contract, and link the companies it brings."""
    with opened(database) as store:
        with progress("reading rows", None) as bar:
            loaded = load_contract(contract)
            receipt = submit_file(store, loaded, file, progress=lambda n: bar.advance(bar.task_ids[0], n))
        taken_in(store, [receipt], link=link)


def submit_folder(folder: Path, link: Link = True, database: Database = None) -> None:
    """Take in every file that a contract (*.contract.yaml) in the folder or below describes; link their companies."""
    with opened(database) as store:
        taken_in(store, take_in_folder(store, folder), link=link)


def taken_in(store: Store, receipts: list[Receipt], *, link: bool) -> None:
    """Show what was taken in, and link what it brought."""
    show_receipts(receipts)
    if link:
        show_linkage(linked(store))


def take_in_folder(store: Store, folder: Path) -> list[Receipt]:
    """Submit every file that the contracts at or below a folder describe, in the order of their names."""
    found = files_by_contract(folder)
    receipts = []
    with progress("member files", len(found)) as bar:
        for contract, file in found:
            receipts.append(submit_file(store, contract, file))
            bar.advance(bar.task_ids[0])
    return receipts


def contract_check(contract: Path) -> None:
    """Check a contract and say what it makes of a row."""
    loaded = load_contract(contract)
    listing = table(f"{loaded.id} {loaded.version} of {loaded.member} ({loaded.role})", "signal", "field", "from")
    for record in loaded.records:
        for mapping in record.fields:
            source = mapping.column if mapping.constant is None else f"always {mapping.constant!r}"
            listing.add_row(record.signal.name, mapping.field.name, source)
    out.print(listing)


def submissions(database: Database = None) -> None:
    """List what was submitted."""
    with opened(database) as store:
        show_receipts(store.receipts())


def show_receipts(receipts: list[Receipt]) -> None:
    numbers = ("rows", "accepted", "quarantined", "records")
    listing = table("submissions", "no", "submission", "member", "file", *numbers, right=("no", *numbers))
    for receipt in receipts:
        counts = (f"{getattr(receipt, name):,}" for name in numbers)
        listing.add_row(str(receipt.no), receipt.submission_id, receipt.member, receipt.file_name, *counts)
    out.print(listing)


@quarantine.command("list")
def quarantine_list(
    submission: Annotated[str | None, typer.Argument(help="One submission; all of them if left out.")] = None,
    limit: Annotated[int, typer.Option(help="Rows shown at most.")] = 50,
    database: Database = None,
) -> None:
    """Show quarantined rows with field, rule and remedy."""
    shown = total = 0
    with opened(database) as store:
        for receipt in outstanding(store) if submission is None else [store.receipt(submission)]:
            total += receipt.quarantined
            if shown < limit:
                rows = store.quarantined(receipt).head(limit - shown)
                shown += rows.height
                show_faults(receipt, rows)
    out.print(f"{shown:,} of {total:,} rows shown.")


def show_faults(receipt: Receipt, rows: pl.DataFrame) -> None:
    title = f"{receipt.submission_id}  {receipt.member}  {receipt.file_name}"
    listing = table(title, "row", "field", "rule", "value", "remedy", right=("row",))
    for row, faults in rows.select("row", "faults").iter_rows():
        for fault in orjson.loads(faults):
            listing.add_row(str(row), fault["field"], fault["rule"], fault["value"], fault["remedy"])
    out.print(listing)
    out.print()


def outstanding(store: Store) -> list[Receipt]:
    """Submissions with quarantined rows that have not been tried again."""
    receipts = store.receipts()
    tried = {receipt.retry_of for receipt in receipts}
    return [receipt for receipt in receipts if receipt.quarantined and receipt.submission_id not in tried]


@quarantine.command("retry")
def quarantine_retry(submission: str, contract: ContractFile, link: Link = True, database: Database = None) -> None:
    """Try the quarantined rows of a submission again, under a mended contract."""
    with opened(database) as store:
        taken_in(store, [retry_submission(store, load_contract(contract), submission)], link=link)


def companies(
    text: Annotated[str, typer.Argument(help="Part of a name, or the start of an identifier.")],
    limit: Annotated[int, typer.Option(help="Companies shown at most.")] = 20,
    database: Database = None,
) -> None:
    """Find companies."""
    listing = table("companies", "company", "names", "identifiers")
    with opened(database) as store:
        for entry in store.search(text, limit):
            identifiers = "\n".join(f"{scheme}:{value}" for scheme, value in entry.identifiers.items())
            listing.add_row(entry.company_id, "\n".join(entry.names), identifiers)
    out.print(listing)
