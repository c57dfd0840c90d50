-- name: put_mark (name text)
INSERT INTO marks (name, value) VALUES (:name, '') ON CONFLICT (name) DO NOTHING

-- name: mark (name text)
SELECT marks.value FROM marks WHERE marks.name = :name

-- name: move_mark (name text, was text, value text)
-- Compare-and-set: of two processes that both think it is their turn, one moves it.
UPDATE marks SET value = :value WHERE marks.name = :name AND marks.value = :was

-- name: take_turn (name text, holder text, until text, now text, far text)
-- A turn is "until holder", the time in fixed width. One that ends impossibly late came from a wrong clock.
UPDATE marks SET value = :until || ' ' || :holder
WHERE marks.name = :name
    AND (marks.value < :now OR marks.value > :far OR substr(marks.value, 18) = :holder)

-- name: partitions_before (parent text, before text)
-- SQLite has none.
SELECT sqlite_master.name FROM sqlite_master  -- sqlite
WHERE sqlite_master.name = :parent AND sqlite_master.name = :before AND sqlite_master.type = ''  -- sqlite
SELECT child.relname::text  -- postgres
FROM pg_inherits  -- postgres
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid  -- postgres
WHERE pg_inherits.inhparent = to_regclass(:parent)  -- postgres
    AND child.relname::text COLLATE "C" < :before COLLATE "C"  -- postgres
ORDER BY 1  -- postgres

-- name: drop_partition (name text) only postgres
SELECT redound_drop_partition(:name)

-- name: shortest_lock_timeout only postgres
-- Dropping a partition locks its parent for a moment; every insert waits behind whoever waits for that.
SET LOCAL lock_timeout = '100ms'

-- name: purge_clicks (before text, most int)
-- On PostgreSQL whole days are dropped; what remains to be deleted came when there was no partition for it.
DELETE FROM clicks WHERE id IN (  -- sqlite
    SELECT clicks.id FROM clicks  -- sqlite
DELETE FROM clicks_default WHERE id IN (  -- postgres
    SELECT clicks.id FROM clicks_default AS clicks  -- postgres
    WHERE clicks.id < :before ORDER BY clicks.id LIMIT :most
)

-- name: purge_reports (before text, most int)
DELETE FROM reports WHERE id IN (  -- sqlite
    SELECT reports.id FROM reports  -- sqlite
DELETE FROM reports_default WHERE id IN (  -- postgres
    SELECT reports.id FROM reports_default AS reports  -- postgres
    WHERE reports.id < :before ORDER BY reports.id LIMIT :most
)

-- name: purge_attempts (before text, most int)
DELETE FROM attempts WHERE id IN (  -- sqlite
    SELECT attempts.id FROM attempts  -- sqlite
DELETE FROM attempts_default WHERE id IN (  -- postgres
    SELECT attempts.id FROM attempts_default AS attempts  -- postgres
    WHERE attempts.id < :before ORDER BY attempts.id LIMIT :most
)

-- name: purge_sub_values (day int, most int)
DELETE FROM sub_values WHERE (day, key_hash, click_id) IN (
    SELECT sub_values.day, sub_values.key_hash, sub_values.click_id FROM sub_values
    WHERE sub_values.day < :day
    ORDER BY sub_values.day, sub_values.key_hash, sub_values.click_id LIMIT :most
)

-- name: first_unfinished
-- Unfinished, or not yet counted as finished (store/statistics.py); the first row is the earlier one.
SELECT unfinished.id
FROM (
    SELECT min(due.delivery_id) AS id FROM due
    UNION ALL
    SELECT min(counted_open.delivery_id) AS id FROM counted_open
) AS unfinished
WHERE unfinished.id IS NOT NULL
ORDER BY unfinished.id
LIMIT 1

-- name: deliveries_after (after text, before text, most int)
SELECT deliveries.id, deliveries.macro_values
FROM deliveries
WHERE deliveries.id > :after AND deliveries.id < :before
ORDER BY deliveries.id
LIMIT :most

-- name: purge_deliveries (after text, last text)
-- What fired once for a conversion stays: its fire key is what keeps it from firing again.
DELETE FROM deliveries
WHERE deliveries.id > :after
    AND deliveries.id <= :last
    AND deliveries.state <> 'open'
    AND deliveries.fire_key <> deliveries.conversion_id

-- name: clicks_after | reports_after (after text, before text, most int)
SELECT id, ip FROM clicks  -- clicks_after
SELECT id, ip FROM reports  -- reports_after
WHERE id > :after AND id < :before
ORDER BY id
LIMIT :most

-- name: put_click_ip (id text, ip text)
UPDATE clicks SET ip = :ip
/*rows*/
WHERE clicks.id = :id

-- name: put_report_ip (id text, ip text)
UPDATE reports SET ip = :ip
/*rows*/
WHERE reports.id = :id

-- name: put_delivery_values (id text, macro_values text)
UPDATE deliveries SET macro_values = :macro_values
/*rows*/
WHERE deliveries.id = :id
