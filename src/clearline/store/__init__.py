"""What a node keeps: its database, its high-water marks, its lease; backup and examination of them.

| clause | rule |
|---|---|
| CL-STO-001 | one commit is one durable transaction: all of it or nothing, also over kill -9 |
| CL-STO-002 | what is recorded is never rewritten: entries, desk record, journal are append-only |
| CL-STO-003 | one size of a feed has one root and at most one signed text |
| CL-STO-004 | one writer: a lease that dies with its process, a fencing number that only grows |
| CL-STO-005 | a full disk leaves nothing of the commit, and the store usable |
| CL-STO-006 | a database that is damaged, foreign or of a newer version is refused, not touched |
| CL-STO-007 | the high-water mark stands outside the database and never goes back |
| CL-STO-008 | a restored copy never brings a high-water mark along |
| CL-STO-009 | only the node's own account can read its files |
"""
