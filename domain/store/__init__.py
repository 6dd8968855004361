"""PostgreSQL: tables, reads, writes, named locks and the unit of work; the only place that writes SQL."""
