"""The files of the built PWA, with caching headers.
Imports no other part of the api; the application, `/ops` and `/teacher` import it."""
