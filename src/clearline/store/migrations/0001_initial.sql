-- Times are milliseconds since 1970-01-01T00:00:00Z (UTC). Hashes are 32 bytes; digests as they are
-- written everywhere, 64 hex digits. What is append-only is so by trigger, whoever writes. REPLACE
-- deletes without firing the triggers of a deletion, so that insertion is guarded as well.

CREATE TABLE writer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fence INTEGER NOT NULL CHECK (fence >= 0)
) STRICT;
INSERT INTO writer (one, fence) VALUES (1, 0);
CREATE TRIGGER writer_fence_only_grows BEFORE UPDATE ON writer WHEN NEW.fence < OLD.fence
BEGIN SELECT RAISE(ABORT, 'a fencing number only grows'); END;
CREATE TRIGGER writer_stays BEFORE DELETE ON writer
BEGIN SELECT RAISE(ABORT, 'a fencing number only grows'); END;

CREATE TABLE lines (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4194303),
    line INTEGER NOT NULL REFERENCES lines (id),
    name TEXT NOT NULL,
    UNIQUE (line, name)
) STRICT;

-- The key packs feed and index (2**40 entries at most), so that a feed lies together in the file
-- and one lookup finds an entry; a second index would cost every append a second page.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    feed INTEGER GENERATED ALWAYS AS (id >> 40) VIRTUAL,
    idx INTEGER GENERATED ALWAYS AS (id & 1099511627775) VIRTUAL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    received INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER entries_are_contiguous BEFORE INSERT ON entries
WHEN NEW.id <> (
    SELECT coalesce(max(id) + 1, NEW.id >> 40 << 40) FROM entries
    WHERE id BETWEEN NEW.id >> 40 << 40 AND NEW.id >> 40 << 40 | 1099511627775
)
BEGIN SELECT RAISE(ABORT, 'entries of a feed are contiguous'); END;
CREATE TRIGGER entries_are_never_rewritten BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never rewritten'); END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

CREATE TABLE ahead (
    feed INTEGER NOT NULL REFERENCES feeds (id),
    idx INTEGER NOT NULL CHECK (idx >= 0),
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    received INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (feed, idx)
) STRICT;
CREATE TRIGGER ahead_stays_what_it_was BEFORE INSERT ON ahead
WHEN EXISTS (
    SELECT 1 FROM ahead WHERE feed = NEW.feed AND idx = NEW.idx
    AND (salt <> NEW.salt OR leaf <> NEW.leaf OR body <> NEW.body)
)
BEGIN SELECT RAISE(ABORT, 'an entry ahead of sequence never changes'); END;

CREATE TABLE hashes (
    feed INTEGER NOT NULL REFERENCES feeds (id),
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 40),
    n INTEGER NOT NULL CHECK (n >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (feed, level, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER hashes_never_contradict BEFORE INSERT ON hashes
WHEN NEW.hash <> (SELECT hash FROM hashes WHERE feed = NEW.feed AND level = NEW.level AND n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'the hash of a complete subtree never changes'); END;
CREATE TRIGGER hashes_are_never_rewritten BEFORE UPDATE ON hashes
BEGIN SELECT RAISE(ABORT, 'the hash of a complete subtree never changes'); END;
CREATE TRIGGER hashes_are_never_deleted BEFORE DELETE ON hashes
BEGIN SELECT RAISE(ABORT, 'the hash of a complete subtree never changes'); END;

CREATE TABLE heads (
    feed INTEGER NOT NULL REFERENCES feeds (id),
    size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL,
    PRIMARY KEY (feed, size)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER heads_never_contradict BEFORE INSERT ON heads
WHEN EXISTS (
    SELECT 1 FROM heads WHERE feed = NEW.feed AND size = NEW.size
    AND (root <> NEW.root OR (note <> '' AND NEW.note <> '' AND note <> NEW.note))
)
BEGIN SELECT RAISE(ABORT, 'one size has one root and one signed text'); END;
CREATE TRIGGER heads_signed_stay_signed BEFORE INSERT ON heads
WHEN NEW.note = '' AND EXISTS (
    SELECT 1 FROM heads
    WHERE feed = NEW.feed AND size = NEW.size AND root = NEW.root AND note <> ''
)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER heads_signed_are_never_rewritten BEFORE UPDATE ON heads
WHEN NEW.feed <> OLD.feed OR NEW.size <> OLD.size OR NEW.root <> OLD.root OR OLD.note <> ''
BEGIN SELECT RAISE(ABORT, 'a signed head never changes'); END;
CREATE TRIGGER heads_signed_are_never_deleted BEFORE DELETE ON heads WHEN OLD.note <> ''
BEGIN SELECT RAISE(ABORT, 'a signed head stays'); END;

CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    line INTEGER NOT NULL REFERENCES lines (id),
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (line, kind, sha256)
) STRICT;
CREATE TRIGGER documents_never_contradict BEFORE INSERT ON documents
WHEN EXISTS (
    SELECT 1 FROM documents
    WHERE line = NEW.line AND kind = NEW.kind AND sha256 = NEW.sha256 AND body <> NEW.body
)
BEGIN SELECT RAISE(ABORT, 'a signed document never changes'); END;
CREATE TRIGGER documents_are_never_rewritten BEFORE UPDATE ON documents
BEGIN SELECT RAISE(ABORT, 'a signed document never changes'); END;
CREATE TRIGGER documents_are_never_deleted BEFORE DELETE ON documents
BEGIN SELECT RAISE(ABORT, 'a signed document stays'); END;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
    next INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX alerts_open ON alerts (id) WHERE is_open = 1;
CREATE INDEX alerts_next ON alerts (next, id) WHERE is_open = 1 AND next IS NOT NULL;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER outbox_names_one_intent BEFORE INSERT ON outbox
WHEN EXISTS (SELECT 1 FROM outbox WHERE name = NEW.name AND body <> NEW.body)
BEGIN SELECT RAISE(ABORT, 'a key of the outbox names one intent'); END;

CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER journal_is_contiguous BEFORE INSERT ON journal
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is contiguous'); END;
CREATE TRIGGER journal_is_never_rewritten BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;
CREATE TRIGGER journal_is_never_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is never rewritten'); END;

CREATE TABLE desk (
    line INTEGER NOT NULL REFERENCES lines (id),
    idx INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    body BLOB NOT NULL,
    PRIMARY KEY (line, idx)
) STRICT;
CREATE TRIGGER desk_is_contiguous BEFORE INSERT ON desk
WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM desk WHERE line = NEW.line)
BEGIN SELECT RAISE(ABORT, 'the desk record is contiguous'); END;
CREATE TRIGGER desk_is_never_rewritten BEFORE UPDATE ON desk
BEGIN SELECT RAISE(ABORT, 'the desk record is never rewritten'); END;
CREATE TRIGGER desk_is_never_deleted BEFORE DELETE ON desk
BEGIN SELECT RAISE(ABORT, 'the desk record is never rewritten'); END;

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    answer BLOB NOT NULL
) STRICT;
CREATE TRIGGER requests_are_answered_once BEFORE INSERT ON requests
WHEN EXISTS (
    SELECT 1 FROM requests
    WHERE name = NEW.name AND (sha256 <> NEW.sha256 OR answer <> NEW.answer)
)
BEGIN SELECT RAISE(ABORT, 'a request has one answer'); END;

CREATE TABLE pieces (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    start INTEGER NOT NULL CHECK (start >= 0),
    body BLOB NOT NULL,
    UNIQUE (sha256, start)
) STRICT;

-- The digest is of our own making: it tells a torn or damaged snapshot from a whole one.
CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    body BLOB NOT NULL
) STRICT;
