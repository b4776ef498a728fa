"""The Celery application for the settings of the environment, made when this is imported. The fork
server imports it, so that workers and beat share it."""

from __future__ import annotations

from neuroplay.config import load_settings
from neuroplay.worker.app import make_celery

settings = load_settings()
app = make_celery(settings)
app.set_current()
app.finalize()
