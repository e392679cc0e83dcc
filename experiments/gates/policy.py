"""The numbers gates go by. A gate stands open when the value lies within its limit, and is shut when the whole interval
lies without; between the two the rows do not decide, and a person has to.
"""

AUC_MARGIN = 0.01
"""How much less AUC a challenger may have, with 97.5 per cent confidence, and still be no worse (non-inferiority). Our
own choice: about what another seed does to a model of the seed alliance (``experiments stability``)."""

SLOPE = (0.9, 1.1)
"""Calibration slope: 1 is perfect, below it predictions are too bold. Our own choice; no rule prescribes a band."""

SHIFT = (-0.25, 0.25)
"""Calibration intercept, in log-odds: 0 is perfect; 0.25 is a level wrong by about a quarter. Our own choice: a third
of the step between two grades, which doubles the PD."""

PSI_CALM, PSI_MOVED = 0.10, 0.25
"""Population stability index below which a distribution counts as unmoved, and from which on as another one. Source:
the rule of thumb of scorecard practice, as in Siddiqi (2006), "Credit Risk Scorecards"."""

GRADES_FAR = 2
MOST_FAR = 0.05
"""At most this share of rows may move by that many grades or more. Our own choice: lenders' limits go by grade, and one
company in twenty is what people can look at one by one."""

REASONS_HOLD = 0.99
"""Share of reasons that hold when put to the test. Our own choice: a reason is told to a company that may object."""

CALIBRATION_DRAWS = 200
"""Draws of companies for the interval of slope and intercept; each is a regression of its own."""
