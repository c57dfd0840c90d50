-- For the managers' lists of what waits: only that is in it. With its status, so that it answers alone.
CREATE INDEX conversions_open ON conversions (status, id) WHERE status IN ('pending', 'hold');
