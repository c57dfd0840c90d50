-- Which click carried a value: day of the click, hash of the value, click ID. Filled by a chore, only appended.
-- The day comes first, so that new rows fall into the pages of one day however large the table is; the hash
-- alone would spread them over all of it.
CREATE TABLE sub_values (
    day INTEGER NOT NULL,
    key_hash BIGINT NOT NULL,
    click_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (day, key_hash, click_id)
);

-- How far chores have come, by name.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL DEFAULT ''
);
INSERT INTO marks (name, value) VALUES ('sub_values', '');

-- Reports that changed nothing are looked for by their transaction ID; the others by their conversion's.
CREATE INDEX reports_refused ON reports (txid) WHERE txid <> '' AND verdict NOT IN ('accepted', 'updated');
