"""A claim becomes a record: trees, checkpoints, proofs, forks. Pure; imports model and signing.

| clause | in | rule |
|---|---|---|
| CL-LED-001 | merkle | RFC 6962: leaf = H(0x00, commitment), node = H(0x01, left, right) |
| CL-LED-002 | merkle, proof, feed | commitment = H(salt, bytes); a salt is exactly 32 bytes |
| CL-LED-003 | merkle, feed | hashes of other than 32 bytes and overlong proofs are refused |
| CL-LED-004 | merkle | sizes 0 and 1 are ordinary: stated roots, empty proofs |
| CL-LED-005 | note | C2SP signed-note: UTF-8, no control characters, one base64 of a value |
| CL-LED-006 | note | verifier key = name+id+base64; the id is computed, never believed |
| CL-LED-007 | note | unknown keys are ignored, a known key's signatures all hold, one is there |
| CL-LED-008 | note, proof | every text has a limit: bytes, signatures, hashes, extra data |
| CL-LED-009 | checkpoint | origin, size, root and no other line; size 0 has the empty root |
| CL-LED-010 | checkpoint | the origin holds line and feed in full, and is every key's name |
| CL-LED-011 | proof | C2SP tlog-proof, strict |
| CL-LED-012 | proof | salt, bytes, index and signed checkpoint prove an entry alone |
| CL-LED-013 | feed | a feed grows without a gap, by what a signed checkpoint covers |
| CL-LED-014 | feed, audit | a checkpoint shorter than what is held is named a rollback |
| CL-LED-015 | feed | what overtakes is in a checkpoint consistent with the newest held |
| CL-LED-016 | audit | a fork: two signed checkpoints, and a proof of another beginning |
| CL-LED-017 | audit | gossip is the same, behind, rolled back, ahead or a fork |
"""
