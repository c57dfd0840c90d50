-- Statistics: figures by half an hour of UTC (`at`, its first ms), written by the roller alone.
--
--   network_figures   at, currency: everything
--   offer_figures     at, affiliate_id, offer_id, goal_id ('' for clicks), currency ('' for clicks)
--   link_figures      at, affiliate_id, offer_id, campaign_id, link_id, country, goal_id, currency
--   sub_figures       at, affiliate_id, slot (2-5), value ('' for other), offer_id, goal_id, currency
--       clicks valid_clicks pending hold approved rejected refunded
--       open_payout_minor approved_payout_minor open_revenue_minor approved_revenue_minor
--   network_delivery_figures  at: everything
--   delivery_figures  at, postback_id, affiliate_id ('' for a manager's postback), offer_id
--       fired delivered failed cancelled attempts good_attempts
--       answered duration_ms le_50 … le_15000 slower: attempts that got an answer, by how long it took
--   failure_figures   at, postback_id, affiliate_id, error_kind, status (0 without an answer): attempts
--
-- offer_days, link_days, sub_days and delivery_days are the same by whole days of UTC.
-- Test clicks, test conversions and what they caused are in none of them. What the columns mean stands in
-- core/statistics.py, how they are kept exact in store/statistics.py and docs/adr/0018.

-- Noting what the roller would pass over (store/counting.py)

-- name: note_late_click | note_late_conversion | note_late_delivery | note_late_attempt (id text)
-- A row that is stored long after the time in its ID. One that is there already was counted, or noted, before.
INSERT INTO uncounted (noun, row_id)
SELECT 'clicks', :id  -- note_late_click
SELECT 'conversions', :id  -- note_late_conversion
SELECT 'deliveries', :id  -- note_late_delivery
SELECT 'attempts', :id  -- note_late_attempt
/*rows*/
WHERE NOT EXISTS (SELECT 1 FROM clicks WHERE clicks.id = :id)  -- note_late_click
WHERE NOT EXISTS (SELECT 1 FROM conversions WHERE conversions.id = :id)  -- note_late_conversion
WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = :id)  -- note_late_delivery
WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.id = :id)  -- note_late_attempt

-- name: note_changed_conversion (id text)
INSERT INTO uncounted (noun, row_id) VALUES ('conversions', :id)

-- name: note_reopened (id text)
-- A delivery whose end was perhaps counted is opened again: note which end that was. The lock keeps two who
-- reopen it at once from both noting it.
INSERT INTO uncounted (noun, row_id, was_state, was_at)
SELECT 'reopened', deliveries.id, deliveries.state, deliveries.finished_at
FROM deliveries
WHERE deliveries.id = :id
    AND deliveries.state IN ('failed', 'cancelled')
    AND deliveries.ended_because <> 'undone'
    AND NOT deliveries.test
FOR UPDATE  -- postgres

-- name: note_reopened_of (postback_id text, since bigint)
INSERT INTO uncounted (noun, row_id, was_state, was_at)
SELECT 'reopened', deliveries.id, deliveries.state, deliveries.finished_at
FROM deliveries
WHERE deliveries.postback_id = :postback_id
    AND deliveries.state = 'failed'
    AND deliveries.created_at >= :since
    AND NOT deliveries.test
FOR UPDATE  -- postgres

-- Reading what is to be counted: all of one round in one snapshot

-- name: statistics_marks
SELECT marks.name, marks.value FROM marks
WHERE marks.name IN (
    'statistics_step', 'statistics_horizon', 'statistics_clicks', 'statistics_conversions',
    'statistics_deliveries', 'statistics_attempts'
)

-- name: transactions_of_now
-- The oldest transaction that is still writing, and the first that is not numbered yet. On SQLite whoever
-- reads sees all that was committed before, and nobody else is writing when our own write goes through.
-- PostgreSQL numbers those of all databases of a server together: what is known to be another's is left out.
SELECT 0, 0  -- sqlite
SELECT coalesce(min(running.number), max(next.number)), max(next.number)  -- postgres
FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS number) AS next  -- postgres
LEFT JOIN (  -- postgres
    SELECT found::text::bigint AS number FROM pg_snapshot_xip(pg_current_snapshot()) AS found  -- postgres
    WHERE NOT EXISTS (  -- postgres
        SELECT 1 FROM pg_locks AS held  -- postgres
        INNER JOIN pg_stat_activity AS others ON others.pid = held.pid  -- postgres
        WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted  -- postgres
            AND held.transactionid = found::xid  -- postgres
            AND others.datname <> current_database()  -- postgres
    )  -- postgres
) AS running ON true  -- postgres

-- name: clicks_to_count | late_clicks_to_count (after text, before text, most int)
SELECT
    uncounted.seq,  -- late_clicks_to_count
    0,  -- clicks_to_count
    clicks.id, clicks.created_at, clicks.affiliate_id, clicks.offer_id, clicks.campaign_id, clicks.link_id,
    clicks.country, clicks.params, clicks.valid, clicks.test
FROM clicks  -- clicks_to_count
WHERE clicks.id > :after AND clicks.id < :before  -- clicks_to_count
ORDER BY clicks.id  -- clicks_to_count
FROM uncounted LEFT JOIN clicks ON clicks.id = uncounted.row_id  -- sqlite, late_clicks_to_count
FROM uncounted LEFT JOIN LATERAL (  -- postgres, late_clicks_to_count
    SELECT * FROM clicks WHERE clicks.id = uncounted.row_id LIMIT 1  -- postgres, late_clicks_to_count
) AS clicks ON TRUE  -- postgres, late_clicks_to_count
WHERE uncounted.noun = 'clicks' AND :after <= :before  -- late_clicks_to_count
ORDER BY uncounted.seq  -- late_clicks_to_count
LIMIT :most

-- name: conversions_to_count | late_conversions_to_count (after text, before text, most int)
SELECT
    uncounted.seq,  -- late_conversions_to_count
    0,  -- conversions_to_count
    conversions.id, conversions.created_at, conversions.affiliate_id, conversions.offer_id,
    conversions.campaign_id, conversions.link_id, conversions.goal_id, conversions.click_id,
    conversions.status, conversions.payout_minor, conversions.payout_currency, conversions.revenue_minor,
    conversions.revenue_currency, conversions.test
FROM conversions  -- conversions_to_count
WHERE conversions.id > :after AND conversions.id < :before  -- conversions_to_count
ORDER BY conversions.id  -- conversions_to_count
FROM uncounted LEFT JOIN conversions ON conversions.id = uncounted.row_id  -- late_conversions_to_count
WHERE uncounted.noun = 'conversions' AND :after <= :before  -- late_conversions_to_count
ORDER BY uncounted.seq  -- late_conversions_to_count
LIMIT :most

-- name: deliveries_to_count | late_deliveries_to_count (after text, before text, most int)
SELECT
    uncounted.seq,  -- late_deliveries_to_count
    0,  -- deliveries_to_count
    deliveries.id, deliveries.postback_id, deliveries.affiliate_id, deliveries.offer_id, deliveries.state,
    deliveries.created_at, deliveries.finished_at, deliveries.test
FROM deliveries  -- deliveries_to_count
WHERE deliveries.id > :after AND deliveries.id < :before  -- deliveries_to_count
ORDER BY deliveries.id  -- deliveries_to_count
FROM uncounted LEFT JOIN deliveries ON deliveries.id = uncounted.row_id  -- late_deliveries_to_count
WHERE uncounted.noun = 'deliveries' AND :after <= :before  -- late_deliveries_to_count
ORDER BY uncounted.seq  -- late_deliveries_to_count
LIMIT :most

-- name: reopened_to_count (most int)
-- Deliveries that were opened again, the end that is perhaps counted, and how they stand now. `counted_open`
-- has those whose end was not counted.
SELECT
    uncounted.seq, deliveries.id, deliveries.postback_id, deliveries.affiliate_id, deliveries.offer_id,
    deliveries.state, deliveries.created_at, deliveries.finished_at, deliveries.test,
    uncounted.was_state, uncounted.was_at, counted_open.delivery_id
FROM uncounted
LEFT JOIN deliveries ON deliveries.id = uncounted.row_id
LEFT JOIN counted_open ON counted_open.delivery_id = uncounted.row_id
WHERE uncounted.noun = 'reopened'
ORDER BY uncounted.seq
LIMIT :most

-- name: open_to_count (after text, most int)
-- The next deliveries that were open when they were counted.
SELECT
    counted_open.delivery_id, deliveries.postback_id, deliveries.affiliate_id, deliveries.offer_id,
    deliveries.state, deliveries.created_at, deliveries.finished_at
FROM counted_open
JOIN deliveries ON deliveries.id = counted_open.delivery_id
WHERE counted_open.delivery_id > :after
ORDER BY counted_open.delivery_id
LIMIT :most

-- name: attempts_to_count | late_attempts_to_count (after text, before text, most int)
SELECT
    uncounted.seq,  -- late_attempts_to_count
    0,  -- attempts_to_count
    attempts.id, attempts.postback_id, deliveries.affiliate_id, deliveries.offer_id, attempts.started_at,
    attempts.duration_ms, attempts.outcome, attempts.status, attempts.error_kind, deliveries.test
FROM attempts  -- attempts_to_count
LEFT JOIN deliveries ON deliveries.id = attempts.delivery_id  -- attempts_to_count
WHERE attempts.id > :after AND attempts.id < :before  -- attempts_to_count
ORDER BY attempts.id  -- attempts_to_count
FROM uncounted LEFT JOIN attempts ON attempts.id = uncounted.row_id  -- sqlite, late_attempts_to_count
FROM uncounted LEFT JOIN LATERAL (  -- postgres, late_attempts_to_count
    SELECT * FROM attempts WHERE attempts.id = uncounted.row_id LIMIT 1  -- postgres, late_attempts_to_count
) AS attempts ON TRUE  -- postgres, late_attempts_to_count
LEFT JOIN deliveries ON deliveries.id = attempts.delivery_id  -- late_attempts_to_count
WHERE uncounted.noun = 'attempts' AND :after <= :before  -- late_attempts_to_count
ORDER BY uncounted.seq  -- late_attempts_to_count
LIMIT :most

-- name: counted_conversions (ids text[])
SELECT
    conversion_id, status, payout_minor, payout_currency, revenue_minor, revenue_currency, country, sub2,
    sub3, sub4, sub5
FROM counted_conversions
WHERE conversion_id IN (SELECT value FROM json_each(:ids))  -- sqlite
WHERE conversion_id = ANY (:ids)  -- postgres

-- name: named_values (ats bigint[], affiliate_ids text[])
SELECT DISTINCT sub_figures.at, sub_figures.affiliate_id, sub_figures.slot, sub_figures.value
FROM sub_figures
WHERE sub_figures.at IN (SELECT value FROM json_each(:ats))  -- sqlite
    AND sub_figures.affiliate_id IN (SELECT value FROM json_each(:affiliate_ids))  -- sqlite
WHERE sub_figures.at = ANY (:ats) AND sub_figures.affiliate_id = ANY (:affiliate_ids)  -- postgres
    AND sub_figures.slot IN (2, 3, 4, 5)
    AND sub_figures.value <> ''

-- Writing figures

-- name: add_network_figures (at bigint, currency text, clicks bigint, valid_clicks bigint, pending bigint, hold bigint, approved bigint, rejected bigint, refunded bigint, open_payout_minor bigint, approved_payout_minor bigint, open_revenue_minor bigint, approved_revenue_minor bigint)
INSERT INTO network_figures AS known (
    at, currency,
    clicks, valid_clicks, pending, hold, approved, rejected, refunded, open_payout_minor,
    approved_payout_minor, open_revenue_minor, approved_revenue_minor
)
VALUES (
    :at, :currency,
    :clicks, :valid_clicks, :pending, :hold, :approved, :rejected, :refunded, :open_payout_minor,
    :approved_payout_minor, :open_revenue_minor, :approved_revenue_minor
)
ON CONFLICT (at, currency) DO UPDATE SET
    clicks = known.clicks + excluded.clicks,
    valid_clicks = known.valid_clicks + excluded.valid_clicks,
    pending = known.pending + excluded.pending,
    hold = known.hold + excluded.hold,
    approved = known.approved + excluded.approved,
    rejected = known.rejected + excluded.rejected,
    refunded = known.refunded + excluded.refunded,
    open_payout_minor = known.open_payout_minor + excluded.open_payout_minor,
    approved_payout_minor = known.approved_payout_minor + excluded.approved_payout_minor,
    open_revenue_minor = known.open_revenue_minor + excluded.open_revenue_minor,
    approved_revenue_minor = known.approved_revenue_minor + excluded.approved_revenue_minor

-- name: add_offer_figures | add_offer_days (at bigint, affiliate_id text, offer_id text, goal_id text, currency text, clicks bigint, valid_clicks bigint, pending bigint, hold bigint, approved bigint, rejected bigint, refunded bigint, open_payout_minor bigint, approved_payout_minor bigint, open_revenue_minor bigint, approved_revenue_minor bigint)
INSERT INTO offer_figures AS known (  -- add_offer_figures
INSERT INTO offer_days AS known (  -- add_offer_days
    at, affiliate_id, offer_id, goal_id, currency,
    clicks, valid_clicks, pending, hold, approved, rejected, refunded, open_payout_minor,
    approved_payout_minor, open_revenue_minor, approved_revenue_minor
)
VALUES (
    :at, :affiliate_id, :offer_id, :goal_id, :currency,
    :clicks, :valid_clicks, :pending, :hold, :approved, :rejected, :refunded, :open_payout_minor,
    :approved_payout_minor, :open_revenue_minor, :approved_revenue_minor
)
ON CONFLICT (at, affiliate_id, offer_id, goal_id, currency) DO UPDATE SET
    clicks = known.clicks + excluded.clicks,
    valid_clicks = known.valid_clicks + excluded.valid_clicks,
    pending = known.pending + excluded.pending,
    hold = known.hold + excluded.hold,
    approved = known.approved + excluded.approved,
    rejected = known.rejected + excluded.rejected,
    refunded = known.refunded + excluded.refunded,
    open_payout_minor = known.open_payout_minor + excluded.open_payout_minor,
    approved_payout_minor = known.approved_payout_minor + excluded.approved_payout_minor,
    open_revenue_minor = known.open_revenue_minor + excluded.open_revenue_minor,
    approved_revenue_minor = known.approved_revenue_minor + excluded.approved_revenue_minor

-- name: add_link_figures | add_link_days (at bigint, affiliate_id text, offer_id text, campaign_id text, link_id text, country text, goal_id text, currency text, clicks bigint, valid_clicks bigint, pending bigint, hold bigint, approved bigint, rejected bigint, refunded bigint, open_payout_minor bigint, approved_payout_minor bigint, open_revenue_minor bigint, approved_revenue_minor bigint)
INSERT INTO link_figures AS known (  -- add_link_figures
INSERT INTO link_days AS known (  -- add_link_days
    at, affiliate_id, offer_id, campaign_id, link_id, country, goal_id, currency,
    clicks, valid_clicks, pending, hold, approved, rejected, refunded, open_payout_minor,
    approved_payout_minor, open_revenue_minor, approved_revenue_minor
)
VALUES (
    :at, :affiliate_id, :offer_id, :campaign_id, :link_id, :country, :goal_id, :currency,
    :clicks, :valid_clicks, :pending, :hold, :approved, :rejected, :refunded, :open_payout_minor,
    :approved_payout_minor, :open_revenue_minor, :approved_revenue_minor
)
ON CONFLICT (at, affiliate_id, offer_id, campaign_id, link_id, country, goal_id, currency) DO UPDATE SET
    clicks = known.clicks + excluded.clicks,
    valid_clicks = known.valid_clicks + excluded.valid_clicks,
    pending = known.pending + excluded.pending,
    hold = known.hold + excluded.hold,
    approved = known.approved + excluded.approved,
    rejected = known.rejected + excluded.rejected,
    refunded = known.refunded + excluded.refunded,
    open_payout_minor = known.open_payout_minor + excluded.open_payout_minor,
    approved_payout_minor = known.approved_payout_minor + excluded.approved_payout_minor,
    open_revenue_minor = known.open_revenue_minor + excluded.open_revenue_minor,
    approved_revenue_minor = known.approved_revenue_minor + excluded.approved_revenue_minor

-- name: add_sub_figures | add_sub_days (at bigint, affiliate_id text, slot int, value text, offer_id text, goal_id text, currency text, clicks bigint, valid_clicks bigint, pending bigint, hold bigint, approved bigint, rejected bigint, refunded bigint, open_payout_minor bigint, approved_payout_minor bigint, open_revenue_minor bigint, approved_revenue_minor bigint)
INSERT INTO sub_figures AS known (  -- add_sub_figures
INSERT INTO sub_days AS known (  -- add_sub_days
    at, affiliate_id, slot, value, offer_id, goal_id, currency,
    clicks, valid_clicks, pending, hold, approved, rejected, refunded, open_payout_minor,
    approved_payout_minor, open_revenue_minor, approved_revenue_minor
)
VALUES (
    :at, :affiliate_id, :slot, :value, :offer_id, :goal_id, :currency,
    :clicks, :valid_clicks, :pending, :hold, :approved, :rejected, :refunded, :open_payout_minor,
    :approved_payout_minor, :open_revenue_minor, :approved_revenue_minor
)
ON CONFLICT (at, affiliate_id, slot, value, offer_id, goal_id, currency) DO UPDATE SET
    clicks = known.clicks + excluded.clicks,
    valid_clicks = known.valid_clicks + excluded.valid_clicks,
    pending = known.pending + excluded.pending,
    hold = known.hold + excluded.hold,
    approved = known.approved + excluded.approved,
    rejected = known.rejected + excluded.rejected,
    refunded = known.refunded + excluded.refunded,
    open_payout_minor = known.open_payout_minor + excluded.open_payout_minor,
    approved_payout_minor = known.approved_payout_minor + excluded.approved_payout_minor,
    open_revenue_minor = known.open_revenue_minor + excluded.open_revenue_minor,
    approved_revenue_minor = known.approved_revenue_minor + excluded.approved_revenue_minor

-- name: add_network_delivery_figures (at bigint, fired bigint, delivered bigint, failed bigint, cancelled bigint, attempts bigint, good_attempts bigint, answered bigint, duration_ms bigint, le_50 bigint, le_100 bigint, le_250 bigint, le_500 bigint, le_1000 bigint, le_2500 bigint, le_5000 bigint, le_10000 bigint, le_15000 bigint, slower bigint)
INSERT INTO network_delivery_figures AS known (
    at,
    fired, delivered, failed, cancelled, attempts, good_attempts, answered, duration_ms, le_50,
    le_100, le_250, le_500, le_1000, le_2500, le_5000, le_10000, le_15000, slower
)
VALUES (
    :at,
    :fired, :delivered, :failed, :cancelled, :attempts, :good_attempts, :answered, :duration_ms,
    :le_50, :le_100, :le_250, :le_500, :le_1000, :le_2500, :le_5000, :le_10000, :le_15000, :slower
)
ON CONFLICT (at) DO UPDATE SET
    fired = known.fired + excluded.fired,
    delivered = known.delivered + excluded.delivered,
    failed = known.failed + excluded.failed,
    cancelled = known.cancelled + excluded.cancelled,
    attempts = known.attempts + excluded.attempts,
    good_attempts = known.good_attempts + excluded.good_attempts,
    answered = known.answered + excluded.answered,
    duration_ms = known.duration_ms + excluded.duration_ms,
    le_50 = known.le_50 + excluded.le_50,
    le_100 = known.le_100 + excluded.le_100,
    le_250 = known.le_250 + excluded.le_250,
    le_500 = known.le_500 + excluded.le_500,
    le_1000 = known.le_1000 + excluded.le_1000,
    le_2500 = known.le_2500 + excluded.le_2500,
    le_5000 = known.le_5000 + excluded.le_5000,
    le_10000 = known.le_10000 + excluded.le_10000,
    le_15000 = known.le_15000 + excluded.le_15000,
    slower = known.slower + excluded.slower

-- name: add_delivery_figures | add_delivery_days (at bigint, postback_id text, affiliate_id text, offer_id text, fired bigint, delivered bigint, failed bigint, cancelled bigint, attempts bigint, good_attempts bigint, answered bigint, duration_ms bigint, le_50 bigint, le_100 bigint, le_250 bigint, le_500 bigint, le_1000 bigint, le_2500 bigint, le_5000 bigint, le_10000 bigint, le_15000 bigint, slower bigint)
INSERT INTO delivery_figures AS known (  -- add_delivery_figures
INSERT INTO delivery_days AS known (  -- add_delivery_days
    at, postback_id, affiliate_id, offer_id,
    fired, delivered, failed, cancelled, attempts, good_attempts, answered, duration_ms, le_50,
    le_100, le_250, le_500, le_1000, le_2500, le_5000, le_10000, le_15000, slower
)
VALUES (
    :at, :postback_id, :affiliate_id, :offer_id,
    :fired, :delivered, :failed, :cancelled, :attempts, :good_attempts, :answered, :duration_ms,
    :le_50, :le_100, :le_250, :le_500, :le_1000, :le_2500, :le_5000, :le_10000, :le_15000, :slower
)
ON CONFLICT (at, postback_id, affiliate_id, offer_id) DO UPDATE SET
    fired = known.fired + excluded.fired,
    delivered = known.delivered + excluded.delivered,
    failed = known.failed + excluded.failed,
    cancelled = known.cancelled + excluded.cancelled,
    attempts = known.attempts + excluded.attempts,
    good_attempts = known.good_attempts + excluded.good_attempts,
    answered = known.answered + excluded.answered,
    duration_ms = known.duration_ms + excluded.duration_ms,
    le_50 = known.le_50 + excluded.le_50,
    le_100 = known.le_100 + excluded.le_100,
    le_250 = known.le_250 + excluded.le_250,
    le_500 = known.le_500 + excluded.le_500,
    le_1000 = known.le_1000 + excluded.le_1000,
    le_2500 = known.le_2500 + excluded.le_2500,
    le_5000 = known.le_5000 + excluded.le_5000,
    le_10000 = known.le_10000 + excluded.le_10000,
    le_15000 = known.le_15000 + excluded.le_15000,
    slower = known.slower + excluded.slower

-- name: add_failure_figures (at bigint, postback_id text, affiliate_id text, error_kind text, status int, attempts bigint)
INSERT INTO failure_figures AS known (
    at, postback_id, affiliate_id, error_kind, status,
    attempts
)
VALUES (
    :at, :postback_id, :affiliate_id, :error_kind, :status,
    :attempts
)
ON CONFLICT (at, postback_id, affiliate_id, error_kind, status) DO UPDATE SET
    attempts = known.attempts + excluded.attempts

-- name: put_counted_conversion (conversion_id text, status text, payout_minor bigint, payout_currency text, revenue_minor bigint, revenue_currency text, country text, sub2 text, sub3 text, sub4 text, sub5 text)
INSERT INTO counted_conversions (
    conversion_id, status, payout_minor, payout_currency, revenue_minor, revenue_currency, country, sub2,
    sub3, sub4, sub5
)
VALUES (
    :conversion_id, :status, :payout_minor, :payout_currency, :revenue_minor, :revenue_currency, :country, :sub2,
    :sub3, :sub4, :sub5
)
ON CONFLICT (conversion_id) DO UPDATE SET
    status = excluded.status,
    payout_minor = excluded.payout_minor,
    payout_currency = excluded.payout_currency,
    revenue_minor = excluded.revenue_minor,
    revenue_currency = excluded.revenue_currency

-- name: add_counted_open (delivery_id text)
INSERT INTO counted_open (delivery_id) VALUES (:delivery_id) ON CONFLICT (delivery_id) DO NOTHING

-- name: drop_counted_open (delivery_id text)
DELETE FROM counted_open
/*rows*/
WHERE counted_open.delivery_id = :delivery_id

-- name: drop_uncounted (seq bigint)
DELETE FROM uncounted
/*rows*/
WHERE uncounted.seq = :seq

-- name: put_statistics_mark (name text, value text)
UPDATE marks SET value = :value WHERE marks.name = :name

-- Reading for people

-- name: last_deliveries (postback_ids text[], most int)
-- The latest deliveries of each postback, for each of them the end of a range of one index; tests among them are
-- left out afterwards.
SELECT latest.postback_id, latest.state, latest.created_at
FROM json_each(:postback_ids) AS wanted  -- sqlite
JOIN deliveries AS latest ON latest.id IN (  -- sqlite
    SELECT inner_row.id FROM deliveries AS inner_row  -- sqlite
    WHERE inner_row.postback_id = wanted.value  -- sqlite
    ORDER BY inner_row.id DESC LIMIT :most  -- sqlite
)  -- sqlite
FROM unnest(:postback_ids) AS wanted (postback_id)  -- postgres
CROSS JOIN LATERAL (  -- postgres
    SELECT deliveries.* FROM deliveries  -- postgres
    WHERE deliveries.postback_id = wanted.postback_id  -- postgres
    ORDER BY deliveries.id DESC LIMIT :most  -- postgres
) AS latest  -- postgres
WHERE NOT latest.test
ORDER BY latest.postback_id, latest.id DESC

-- name: count_unplaced (since text, most int)
-- Reports that no click could be found for; counted up to a bound (index reports_unplaced).
SELECT count(*) AS count
FROM (
    SELECT reports.id FROM reports
    WHERE reports.verdict IN (
        'missing_click_id', 'unreplaced_macro', 'malformed_click_id', 'click_not_found', 'wrong_slot'
    )
        AND reports.id >= :since
    LIMIT :most
) AS unplaced

-- Counting everything anew

-- name: pass_statistics_step
UPDATE marks SET value = CAST(CAST(marks.value AS bigint) + 1 AS text) WHERE marks.name = 'statistics_step'

-- name: reset_statistics_marks
UPDATE marks SET value = ''
WHERE marks.name IN (
    'statistics_clicks', 'statistics_conversions', 'statistics_deliveries', 'statistics_attempts'
)

-- name: clear_network_figures | clear_offer_figures | clear_offer_days | clear_link_figures | clear_link_days | clear_sub_figures | clear_sub_days | clear_network_delivery_figures | clear_delivery_figures | clear_delivery_days | clear_failure_figures | clear_counted_conversions | clear_counted_open | clear_uncounted
DELETE FROM network_figures  -- clear_network_figures
DELETE FROM offer_figures  -- clear_offer_figures
DELETE FROM offer_days  -- clear_offer_days
DELETE FROM link_figures  -- clear_link_figures
DELETE FROM link_days  -- clear_link_days
DELETE FROM sub_figures  -- clear_sub_figures
DELETE FROM sub_days  -- clear_sub_days
DELETE FROM network_delivery_figures  -- clear_network_delivery_figures
DELETE FROM delivery_figures  -- clear_delivery_figures
DELETE FROM delivery_days  -- clear_delivery_days
DELETE FROM failure_figures  -- clear_failure_figures
DELETE FROM counted_conversions  -- clear_counted_conversions
DELETE FROM counted_open  -- clear_counted_open
DELETE FROM uncounted  -- clear_uncounted
