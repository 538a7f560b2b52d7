"""Routes and schemas: HTTP in, HTTP out; no business rule, no SQL."""
