"""Does the model treat groups of companies alike? Approvals, errors, levels and ranking by group, with intervals.

``policies`` say by jurisdiction what is looked at and how far apart groups may be, ``attributes`` which group a company
is of, ``estimates`` measure, ``judge`` gives the verdicts: within limits, beyond limits, or insufficient evidence.
"""
