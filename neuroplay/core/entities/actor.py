"""Who acts: somebody at the command line, or an adult with an account."""

from __future__ import annotations

from dataclasses import dataclass

from neuroplay.core.entities.adult import AdultPrincipal


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at the command line, who sees every class. `who` is the word in the audit."""

    who: str = "operator"

    def sees(self, _class_id: int) -> bool:
        return True


Actor = Operator | AdultPrincipal
"""A use case that takes an actor checks what the actor sees where it acts: see
`core.use_cases.reach`. One that takes an `Operator` is for the command line alone."""

OPERATOR = Operator()
