-- What the watch counts, in short stretches of time: keys begin with time, so each is one range of them.

-- name: watch_tries (low text, high text)
-- A delivery counts once a stretch, as failed when no attempt of it got through. What failed here, and not at
-- the receiver, does not count, and neither do tests.
SELECT tried.postback_id, count(*), sum(tried.failed)
FROM (
    SELECT
        attempts.delivery_id,
        min(attempts.postback_id) AS postback_id,
        min(CASE WHEN attempts.outcome = 'delivered' THEN 0 ELSE 1 END) AS failed
    FROM attempts
    JOIN deliveries ON deliveries.id = attempts.delivery_id
    WHERE attempts.id >= :low AND attempts.id < :high
        AND NOT deliveries.test
        AND attempts.error_kind NOT IN ('internal', 'dns_failed')
    GROUP BY attempts.delivery_id
) AS tried
GROUP BY tried.postback_id

-- name: watch_reports (low text, high text)
SELECT reports.advertiser_id, reports.offer_id, reports.verdict, count(*)
FROM reports
WHERE reports.id >= :low AND reports.id < :high AND NOT reports.test
GROUP BY reports.advertiser_id, reports.offer_id, reports.verdict

-- name: watch_clicks (low text, high text)
SELECT clicks.offer_id, count(*)
FROM clicks
WHERE clicks.id >= :low AND clicks.id < :high AND clicks.valid AND NOT clicks.test
GROUP BY clicks.offer_id

-- name: watch_conversions (low text, high text)
SELECT conversions.offer_id, count(*)
FROM conversions
WHERE conversions.id >= :low AND conversions.id < :high AND NOT conversions.test
GROUP BY conversions.offer_id

-- name: add_watch_hour (hour int, measure text, subject text, total bigint, hits bigint)
INSERT INTO watch_hours (hour, measure, subject, total, hits)
VALUES (:hour, :measure, :subject, :total, :hits)
ON CONFLICT (hour, measure, subject) DO UPDATE SET
    total = watch_hours.total + excluded.total,
    hits = watch_hours.hits + excluded.hits
RETURNING watch_hours.hour  -- postgres

-- name: recent_watch_hours (since int)
SELECT watch_hours.hour, watch_hours.measure, watch_hours.subject, watch_hours.total, watch_hours.hits
FROM watch_hours
WHERE watch_hours.hour >= :since

-- name: sum_watch_hours (low int, high int)
-- The hours from `low` to before `high` together.
SELECT
    watch_hours.measure,
    watch_hours.subject,
    CAST(sum(watch_hours.total) AS bigint) AS total,
    CAST(sum(watch_hours.hits) AS bigint) AS hits
FROM watch_hours
WHERE watch_hours.hour >= :low AND watch_hours.hour < :high
GROUP BY watch_hours.measure, watch_hours.subject

-- name: forget_watch_hours (before int)
DELETE FROM watch_hours WHERE watch_hours.hour < :before

-- name: open_incidents
SELECT incidents.id, incidents.kind, incidents.subject, incidents.opened_at
FROM incidents
WHERE incidents.closed_at IS NULL

-- name: incidents_closed_since (since bigint)
SELECT incidents.kind, incidents.subject, max(incidents.closed_at)
FROM incidents
WHERE incidents.closed_at >= :since
GROUP BY incidents.kind, incidents.subject

-- name: open_incident (id text, kind text, subject text, postback_id text, offer_id text, advertiser_id text, affiliate_id text, evidence text, opened_at bigint)
-- Of two workers that both find the same, the second adds no row: what is open is unique.
INSERT INTO incidents (
    id, kind, subject, postback_id, offer_id, advertiser_id, affiliate_id, evidence, opened_at
)
VALUES (:id, :kind, :subject, :postback_id, :offer_id, :advertiser_id, :affiliate_id, :evidence, :opened_at)
ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING

-- name: close_incident (id text, at bigint, because text, evidence text)
-- Compare-and-set: of two workers that both find it over, the second finds no row.
UPDATE incidents SET closed_at = :at, closed_because = :because, closing_evidence = :evidence
WHERE incidents.id = :id AND incidents.closed_at IS NULL

-- name: notify_of_incident (id text, kind text, audience text, postback_id text, affiliate_id text, text text, data text, at bigint)
INSERT INTO notifications (id, kind, audience, postback_id, affiliate_id, text, data, created_at)
VALUES (:id, :kind, :audience, :postback_id, :affiliate_id, :text, :data, :at)
