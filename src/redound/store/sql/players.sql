-- name: reward_plans
-- All of them, those that are switched off too: what they paid still counts.
SELECT
    id, name, offer_id, goal_id, affiliate_id, enabled, amount_minor, currency, first_deposit_minor,
    deposits_minor, deposit_count, wagers_minor, net_revenue_minor, within_days, valid_from, valid_to
FROM reward_plans

-- name: plans_to_scan
-- Plans that changed since the players of their offers were last gone through, and where to go on.
SELECT
    plans.id, plans.offer_id, plans.version, CASE WHEN marks.version = plans.version THEN marks.after ELSE '' END
FROM (
    SELECT reward_plans.id, reward_plans.offer_id, CAST(reward_plans.updated_at AS text) AS version
    FROM reward_plans
) AS plans
LEFT JOIN plan_marks AS marks ON marks.plan_id = plans.id
WHERE marks.version IS NULL OR marks.version <> plans.version OR NOT marks.done
ORDER BY plans.id

-- name: put_plan_mark (plan_id text, version text, after text, done boolean)
INSERT INTO plan_marks (plan_id, version, after, done)
VALUES (:plan_id, :version, :after, :done)
ON CONFLICT (plan_id) DO UPDATE SET
    version = excluded.version, after = excluded.after, done = excluded.done

-- name: players_of_offer (offer_id text, after text, most int)
SELECT players.id, players.advertiser_id, players.customer_id
FROM players
WHERE players.offer_id = :offer_id AND players.id > :after
ORDER BY players.id
LIMIT :most

-- name: player_news (most int)
SELECT player_news.id, player_news.advertiser_id, player_news.customer_id
FROM player_news
ORDER BY player_news.id
LIMIT :most

-- name: player_news_of (customer_ids text[])
-- Read before the facts are: what is committed later stays for the next time.
SELECT player_news.id, player_news.advertiser_id, player_news.customer_id
FROM player_news
WHERE player_news.customer_id IN (SELECT value FROM json_each(:customer_ids))  -- sqlite
WHERE player_news.customer_id = ANY (:customer_ids)  -- postgres

-- name: forget_player_news (id bigint)
-- Only what was read: news that came in while it was worked on stays for the next time.
DELETE FROM player_news
/*rows*/
WHERE player_news.id = :id

-- name: add_player_news (advertiser_id text, customer_id text)
INSERT INTO player_news (advertiser_id, customer_id) VALUES (:advertiser_id, :customer_id)

-- name: any_player_news
SELECT 1 FROM player_news LIMIT 1

-- name: players_of_customers (customer_ids text[])
SELECT
    players.id, players.advertiser_id, players.customer_id, players.conversion_id, players.click_id,
    players.link_id, players.affiliate_id, players.campaign_id, players.offer_id, players.brand_id,
    players.registered_at
FROM players
WHERE players.customer_id IN (SELECT value FROM json_each(:customer_ids))  -- sqlite
WHERE players.customer_id = ANY (:customer_ids)  -- postgres

-- name: conversions_of_customers (customer_ids text[])
SELECT
    id, click_id, link_id, affiliate_id, campaign_id, offer_id, brand_id, advertiser_id, goal_id,
    status, status_word, txid, slot, customer_id, amount_minor, amount_currency, payout_minor,
    payout_currency, revenue_minor, revenue_currency, adv_subs, test, seen, hold_until,
    created_at, updated_at, version
FROM conversions
WHERE customer_id <> ''
    AND customer_id IN (SELECT value FROM json_each(:customer_ids))  -- sqlite
    AND customer_id = ANY (:customer_ids)  -- postgres
    AND NOT test

-- name: activity_of_customers (customer_ids text[])
SELECT
    activity.id, activity.advertiser_id, activity.customer_id, activity.kind, activity.at,
    activity.amount_minor, activity.currency, activity.external_id
FROM activity
WHERE activity.customer_id IN (SELECT value FROM json_each(:customer_ids))  -- sqlite
WHERE activity.customer_id = ANY (:customer_ids)  -- postgres

-- name: activity_by_external (external_ids text[])
SELECT
    activity.id, activity.advertiser_id, activity.customer_id, activity.kind, activity.at,
    activity.amount_minor, activity.currency, activity.external_id
FROM activity
WHERE activity.external_id IN (SELECT value FROM json_each(:external_ids))  -- sqlite
WHERE activity.external_id = ANY (:external_ids)  -- postgres

-- name: progress_of_players (player_ids text[])
SELECT
    plan_progress.plan_id, plan_progress.player_id, plan_progress.state, plan_progress.first_deposit_minor,
    plan_progress.deposits_minor, plan_progress.deposit_count, plan_progress.wagers_minor,
    plan_progress.net_revenue_minor, plan_progress.other_currency, plan_progress.deadline_at,
    plan_progress.conversion_id, plan_progress.made, plan_progress.qualified_at, plan_progress.updated_at,
    plan_progress.version
FROM plan_progress
WHERE plan_progress.player_id IN (SELECT value FROM json_each(:player_ids))  -- sqlite
WHERE plan_progress.player_id = ANY (:player_ids)  -- postgres

-- name: planned_conversions (ids text[])
-- Which of these were made by reward plans, not reported.
SELECT plan_progress.conversion_id
FROM plan_progress
WHERE plan_progress.conversion_id <> ''
    AND plan_progress.conversion_id IN (SELECT value FROM json_each(:ids))  -- sqlite
    AND plan_progress.conversion_id = ANY (:ids)  -- postgres
    AND plan_progress.made

-- name: put_player (id text, advertiser_id text, customer_id text, conversion_id text, click_id text, link_id text, affiliate_id text, campaign_id text, offer_id text, brand_id text, registered_at bigint)
-- Nothing is written when another evaluation has made this customer's player first, under another ID.
INSERT INTO players (
    id, advertiser_id, customer_id, conversion_id, click_id, link_id, affiliate_id, campaign_id, offer_id,
    brand_id, registered_at
)
VALUES (
    :id, :advertiser_id, :customer_id, :conversion_id, :click_id, :link_id, :affiliate_id, :campaign_id, :offer_id,
    :brand_id, :registered_at
)
ON CONFLICT (customer_id, advertiser_id) DO UPDATE SET
    conversion_id = excluded.conversion_id,
    click_id = excluded.click_id,
    link_id = excluded.link_id,
    affiliate_id = excluded.affiliate_id,
    campaign_id = excluded.campaign_id,
    offer_id = excluded.offer_id,
    brand_id = excluded.brand_id,
    registered_at = excluded.registered_at
WHERE players.id = excluded.id
RETURNING id  -- postgres

-- name: put_progress (plan_id text, player_id text, state text, first_deposit_minor bigint, deposits_minor bigint, deposit_count int, wagers_minor bigint, net_revenue_minor bigint, other_currency int, deadline_at bigint, conversion_id text, made boolean, qualified_at bigint, updated_at bigint, version int)
-- Compare-and-set, for one player and plan: of two evaluations that saw the same, one writes and so pays.
INSERT INTO plan_progress (
    plan_id, player_id, state, first_deposit_minor, deposits_minor, deposit_count, wagers_minor,
    net_revenue_minor, other_currency, deadline_at, conversion_id, made, qualified_at, updated_at, version
)
VALUES (
    :plan_id, :player_id, :state, :first_deposit_minor, :deposits_minor, :deposit_count, :wagers_minor,
    :net_revenue_minor, :other_currency, :deadline_at, :conversion_id, :made, :qualified_at, :updated_at, :version
)
ON CONFLICT (player_id, plan_id) DO UPDATE SET
    state = excluded.state,
    first_deposit_minor = excluded.first_deposit_minor,
    deposits_minor = excluded.deposits_minor,
    deposit_count = excluded.deposit_count,
    wagers_minor = excluded.wagers_minor,
    net_revenue_minor = excluded.net_revenue_minor,
    other_currency = excluded.other_currency,
    deadline_at = excluded.deadline_at,
    conversion_id = excluded.conversion_id,
    made = excluded.made,
    qualified_at = excluded.qualified_at,
    updated_at = excluded.updated_at,
    version = excluded.version
WHERE plan_progress.version = excluded.version - 1 AND plan_progress.state <> 'qualified'
RETURNING plan_id  -- postgres

-- name: drop_progress (plan_id text, player_id text, version int)
-- The plan does not apply any more; what was earned with it stays.
DELETE FROM plan_progress
/*rows*/
WHERE plan_progress.player_id = :player_id
    AND plan_progress.plan_id = :plan_id
    AND plan_progress.version = :version
    AND plan_progress.state <> 'qualified'

-- name: overdue_players (now bigint, at bigint, after text, most int)
-- Whose window has run out, in the order in which that happened, from a deadline and player on.
SELECT plan_progress.deadline_at, players.id, players.advertiser_id, players.customer_id
FROM plan_progress
JOIN players ON players.id = plan_progress.player_id
WHERE plan_progress.state = 'open'
    AND plan_progress.deadline_at <= :now
    AND (plan_progress.deadline_at, plan_progress.player_id) > (:at, :after)
ORDER BY plan_progress.deadline_at, plan_progress.player_id
LIMIT :most

-- name: unpaid_players (at bigint, after text, most int)
-- Who met a plan that could not be paid for then; in the same form.
SELECT :at, players.id, players.advertiser_id, players.customer_id
FROM plan_progress
JOIN players ON players.id = plan_progress.player_id
WHERE plan_progress.state = 'met' AND plan_progress.player_id > :after
ORDER BY plan_progress.player_id
LIMIT :most

-- name: evaluation
SELECT evaluation.holder, evaluation.until, evaluation.last_at, evaluation.next_at
FROM evaluation WHERE evaluation.id = 1

-- name: take_evaluation (holder text, now bigint, until bigint)
-- One evaluation at a time, until a deadline: a dead one's turn is over by time alone.
UPDATE evaluation SET holder = :holder, until = :until
/*rows*/
WHERE evaluation.id = 1 AND (evaluation.holder = :holder OR evaluation.until <= :now)
RETURNING evaluation.id  -- postgres

-- name: plan_evaluation (last_at bigint, next_at bigint)
UPDATE evaluation SET last_at = :last_at, next_at = :next_at
/*rows*/
WHERE evaluation.id = 1

-- name: put_activity (id text, advertiser_id text, customer_id text, kind text, at bigint, amount_minor bigint, currency text, external_id text, source text, by text, created_at bigint)
-- Idempotent by the advertiser's own ID of the fact; a restated one replaces it, another customer's never.
INSERT INTO activity (
    id, advertiser_id, customer_id, kind, at, amount_minor, currency, external_id, source, "by", created_at,
    updated_at
)
VALUES (
    :id, :advertiser_id, :customer_id, :kind, :at, :amount_minor, :currency, :external_id, :source, :by, :created_at,
    :created_at
)
ON CONFLICT (external_id, kind, advertiser_id) DO UPDATE SET
    at = excluded.at,
    amount_minor = excluded.amount_minor,
    currency = excluded.currency,
    source = excluded.source,
    "by" = excluded."by",
    updated_at = excluded.updated_at
WHERE activity.customer_id = excluded.customer_id
RETURNING id  -- postgres
