"""One module for each resource: reads the request, asks a use case, answers.
Imports the rest of the api; only `neuroplay.api.app` imports it."""
