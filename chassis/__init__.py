"""What every service stands on: settings, database, outbox, inbox, bus and the HTTP edge."""
