"""What a person or a process does, one module each; a use case commits, and only a use case.
Imports the rest of core; `neuroplay.core.system` puts them together."""
