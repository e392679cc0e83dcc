"""Append-only and bitemporal: SQLite by default, PostgreSQL by URL."""

from alliance.store.companies import CompanyEntry
from alliance.store.decisions import Decision
from alliance.store.store import Store, no_company
from alliance.store.submissions import Receipt

__all__ = ["CompanyEntry", "Decision", "Receipt", "Store", "no_company"]
