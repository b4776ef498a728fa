"""Output of `serve`: its steps, then the address and the cards of the demo class.
Imports no command; `cli.commands.serve` imports it."""
