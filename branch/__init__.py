"""What a branch's own system installs: it stores what the branch has to tell, and tells it to headquarters once.

`spool` keeps events on the branch's disk until headquarters has them, `hub` hands them over (pika), `sending` tries
until they are, `leads` reads them from files, `cli` is `crm-branch`.
"""
