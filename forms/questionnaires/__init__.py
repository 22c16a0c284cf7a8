"""The project's two questionnaires, their choice lists and parameters.

``annual.csv`` and ``quarterly.csv`` are the source (XLSForm as text); ``choices.csv`` holds every list of ``spec/codelists.md``, and each
questionnaire repeats the lists it uses. ``spec/`` is the specification the tests hold them to.
"""

from __future__ import annotations

from forms.questionnaires.sources import (
    Parameter,
    Questionnaire,
    UnknownQuestionnaire,
    catalog,
    default_parameters,
    load_questionnaire,
    parameters_csv,
    questionnaire,
    xform,
)

__all__ = [
    "Parameter",
    "Questionnaire",
    "UnknownQuestionnaire",
    "catalog",
    "default_parameters",
    "load_questionnaire",
    "parameters_csv",
    "questionnaire",
    "xform",
]
