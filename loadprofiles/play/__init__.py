"""The students of one generator process: their cards, turns and games.
Imports record, reach and profiles; judge takes cards from it, and the locustfile starts it."""
