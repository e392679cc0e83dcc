"""A Merkle log of commitments: everybody may see that something was recorded, nobody can read it out of the log.

Pure: hashes, signatures and proofs. Where the log is kept is the store's concern (``alliance.store.ledger``).
"""

from alliance.ledger.content import Row, RowsDigest, Tables, canonical, rows_digest, summary, summed_up
from alliance.ledger.head import Head, LogKey, PublicKey, SignedHead
from alliance.ledger.leaf import SALT_BYTES, Leaf, Recorded, commitment
from alliance.ledger.receipt import Consistency, LedgerReceipt, Opening

__all__ = [
    "SALT_BYTES", "Consistency", "Head", "Leaf", "LedgerReceipt", "LogKey", "Opening", "PublicKey", "Recorded", "Row",
    "RowsDigest", "SignedHead", "Tables", "canonical", "commitment", "rows_digest", "summary", "summed_up",
]  # fmt: skip
