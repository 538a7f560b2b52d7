"""Analytics: read models built only from events, so that every level of management decides on the same figures.

Each deal and lead is kept as its newest event says; roll-ups move by the difference between what a deal contributed
and what it contributes now, so that neither duplicates nor disorder count twice. Nothing scans facts to answer.
"""
