"""Leads: sources and products, leads and their assignment, opportunities and their way through the pipeline.

It owns what is being sold, to whom and how far it is. Customers, users and units it knows from events only.
Everything that happens here goes out as `crm.leads.*`.
"""
