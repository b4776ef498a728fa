"""An operator's command that dies: python -m tests.integration.db.dying URL DECISION ID WHEN

It ends as by kill -9 just before or just after its first commit (WHEN: before, after).
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import NoReturn

from neuroplay.bootstrap import now
from neuroplay.core.entities.actor import Operator
from neuroplay.core.use_cases.replay_sync import ReplaySync
from neuroplay.infra.db.engine import make_engine
from neuroplay.infra.db.unit_of_work import SqlUnitOfWork


class DyingUnitOfWork(SqlUnitOfWork):
    when = "after"

    def commit(self) -> NoReturn:
        if self.when == "after":
            super().commit()
        os._exit(9)


if __name__ == "__main__":
    url, decision, inbox_id, DyingUnitOfWork.when = sys.argv[1:]
    opens = partial(DyingUnitOfWork, make_engine(url))
    operate = ReplaySync(uow=opens, clock=now, release="2.6.0")
    getattr(operate, decision)([int(inbox_id)], by=Operator("ana"), reason="seen")
