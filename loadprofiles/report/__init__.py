"""The output of a run: progress lines, the summary, an HTML page and files.
Imports profiles, otherwise only documents; the locustfile and cli import it."""
