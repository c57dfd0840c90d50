-- Players, what they did, and how far they are with reward plans. Times are milliseconds since the epoch, UTC;
-- money is in minor units. Missing text is ''.
CREATE TABLE players (
    id TEXT COLLATE "C" PRIMARY KEY,
    advertiser_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    conversion_id TEXT COLLATE "C" NOT NULL DEFAULT '',
    click_id TEXT COLLATE "C" NOT NULL DEFAULT '',
    link_id TEXT NOT NULL DEFAULT '',
    affiliate_id TEXT NOT NULL DEFAULT '',
    campaign_id TEXT NOT NULL DEFAULT '',
    offer_id TEXT NOT NULL DEFAULT '',
    brand_id TEXT NOT NULL DEFAULT '',
    registered_at BIGINT
);
CREATE UNIQUE INDEX players_customer ON players (customer_id, advertiser_id);
CREATE INDEX players_affiliate ON players (affiliate_id, id) WHERE affiliate_id <> '';
CREATE INDEX players_offer ON players (offer_id, id) WHERE offer_id <> '';
CREATE INDEX players_click ON players (click_id) WHERE click_id <> '';

CREATE TABLE activity (
    id TEXT COLLATE "C" PRIMARY KEY,
    advertiser_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    external_id TEXT NOT NULL,
    source TEXT NOT NULL,
    "by" TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX activity_once ON activity (external_id, kind, advertiser_id);
CREATE INDEX activity_customer ON activity (customer_id, advertiser_id);

-- One row for each player and plan, ever: whoever writes `qualified` into it has earned, once.
CREATE TABLE plan_progress (
    plan_id TEXT NOT NULL,
    player_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    first_deposit_minor BIGINT NOT NULL,
    deposits_minor BIGINT NOT NULL,
    deposit_count INTEGER NOT NULL,
    wagers_minor BIGINT NOT NULL,
    net_revenue_minor BIGINT NOT NULL,
    other_currency INTEGER NOT NULL,
    deadline_at BIGINT,
    conversion_id TEXT COLLATE "C" NOT NULL DEFAULT '',
    made BOOLEAN NOT NULL DEFAULT FALSE,
    qualified_at BIGINT,
    updated_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (player_id, plan_id)
) WITH (fillfactor = 80);
CREATE INDEX plan_progress_deadline ON plan_progress (deadline_at, player_id) WHERE state = 'open';
CREATE INDEX plan_progress_met ON plan_progress (player_id) WHERE state = 'met';
CREATE UNIQUE INDEX plan_progress_conversion ON plan_progress (conversion_id) WHERE made;

-- A line for every customer of whom something new is known. Whoever stores it writes it: these triggers.
CREATE TABLE player_news (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    advertiser_id TEXT NOT NULL,
    customer_id TEXT NOT NULL
);
CREATE INDEX player_news_customer ON player_news (customer_id);
CREATE FUNCTION player_news_of_conversions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO player_news (advertiser_id, customer_id)
    SELECT DISTINCT fresh.advertiser_id, fresh.customer_id FROM fresh
    WHERE fresh.customer_id <> '' AND NOT fresh.test;
    RETURN NULL;
END
$$;
CREATE FUNCTION player_news_of_activity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO player_news (advertiser_id, customer_id)
    SELECT DISTINCT fresh.advertiser_id, fresh.customer_id FROM fresh;
    RETURN NULL;
END
$$;
CREATE TRIGGER player_news_of_new_conversion AFTER INSERT ON conversions
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION player_news_of_conversions();
CREATE TRIGGER player_news_of_changed_conversion AFTER UPDATE ON conversions
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION player_news_of_conversions();
CREATE TRIGGER player_news_of_new_activity AFTER INSERT ON activity
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION player_news_of_activity();
CREATE TRIGGER player_news_of_changed_activity AFTER UPDATE ON activity
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION player_news_of_activity();
INSERT INTO player_news (advertiser_id, customer_id)
SELECT DISTINCT advertiser_id, customer_id FROM conversions WHERE customer_id <> '' AND NOT test;

-- How far the players of its offer have been gone through after a plan changed.
CREATE TABLE plan_marks (
    plan_id TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    done BOOLEAN NOT NULL
);

-- Who evaluates, when that was done last, and when it is done next.
CREATE TABLE evaluation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL DEFAULT '',
    until BIGINT NOT NULL DEFAULT 0,
    last_at BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL DEFAULT 0
);
INSERT INTO evaluation (id) VALUES (1);
