"""Is the champion still right? Shifts of inputs, outcomes against what was foretold, alerts, and one decision.

``bins`` and ``development`` say what a model was examined on, ``quarters`` reads what came since, ``cohort`` and
``members`` measure it, ``rule`` decides, ``alarms`` measures how often the rule is wrong.
"""
