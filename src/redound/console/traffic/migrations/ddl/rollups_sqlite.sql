-- Figures by half an hour of UTC (`at`, its first ms), and the same by whole days of UTC (…_days). Only the roller
-- writes them (store/statistics.py); pages and the API read nothing else. They are sums: rows that cancel out to
-- nothing may stay. An affiliate's half-hours lie together, for their own pages; what managers ask of everything is
-- answered by the network's rows and by days.

-- All clicks and conversions, for what is asked of everything over time.
CREATE TABLE network_figures (
    at BIGINT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, currency)
) WITHOUT ROWID;

-- Clicks and conversions by affiliate, offer and goal. Clicks have no goal and no currency ('').
CREATE TABLE offer_figures (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (affiliate_id, at, offer_id, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX offer_figures_at ON offer_figures (at);

-- By days.
CREATE TABLE offer_days (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, affiliate_id, offer_id, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX offer_days_affiliate ON offer_days (affiliate_id, at);

-- The same by link (so by campaign) and country.
CREATE TABLE link_figures (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    country TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (affiliate_id, at, offer_id, campaign_id, link_id, country, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX link_figures_at ON link_figures (at);

-- By days.
CREATE TABLE link_days (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    country TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, affiliate_id, offer_id, campaign_id, link_id, country, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX link_days_affiliate ON link_days (affiliate_id, at);

-- The same by the value of sub2 to sub5 (`slot`). An affiliate has 100 values by name in half an hour and slot;
-- further ones are counted under ''. Clicks without a value are not here.
CREATE TABLE sub_figures (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    value TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (affiliate_id, slot, at, value, offer_id, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX sub_figures_at ON sub_figures (at);

-- By days.
CREATE TABLE sub_days (
    at BIGINT NOT NULL,
    affiliate_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    value TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    currency TEXT NOT NULL,
    clicks BIGINT NOT NULL DEFAULT 0,
    valid_clicks BIGINT NOT NULL DEFAULT 0,
    pending BIGINT NOT NULL DEFAULT 0,
    hold BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    open_payout_minor BIGINT NOT NULL DEFAULT 0,
    approved_payout_minor BIGINT NOT NULL DEFAULT 0,
    open_revenue_minor BIGINT NOT NULL DEFAULT 0,
    approved_revenue_minor BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, affiliate_id, slot, value, offer_id, goal_id, currency)
) WITHOUT ROWID;
CREATE INDEX sub_days_affiliate ON sub_days (affiliate_id, slot, at);

-- All deliveries.
CREATE TABLE network_delivery_figures (
    at BIGINT NOT NULL,
    fired BIGINT NOT NULL DEFAULT 0,
    delivered BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    cancelled BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    good_attempts BIGINT NOT NULL DEFAULT 0,
    answered BIGINT NOT NULL DEFAULT 0,
    duration_ms BIGINT NOT NULL DEFAULT 0,
    le_50 BIGINT NOT NULL DEFAULT 0,
    le_100 BIGINT NOT NULL DEFAULT 0,
    le_250 BIGINT NOT NULL DEFAULT 0,
    le_500 BIGINT NOT NULL DEFAULT 0,
    le_1000 BIGINT NOT NULL DEFAULT 0,
    le_2500 BIGINT NOT NULL DEFAULT 0,
    le_5000 BIGINT NOT NULL DEFAULT 0,
    le_10000 BIGINT NOT NULL DEFAULT 0,
    le_15000 BIGINT NOT NULL DEFAULT 0,
    slower BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at)
) WITHOUT ROWID;

-- Deliveries by postback: `fired` by when they were made, their ends by when they ended, attempts by when they
-- were started. Response times are those of attempts that got an answer: `le_250` is how many took more than 100
-- and at most 250 ms.
CREATE TABLE delivery_figures (
    at BIGINT NOT NULL,
    postback_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    fired BIGINT NOT NULL DEFAULT 0,
    delivered BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    cancelled BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    good_attempts BIGINT NOT NULL DEFAULT 0,
    answered BIGINT NOT NULL DEFAULT 0,
    duration_ms BIGINT NOT NULL DEFAULT 0,
    le_50 BIGINT NOT NULL DEFAULT 0,
    le_100 BIGINT NOT NULL DEFAULT 0,
    le_250 BIGINT NOT NULL DEFAULT 0,
    le_500 BIGINT NOT NULL DEFAULT 0,
    le_1000 BIGINT NOT NULL DEFAULT 0,
    le_2500 BIGINT NOT NULL DEFAULT 0,
    le_5000 BIGINT NOT NULL DEFAULT 0,
    le_10000 BIGINT NOT NULL DEFAULT 0,
    le_15000 BIGINT NOT NULL DEFAULT 0,
    slower BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (affiliate_id, at, postback_id, offer_id)
) WITHOUT ROWID;
CREATE INDEX delivery_figures_at ON delivery_figures (at);
CREATE INDEX delivery_figures_postback ON delivery_figures (postback_id, at);

-- By days.
CREATE TABLE delivery_days (
    at BIGINT NOT NULL,
    postback_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    fired BIGINT NOT NULL DEFAULT 0,
    delivered BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    cancelled BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    good_attempts BIGINT NOT NULL DEFAULT 0,
    answered BIGINT NOT NULL DEFAULT 0,
    duration_ms BIGINT NOT NULL DEFAULT 0,
    le_50 BIGINT NOT NULL DEFAULT 0,
    le_100 BIGINT NOT NULL DEFAULT 0,
    le_250 BIGINT NOT NULL DEFAULT 0,
    le_500 BIGINT NOT NULL DEFAULT 0,
    le_1000 BIGINT NOT NULL DEFAULT 0,
    le_2500 BIGINT NOT NULL DEFAULT 0,
    le_5000 BIGINT NOT NULL DEFAULT 0,
    le_10000 BIGINT NOT NULL DEFAULT 0,
    le_15000 BIGINT NOT NULL DEFAULT 0,
    slower BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, postback_id, affiliate_id, offer_id)
) WITHOUT ROWID;
CREATE INDEX delivery_days_affiliate ON delivery_days (affiliate_id, at);
CREATE INDEX delivery_days_postback ON delivery_days (postback_id, at);

-- Attempts that failed, by reason: `status` is the answer's, 0 without one.
CREATE TABLE failure_figures (
    at BIGINT NOT NULL,
    postback_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL,
    error_kind TEXT NOT NULL,
    status INTEGER NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (at, postback_id, affiliate_id, error_kind, status)
) WITHOUT ROWID;
CREATE INDEX failure_figures_affiliate ON failure_figures (affiliate_id, at);
CREATE INDEX failure_figures_postback ON failure_figures (postback_id, at);

-- How each conversion was counted last, so that a change can be taken back and counted anew.
CREATE TABLE counted_conversions (
    conversion_id TEXT PRIMARY KEY NOT NULL,
    status TEXT NOT NULL,
    payout_minor BIGINT,
    payout_currency TEXT NOT NULL,
    revenue_minor BIGINT,
    revenue_currency TEXT NOT NULL,
    country TEXT NOT NULL,
    sub2 TEXT,
    sub3 TEXT,
    sub4 TEXT,
    sub5 TEXT
) WITHOUT ROWID;
CREATE INDEX counted_conversions_open ON counted_conversions (status) WHERE status IN ('pending', 'hold');

-- Deliveries that were counted while they were open: whose end is still to be counted.
CREATE TABLE counted_open (
    delivery_id TEXT PRIMARY KEY NOT NULL
) WITHOUT ROWID;

-- What the roller would pass over: rows stored long after their IDs' time, and rows that changed after they
-- were counted. Whoever stores or changes them notes them here in the same transaction (store/counting.py).
CREATE TABLE uncounted (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    noun TEXT NOT NULL,
    row_id TEXT NOT NULL,
    was_state TEXT NOT NULL DEFAULT '',
    was_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX uncounted_noun ON uncounted (noun, seq);

-- Reports nobody could place, for the managers' overview.
CREATE INDEX reports_unplaced ON reports (id)
WHERE verdict IN ('missing_click_id', 'unreplaced_macro', 'malformed_click_id', 'click_not_found', 'wrong_slot');

INSERT INTO marks (name, value) VALUES
    ('statistics_step', '0'), ('statistics_horizon', ''), ('statistics_clicks', ''),
    ('statistics_conversions', ''), ('statistics_deliveries', ''), ('statistics_attempts', '');
