-- A snapshot is kept in parts, so that neither writing nor reading one stops the node. Its row in
-- ``snapshots`` comes last: without it the parts count for nothing. Those of the format before,
-- in one piece, would only be passed over.

CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    body BLOB NOT NULL,
    UNIQUE (seq, n)
) STRICT;
DELETE FROM snapshots;
