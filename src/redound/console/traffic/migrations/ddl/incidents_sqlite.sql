-- What the watch counted an hour (since the epoch): of `total`, `hits` were so. Appended to while it goes on.
CREATE TABLE watch_hours (
    hour INTEGER NOT NULL,
    measure TEXT NOT NULL,
    subject TEXT NOT NULL,
    total BIGINT NOT NULL,
    hits BIGINT NOT NULL,
    PRIMARY KEY (hour, measure, subject)
) WITHOUT ROWID;

-- What the watch found. `subject` is a postback, offer or advertiser; `evidence` is JSON.
CREATE TABLE incidents (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    postback_id TEXT NOT NULL DEFAULT '',
    offer_id TEXT NOT NULL DEFAULT '',
    advertiser_id TEXT NOT NULL DEFAULT '',
    affiliate_id TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_because TEXT NOT NULL DEFAULT '',
    closing_evidence TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
-- The same is open once.
CREATE UNIQUE INDEX incidents_open ON incidents (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX incidents_affiliate ON incidents (affiliate_id, id) WHERE affiliate_id <> '';
