"""Does one pillar's effect depend on the others ("x"), or do their effects add up ("+")? A laboratory.

Three questions, each on its own scale:

(a) ``confined``: is there any coupling of pillars on the log-odds scale? "+": log-odds are a sum of one function a
    pillar, so odds multiply, and what a pillar does is the same whatever the others are. "x": they are no such sum.
(b) ``composites``: on the scale of pillar percentiles, are pillars substitutes? "+": a weighted mean, or a sum of bent
    parts. "x": a geometric mean or another CES composite, in which a weak pillar takes the others with it.
(c) ``interactions`` and ``steps``: which pairs act together, where are jumps; with an error held over all looked at.

``worlds`` have known laws; ``laboratory`` runs the three on any panel; ``verdict`` says what was decided, if anything.
"""
