"""The wiring: settings, command line, ASGI application, embedded database, identity and telemetry."""
