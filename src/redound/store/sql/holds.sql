-- name: holds_due (now bigint, most int)
-- Conversions whose hold has run out, those that waited longest first (index conversions_hold).
SELECT
    id, click_id, link_id, affiliate_id, campaign_id, offer_id, brand_id, advertiser_id, goal_id,
    status, status_word, txid, slot, customer_id, amount_minor, amount_currency, payout_minor,
    payout_currency, revenue_minor, revenue_currency, adv_subs, test, seen, hold_until,
    created_at, updated_at, version
FROM conversions
WHERE hold_until IS NOT NULL AND hold_until <= :now
ORDER BY hold_until
LIMIT :most
