"""The ledger: all sessions that the server acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

ID_BYTES = 16


class Ledger:
    """Ids of acknowledged sessions by student, 16 bytes each. Students are identified by their
    index in the roster."""

    def __init__(self) -> None:
        self._by_student: dict[int, bytearray] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_student.values())) // ID_BYTES

    def add(self, student: int, ids: Iterable[str]) -> None:
        """Add sessions, which must not have been added before."""
        noted = self._by_student.setdefault(student, bytearray())
        for one in ids:
            noted += bytes.fromhex(one.replace("-", ""))

    def take(self) -> dict[str, bytes]:
        """Remove and return all entries, in the form that `merge` accepts."""
        taken = {str(student): bytes(ids) for student, ids in self._by_student.items()}
        self._by_student.clear()
        return taken

    def merge(self, taken: Mapping[str, bytes]) -> None:
        for student, ids in taken.items():
            self._by_student.setdefault(int(student), bytearray()).extend(ids)

    def students(self) -> list[int]:
        return sorted(self._by_student)

    def of(self, student: int) -> Iterator[str]:
        """Ids of a student's acknowledged sessions."""
        noted = bytes(self._by_student.get(student, b""))
        for start in range(0, len(noted), ID_BYTES):
            yield str(UUID(bytes=noted[start : start + ID_BYTES]))
