-- name: add_delivery (id text, postback_id text, affiliate_id text, offer_id text, conversion_id text, click_id text, transition_id text, fire_key text, macro_values text, test boolean, created_at bigint)
-- Never twice: a fire key that this postback knows already adds nothing.
INSERT INTO deliveries (
    id, postback_id, affiliate_id, offer_id, conversion_id, click_id, transition_id, fire_key,
    macro_values, test, created_at
)
VALUES (
    :id, :postback_id, :affiliate_id, :offer_id, :conversion_id, :click_id, :transition_id, :fire_key,
    :macro_values, :test, :created_at
)
ON CONFLICT (conversion_id, fire_key, postback_id) DO NOTHING
RETURNING id  -- postgres

-- name: add_due (delivery_id text, postback_id text, queue int, at bigint, lease text, ordered boolean)
-- Only for a delivery that was really inserted: one that lost to its fire key has no row.
INSERT INTO due (delivery_id, postback_id, queue, at, lease, ordered)
SELECT :delivery_id, :postback_id, :queue, :at, :lease, :ordered
/*rows*/
WHERE EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = :delivery_id)

-- name: add_due_of_new (delivery_id text, postback_id text, queue int, at bigint, lease text, ordered boolean)
-- The same where it is known which deliveries were inserted.
INSERT INTO due (delivery_id, postback_id, queue, at, lease, ordered)
VALUES (:delivery_id, :postback_id, :queue, :at, :lease, :ordered)

-- name: kept_deliveries (ids text[])
SELECT deliveries.id
FROM deliveries
WHERE deliveries.id IN (SELECT value FROM json_each(:ids))  -- sqlite
WHERE deliveries.id = ANY (:ids)  -- postgres

-- name: finish_delivery (id text, state text, ended_because text, attempts int, finished_at bigint)
UPDATE deliveries SET
    state = :state,
    ended_because = :ended_because,
    attempts = :attempts,
    finished_at = :finished_at
/*rows*/
WHERE deliveries.id = :id

-- name: add_attempt (id text, delivery_id text, postback_id text, number int, started_at bigint, duration_ms int, outcome text, status int, request text, response text, error_kind text, error_detail text)
-- A known ID is left alone: an outcome whose answer got lost may be recorded again.
INSERT INTO attempts (
    id, delivery_id, postback_id, number, started_at, duration_ms, outcome, status,
    request, response, error_kind, error_detail
)
VALUES (
    :id, :delivery_id, :postback_id, :number, :started_at, :duration_ms, :outcome, :status,
    :request, :response, :error_kind, :error_detail
)
ON CONFLICT (id) DO NOTHING
