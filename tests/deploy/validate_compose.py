"""Validate a Compose file: PYTHON validate_compose.py < compose.json

PYTHON is the environment of make/deploy.lock. Prints what is wrong, and then exits with 1.
"""

from __future__ import annotations

import json
import sys

from compose_spec.models import ComposeSpecification
from pydantic import ValidationError


def main() -> int:
    given = json.load(sys.stdin)
    known = {name: value for name, value in given.items() if not name.startswith("x-")}
    try:
        ComposeSpecification.model_validate(known, extra="forbid")
    except ValidationError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
