"""Bring another system's export in: a mapping says what becomes what, the gateway's bulk routes do the rest."""
