"""One function for each thing a user can do: one transaction, domain and store, events recorded."""
