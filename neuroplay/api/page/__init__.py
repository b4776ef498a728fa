"""The built page and its files, as the browser may keep them.
Imports no other part of the api; the application and `/ops` import it."""
