"""The table of commands, which are imported only when they run."""

from __future__ import annotations

SECTIONS = {
    "Run": {
        "serve": ("serve:serve", "Start NeuroPlay on this machine."),
        "status": ("daemon:status", "Show the state of all processes."),
        "stop": ("daemon:stop", "Stop NeuroPlay."),
        "restart": ("daemon:restart", "Restart all processes or one."),
        "logs": ("daemon:logs", "Show or follow logs."),
    },
    "Classes and students": {
        "class": ("classes:app", "Create and import classes, print cards."),
        "adult": ("adults:app", "Invite teachers and the school; end accounts."),
        "audit": ("audit:app", "Show who did what."),
        "student": ("students:app", "Show, export and erase students; reset cards."),
    },
    "Games": {
        "sync": ("sync:app", "Find, replay, import and export games."),
    },
    "Operate": {
        "loadtest": ("loadtest:app", "Run a load test."),
        "health": ("health:health", "Check whether the server is healthy."),
        "metrics": ("metrics:metrics", "Summarise requests, errors and the inbox."),
        "config": ("config:app", "Show settings and their sources."),
        "doctor": ("doctor:doctor", "Diagnose problems and suggest fixes."),
        "secret": ("secret:app", "Replace the server's secret."),
        "privacy": ("privacy:app", "Show what is stored, why and for how long."),
        "db": ("db:app", "Migrate, back up and restore the database."),
    },
}
"""Commands by section: (module:attribute in cli.commands, help)."""
