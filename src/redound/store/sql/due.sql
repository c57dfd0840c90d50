-- Rows that nobody holds stand in lanes (index due_lane), rows that somebody holds by their deadline (index
-- due_held). Whoever looks for work first frees what is held past its deadline.

-- name: first_deadline
SELECT min(due.at) FROM due WHERE due.lease <> ''

-- name: free_expired (now bigint)
-- Their holder is dead or cut off: by time alone they are anybody's.
UPDATE due SET lease = '' WHERE due.lease <> '' AND due.at <= :now

-- name: lanes (queue int, now bigint, most int)
-- Lanes of one queue in which something is due, by hopping from postback to postback along the index.
WITH RECURSIVE hop (postback_id) AS (
    SELECT (
        SELECT due.postback_id FROM due
        WHERE due.lease = '' AND due.queue = :queue ORDER BY due.postback_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT due.postback_id FROM due
        WHERE due.lease = '' AND due.queue = :queue AND due.postback_id > hop.postback_id
        ORDER BY due.postback_id LIMIT 1
    )
    FROM hop WHERE hop.postback_id IS NOT NULL
)
SELECT lane.postback_id, lane.at
FROM (
    SELECT
        hop.postback_id,
        (
            SELECT due.at FROM due
            WHERE due.lease = '' AND due.queue = :queue AND due.postback_id = hop.postback_id
            ORDER BY due.at LIMIT 1
        ) AS at
    FROM hop WHERE hop.postback_id IS NOT NULL
) AS lane
WHERE lane.at <= :now
ORDER BY lane.at, lane.postback_id
LIMIT :most

-- name: next_due (queue int)
-- When the next row of a queue falls due, hopping likewise.
WITH RECURSIVE hop (postback_id) AS (
    SELECT (
        SELECT due.postback_id FROM due
        WHERE due.lease = '' AND due.queue = :queue ORDER BY due.postback_id LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT due.postback_id FROM due
        WHERE due.lease = '' AND due.queue = :queue AND due.postback_id > hop.postback_id
        ORDER BY due.postback_id LIMIT 1
    )
    FROM hop WHERE hop.postback_id IS NOT NULL
)
SELECT min(
    (
        SELECT due.at FROM due
        WHERE due.lease = '' AND due.queue = :queue AND due.postback_id = hop.postback_id
        ORDER BY due.at LIMIT 1
    )
)
FROM hop WHERE hop.postback_id IS NOT NULL

-- name: due_of_lane (queue int, postback_id text, now bigint, room int) only sqlite
-- The single writer of SQLite reads what it claims, then leases it by `lease_due` in the same transaction.
SELECT
    due.delivery_id, due.postback_id, deliveries.conversion_id, deliveries.click_id,
    deliveries.macro_values, deliveries.test, deliveries.created_at, due.queue, due.lease, due.attempts,
    due.receiver_failures, due.first_attempt_at, due.ordered
FROM due
JOIN deliveries ON deliveries.id = due.delivery_id
WHERE due.lease = '' AND due.queue = :queue AND due.postback_id = :postback_id AND due.at <= :now
ORDER BY due.at, due.delivery_id
LIMIT :room

-- name: lease_due (delivery_id text, lease text, until bigint)
UPDATE due SET lease = :lease, at = :until
/*rows*/
WHERE due.delivery_id = :delivery_id

-- name: claim (queues int[], postback_ids text[], rooms int[], lease text, now bigint, until bigint) only postgres
-- Many workers claim at once: rows that another is claiming are skipped, never waited for. (A row that was
-- claimed between look and lock is looked at again, and its lease is not empty any more.)
WITH wanted AS (
    SELECT * FROM unnest(:queues, :postback_ids, :rooms) AS w (queue, postback_id, room)
),
claimed AS (
    UPDATE due SET lease = :lease, at = :until
    WHERE due.delivery_id = ANY (ARRAY (
        SELECT line.delivery_id FROM wanted CROSS JOIN LATERAL (
            SELECT due.delivery_id FROM due
            WHERE due.lease = '' AND due.queue = wanted.queue
                AND due.postback_id = wanted.postback_id AND due.at <= :now
            ORDER BY due.at LIMIT wanted.room FOR UPDATE SKIP LOCKED
        ) AS line
    ))
    RETURNING due.*
)
SELECT
    claimed.delivery_id, claimed.postback_id, deliveries.conversion_id, deliveries.click_id,
    deliveries.macro_values, deliveries.test, deliveries.created_at, claimed.queue, claimed.lease,
    claimed.attempts, claimed.receiver_failures, claimed.first_attempt_at, claimed.ordered
FROM claimed JOIN deliveries ON deliveries.id = claimed.delivery_id
ORDER BY claimed.delivery_id

-- name: older_siblings (id text, postback_id text, conversion_id text)
-- Unfinished older deliveries of the same postback and conversion, with when each may next be claimed. The
-- `|| ''` keeps planners from reading the postback's whole history instead of the conversion's few rows.
SELECT
    due.delivery_id, due.postback_id, deliveries.conversion_id, deliveries.click_id,
    deliveries.macro_values, deliveries.test, deliveries.created_at, due.queue, due.lease, due.attempts,
    due.receiver_failures, due.first_attempt_at, due.ordered, due.at
FROM deliveries
JOIN due ON due.delivery_id = deliveries.id
WHERE deliveries.conversion_id = :conversion_id
    AND deliveries.conversion_id <> ''
    AND deliveries.postback_id || '' = :postback_id
    AND deliveries.id < :id
    AND due.queue < 2
ORDER BY deliveries.id
FOR UPDATE OF due  -- postgres

-- name: extend_leases (leases text[], until bigint)
UPDATE due SET at = :until
WHERE due.lease <> ''
    AND due.lease IN (SELECT value FROM json_each(:leases))  -- sqlite
    AND due.lease = ANY (:leases)  -- postgres

-- name: free_leases (mine text, now bigint)
-- For the one data plane of a SQLite file at its start: whoever leased these is dead.
UPDATE due SET lease = '', at = :now
WHERE due.lease <> '' AND substr(due.lease, 1, length(:mine)) <> :mine

-- name: release_due (delivery_id text, lease text, at bigint)
UPDATE due SET lease = '', at = :at
/*rows*/
WHERE due.delivery_id = :delivery_id AND due.lease = :lease

-- name: park_due (delivery_id text, lease text, at bigint, lag bigint)
-- The worker judged by a snapshot that may be a moment old: if the postback was enabled meanwhile, parking
-- would leave the delivery behind for good. Then it waits for the snapshot instead.
UPDATE due SET
    lease = '',
    queue = CASE WHEN
        EXISTS (SELECT 1 FROM postback_health AS h WHERE h.postback_id = due.postback_id AND h.state = 'disabled')
        OR EXISTS (SELECT 1 FROM postbacks WHERE postbacks.id = due.postback_id AND NOT postbacks.enabled)
    THEN 2 ELSE 1 END,
    at = CASE WHEN
        EXISTS (SELECT 1 FROM postback_health AS h WHERE h.postback_id = due.postback_id AND h.state = 'disabled')
        OR EXISTS (SELECT 1 FROM postbacks WHERE postbacks.id = due.postback_id AND NOT postbacks.enabled)
    THEN :at ELSE :at + :lag END
/*rows*/
WHERE due.delivery_id = :delivery_id AND due.lease = :lease

-- name: resume_strays (now bigint)
-- Parked by somebody whose snapshot was a moment old, after the postback had been enabled.
UPDATE due SET queue = 1, at = :now
WHERE due.lease = ''
    AND due.queue = 2
    AND due.postback_id IN (
        SELECT postbacks.id
        FROM postbacks
        LEFT JOIN postback_health ON postback_health.postback_id = postbacks.id
        WHERE postbacks.enabled
            AND postbacks.archived_at IS NULL
            AND coalesce(postback_health.state, 'ok') <> 'disabled'
    )

-- name: retry_due (delivery_id text, lease text, queue int, at bigint, attempts int, receiver_failures int, first_attempt_at bigint)
UPDATE due SET
    queue = :queue,
    at = :at,
    lease = '',
    attempts = :attempts,
    receiver_failures = :receiver_failures,
    first_attempt_at = :first_attempt_at
/*rows*/
WHERE due.delivery_id = :delivery_id AND due.lease = :lease

-- name: leases_of (ids text[])
-- Who holds these now: a record whose lease is another's by now must change nothing.
SELECT due.delivery_id, due.lease
FROM due
WHERE due.delivery_id IN (SELECT value FROM json_each(:ids))  -- sqlite
WHERE due.delivery_id = ANY (:ids)  -- postgres
ORDER BY due.delivery_id  -- postgres
FOR UPDATE  -- postgres

-- name: end_due (delivery_id text)
DELETE FROM due
/*rows*/
WHERE due.delivery_id = :delivery_id

-- name: superseded (id text, postback_id text, conversion_id text)
-- Older unfinished siblings of a delivered one, parked ones too: the tracker has newer news. As above.
SELECT due.delivery_id
FROM deliveries
JOIN due ON due.delivery_id = deliveries.id
WHERE deliveries.conversion_id = :conversion_id
    AND deliveries.conversion_id <> ''
    AND deliveries.postback_id || '' = :postback_id
    AND deliveries.id < :id
ORDER BY due.delivery_id

-- name: cancel_open (id text, reason text, at bigint)
-- The history's side of an unfinished delivery that ends without being sent; its due row is still there.
UPDATE deliveries SET
    state = 'cancelled',
    ended_because = :reason,
    finished_at = :at,
    attempts = (SELECT due.attempts FROM due WHERE due.delivery_id = deliveries.id)
/*rows*/
WHERE deliveries.id = :id
    AND EXISTS (SELECT 1 FROM due WHERE due.delivery_id = :id)

-- name: backlog
-- Counts by queue, and the earliest time of each.
SELECT due.queue, count(*), min(due.at) FROM due GROUP BY due.queue
