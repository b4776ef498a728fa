"""Code for every request: the caller, errors, logging, metrics, security headers.
Imports core and monitoring, no other part of the api; all of the api may import it."""
