"""What people see of a run: lines, the summary, an HTML page and files.
Imports profiles, otherwise only documents; the locustfile and cli import it."""
