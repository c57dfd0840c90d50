-- name: add_notice (id text, kind text, audience text, affiliate_id text, text text, data text, at bigint)
INSERT INTO notifications (id, kind, audience, affiliate_id, text, data, created_at)
VALUES (:id, :kind, :audience, :affiliate_id, :text, :data, :at)

-- name: failing_untold (begun_before bigint, told_since bigint, since text)
-- Postbacks that have been failing for a while: nobody was told in this episode, nor of another one lately.
SELECT
    health.postback_id, health.state, health.failures_in_row, health.failed_attempts, health.first_failure_at,
    health.last_success_at, health.disabled_at, health.disabled_reason, health.last_response
FROM postback_health AS health
INNER JOIN postbacks ON postbacks.id = health.postback_id
WHERE health.state = 'failing'
    AND health.first_failure_at <= :begun_before
    AND postbacks.enabled
    AND postbacks.archived_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM notifications
        WHERE notifications.id >= :since
            AND notifications.kind = 'postback_failing'
            AND notifications.postback_id = health.postback_id
            AND (
                notifications.created_at >= health.first_failure_at
                OR notifications.created_at >= :told_since
            )
    )

-- name: latest_notice (kind text, since text)
SELECT notifications.created_at, notifications.read_at
FROM notifications
WHERE notifications.id >= :since AND notifications.kind = :kind
ORDER BY notifications.id DESC
LIMIT 1

-- name: pending_conversions (since text, before text, most int)
SELECT count(*)
FROM (
    SELECT 1 AS one FROM conversions
    WHERE conversions.id >= :since
        AND conversions.id < :before
        AND conversions.status = 'pending'
        AND NOT conversions.test
    LIMIT :most
) AS waiting

-- name: notices_to_send (since text, most int)
-- Who is to be told what, as far as it is not on its way. A channel hears of nothing from before it was set up.
SELECT
    notifications.id, channel.id, coalesce(wishes.digest, 'immediately'), coalesce(wishes.hour, 9),
    person.time_zone
FROM notifications
INNER JOIN notice_channels AS channel
    ON channel.enabled
        AND channel.since <= notifications.created_at
        AND channel.kinds LIKE '% ' || notifications.kind || ' %'
INNER JOIN users AS person ON person.id = channel.user_id AND person.is_active
LEFT JOIN notice_wishes AS wishes ON wishes.user_id = channel.user_id
WHERE notifications.id >= :since
    AND (
        (notifications.audience = 'manager' AND person.affiliate_id IS NULL)
        OR (notifications.audience = 'affiliate' AND person.affiliate_id = notifications.affiliate_id)
    )
    AND NOT EXISTS (
        SELECT 1 FROM notice_sendings AS sending
        WHERE sending.notification_id = notifications.id AND sending.channel_id = channel.id
    )
ORDER BY notifications.id
LIMIT :most

-- name: add_sending (id text, notification_id text, channel_id text, due_at bigint, now bigint)
-- Of two processes that both think of it, one adds it.
INSERT INTO notice_sendings (id, notification_id, channel_id, due_at, created_at)
VALUES (:id, :notification_id, :channel_id, :due_at, :now)
ON CONFLICT (notification_id, channel_id) DO NOTHING

-- name: sendings_due (now bigint, most int)
SELECT sending.id
FROM notice_sendings AS sending
WHERE sending.state = 'waiting' AND sending.due_at <= :now
ORDER BY sending.due_at
LIMIT :most

-- name: lease_sending (id text, lease text, until bigint, now bigint)
-- Compare-and-set: of two processes that saw it due, one finds the row as it was.
UPDATE notice_sendings SET lease = :lease, due_at = :until, attempts = attempts + 1
/*rows*/
WHERE notice_sendings.id = :id AND notice_sendings.state = 'waiting' AND notice_sendings.due_at <= :now

-- name: leased_sendings (lease text)
SELECT
    sending.id, sending.channel_id, sending.attempts, sending.created_at, sending.notification_id,
    notifications.kind, notifications.audience, notifications.text, notifications.created_at,
    notifications.postback_id, notifications.affiliate_id, notifications.data, postbacks.name,
    channel.kind, channel.secret, channel.enabled, person.is_active, person.email, person.language,
    person.affiliate_id
FROM notice_sendings AS sending
LEFT JOIN notifications ON notifications.id = sending.notification_id
LEFT JOIN postbacks ON postbacks.id = notifications.postback_id
LEFT JOIN notice_channels AS channel ON channel.id = sending.channel_id
LEFT JOIN users AS person ON person.id = channel.user_id
WHERE sending.lease = :lease AND sending.state = 'waiting'
ORDER BY sending.id

-- name: finish_sending (id text, lease text, state text, error text, at bigint)
UPDATE notice_sendings SET state = :state, error = :error, finished_at = :at, lease = ''
/*rows*/
WHERE notice_sendings.id = :id AND notice_sendings.lease = :lease AND notice_sendings.state = 'waiting'

-- name: retry_sending (id text, lease text, error text, due_at bigint)
UPDATE notice_sendings SET error = :error, due_at = :due_at, lease = ''
/*rows*/
WHERE notice_sendings.id = :id AND notice_sendings.lease = :lease AND notice_sendings.state = 'waiting'

-- name: purge_sendings (before text)
DELETE FROM notice_sendings WHERE notice_sendings.id < :before AND notice_sendings.state <> 'waiting'

-- name: read_notifications (audience text, affiliate_id text, since text, until text, at bigint)
-- All of one side's at once; `until` is the youngest that the page showed.
UPDATE notifications SET read_at = :at
WHERE notifications.id >= :since
    AND notifications.id <= :until
    AND notifications.audience = :audience
    AND notifications.affiliate_id = CASE
        WHEN :audience = 'manager' THEN notifications.affiliate_id
        ELSE :affiliate_id
    END
    AND notifications.read_at IS NULL
