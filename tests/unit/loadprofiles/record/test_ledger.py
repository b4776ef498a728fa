from __future__ import annotations

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from loadprofiles.record.ledger import Ledger

IDS = st.uuids(version=4).map(str)
FIRST, SECOND = str(UUID(int=1)), str(UUID(int=2))


@given(noted=st.lists(st.tuples(st.integers(0, 5), st.lists(IDS, max_size=5)), max_size=8))
def test_a_ledger_tells_every_id_that_it_was_told(noted: list[tuple[int, list[str]]]) -> None:
    ledger, told = Ledger(), dict[int, list[str]]()
    for student, some in noted:
        ledger.add(student, some)
        told.setdefault(student, []).extend(some)
    assert {student: list(ledger.of(student)) for student in ledger.students()} == told
    assert len(ledger) == sum(map(len, told.values()))
    assert list(ledger.of(99)) == []


@given(
    noted=st.lists(st.tuples(st.integers(0, 5), IDS, st.integers(0, 2), st.booleans()), max_size=30)
)
def test_ledgers_of_several_processes_make_one_whenever_they_report(
    noted: list[tuple[int, str, int, bool]],
) -> None:
    processes, whole = [Ledger(), Ledger(), Ledger()], Ledger()
    for student, one, process, reports in noted:
        processes[process].add(student, [one])
        if reports:
            whole.merge(processes[process].take())
    for ledger in processes:
        whole.merge(ledger.take())
        assert (len(ledger), ledger.take()) == (0, {})
    told = Counter((student, one) for student, one, _, _ in noted)
    assert Counter((s, one) for s in whole.students() for one in whole.of(s)) == told


def test_what_was_taken_does_not_grow_with_later_notes() -> None:
    ledger = Ledger()
    ledger.add(1, [FIRST])
    taken = ledger.take()
    ledger.add(1, [SECOND])
    assert taken == {"1": UUID(FIRST).bytes}
