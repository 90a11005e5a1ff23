"""Words that every export and every report carries, verbatim."""

from typing import Final

NOTICE_LINES: Final = (
    "A notice gives no permission, and the absence of one removes no protection.",
    "Acknowledgement is not approval. Silence is never consent.",
)
"""Every export says so."""

EXERCISE: Final = "EXERCISE"
EXERCISE_LINE: Final = "EXERCISE EXERCISE EXERCISE: this line is a drill; nothing here is real."
"""First on everything that is made of an exercise line's record (FM26)."""

OWN_WORD: Final = "own word"
PROVED: Final = "proved"
SIGNED: Final = "signed claim"

GRADES: Final = {
    PROVED: "follows from signatures and hashes alone; anybody can check it",
    SIGNED: "a party said so in its signed record and cannot take it back; whether it is true is"
    " its claim (times are such claims)",
    OWN_WORD: "rests on the word of the node that made the bundle: receiving times, what was"
    " presented on a desk, what a role answered there, heartbeats",
}

READ_ME: Final = f"""\
Evidence bundle of a deconfliction line
=======================================

{NOTICE_LINES[0]}
{NOTICE_LINES[1]}

What is in own/ and in desk/ rests on the word of the node that made this bundle: when things
reached it, what stood on its desk, who took an alert. The rest is signed by the parties' keys.
Times are claims of the clock of whoever wrote them.

Check it, offline:     clearline evidence verify FILE --line LINE

The line's name is the SHA-256 of version 1 of its agreement. Compare it with your own copy:
a bundle whose line you do not know proves nothing about a line that you do know.

Without this project's software, feed by feed:
  feeds/*/checkpoint   C2SP tlog-checkpoint (a signed note; any implementation of sumdb/note)
  feeds/*/leaves       the tree's leaf data, one base64 line a leaf from index 0;
                       leaf hash = SHA-256(0x00 || leaf data), RFC 6962
  feeds/*/entries      "index salt bytes" in base64: SHA-256(salt || bytes) is that leaf's data
  proofs/*             C2SP tlog-proof; its extra line is the entry's salt
  documents/*          canonical JSON, Ed25519 over "clearline/TYPE/v1\\n" || doc
The keys that sign a feed's checkpoints are named in the party's manifests under documents/.
"""

FINDINGS: Final = {
    "file-form": "The file is not in its one form: a byte outside its members was changed.",
    "member": "{where} is not what the maker signed.",
    "maker": "The manifest is not signed by a node key of the party that it names.",
    "foreign-line": "This is of another line than the one asked for.",
    "document": "A document of the line does not fit: {where}.",
    "wrongly-signed": "The checkpoint of {where} is not signed by the key that speaks there.",
    "bad-root": "The leaves of {where} do not give the root that was signed.",
    "altered": "Entry {where} was altered: it does not open the commitment at its place.",
    "leaf-altered": "The commitment of entry {where} was altered; the entry itself is proved.",
    "reordered": "Entry {where} was moved: it belongs at {belongs}.",
    "duplicated": "Entry {where} stands twice or out of order.",
    "dropped": "Entry {where} was dropped: it is neither shown nor stated as withheld.",
    "added": "Entry {where} was added: the signed record ends before it.",
    "withheld-shown": "Entry {where} is stated as withheld, and yet it is shown.",
    "miscounted": "The manifest states another number of leaves of {where} than there are.",
    "misplaced": "Entry {where} was written for another line, record or place.",
    "unreadable": "Entry {where} could not be applied by any node; it counts as live everywhere.",
    "truncated": "The record {where} was cut short: {said} entries were seen, {size} are here.",
    "not-held": "Of {where} more exists than the maker held: {said} were seen, {size} are here.",
    "forked": "There are two histories of {where}, both signed: they part there or before.",
    "no-fork": "A fork of {where} is claimed and not proved.",
    "back-dated": "Entry {where} states a time {by} before what it had already seen ({after}).",
    "post-dated": "Entry {where} states a time {by} after it was seen ({after}).",
    "clock-unknown": "Times of {where} and {after} contradict; the clocks were never compared.",
    "own-contradiction": "The maker's own statement about {where} contradicts its record.",
    "proof": "The proof that travels with {where} does not hold.",
    "desk": "The private desk record does not hold: {where}.",
    "withheld": "Withheld of {where}: {count}. That they are there, and their order, is proved.",
    "seal": "What {where} opened is not what was sealed at {seal}.",
    "envelope": "What {where} opened is not within its envelope {envelope}: {outside}.",
    "envelope-unsure": "Whether what {where} opened is within its envelope {envelope} cannot be"
    " told.",
}
"""One sentence for each ``facts.What``; blanks are facts, never words of others."""

RULES: Final = {
    "CL-EVI-001": "a bundle is a zip of stored members, each byte of which is fixed by"
    " their contents",
    "CL-EVI-002": "manifest.json lists every other member by size and digest; nothing"
    " else is there",
    "CL-EVI-003": "manifest.note is signed by a node key of the party that made the bundle",
    "CL-EVI-004": "the line's documents follow from one another; the hash of version 1 is its name",
    "CL-EVI-005": "each feed's leaves give the root of a checkpoint that the key for its"
    " place signed",
    "CL-EVI-006": "an entry that is shown opens the commitment at its place",
    "CL-EVI-007": "every index is shown once or stated as withheld, never both, never neither",
    "CL-EVI-008": "an entry states the line, the feed and the place where it stands",
    "CL-EVI-009": "what a party has seen, or a checkpoint covers, is as long as it says",
    "CL-EVI-010": "what others refused, or held ahead, is what stands there",
    "CL-EVI-011": "times rise along a record, and along what each entry had seen, within"
    " clock offsets",
    "CL-EVI-012": "the maker's own statements contradict neither each other nor its record",
    "CL-EVI-013": "the private desk record opens its commitments and its checkpoint",
    "CL-EVI-014": "a proof that travels alone holds",
    "CL-EVI-015": "two checkpoints of one feed that contradict each other are a fork",
    "CL-EVI-016": "what was opened is what was sealed, and lies within its envelope",
    "CL-EVI-017": "reviews are of one line and one period, whole, and of a version that is known",
}
"""What a clause asks, for the reader of a finding."""
