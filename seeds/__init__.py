"""The seed alliance: a documented simulator of start-ups and of the members that report on them.

Simulated results are no evidence about the world; see ``README.md`` for every assumption.
"""
