"""Reads, shaped for their answers."""
