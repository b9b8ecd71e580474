"""Two sets of rendered objects in, what changes and for whom out."""

from covey_core.diff.fields import ABSENT, FieldChange, compare_values
from covey_core.diff.objects import Action, ObjectChange
from covey_core.diff.subjects import Difference, SubjectChange, compare

__all__ = [
    "ABSENT",
    "Action",
    "Difference",
    "FieldChange",
    "ObjectChange",
    "SubjectChange",
    "compare",
    "compare_values",
]
