-- Less to write for each report. A fire key belongs to one conversion (or to a click, without one), so a single
-- tree keeps deliveries unique and finds those of a conversion.
DROP INDEX deliveries_once;
DROP INDEX deliveries_conversion;
CREATE UNIQUE INDEX deliveries_once ON deliveries (conversion_id, fire_key, postback_id);

-- Whoever stores a conversion tells of its player himself: a trigger costs every batch of conversions, those
-- without a customer too.
DROP TRIGGER player_news_of_new_conversion ON conversions;
DROP TRIGGER player_news_of_changed_conversion ON conversions;
DROP FUNCTION player_news_of_conversions();
