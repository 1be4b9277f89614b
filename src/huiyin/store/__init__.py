"""Tables, queries and migrations: SQLite by default, PostgreSQL by URL."""
