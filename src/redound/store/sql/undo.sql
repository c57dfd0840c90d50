-- name: end_unsent (delivery_id text)
-- Only what nobody holds and nobody tried: a row that is claimed at this moment is missed, and the undo fails.
DELETE FROM due
/*rows*/
WHERE due.delivery_id = :delivery_id AND due.lease = '' AND due.attempts = 0

-- name: undo_delivery (id text, at bigint)
-- Its fire key is free again: what fires once for a conversion may fire when the change is made after all.
UPDATE deliveries SET
    state = 'cancelled',
    ended_because = 'undone',
    finished_at = :at,
    fire_key = 'undone:' || deliveries.id
/*rows*/
WHERE deliveries.id = :id AND deliveries.state = 'open'
