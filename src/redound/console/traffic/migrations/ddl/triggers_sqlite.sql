-- Every change of the configuration gets a version and a line in config_changes, whoever makes it. A later
-- migration that rebuilds one of these tables drops its triggers (SQLite): run this file again after it.

DROP TRIGGER IF EXISTS redound_advertisers_insert;
CREATE TRIGGER redound_advertisers_insert AFTER INSERT ON advertisers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'advertisers', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_advertisers_update;
CREATE TRIGGER redound_advertisers_update AFTER UPDATE ON advertisers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'advertisers', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_advertisers_delete;
CREATE TRIGGER redound_advertisers_delete AFTER DELETE ON advertisers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'advertisers', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_brands_insert;
CREATE TRIGGER redound_brands_insert AFTER INSERT ON brands BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'brands', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_brands_update;
CREATE TRIGGER redound_brands_update AFTER UPDATE ON brands BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'brands', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_brands_delete;
CREATE TRIGGER redound_brands_delete AFTER DELETE ON brands BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'brands', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_offers_insert;
CREATE TRIGGER redound_offers_insert AFTER INSERT ON offers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'offers', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_offers_update;
CREATE TRIGGER redound_offers_update AFTER UPDATE ON offers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'offers', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_offers_delete;
CREATE TRIGGER redound_offers_delete AFTER DELETE ON offers BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'offers', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_goals_insert;
CREATE TRIGGER redound_goals_insert AFTER INSERT ON goals BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'goals', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_goals_update;
CREATE TRIGGER redound_goals_update AFTER UPDATE ON goals BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'goals', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_goals_delete;
CREATE TRIGGER redound_goals_delete AFTER DELETE ON goals BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'goals', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_affiliates_insert;
CREATE TRIGGER redound_affiliates_insert AFTER INSERT ON affiliates BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'affiliates', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_affiliates_update;
CREATE TRIGGER redound_affiliates_update AFTER UPDATE ON affiliates BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'affiliates', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_affiliates_delete;
CREATE TRIGGER redound_affiliates_delete AFTER DELETE ON affiliates BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'affiliates', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_campaigns_insert;
CREATE TRIGGER redound_campaigns_insert AFTER INSERT ON campaigns BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'campaigns', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_campaigns_update;
CREATE TRIGGER redound_campaigns_update AFTER UPDATE ON campaigns BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'campaigns', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_campaigns_delete;
CREATE TRIGGER redound_campaigns_delete AFTER DELETE ON campaigns BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'campaigns', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_links_insert;
CREATE TRIGGER redound_links_insert AFTER INSERT ON links BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'links', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_links_update;
CREATE TRIGGER redound_links_update AFTER UPDATE ON links BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'links', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_links_delete;
CREATE TRIGGER redound_links_delete AFTER DELETE ON links BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'links', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_postbacks_insert;
CREATE TRIGGER redound_postbacks_insert AFTER INSERT ON postbacks BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'postbacks', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_postbacks_update;
CREATE TRIGGER redound_postbacks_update AFTER UPDATE ON postbacks BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'postbacks', NEW.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_postbacks_delete;
CREATE TRIGGER redound_postbacks_delete AFTER DELETE ON postbacks BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id) SELECT version, 'postbacks', OLD.id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_postback_health_insert;
CREATE TRIGGER redound_postback_health_insert AFTER INSERT ON postback_health WHEN NEW.state <> 'ok' BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id)
    SELECT version, 'postbacks', NEW.postback_id FROM config_version;
END;

DROP TRIGGER IF EXISTS redound_postback_health_update;
CREATE TRIGGER redound_postback_health_update AFTER UPDATE OF state ON postback_health WHEN NEW.state <> OLD.state BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1;
    INSERT INTO config_changes (version, noun, row_id)
    SELECT version, 'postbacks', NEW.postback_id FROM config_version;
END;
