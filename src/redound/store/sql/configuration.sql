-- name: all_advertisers | some_advertisers (ids text[])
SELECT
    id, name, tokens, allowed_ips, status_words, path_keys, signing_secrets, preset, parameter_names,
    default_status, repeats, answer, success_code, failure_code
FROM advertisers
WHERE id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_advertisers
WHERE id = ANY (:ids)  -- postgres, some_advertisers

-- name: all_brands | some_brands (ids text[])
SELECT id, name, advertiser_id
FROM brands
WHERE id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_brands
WHERE id = ANY (:ids)  -- postgres, some_brands

-- name: all_offers | some_offers (ids text[])
SELECT
    offers.id, offers.name, offers.brand_id, brands.advertiser_id, offers.landing_url, offers.currency,
    offers.payout_model, offers.goals_enabled, offers.status, offers.paused_at, offers.updated_at,
    offers.conversion_window_days, offers.deep_link_hosts, offers.cpc_payout_minor,
    offers.cap_conversions, offers.cap_period
FROM offers
JOIN brands ON brands.id = offers.brand_id
WHERE offers.id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_offers
WHERE offers.id = ANY (:ids)  -- postgres, some_offers

-- name: all_goals | some_goals (ids text[])
SELECT
    id, offer_id, code, name, kind, base, payout_minor, payout_percent, revenue_minor, revenue_percent,
    default_status, repeats, hold_seconds, hold_then, private
FROM goals
WHERE id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_goals
WHERE id = ANY (:ids)  -- postgres, some_goals

-- name: all_affiliates | some_affiliates (ids text[])
SELECT
    id, name, status, paused_at, updated_at, postbacks_enabled, precedence, cap_conversions, cap_period
FROM affiliates
WHERE id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_affiliates
WHERE id = ANY (:ids)  -- postgres, some_affiliates

-- name: all_campaigns | some_campaigns (ids text[])
SELECT id, name, affiliate_id
FROM campaigns
WHERE id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_campaigns
WHERE id = ANY (:ids)  -- postgres, some_campaigns

-- name: all_links | some_links (ids text[])
SELECT
    links.id, links.number, links.code, links.name, links.campaign_id, campaigns.affiliate_id,
    links.offer_id, links.active
FROM links
JOIN campaigns ON campaigns.id = links.campaign_id
WHERE links.id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_links
WHERE links.id = ANY (:ids)  -- postgres, some_links

-- name: all_postbacks | some_postbacks (ids text[])
-- An archived one is as good as gone.
SELECT
    postbacks.id, postbacks.name, postbacks.affiliate_id, postbacks.enabled, postbacks.event, postbacks.goals,
    postbacks.statuses, postbacks.status_mode, postbacks.level, postbacks.include, postbacks.exclude_offers,
    postbacks.payout_above_zero, postbacks.max_age_seconds, postbacks.delay_seconds, postbacks.delivery,
    postbacks.method, postbacks.url, postbacks.params, postbacks.headers, postbacks.body, postbacks.auth,
    postbacks.success, postbacks.max_attempts, postbacks.retry_schedule, postbacks.strict_disable,
    postbacks.sign, postbacks.signing_secret, postbacks.created_at, postbacks.html_approved,
    postback_health.state AS health
FROM postbacks
LEFT JOIN postback_health ON postback_health.postback_id = postbacks.id
WHERE postbacks.archived_at IS NULL
    AND postbacks.id IN (SELECT value FROM json_each(:ids))  -- sqlite, some_postbacks
    AND postbacks.id = ANY (:ids)  -- postgres, some_postbacks
