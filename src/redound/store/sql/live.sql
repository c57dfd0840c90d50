-- name: live_deliveries (since text, most int)
-- The youngest deliveries, for streams: one read serves everybody who watches.
SELECT
    deliveries.id, deliveries.affiliate_id, deliveries.postback_id, deliveries.offer_id,
    deliveries.conversion_id, deliveries.click_id, deliveries.test, deliveries.state,
    coalesce(due.queue, 0) AS queue, coalesce(due.attempts, deliveries.attempts) AS attempts
FROM deliveries
LEFT JOIN due ON due.delivery_id = deliveries.id
WHERE deliveries.id >= :since
ORDER BY deliveries.id DESC
LIMIT :most

-- name: live_attempted (since text, most int, before text)
-- The deliveries of the youngest attempts that are older themselves than those that were read already.
SELECT
    deliveries.id, deliveries.affiliate_id, deliveries.postback_id, deliveries.offer_id,
    deliveries.conversion_id, deliveries.click_id, deliveries.test, deliveries.state,
    coalesce(due.queue, 0) AS queue, coalesce(due.attempts, deliveries.attempts) AS attempts
FROM (
    SELECT attempts.id, attempts.delivery_id
    FROM attempts
    WHERE attempts.id >= :since
    ORDER BY attempts.id DESC
    LIMIT :most
) AS latest
INNER JOIN deliveries ON deliveries.id = latest.delivery_id AND deliveries.id < :before
LEFT JOIN due ON due.delivery_id = deliveries.id
ORDER BY latest.id DESC

-- name: live_reports (since text, most int)
SELECT
    reports.id, reports.affiliate_id, reports.advertiser_id, reports.offer_id, reports.click_id,
    reports.conversion_id, reports.verdict, reports.test
FROM reports
WHERE reports.id >= :since
ORDER BY reports.id DESC
LIMIT :most

-- name: live_notifications (since text, most int)
SELECT
    notifications.id, notifications.audience, notifications.affiliate_id, notifications.postback_id,
    notifications.kind, notifications.read_at
FROM notifications
WHERE notifications.id >= :since
ORDER BY notifications.id DESC
LIMIT :most
