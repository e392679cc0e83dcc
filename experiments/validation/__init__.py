"""The validation report: what a model-risk team asks of a model, answered from the runs kept of it and nothing else.

Nothing is computed here. Sections read parameters, measures and files of the model's own run, and of studies of its
bundle or its rows (``evidence``); each number read is written down with where it was read (``section``), and the
report ends with that list. A section whose study was not made of this model says that it was not examined, and which
command would do so.
"""
