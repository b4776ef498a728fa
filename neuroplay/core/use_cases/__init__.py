"""Use cases: what people and processes do with NeuroPlay. Only use cases commit.
Imports the rest of core; `neuroplay.core.system` creates them."""
