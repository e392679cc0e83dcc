"""An aid for venture loans, from one decision: limits, loss, return on capital, a funding winter. No advice."""

from scoring.lending.policy import LendingPolicy
from scoring.lending.term_sheet import Terms, TermSheet, term_sheet

__all__ = ["LendingPolicy", "TermSheet", "Terms", "term_sheet"]
