"""What to tell a device whose student is no longer there."""

from __future__ import annotations

from neuroplay.core.errors import NeuroPlayError, TransientError, student_erased
from neuroplay.core.interfaces.unit_of_work import Reading


def gone(uow: Reading, student_id: int) -> NeuroPlayError:
    """The error for a request in the name of a student who is no longer there.

    For some seconds after a merge, processes still take tokens for those of the merged student. The
    device must then try again, and must not delete anything.
    """
    if uow.students.merged_into(student_id) is not None:
        return TransientError("this student has just been merged with another; try again")
    return student_erased(student_id)
