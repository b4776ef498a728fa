"""The wire format: models of requests and responses, JSON, and the OpenAPI document.
Imports core and `neuroplay.api.request`; routes and the application import it."""
