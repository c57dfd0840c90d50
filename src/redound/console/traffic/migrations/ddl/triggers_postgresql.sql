-- Every change of the configuration gets a version and a line in config_changes, whoever makes it.
CREATE OR REPLACE FUNCTION redound_config_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_id text := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
    now_at bigint;
BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1 RETURNING version INTO now_at;
    INSERT INTO config_changes (version, noun, row_id) VALUES (now_at, TG_TABLE_NAME, row_id);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION redound_health_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_at bigint;
BEGIN
    UPDATE config_version SET version = version + 1 WHERE id = 1 RETURNING version INTO now_at;
    INSERT INTO config_changes (version, noun, row_id) VALUES (now_at, 'postbacks', NEW.postback_id);
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER redound_advertisers AFTER INSERT OR UPDATE OR DELETE ON advertisers
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_brands AFTER INSERT OR UPDATE OR DELETE ON brands
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_offers AFTER INSERT OR UPDATE OR DELETE ON offers
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_goals AFTER INSERT OR UPDATE OR DELETE ON goals
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_affiliates AFTER INSERT OR UPDATE OR DELETE ON affiliates
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_campaigns AFTER INSERT OR UPDATE OR DELETE ON campaigns
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_links AFTER INSERT OR UPDATE OR DELETE ON links
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_postbacks AFTER INSERT OR UPDATE OR DELETE ON postbacks
FOR EACH ROW EXECUTE FUNCTION redound_config_changed();

CREATE OR REPLACE TRIGGER redound_postback_health_insert AFTER INSERT ON postback_health
FOR EACH ROW WHEN (NEW.state <> 'ok') EXECUTE FUNCTION redound_health_changed();

CREATE OR REPLACE TRIGGER redound_postback_health_update AFTER UPDATE OF state ON postback_health
FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION redound_health_changed();
