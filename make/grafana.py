"""Panels of a Grafana dashboard, and where they stand.

Grafana has its own format, in which each panel repeats some sixty lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}

Panel = dict[str, Any]
Steps = Mapping[float | None, str]
"""From which value on a panel has which colour; None is the lowest."""

UP: Steps = {None: "red", 1: "green"}


def per_second(counter: str, which: str = "", by: str = "") -> str:
    total = f"sum by ({by}) " if by else "sum"
    return f"{total}(rate({_selected(counter, which)}[$__rate_interval]))"


def quantile(share: float, histogram: str, which: str = "", by: str = "le") -> str:
    return f"histogram_quantile({share}, {per_second(f'{histogram}_bucket', which, by)})"


def _selected(metric: str, which: str) -> str:
    return f"{metric}{{{which}}}" if which else metric


def stat(
    title: str,
    query: str,
    steps: Steps,
    *,
    unit: str = "none",
    legend: str = "__auto",
    about: str = "",
) -> Panel:
    """A figure on a colour."""
    options = {
        "colorMode": "background",
        "graphMode": "area",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
    }
    defaults = {"unit": unit, "thresholds": _thresholds(steps)}
    return _panel("stat", title, {legend: query}, defaults, options, about)


def lines(
    title: str,
    queries: Mapping[str, str],
    *,
    unit: str = "short",
    limit: float | None = None,
    stacked: bool = False,
    about: str = "",
) -> Panel:
    """`queries` by legend; `limit` is drawn as a dashed line."""
    custom: dict[str, Any] = {
        "drawStyle": "line",
        "fillOpacity": 15 if stacked else 5,
        "showPoints": "never",
        "lineWidth": 2,
    }
    defaults: dict[str, Any] = {"unit": unit, "custom": custom, "min": 0}
    if stacked:
        custom["stacking"] = {"mode": "normal", "group": "A"}
    if limit is not None:
        custom["thresholdsStyle"] = {"mode": "dashed"}
        defaults["thresholds"] = _thresholds({None: "transparent", limit: "red"})
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return _panel("timeseries", title, queries, defaults, options, about)


def _thresholds(steps: Steps) -> dict[str, Any]:
    return {
        "mode": "absolute",
        "steps": [{"color": color, "value": value} for value, color in steps.items()],
    }


def _panel(
    kind: str,
    title: str,
    queries: Mapping[str, str],
    defaults: Mapping[str, Any],
    options: Mapping[str, Any],
    about: str,
) -> Panel:
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": SOURCE,
        "targets": [
            {"refId": ref, "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for ref, (legend, query) in zip("ABC", queries.items(), strict=False)
        ],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }


@dataclass(frozen=True)
class Row:
    """A title and lines of panels below each other. The panels of a line share its width."""

    title: str
    lines: tuple[Line, ...]
    folded: bool = False


@dataclass(frozen=True)
class Line:
    height: int
    panels: tuple[Panel, ...]
    columns: int = 0
    """Width of each panel; 0: all the width, divided."""


def placed(rows: Iterable[Row]) -> list[Panel]:
    """All panels with their places and numbers; a folded row contains its own."""
    found, top = [], 0
    for row in rows:
        panels = list(_below(row, top + 1))
        title = {"type": "row", "title": row.title, "collapsed": row.folded}
        inside = {"panels": panels if row.folded else []}
        found.append(_at({**title, **inside}, 1, COLUMNS, 0, top))
        found += [] if row.folded else panels
        top += 1 + sum(line.height for line in row.lines)
    everyone = (one for panel in found for one in (panel, *panel.get("panels", ())))
    for number, panel in enumerate(everyone, 1):
        panel["id"] = number
    return found


def _below(row: Row, top: int) -> Iterator[Panel]:
    for line in row.lines:
        width = line.columns or COLUMNS // len(line.panels)
        for place, panel in enumerate(line.panels):
            yield _at(panel, line.height, width, place * width, top)
        top += line.height


def _at(panel: Panel, height: int, width: int, left: int, top: int) -> Panel:
    return {"id": 0, **panel, "gridPos": {"h": height, "w": width, "x": left, "y": top}}
