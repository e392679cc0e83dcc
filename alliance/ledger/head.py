"""Signed tree heads: a log's word on all it holds so far. Ed25519 (RFC 8032); the key is a file, never in the store."""

import contextlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from alliance.errors import InvalidInput
from alliance.ledger.content import canonical, unhex

OWNER_ONLY = 0o600
"""Mode of the key's file."""


@dataclass(frozen=True)
class Head:
    """A state of a log.

    Attributes:
        log_id: SHA-256 of the log's public key, hexadecimal; as RFC 6962 identifies a log.
        size: leaves.
        root: root of their tree, hexadecimal.
        timestamp: when it was signed, milliseconds since 1970 UTC.
    """

    log_id: str
    size: int
    root: str
    timestamp: int

    def encoded(self) -> bytes:
        """The bytes that are signed; they say what they are, so that they pass for nothing else."""
        return canonical({"type": "alliance-credit tree head", **vars(self)})


@dataclass(frozen=True)
class SignedHead:
    """A head with the log's signature, hexadecimal."""

    head: Head
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self.head), "signature": self.signature}

    @classmethod
    def from_dict(cls, plain: Any) -> "SignedHead":
        """A head from its plain values; ``ValueError`` if they are not those of one."""
        match plain:
            case {"log_id": str(log_id), "size": int(size), "root": str(root), "timestamp": int(timestamp),
                  "signature": str(signature)} if len(plain) == 5:  # fmt: skip
                return cls(Head(log_id, size, root, timestamp), signature)
        raise ValueError("a head has log_id, size, root, timestamp and signature")


class PublicKey:
    """What everybody may have of a log's key, to tell its heads from others'."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @classmethod
    def from_pem(cls, pem: bytes) -> "PublicKey":
        """The key of a PEM text; ``ValueError`` if it is none of Ed25519."""
        try:
            key = load_pem_public_key(pem)
        except UnsupportedAlgorithm as error:
            raise ValueError(str(error)) from None
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("the key is not of Ed25519")
        return cls(key)

    @cached_property
    def log_id(self) -> str:
        """SHA-256 of the key (SubjectPublicKeyInfo, DER), hexadecimal."""
        return sha256(self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()

    @cached_property
    def pem(self) -> str:
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def signed(self, head: SignedHead) -> bool:
        """Whether a head is this log's and its signature holds."""
        if head.head.log_id != self.log_id:
            return False
        try:
            self._key.verify(unhex(head.signature), head.head.encoded())
        except (InvalidSignature, ValueError):
            return False
        return True


class LogKey:
    """The log's private key.

    Args:
        key: as read from its file.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def at(cls, path: Path) -> "LogKey":
        """The key in a file, made there at first use; of processes that make it at once, one does and all use it.

        The file is a PEM text (PKCS 8), not encrypted: who reads it can sign in the log's name. Its mode is 0600.

        Raises:
            InvalidInput: the file cannot be made or read, is no Ed25519 key, or others than its owner may read it.
        """
        try:
            if not path.exists():
                _make(path)
            if stat.S_IMODE(path.stat().st_mode) & ~OWNER_ONLY & 0o077:
                raise _unusable(path, "may be read or written by others than its owner", f"chmod 600 {path}")
            key = load_pem_private_key(path.read_bytes(), None)
        except OSError as error:
            remedy = "Name a file that can be kept: ALLIANCE_LEDGER_KEY."
            raise _unusable(path, f"cannot be used: {error.strerror}", remedy) from error
        except (TypeError, ValueError, UnsupportedAlgorithm):
            raise _unusable(path, "holds no PEM key, or an encrypted one", "Restore it from a copy.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise _unusable(path, "holds a key that is not of Ed25519", "Restore it from a copy.")
        return cls(key)

    def sign(self, size: int, root: bytes, timestamp: int) -> SignedHead:
        """The signed head of a state; ``timestamp`` in milliseconds since 1970 UTC."""
        head = Head(self.public.log_id, size, root.hex(), timestamp)
        return SignedHead(head, self._key.sign(head.encoded()).hex())


def _make(path: Path) -> None:
    """Write a new key beside its place and link it there, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _unusable(path: Path, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"The ledger's key {what}.", remedy=remedy, file=str(path))
