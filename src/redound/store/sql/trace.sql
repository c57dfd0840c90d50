-- name: trace_reports_of_clicks (claimed text[], since text, most int)
-- Reports that named one of these as the click, from an ID on. By parts: one index, and of days only later ones.
SELECT reports.id
FROM reports
WHERE reports.click_id IN (SELECT value FROM json_each(:claimed))  -- sqlite
WHERE reports.click_id = ANY (:claimed)  -- postgres
    AND reports.click_id <> ''
    AND reports.id >= :since
ORDER BY reports.id
LIMIT :most

-- name: trace_reports_of_txid (txid text, most int)
-- Reports that changed nothing; those that did are found by their conversion.
SELECT reports.id
FROM reports
WHERE reports.txid = :txid AND reports.txid <> '' AND reports.verdict NOT IN ('accepted', 'updated')
ORDER BY reports.id DESC
LIMIT :most

-- name: trace_recent_reports (since text, most int)
-- The latest reports, whomever they concern: does the advertiser report at all, and with click IDs?
SELECT reports.received_at, reports.advertiser_id, reports.affiliate_id, reports.offer_id, reports.verdict
FROM reports
WHERE reports.id >= :since
ORDER BY reports.id DESC
LIMIT :most

-- name: trace_conversions_of_txid (txid text, most int)
SELECT conversions.id
FROM conversions
WHERE conversions.txid = :txid AND conversions.txid <> ''
ORDER BY conversions.id DESC
LIMIT :most

-- name: trace_last_conversion (affiliate_id text, offer_id text, most int)
-- When an affiliate's offer last converted, among their latest conversions.
SELECT max(latest.created_at) AS at
FROM (
    SELECT conversions.created_at, conversions.offer_id
    FROM conversions
    WHERE conversions.affiliate_id = :affiliate_id
    ORDER BY conversions.id DESC
    LIMIT :most
) AS latest
WHERE latest.offer_id = :offer_id

-- name: trace_deliveries (conversion_ids text[], postback_ids text[], click_id text, most int)
-- Those of conversions, and of the click itself: their fire key is the click's ID.
SELECT deliveries.id
FROM deliveries
WHERE deliveries.conversion_id IN (SELECT value FROM json_each(:conversion_ids))  -- sqlite
WHERE deliveries.conversion_id = ANY (:conversion_ids)  -- postgres
    AND deliveries.conversion_id <> ''
UNION
SELECT deliveries.id
FROM deliveries
WHERE deliveries.postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite
WHERE deliveries.postback_id = ANY (:postback_ids)  -- postgres
    AND deliveries.conversion_id = ''
    AND deliveries.fire_key = :click_id
ORDER BY id
LIMIT :most

-- name: trace_fresh_clicks | trace_fresh_clicks_of (affiliate_id text, after text, needle text, scanned int, most int)
-- Clicks whose values are not noted yet, the latest of them: searched, not indexed.
SELECT fresh.id
FROM (
    SELECT clicks.id, clicks.params
    FROM clicks
    WHERE clicks.id > :after
        AND clicks.affiliate_id = :affiliate_id  -- trace_fresh_clicks_of
    ORDER BY clicks.id DESC
    LIMIT :scanned
) AS fresh
WHERE instr(lower(fresh.params), :needle) > 0  -- sqlite
WHERE strpos(lower(fresh.params), :needle) > 0  -- postgres
ORDER BY fresh.id DESC
LIMIT :most
