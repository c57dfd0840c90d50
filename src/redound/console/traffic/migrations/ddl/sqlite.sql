-- Traffic tables on SQLite. Times are milliseconds since the epoch, UTC. Missing text is ''.
-- Every key starts with time, so that new rows land at the end of their tree.
CREATE TABLE clicks (
    id TEXT PRIMARY KEY NOT NULL,
    link_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    brand_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ip TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    referrer TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    params TEXT NOT NULL DEFAULT '{}',
    valid BOOLEAN NOT NULL DEFAULT TRUE,
    invalid_reason TEXT NOT NULL DEFAULT '',
    test BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;

CREATE TABLE reports (
    id TEXT PRIMARY KEY NOT NULL,
    received_at BIGINT NOT NULL,
    advertiser_id TEXT NOT NULL DEFAULT '',
    affiliate_id TEXT NOT NULL DEFAULT '',
    offer_id TEXT NOT NULL DEFAULT '',
    click_id TEXT NOT NULL DEFAULT '',
    conversion_id TEXT NOT NULL DEFAULT '',
    txid TEXT NOT NULL DEFAULT '',
    verdict TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    method TEXT NOT NULL DEFAULT 'GET',
    raw_query TEXT NOT NULL DEFAULT '',
    raw_body TEXT NOT NULL DEFAULT '',
    content_type TEXT NOT NULL DEFAULT '',
    ip TEXT NOT NULL DEFAULT '',
    test BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;
CREATE INDEX reports_click ON reports (click_id) WHERE click_id <> '';

CREATE TABLE conversions (
    id TEXT PRIMARY KEY NOT NULL,
    click_id TEXT NOT NULL,
    link_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    offer_id TEXT NOT NULL,
    brand_id TEXT NOT NULL,
    advertiser_id TEXT NOT NULL,
    goal_id TEXT NOT NULL,
    status TEXT NOT NULL,
    status_word TEXT NOT NULL DEFAULT '',
    txid TEXT NOT NULL DEFAULT '',
    slot TEXT NOT NULL DEFAULT '',
    customer_id TEXT NOT NULL DEFAULT '',
    amount_minor BIGINT,
    amount_currency TEXT NOT NULL DEFAULT '',
    payout_minor BIGINT,
    payout_currency TEXT NOT NULL DEFAULT '',
    revenue_minor BIGINT,
    revenue_currency TEXT NOT NULL DEFAULT '',
    adv_subs TEXT NOT NULL DEFAULT '{}',
    test BOOLEAN NOT NULL DEFAULT FALSE,
    seen INTEGER NOT NULL,
    hold_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID;
CREATE UNIQUE INDEX conversions_slot ON conversions (slot) WHERE slot <> '';
CREATE UNIQUE INDEX conversions_txid ON conversions (txid, goal_id, offer_id) WHERE txid <> '';
CREATE INDEX conversions_click ON conversions (click_id);
CREATE INDEX conversions_affiliate ON conversions (affiliate_id, id);
CREATE INDEX conversions_customer ON conversions (customer_id, advertiser_id) WHERE customer_id <> '';
CREATE INDEX conversions_hold ON conversions (hold_until) WHERE hold_until IS NOT NULL;

CREATE TABLE transitions (
    id TEXT PRIMARY KEY NOT NULL,
    conversion_id TEXT NOT NULL,
    from_status TEXT NOT NULL DEFAULT '',
    to_status TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    "by" TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    report_id TEXT NOT NULL DEFAULT '',
    evaluations TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX transitions_conversion ON transitions (conversion_id);

-- The history of what was owed: written once, its state touched once more when it ends.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    postback_id TEXT NOT NULL,
    affiliate_id TEXT NOT NULL DEFAULT '',
    offer_id TEXT NOT NULL DEFAULT '',
    conversion_id TEXT NOT NULL DEFAULT '',
    click_id TEXT NOT NULL,
    transition_id TEXT NOT NULL DEFAULT '',
    fire_key TEXT NOT NULL,
    macro_values TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    ended_because TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    test BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
) WITHOUT ROWID;
-- Fire keys begin with a time, so this order appends where the other would scatter.
CREATE UNIQUE INDEX deliveries_once ON deliveries (fire_key, postback_id);
CREATE INDEX deliveries_conversion ON deliveries (conversion_id) WHERE conversion_id <> '';
CREATE INDEX deliveries_postback ON deliveries (postback_id, id);

-- What is not finished: small and hot. A row is here while its delivery is open. `queue`: 0 fresh, 1 retry,
-- 2 parked. `at` is when it may next be claimed; while `lease` names its holder that is the lease's deadline,
-- and while it is parked it is when that happened.
CREATE TABLE due (
    delivery_id TEXT PRIMARY KEY NOT NULL,
    postback_id TEXT NOT NULL,
    queue INTEGER NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    lease TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    receiver_failures INTEGER NOT NULL DEFAULT 0,
    first_attempt_at BIGINT,
    ordered BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;
-- Two indexes apart: a delivery that is handed over as it is inserted never enters the lanes, and what is held
-- appends to an index by deadline.
CREATE INDEX due_lane ON due (queue, postback_id, at) WHERE lease = '';
CREATE INDEX due_held ON due (at) WHERE lease <> '';

CREATE TABLE attempts (
    id TEXT PRIMARY KEY NOT NULL,
    delivery_id TEXT NOT NULL,
    postback_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    started_at BIGINT NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    request TEXT NOT NULL,
    response TEXT NOT NULL DEFAULT '',
    error_kind TEXT NOT NULL DEFAULT '',
    error_detail TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX attempts_delivery ON attempts (delivery_id);

CREATE TABLE postback_health (
    postback_id TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL DEFAULT 'ok',
    failures_in_row INTEGER NOT NULL DEFAULT 0,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    first_failure_at BIGINT,
    last_success_at BIGINT,
    disabled_at BIGINT,
    disabled_reason TEXT NOT NULL DEFAULT '',
    last_response TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE notifications (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    postback_id TEXT NOT NULL DEFAULT '',
    affiliate_id TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}',
    created_at BIGINT NOT NULL,
    read_at BIGINT
) WITHOUT ROWID;
CREATE INDEX notifications_affiliate ON notifications (affiliate_id, id) WHERE audience = 'affiliate';

CREATE TABLE workers (
    node TEXT PRIMARY KEY NOT NULL,
    role TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Versions are handed out under the lock of this one row, so they become visible in their order.
CREATE TABLE config_version (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO config_version (id, version) VALUES (1, 0);

CREATE TABLE config_changes (
    version BIGINT PRIMARY KEY NOT NULL,
    noun TEXT NOT NULL,
    row_id TEXT NOT NULL
);
