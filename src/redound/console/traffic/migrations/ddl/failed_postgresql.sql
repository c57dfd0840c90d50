-- For the lists of failed deliveries: only what fails is in these. With its state, so that they answer alone.
CREATE INDEX deliveries_failed ON deliveries (state, id) WHERE state = 'failed';
CREATE INDEX deliveries_failed_of ON deliveries (postback_id, state, id) WHERE state = 'failed';
