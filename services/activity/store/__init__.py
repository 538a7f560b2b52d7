"""Tables, and how rows are loaded and saved."""
