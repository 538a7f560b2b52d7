"""Activity: what was done for whom, and what is promised next.

Activities and follow-up plans, each for a customer, a lead or a deal known here from events. Everything that happens
here goes out as `crm.activity.*`.
"""
