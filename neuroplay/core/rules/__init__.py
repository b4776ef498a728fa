"""Rules: pure functions of the domain, without a clock, storage or randomness.
Imports errors and entities; all of core but entities imports it."""
