"""Organization: the tree of units, users with their memberships, sessions, the keys that sign access tokens, policies.

It owns who somebody is and where he stands. Every other service keeps a copy of what it announces as
`crm.organization.*`, and believes a token because of the keys announced here.
"""
