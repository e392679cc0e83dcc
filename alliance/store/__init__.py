"""Append-only and bitemporal: SQLite by default, PostgreSQL by URL."""

from alliance.store.companies import CompanyEntry
from alliance.store.decisions import Decision
from alliance.store.promotions import Promotion
from alliance.store.store import Store, no_company, no_decision, no_submission
from alliance.store.submissions import Receipt

__all__ = ["CompanyEntry", "Decision", "Promotion", "Receipt", "Store", "no_company", "no_decision", "no_submission"]
