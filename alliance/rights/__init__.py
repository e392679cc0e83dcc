"""Who may use what for which purpose: a decision with reasons, taken once, on the one read path."""

from alliance.rights.decision import PURPOSES, Access, AccessRequest, decide

__all__ = ["PURPOSES", "Access", "AccessRequest", "decide"]
