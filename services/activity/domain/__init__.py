"""Business rules: plain functions and frozen dataclasses, nothing but the standard library."""
