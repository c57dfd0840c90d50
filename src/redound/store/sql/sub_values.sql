-- name: sub_values_mark
-- The last click whose values are noted.
SELECT marks.value FROM marks WHERE marks.name = 'sub_values'

-- name: move_sub_values_mark (was text, value text)
-- Compare-and-set: clicks that came late have lowered it meanwhile, and are not to be passed over.
UPDATE marks SET value = :value WHERE marks.name = 'sub_values' AND marks.value = :was

-- name: lower_sub_values_mark (value text)
-- Clicks were stored long after they were made (a spill file was replayed): go back to them.
UPDATE marks SET value = :value WHERE marks.name = 'sub_values' AND marks.value > :value

-- name: clicks_to_index (after text, before text, most int)
SELECT clicks.id, clicks.created_at, clicks.params
FROM clicks
WHERE clicks.id > :after AND clicks.id < :before
ORDER BY clicks.id
LIMIT :most

-- name: add_sub_value (day int, key_hash bigint, click_id text)
INSERT INTO sub_values (day, key_hash, click_id)
VALUES (:day, :key_hash, :click_id)
ON CONFLICT (day, key_hash, click_id) DO NOTHING

-- name: clicks_with_values (days int[], keys bigint[], most int)
-- Each day and key is one look-up; the latest clicks first.
SELECT sub_values.click_id
FROM sub_values
WHERE sub_values.day IN (SELECT value FROM json_each(:days))  -- sqlite
WHERE sub_values.day = ANY (:days)  -- postgres
    AND sub_values.key_hash IN (SELECT value FROM json_each(:keys))  -- sqlite
    AND sub_values.key_hash = ANY (:keys)  -- postgres
ORDER BY sub_values.click_id DESC
LIMIT :most
