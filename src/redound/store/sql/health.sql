-- name: put_health_row (postback_id text)
-- So that there is a row to lock: without it two workers could both judge a first failure.
INSERT INTO postback_health (postback_id)
VALUES (:postback_id)
ON CONFLICT (postback_id) DO NOTHING

-- name: health_of (postback_ids text[])
SELECT
    postback_id, state, failures_in_row, failed_attempts, first_failure_at, last_success_at,
    disabled_at, disabled_reason, last_response
FROM postback_health
WHERE postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite
WHERE postback_id = ANY (:postback_ids)  -- postgres
ORDER BY postback_id  -- postgres
FOR UPDATE  -- postgres

-- name: put_health (postback_id text, state text, failures_in_row int, failed_attempts int, first_failure_at bigint, last_success_at bigint, disabled_at bigint, disabled_reason text, last_response text)
INSERT INTO postback_health (
    postback_id, state, failures_in_row, failed_attempts, first_failure_at, last_success_at,
    disabled_at, disabled_reason, last_response
)
VALUES (
    :postback_id, :state, :failures_in_row, :failed_attempts, :first_failure_at, :last_success_at,
    :disabled_at, :disabled_reason, :last_response
)
ON CONFLICT (postback_id) DO UPDATE SET
    state = excluded.state,
    failures_in_row = excluded.failures_in_row,
    failed_attempts = excluded.failed_attempts,
    first_failure_at = excluded.first_failure_at,
    last_success_at = excluded.last_success_at,
    disabled_at = excluded.disabled_at,
    disabled_reason = excluded.disabled_reason,
    last_response = excluded.last_response

-- name: park_open_of (postback_id text, now bigint)
-- What a disabled postback still owes waits, parked. What is in a worker's hands ends there and parks when
-- it has to be tried again; tests are sent all the same.
UPDATE due SET queue = 2, at = :now, lease = ''
WHERE due.lease = ''
    AND due.queue IN (0, 1)
    AND due.postback_id = :postback_id
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = due.delivery_id AND deliveries.test)

-- name: notify | notify_enabled (id text, kind text, audience text, postback_id text, said text, data text, at bigint)
-- A manager's postback has no affiliate to tell.
INSERT INTO notifications (id, kind, audience, postback_id, affiliate_id, text, created_at, data)
SELECT
    :id, :kind, :audience, postbacks.id, coalesce(postbacks.affiliate_id, ''),
    'The postback ' || postbacks.name || ' ' || :said, :at, :data
FROM postbacks
WHERE postbacks.id = :postback_id AND (:audience = 'manager' OR postbacks.affiliate_id IS NOT NULL)
    AND EXISTS (  -- notify_enabled
        SELECT 1 FROM postback_health AS health  -- notify_enabled
        WHERE health.postback_id = :postback_id AND health.state = 'disabled'  -- notify_enabled
    )  -- notify_enabled

-- name: read_notification (id text, at bigint)
UPDATE notifications SET read_at = :at
WHERE notifications.id = :id AND notifications.read_at IS NULL
