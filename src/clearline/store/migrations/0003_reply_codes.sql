-- Reply codes of pages for parties without a node: only digests of them. What one stands for never
-- changes, and its wrong tries are never forgotten.

CREATE TABLE reply_codes (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    link TEXT NOT NULL UNIQUE,
    about TEXT NOT NULL,
    body BLOB NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0)
) STRICT;
CREATE INDEX reply_codes_about ON reply_codes (about);
CREATE TRIGGER reply_codes_only_count BEFORE UPDATE ON reply_codes
WHEN NEW.name <> OLD.name OR NEW.link <> OLD.link OR NEW.about <> OLD.about
    OR NEW.body <> OLD.body OR NEW.tries < OLD.tries
BEGIN SELECT RAISE(ABORT, 'a reply code never changes, its wrong tries only grow'); END;
CREATE TRIGGER reply_codes_stay BEFORE DELETE ON reply_codes
BEGIN SELECT RAISE(ABORT, 'a reply code is never forgotten'); END;
