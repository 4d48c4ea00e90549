"""What people write in the application: one register, in a SQLite file or in PostgreSQL."""
