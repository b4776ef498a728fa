"""The connection to Redis and its budgets of sign-ins.
Imports core; bootstrap and operation import it."""
