"""Read a roster of any kind: CSV, a paste from a sheet, or a OneRoster export."""

from __future__ import annotations

from dataclasses import replace

from neuroplay.core.entities.actor import OPERATOR, Actor, Operator
from neuroplay.core.entities.roster import (
    OF_A_SCHOOL,
    ON_THE_PAGE,
    RosterOptions,
    RosterReading,
    RosterSource,
)
from neuroplay.core.rules.oneroster import is_oneroster, read_oneroster
from neuroplay.core.rules.roster import read_sheet
from neuroplay.core.rules.roster_text import check_size, decoded


def read_roster(
    source: RosterSource, options: RosterOptions, *, by: Actor = OPERATOR
) -> RosterReading:
    """What a roster says. Raises NotARoster, and RosterRefused if its encoding is unclear."""
    limits = OF_A_SCHOOL if isinstance(by, Operator) else ON_THE_PAGE
    content = source.content
    if isinstance(content, str):
        check_size(source.name, content.encode(errors="replace"))
        return read_sheet(content, options, limits)
    check_size(source.name, content)
    if is_oneroster(content):
        return read_oneroster(source.name, content, options, limits)
    found = decoded(source.name, content, options.encoding)
    return replace(read_sheet(found.text, options, limits), guessed=found.guessed)
