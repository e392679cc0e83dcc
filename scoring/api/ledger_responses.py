"""What callers get of the ledger."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from alliance import ledger

Hash = Annotated[str, Field(examples=["5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"])]
"""A SHA-256, hexadecimal."""


class Head(BaseModel):
    """A state of the log. Signed is the canonical JSON of the other members and `type`, `alliance-credit tree head`."""

    log_id: Hash = Field(description="SHA-256 of the log's public key.")
    size: int = Field(description="Leaves.", examples=[1_068])
    root: Hash = Field(description="Root of their Merkle tree (RFC 6962).")
    timestamp: int = Field(description="When it was signed, milliseconds since 1970 UTC.", examples=[1_782_820_800_000])
    signature: str = Field(description="Ed25519, hexadecimal.")

    @classmethod
    def of(cls, signed: ledger.SignedHead) -> Self:
        return cls.model_validate(signed.as_dict())


class CurrentHead(BaseModel):
    """The log as it is now."""

    head: Head
    public_key: str = Field(description="The key that signs, PEM. Keep it, and a head, away from this service.")


class Leaf(BaseModel):
    """A leaf of the log: that something was recorded, and commitments to what."""

    position: int = Field(description="Its place in the log, from 0.")
    leaf: str = Field(
        description="JSON, whose UTF-8 bytes are hashed: `kind`, `of` (entry or decision), `time`, and commitments to"
        " `author` and `content`.",
        examples=['{"author":"9f86...","content":"60303...","kind":"submission","of":1,"time":"2026-06-30T12:00:00Z"}'],
    )
    leaf_hash: Hash = Field(description="SHA-256 of 0x00 and these bytes (RFC 6962).")


class LedgerProof(Leaf):
    """That something is in the log; it can be checked without this service."""

    head: Head = Field(description="The first signed state that holds it.")
    proof: list[Hash] = Field(description="Hashes from the leaf up to the root (RFC 6962, 2.1.1).")

    @classmethod
    def of(cls, receipt: ledger.LedgerReceipt) -> Self:
        return cls.model_validate({name: value for name, value in receipt.as_dict().items() if name != "opening"})


class Opening(BaseModel):
    """What opens a leaf's commitments."""

    salt: str = Field(description="Of this leaf alone; a commitment is SHA-256 of salt and canonical JSON.")
    author: str = Field(description="Who made it.", examples=["spd-bank"])
    tables: dict[str, dict[str, Any]] = Field(description="The content: rows of each table, and their SHA-256.")
    rows: dict[str, list[list[Any]]] = Field(description="The rows themselves, of some of the tables.")


class Receipt(LedgerProof):
    """A proof with what opens it: keep it as it is; `alliance ledger verify --receipt` checks it."""

    opening: Opening | None = Field(description="Null where the salt has been destroyed.")

    @classmethod
    def of(cls, receipt: ledger.LedgerReceipt) -> Self:
        return cls.model_validate({"opening": None, **receipt.as_dict()})


class Inclusion(BaseModel):
    """That a leaf is in the log of a size."""

    position: int
    size: int
    proof: list[Hash] = Field(description="Hashes from the leaf up to the root (RFC 6962, 2.1.1).")

    @classmethod
    def of(cls, position: int, size: int, proof: Sequence[bytes]) -> Self:
        return cls(position=position, size=size, proof=[one.hex() for one in proof])


class Consistency(BaseModel):
    """That the log of one size begins with the log of another."""

    first: int
    second: int
    proof: list[Hash] = Field(description="Hashes (RFC 6962, 2.1.2).")
