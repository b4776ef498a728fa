"""Background work: the Celery application, its tasks and their schedule.
Imports core, bootstrap and monitoring. Nothing imports it; the supervisor starts it by name."""
