"""Rules: functions of values, with no clock, no storage and no randomness of their own.
Imports errors and entities; all of core but entities imports it."""
