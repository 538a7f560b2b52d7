"""What the parts of the system say to each other: event types, declared once.

A released event type only grows optional fields; whatever else changes is a new major.
"""
