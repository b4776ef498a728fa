"""Things with a state that must stay consistent, and the values they are made of.
Imports errors alone; all of core and the adapters import it."""
