-- How many conversions took a place under a cap: key is the offer or affiliate with a day of UTC or "total".
CREATE TABLE cap_counts (
    key TEXT PRIMARY KEY NOT NULL,
    n BIGINT NOT NULL
) WITHOUT ROWID;
