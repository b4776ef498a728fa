"""What the metrics of this process have counted."""

from __future__ import annotations

from neuroplay.infra.monitoring.metrics import REGISTRY


def counted(name: str, **labels: str) -> float:
    """The value of a series; 0.0 if there is none yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
