"""The ledger: its head, receipts, proofs, and whether all still is as recorded."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer

from alliance.audit import Audit
from alliance.audit import audit as audit_store
from alliance.cli.opened import Database, opened
from alliance.config import Settings
from alliance.errors import InvalidInput, LedgerBroken
from alliance.ledger import Consistency, LedgerReceipt, LogKey, PublicKey, SignedHead
from alliance.notary import Notary
from alliance.store import Store
from alliance.terminal import PlainErrors, out, progress, table

HELP = "What was recorded, when, provable to all and readable by none."

MOST_SHOWN = 20
"""Findings shown one by one."""

ledger = typer.Typer(cls=PlainErrors, no_args_is_help=True, help=HELP)

KeyFile = Annotated[
    Path | None, typer.Option("--key", help="The log's private key; made at first use.", envvar="ALLIANCE_LEDGER_KEY")
]
PublicKeyFile = Annotated[Path | None, typer.Option("--public-key", help="The log's public key, PEM.")]
Target = Annotated[Path | None, typer.Option("--out", help="File to write; printed if left out.")]

Thing = TypeVar("Thing")


@ledger.command()
def head(
    *,
    save: Annotated[Path | None, typer.Option("--save", help="File to keep it in, away from the store.")] = None,
    key: KeyFile = None,
    database: Database = None,
) -> None:
    """Show the signed head: size and root of all that is recorded so far. Saved elsewhere, it tells every change."""
    with opened(database) as store:
        signed = _notary(store, key).head()
    _write(signed.as_dict(), save)


@ledger.command()
def receipt(
    reference: Annotated[str, typer.Argument(help="Id of a submission or decision, or number of an entry.")],
    *,
    target: Target = None,
    key: KeyFile = None,
    database: Database = None,
) -> None:
    """Give the proof that something is recorded, with what opens it: it can be checked without the store."""
    with opened(database) as store:
        given = _notary(store, key).opened(reference)
    _write(given.as_dict(), target)


@ledger.command()
def prove(
    *,
    position: Annotated[int | None, typer.Option(help="That the leaf at this position is in the log.")] = None,
    size: Annotated[
        int | None, typer.Option(help="With --position: when it had so many leaves; now by default.")
    ] = None,
    first: Annotated[int | None, typer.Option(help="That the log begins with the log of so many leaves.")] = None,
    second: Annotated[int | None, typer.Option(help="With --first: when it had so many; now by default.")] = None,
    target: Target = None,
    key: KeyFile = None,
    database: Database = None,
) -> None:
    """Prove that a leaf is in the log, or that the log only ever grew."""
    if (position is None) == (first is None):
        raise InvalidInput("It is not told what to prove.", remedy="Name either --position or --first.")
    with opened(database) as store:
        notary = _notary(store, key)
        if first is not None:
            proof = notary.consistency(first, second).as_dict()
        else:
            assert position is not None
            leaves, hashes = notary.inclusion(position, size)
            proof = {"position": position, "size": leaves, "proof": [one.hex() for one in hashes]}
    _write(proof, target)


@ledger.command("public-key")
def public_key(target: Target = None, key: KeyFile = None) -> None:
    """Show the key by which everybody tells this log's heads from others'."""
    pem = LogKey.at(_key_file(key)).public.pem
    if target is None:
        typer.echo(pem, nl=False)
    else:
        _save(pem.encode(), target)


@ledger.command()
def verify(
    *,
    head_file: Annotated[Path | None, typer.Option("--head", help="A head saved before: ledger head --save.")] = None,
    receipt_file: Annotated[
        Path | None, typer.Option("--receipt", help="Check this receipt alone, without a store.")
    ] = None,
    consistency_file: Annotated[
        Path | None, typer.Option("--consistency", help="With --receipt and --head: how one leads to the other.")
    ] = None,
    public_key: PublicKeyFile = None,
    key: KeyFile = None,
    database: Database = None,
) -> None:
    """Check the whole store against its ledger and a saved head, or one receipt alone; exit 1 if it does not hold."""
    known = _public_key(public_key, key)
    saved = None if head_file is None else _read(head_file, SignedHead.from_dict)
    if receipt_file is not None:
        if known is None:
            raise InvalidInput("The log's public key is not known.", remedy="Name it: --public-key FILE.")
        joined = None if consistency_file is None else _read(consistency_file, Consistency.from_dict)
        verify_receipt(_read(receipt_file, LedgerReceipt.from_dict), known, saved, joined)
        return
    with opened(database) as store, progress("leaves", store.ledger_size()) as bar:
        found = audit_store(
            store, key=known, saved=[] if saved is None else [saved],
            progress=lambda leaves: bar.advance(bar.task_ids[0], leaves),
        )  # fmt: skip
    show_audit(found)


def verify_receipt(given: LedgerReceipt, key: PublicKey, saved: SignedHead | None, joined: Consistency | None) -> None:
    """Say that a receipt holds, and leads to a saved head.

    Raises:
        LedgerBroken: it does not.
        InvalidInput: the two heads are of different sizes, and nothing shows how one leads to the other.
    """
    faults = given.faults(key)
    if saved is not None:
        faults += [] if key.signed(saved) else ["the saved head is not signed by the log"]
        faults += _apart(given.head, saved, joined)
    if faults:
        raise LedgerBroken(f"The receipt does not hold: {'; '.join(faults)}.", remedy="Ask for it again.")
    opened_ = "its content is what was committed" if given.opening else "its content is not shown, or was erased"
    out.print(f"The receipt holds: position {given.position} of a log of {given.head.head.size:,}; {opened_}.")


def _apart(head: SignedHead, saved: SignedHead, joined: Consistency | None) -> list[str]:
    earlier, later = sorted((head, saved), key=lambda one: one.head.size)
    if earlier.head.size == later.head.size:
        return [] if earlier.head.root == later.head.root else ["its head and the saved one are of different logs"]
    if joined is None:
        sizes = f"--first {earlier.head.size} --second {later.head.size}"
        raise InvalidInput(
            "The receipt's head and the saved one are of different sizes.",
            remedy=f"Ask for what joins them, `alliance ledger prove {sizes}`, and name it: --consistency FILE.",
        )
    return [] if joined.joins(earlier, later) else ["its head and the saved one are not of one log"]


def show_audit(found: Audit) -> None:
    """Say what an audit found; ``LedgerBroken`` with the first finding, if there is one."""
    if found.faults:
        listing = table("not as recorded", "position", "about", "what", right=("position",))
        for one in found.findings[:MOST_SHOWN]:
            listing.add_row("" if one.position is None else str(one.position), one.about, one.what)
        out.print(listing)
        raise LedgerBroken(
            f"The store is not as it was recorded: {found.findings[0]}. Findings: {found.faults:,}.",
            remedy="Restore the store from a copy that holds.",
        )
    unsigned = found.heads - found.signatures
    signed = f"{found.signatures:,} signatures checked" + (f", {unsigned:,} not: no key" if unsigned else "")
    out.print(f"All is as recorded: {found.leaves:,} leaves; heads: {found.heads:,}, {signed}.")
    for no, leaves in sorted(found.erased.items()):
        out.print(f"Erased by entry {no}, in whole or in part: {leaves:,} leaves. What remains is as it left it.")
    out.print(f"root {found.root}")


def _notary(store: Store, key: Path | None) -> Notary:
    return Notary(store, LogKey.at(_key_file(key)))


def _key_file(key: Path | None) -> Path:
    return key or Settings.from_environment().ledger_key


def _public_key(public_key: Path | None, key: Path | None) -> PublicKey | None:
    """The public key of its file, or of the private key if that is here; none is made."""
    if public_key is not None:
        try:
            return PublicKey.from_pem(public_key.read_bytes())
        except OSError as error:
            raise _unreadable(public_key, error.strerror or "it cannot be opened") from error
        except ValueError as error:
            raise _unreadable(public_key, str(error)) from None
    private = _key_file(key)
    return LogKey.at(private).public if private.exists() else None


def _read(path: Path, made: Callable[[Any], Thing]) -> Thing:
    try:
        return made(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from None


def _unreadable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"The file cannot be used: {why}.", remedy="Name the file as it was given.", file=str(path))


def _write(plain: dict[str, Any], target: Path | None) -> None:
    text = orjson.dumps(plain, option=orjson.OPT_INDENT_2)
    if target is None:
        typer.echo(text)
    else:
        _save(text + b"\n", target)


def _save(text: bytes, target: Path) -> None:
    try:
        target.write_bytes(text)
    except OSError as error:
        raise InvalidInput(f"The file cannot be written: {error.strerror}.", file=str(target)) from error
    out.print(f"written: {target}", soft_wrap=True)
