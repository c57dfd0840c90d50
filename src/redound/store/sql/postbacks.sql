-- name: reset_health (postback_id text)
-- A person enabled it again: a clean slate, but what got through last is still worth knowing.
UPDATE postback_health SET
    state = 'ok',
    failures_in_row = 0,
    failed_attempts = 0,
    first_failure_at = NULL,
    disabled_at = NULL,
    disabled_reason = ''
WHERE postback_health.postback_id = :postback_id

-- name: reopen_delivery (id text)
UPDATE deliveries SET state = 'open', ended_because = '', finished_at = NULL
WHERE deliveries.id = :id
    AND deliveries.state IN ('failed', 'cancelled')
    AND deliveries.ended_because <> 'undone'

-- name: hurry_delivery (id text, now bigint)
-- Into the line again, now: a reopened delivery gets its row back, a waiting one is moved to the front. One
-- that somebody holds at this moment, that is parked or that got through is left alone. Attempts count on,
-- but earlier failures do not: they were judged.
INSERT INTO due (delivery_id, postback_id, queue, at, attempts, ordered)
SELECT
    deliveries.id, deliveries.postback_id, 1, :now, deliveries.attempts,
    deliveries.conversion_id <> '' AND NOT deliveries.test
FROM deliveries
WHERE deliveries.id = :id AND deliveries.state = 'open'
ON CONFLICT (delivery_id) DO UPDATE SET at = excluded.at
WHERE due.queue IN (0, 1) AND (due.lease = '' OR due.at <= excluded.at)

-- name: cancel_parked_before (postback_id text, before bigint, at bigint)
UPDATE deliveries SET
    state = 'cancelled',
    ended_because = 'not_resumed',
    finished_at = :at,
    attempts = (SELECT due.attempts FROM due WHERE due.delivery_id = deliveries.id)
WHERE deliveries.created_at < :before
    AND deliveries.id IN (
        SELECT due.delivery_id FROM due
        WHERE due.lease = '' AND due.queue = 2 AND due.postback_id = :postback_id
    )

-- name: end_cancelled_parked (postback_id text)
DELETE FROM due
WHERE due.lease = ''
    AND due.queue = 2
    AND due.postback_id = :postback_id
    AND EXISTS (
        SELECT 1 FROM deliveries WHERE deliveries.id = due.delivery_id AND deliveries.state <> 'open'
    )

-- name: reopen_failed (postback_id text, since bigint)
UPDATE deliveries SET state = 'open', ended_because = '', finished_at = NULL
WHERE deliveries.postback_id = :postback_id
    AND deliveries.state = 'failed'
    AND deliveries.created_at >= :since
    AND NOT deliveries.test

-- name: park_reopened (postback_id text, since bigint, now bigint)
-- Reopened deliveries join the parked ones, and then all are resumed in one line.
INSERT INTO due (delivery_id, postback_id, queue, at, attempts, ordered)
SELECT deliveries.id, deliveries.postback_id, 2, :now, deliveries.attempts, deliveries.conversion_id <> ''
FROM deliveries
WHERE deliveries.postback_id = :postback_id
    AND deliveries.state = 'open'
    AND deliveries.created_at >= :since
ON CONFLICT (delivery_id) DO NOTHING

-- name: resume_parked (postback_id text, now bigint, gap_ms float8)
-- Oldest first, one every `gap_ms`: a receiver that has just come back is not run over. Earlier failures do
-- not count against it: they were judged.
UPDATE due SET
    queue = 1,
    lease = '',
    receiver_failures = 0,
    first_attempt_at = NULL,
    at = :now + CAST((line.place - 1) * :gap_ms AS bigint)
FROM (
    SELECT parked.delivery_id, row_number() OVER (ORDER BY parked.delivery_id) AS place
    FROM due AS parked
    WHERE parked.lease = '' AND parked.queue = 2 AND parked.postback_id = :postback_id
) AS line
WHERE due.delivery_id = line.delivery_id

-- name: cancel_open_of (postback_id text, reason text, at bigint)
UPDATE deliveries SET
    state = 'cancelled',
    ended_because = :reason,
    finished_at = :at,
    attempts = (SELECT due.attempts FROM due WHERE due.delivery_id = deliveries.id)
WHERE deliveries.id IN (
    SELECT due.delivery_id FROM due
    WHERE due.lease = '' AND due.queue IN (0, 1, 2) AND due.postback_id = :postback_id
    UNION ALL
    SELECT due.delivery_id FROM due WHERE due.lease <> '' AND due.postback_id = :postback_id
)

-- name: end_open_of (postback_id text)
DELETE FROM due WHERE due.delivery_id IN (
    SELECT line.delivery_id FROM due AS line
    WHERE line.lease = '' AND line.queue IN (0, 1, 2) AND line.postback_id = :postback_id
    UNION ALL
    SELECT held.delivery_id FROM due AS held WHERE held.lease <> '' AND held.postback_id = :postback_id
)
