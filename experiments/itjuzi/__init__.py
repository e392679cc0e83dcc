"""Contracts of the IT Juzi sample: Chinese start-ups, most with several rounds, on continuation rows."""
