"""The domain: entities, rules, use cases, and the interfaces that they need.
Imports the standard library only; everything may import it."""
