-- Pages of lists of traffic: IDs first, by the index that fits and never more than are asked for. Whose rows they
-- are and what else they must be is decided after. `since` and `before` are IDs, or '' and '~' for no bound.

-- name: latest_deliveries | latest_failed_deliveries (since text, before text, most int)
SELECT deliveries.id
FROM deliveries
WHERE deliveries.id >= :since AND deliveries.id < :before
    AND deliveries.state = 'failed'  -- latest_failed_deliveries
ORDER BY deliveries.id DESC
LIMIT :most

-- name: next_deliveries (after text, before text, most int)
SELECT deliveries.id
FROM deliveries
WHERE deliveries.id > :after AND deliveries.id < :before
ORDER BY deliveries.id
LIMIT :most

-- name: latest_deliveries_of | latest_failed_deliveries_of (postback_ids text[], since text, before text, most int)
-- The latest of each postback by its index, and of these the latest: an affiliate has no index of their own.
SELECT latest.id
FROM json_each(:postback_ids) AS wanted  -- sqlite
CROSS JOIN deliveries AS latest  -- sqlite
WHERE latest.id IN (  -- sqlite
FROM unnest(:postback_ids) AS wanted (value)  -- postgres
CROSS JOIN LATERAL (  -- postgres
    SELECT deliveries.id
    FROM deliveries
    WHERE deliveries.postback_id = wanted.value
        AND deliveries.id >= :since AND deliveries.id < :before
        AND deliveries.state = 'failed'  -- latest_failed_deliveries_of
    ORDER BY deliveries.id DESC
    LIMIT :most
)  -- sqlite
) AS latest  -- postgres
ORDER BY latest.id DESC
LIMIT :most

-- name: next_deliveries_of (postback_ids text[], after text, before text, most int)
SELECT nearest.id
FROM json_each(:postback_ids) AS wanted  -- sqlite
CROSS JOIN deliveries AS nearest  -- sqlite
WHERE nearest.id IN (  -- sqlite
FROM unnest(:postback_ids) AS wanted (value)  -- postgres
CROSS JOIN LATERAL (  -- postgres
    SELECT deliveries.id
    FROM deliveries
    WHERE deliveries.postback_id = wanted.value
        AND deliveries.id > :after AND deliveries.id < :before
    ORDER BY deliveries.id
    LIMIT :most
)  -- sqlite
) AS nearest  -- postgres
ORDER BY nearest.id
LIMIT :most

-- name: latest_due | latest_due_of (postback_ids text[], since text, before text, most int)
SELECT due.delivery_id AS id
FROM due
WHERE due.delivery_id >= :since AND due.delivery_id < :before
    AND due.postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite, latest_due_of
    AND due.postback_id = ANY (:postback_ids)  -- postgres, latest_due_of
ORDER BY due.delivery_id DESC
LIMIT :most

-- name: count_due | count_due_of (postback_ids text[], since text, before text, most int)
-- Unfinished deliveries by queue and whether they were tried, among so many of them.
SELECT counted.queue, counted.tried, count(*) AS number
FROM (
    SELECT due.queue, due.attempts > 0 AS tried
    FROM due
    WHERE due.delivery_id >= :since AND due.delivery_id < :before
        AND due.postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite, count_due_of
        AND due.postback_id = ANY (:postback_ids)  -- postgres, count_due_of
    LIMIT :most
) AS counted
GROUP BY counted.queue, counted.tried

-- name: count_deliveries | count_deliveries_of (postback_ids text[], since text, before text, most int)
-- Deliveries by state, among so many of them.
SELECT counted.state, count(*) AS number
FROM (
    SELECT deliveries.state
    FROM deliveries
    WHERE deliveries.id >= :since AND deliveries.id < :before
        AND deliveries.postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite, count_deliveries_of
        AND deliveries.postback_id = ANY (:postback_ids)  -- postgres, count_deliveries_of
    ORDER BY deliveries.id DESC  -- count_deliveries
    LIMIT :most
) AS counted
GROUP BY counted.state

-- name: count_failed_deliveries | count_failed_deliveries_of (postback_ids text[], since text, before text, most int)
SELECT count(*) AS number
FROM (
    SELECT deliveries.id
    FROM deliveries
    WHERE deliveries.state = 'failed'
        AND deliveries.id >= :since AND deliveries.id < :before
        AND deliveries.postback_id IN (SELECT value FROM json_each(:postback_ids))  -- sqlite, count_failed_deliveries_of
        AND deliveries.postback_id = ANY (:postback_ids)  -- postgres, count_failed_deliveries_of
    LIMIT :most
) AS counted

-- name: deliveries_of_click (conversion_ids text[], click_id text, most int)
-- Those of a click's conversions, of the click itself (their fire key), and tests for it.
SELECT deliveries.id
FROM deliveries
WHERE deliveries.conversion_id IN (SELECT value FROM json_each(:conversion_ids))  -- sqlite
WHERE deliveries.conversion_id = ANY (:conversion_ids)  -- postgres
    AND deliveries.conversion_id <> ''
UNION
SELECT deliveries.id
FROM deliveries
WHERE deliveries.conversion_id = '' AND deliveries.fire_key = :click_id
UNION
SELECT deliveries.id
FROM deliveries
WHERE deliveries.conversion_id = ''
    AND deliveries.fire_key >= 'test:' AND deliveries.fire_key < 'test;'
    AND deliveries.click_id = :click_id
LIMIT :most

-- name: latest_reports | latest_unplaced_reports (since text, before text, most int)
-- Unplaced are those that no click could be found for.
SELECT reports.id
FROM reports
WHERE reports.id >= :since AND reports.id < :before
    AND reports.verdict IN (  -- latest_unplaced_reports
        'missing_click_id', 'unreplaced_macro', 'malformed_click_id', 'click_not_found', 'wrong_slot'  -- latest_unplaced_reports
    )  -- latest_unplaced_reports
ORDER BY reports.id DESC
LIMIT :most

-- name: next_reports (after text, before text, most int)
SELECT reports.id
FROM reports
WHERE reports.id > :after AND reports.id < :before
ORDER BY reports.id
LIMIT :most

-- name: count_reports (since text, before text, most int)
-- Reports by verdict, among the latest so many.
SELECT counted.verdict, count(*) AS number
FROM (
    SELECT reports.verdict
    FROM reports
    WHERE reports.id >= :since AND reports.id < :before
    ORDER BY reports.id DESC
    LIMIT :most
) AS counted
GROUP BY counted.verdict

-- name: open_conversions (status text, before text, most int)
-- What waits for a decision, newest first. The list of words is that of the index, which is found by it.
SELECT conversions.id
FROM conversions
WHERE conversions.status IN ('pending', 'hold')
    AND conversions.status = :status AND conversions.id < :before
ORDER BY conversions.id DESC
LIMIT :most

-- name: count_open_conversions (status text, most int)
SELECT count(*) AS number
FROM (
    SELECT conversions.id
    FROM conversions
    WHERE conversions.status IN ('pending', 'hold') AND conversions.status = :status
    LIMIT :most
) AS counted
