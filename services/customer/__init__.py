"""Customer: the file of every customer, the people there, and who holds it.

Customers are the company's, not a salesperson's: each has an owner at any time, and who held it when is never
rewritten. Everything that happens here goes out as `crm.customer.*`.
"""
