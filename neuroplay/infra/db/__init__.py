"""PostgreSQL: connections, transactions, repositories, migrations, backups. See docs/database.md.
Imports core; bootstrap and operation import it."""
