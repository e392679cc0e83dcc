"""Rows -> companies: by registration number first, then by a member's own id."""

from alliance.identity.resolve import company_id_for, resolve

__all__ = ["company_id_for", "resolve"]
