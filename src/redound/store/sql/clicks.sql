-- name: add_click (id text, link_id text, affiliate_id text, campaign_id text, offer_id text, brand_id text, created_at bigint, ip text, user_agent text, referrer text, country text, params text, valid boolean, invalid_reason text, test boolean)
-- A known ID is left alone: a spill file may be replayed twice.
INSERT INTO clicks (
    id, link_id, affiliate_id, campaign_id, offer_id, brand_id, created_at, ip,
    user_agent, referrer, country, params, valid, invalid_reason, test
)
VALUES (
    :id, :link_id, :affiliate_id, :campaign_id, :offer_id, :brand_id, :created_at, :ip,
    :user_agent, :referrer, :country, :params, :valid, :invalid_reason, :test
)
ON CONFLICT (id) DO NOTHING

-- name: find_clicks (ids text[])
-- On PostgreSQL one look-up an ID, so that each reads one day's partition alone.
SELECT
    clicks.id, clicks.link_id, clicks.affiliate_id, clicks.campaign_id, clicks.offer_id, clicks.brand_id,
    clicks.created_at, clicks.ip, clicks.user_agent, clicks.referrer, clicks.country, clicks.params,
    clicks.valid, clicks.invalid_reason, clicks.test
FROM clicks WHERE clicks.id IN (SELECT value FROM json_each(:ids))  -- sqlite
FROM unnest(:ids) AS wanted (id)  -- postgres
CROSS JOIN LATERAL (SELECT * FROM clicks WHERE clicks.id = wanted.id LIMIT 1) AS clicks  -- postgres

-- name: recent_params_with (needle text, most int)
-- Parameters of recent clicks that hold a text: what an unknown click ID may be instead. Bounded, not indexed.
SELECT recent.params
FROM (SELECT params FROM clicks ORDER BY id DESC LIMIT :most) AS recent
WHERE instr(recent.params, :needle) > 0  -- sqlite
WHERE strpos(recent.params, :needle) > 0  -- postgres
LIMIT 1
