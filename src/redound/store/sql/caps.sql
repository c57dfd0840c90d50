-- name: cap_counts (keys text[])
-- How many places are taken. Whoever looks is about to take one, so others wait for it, in the order of keys.
SELECT cap_counts.key, cap_counts.n
FROM cap_counts
WHERE cap_counts.key IN (SELECT value FROM json_each(:keys))  -- sqlite
WHERE cap_counts.key = ANY (:keys)  -- postgres
ORDER BY cap_counts.key
FOR UPDATE  -- postgres

-- name: add_cap_count (key text, n bigint)
-- The first places under a cap. Compare-and-set: of two at a time the second adds no row.
INSERT INTO cap_counts (key, n)
VALUES (:key, :n)
ON CONFLICT (key) DO NOTHING
RETURNING cap_counts.key  -- postgres

-- name: change_cap_count (key text, was bigint, n bigint)
-- Further places. Compare-and-set: of two at a time the second finds no row.
UPDATE cap_counts SET n = :n
/*rows*/
WHERE cap_counts.key = :key AND cap_counts.n = :was
RETURNING cap_counts.key  -- postgres
