"""Advice and surveys for machines, as the command line and the HTTP API both hand them out."""

from .advice import of_advice
from .forgotten import forgotten_table, of_forgotten
from .over_history import history_table, of_history
from .survey import of_survey, survey_table

__all__ = [
    "forgotten_table",
    "history_table",
    "of_advice",
    "of_forgotten",
    "of_history",
    "of_survey",
    "survey_table",
]
