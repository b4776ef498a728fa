"""What travels: shapes of requests and answers, JSON, and the OpenAPI document.
Imports core and `neuroplay.api.request`; routes and the application import it."""
