"""Rules: criteria, expressions, tables, actions, base rules, plug-ins and their sandbox, without any database."""
