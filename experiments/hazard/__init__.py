"""When: chances of the outcome within 6, 12, 18, 24 and 36 months, from one model of discrete time.

The hazard of a period is the chance that the outcome comes in it, if it has not come before; PDs are made of hazards,
so a longer horizon never has a smaller PD. ``lag`` says how late outcomes are recorded, ``periods`` makes the table to
learn from, ``model`` learns and calibrates hazards, ``study`` tests them out of time.
"""
