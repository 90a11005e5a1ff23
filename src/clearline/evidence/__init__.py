"""Evidence: what one party's record shows, to be checked by anybody, offline.

``container`` is the file, ``bundle`` what stands in it, ``gather`` fills one from a node's store,
``verify`` checks one, ``compare`` lays two side by side, ``report`` makes a page of either. All but
``gather`` import neither node nor store: a verifier needs the base install alone.

| clause | rule |
|---|---|
| CL-EVI-001 | a bundle is a zip of stored members, each byte of which is fixed by their contents |
| CL-EVI-002 | manifest.json lists every other member by size and digest; nothing else is there |
| CL-EVI-003 | manifest.note is signed by a node key of the party that made the bundle |
| CL-EVI-004 | the line's documents follow from one another; the hash of version 1 is its name |
| CL-EVI-005 | each feed's leaves give the root of a checkpoint that the key for its place signed |
| CL-EVI-006 | an entry that is shown opens the commitment at its place |
| CL-EVI-007 | every index is shown once or stated as withheld, never both, never neither |
| CL-EVI-008 | an entry states the line, the feed and the place where it stands |
| CL-EVI-009 | what a party has seen, or a checkpoint covers, is as long as it says |
| CL-EVI-010 | what others refused, or held ahead, is what stands there |
| CL-EVI-011 | times rise along a record, and along what each entry had seen, within clock offsets |
| CL-EVI-012 | the maker's own statements contradict neither each other nor its record |
| CL-EVI-013 | the private desk record opens its commitments and its checkpoint |
| CL-EVI-014 | a proof that travels alone holds |
| CL-EVI-015 | two checkpoints of one feed that contradict each other are a fork |
| CL-EVI-016 | what was opened is what was sealed, and lies within its envelope |
| CL-EVI-017 | reviews are of one line and one period, whole, and of a version that is known |
"""
