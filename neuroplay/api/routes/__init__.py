"""One module for each resource. A route reads the request, calls a use case and responds.
Imports the rest of the api; only `neuroplay.api.app` imports it."""
