"""Background work: the broker, its actors, the schedule, and the delivery of emails and webhooks."""
