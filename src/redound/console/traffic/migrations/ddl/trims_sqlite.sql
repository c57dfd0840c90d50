-- Less to write for each report. A fire key belongs to one conversion (or to a click, without one), so a single
-- tree keeps deliveries unique and finds those of a conversion.
DROP INDEX deliveries_once;
DROP INDEX deliveries_conversion;
CREATE UNIQUE INDEX deliveries_once ON deliveries (conversion_id, fire_key, postback_id);

-- Whoever stores a conversion tells of its player himself: a trigger costs every conversion, the few with a
-- customer and the many without.
DROP TRIGGER player_news_of_new_conversion;
DROP TRIGGER player_news_of_changed_conversion;

-- One tree instead of two for the verdict of a row.
CREATE TABLE import_rows_trimmed (
    import_id varchar(40) NOT NULL REFERENCES imports (id) DEFERRABLE INITIALLY DEFERRED,
    number integer unsigned NOT NULL CHECK (number >= 0),
    verdict varchar(30) NOT NULL,
    column_name varchar(80) NOT NULL,
    detail text NOT NULL,
    subject varchar(40) NOT NULL,
    PRIMARY KEY (import_id, number)
) WITHOUT ROWID;
INSERT INTO import_rows_trimmed (import_id, number, verdict, column_name, detail, subject)
SELECT import_id, number, verdict, column_name, detail, subject FROM import_rows;
DROP TABLE import_rows;
ALTER TABLE import_rows_trimmed RENAME TO import_rows;
