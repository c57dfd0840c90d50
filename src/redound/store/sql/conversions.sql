-- name: add_conversion (id text, click_id text, link_id text, affiliate_id text, campaign_id text, offer_id text, brand_id text, advertiser_id text, goal_id text, status text, status_word text, txid text, slot text, customer_id text, amount_minor bigint, amount_currency text, payout_minor bigint, payout_currency text, revenue_minor bigint, revenue_currency text, adv_subs text, test boolean, seen int, hold_until bigint, created_at bigint, updated_at bigint, version int)
-- Nothing is inserted when another process took the txid or the slot first; the loser is judged again.
INSERT INTO conversions (
    id, click_id, link_id, affiliate_id, campaign_id, offer_id, brand_id, advertiser_id, goal_id,
    status, status_word, txid, slot, customer_id, amount_minor, amount_currency, payout_minor,
    payout_currency, revenue_minor, revenue_currency, adv_subs, test, seen, hold_until,
    created_at, updated_at, version
)
VALUES (
    :id, :click_id, :link_id, :affiliate_id, :campaign_id, :offer_id, :brand_id, :advertiser_id, :goal_id,
    :status, :status_word, :txid, :slot, :customer_id, :amount_minor, :amount_currency, :payout_minor,
    :payout_currency, :revenue_minor, :revenue_currency, :adv_subs, :test, :seen, :hold_until,
    :created_at, :updated_at, :version
)
ON CONFLICT DO NOTHING
RETURNING id  -- postgres

-- name: change_conversion (id text, was_version int, status text, status_word text, txid text, slot text, customer_id text, amount_minor bigint, amount_currency text, payout_minor bigint, payout_currency text, revenue_minor bigint, revenue_currency text, adv_subs text, seen int, hold_until bigint, updated_at bigint, version int)
-- Compare-and-set: of two changes made from the same version the second finds no row and is judged again.
UPDATE conversions SET
    status = :status,
    status_word = :status_word,
    txid = :txid,
    slot = :slot,
    customer_id = :customer_id,
    amount_minor = :amount_minor,
    amount_currency = :amount_currency,
    payout_minor = :payout_minor,
    payout_currency = :payout_currency,
    revenue_minor = :revenue_minor,
    revenue_currency = :revenue_currency,
    adv_subs = :adv_subs,
    seen = :seen,
    hold_until = :hold_until,
    updated_at = :updated_at,
    version = :version
/*rows*/
WHERE conversions.id = :id AND conversions.version = :was_version
RETURNING conversions.id  -- postgres

-- name: conversions_of_clicks | conversions_of_txids (keys text[])
SELECT
    id, click_id, link_id, affiliate_id, campaign_id, offer_id, brand_id, advertiser_id, goal_id,
    status, status_word, txid, slot, customer_id, amount_minor, amount_currency, payout_minor,
    payout_currency, revenue_minor, revenue_currency, adv_subs, test, seen, hold_until,
    created_at, updated_at, version
FROM conversions
WHERE click_id IN (SELECT value FROM json_each(:keys))  -- sqlite, conversions_of_clicks
WHERE click_id = ANY (:keys)  -- postgres, conversions_of_clicks
WHERE txid <> '' AND txid IN (SELECT value FROM json_each(:keys))  -- sqlite, conversions_of_txids
WHERE txid <> '' AND txid = ANY (:keys)  -- postgres, conversions_of_txids

-- name: owner_of_token (digest text)
-- The advertiser one of whose reporting tokens, path keys or signing secrets has this digest.
SELECT advertisers.id FROM advertisers
WHERE CAST(advertisers.tokens AS text) LIKE '%"' || :digest || '"%'
    OR CAST(advertisers.path_keys AS text) LIKE '%"' || :digest || '"%'
    OR CAST(advertisers.signing_secrets AS text) LIKE '%"' || :digest || '"%'
ORDER BY advertisers.id
LIMIT 1

-- name: click_of_customer (customer_id text, advertiser_id text)
-- The click of a customer's first conversion at an advertiser.
SELECT conversions.click_id
FROM conversions
WHERE conversions.customer_id = :customer_id
    AND conversions.customer_id <> ''
    AND conversions.advertiser_id = :advertiser_id
    AND NOT conversions.test
ORDER BY conversions.id
LIMIT 1

-- name: fired_once (conversion_ids text[])
-- Which postbacks already fired for these conversions as a whole (status modes all and once).
SELECT deliveries.conversion_id, deliveries.postback_id
FROM deliveries
WHERE deliveries.conversion_id IN (SELECT value FROM json_each(:conversion_ids))  -- sqlite
WHERE deliveries.conversion_id = ANY (:conversion_ids)  -- postgres
    AND deliveries.conversion_id <> ''
    AND deliveries.fire_key = deliveries.conversion_id

-- name: add_transition (id text, conversion_id text, from_status text, to_status text, at bigint, actor text, by text, reason text, report_id text, evaluations text)
INSERT INTO transitions (
    id, conversion_id, from_status, to_status, at, actor, "by", reason, report_id, evaluations
)
VALUES (
    :id, :conversion_id, :from_status, :to_status, :at, :actor, :by, :reason, :report_id, :evaluations
)
