-- name: put_worker (node text, role text, now bigint)
INSERT INTO workers (node, role, started_at, seen_at)
VALUES (:node, :role, :now, :now)
ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at, role = excluded.role

-- name: live_workers (role text, since bigint)
SELECT workers.node FROM workers WHERE workers.role = :role AND workers.seen_at >= :since ORDER BY workers.node

-- name: forget_worker (node text)
DELETE FROM workers WHERE workers.node = :node

-- name: forget_dead_workers (before bigint)
DELETE FROM workers WHERE workers.seen_at < :before

-- name: parked_too_long (before bigint, most int)
SELECT due.delivery_id FROM due WHERE due.lease = '' AND due.queue = 2 AND due.at < :before LIMIT :most

-- name: config_version
SELECT config_version.version FROM config_version WHERE config_version.id = 1

-- name: config_changes (since bigint)
SELECT config_changes.version, config_changes.noun, config_changes.row_id
FROM config_changes
WHERE config_changes.version > :since
ORDER BY config_changes.version

-- name: forget_config_changes (keep bigint)
DELETE FROM config_changes
WHERE config_changes.version <= (SELECT config_version.version FROM config_version) - :keep

-- name: one_at_a_time (number bigint) only postgres
-- Upkeep is asked for by every worker and done by one; the lock ends with the transaction.
SELECT pg_try_advisory_xact_lock(:number)

-- name: config_triggers
-- Migrated to the end: without these triggers no change of the configuration would reach the planes.
SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'redound\_%' ESCAPE '\'  -- sqlite
SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'redound\_%'  -- postgres

-- name: make_partition (parent text, name text, low text, high text) only postgres
SELECT redound_make_partition(:parent, :name, :low, :high)

-- name: short_lock_timeout only postgres
-- Attaching a partition must not queue behind a long reader, with every insert behind it.
SET LOCAL lock_timeout = '2s'

-- name: mark_key (fingerprint text)
INSERT INTO marks (name, value) VALUES ('secret_key', :fingerprint) ON CONFLICT (name) DO NOTHING

-- name: mark_key_anew (fingerprint text, was text)
-- A rotation: the key in force before is known as an old one.
UPDATE marks SET value = :fingerprint WHERE marks.name = 'secret_key' AND marks.value = :was

-- name: key_mark
SELECT marks.value FROM marks WHERE marks.name = 'secret_key'

-- name: mark_backup (at text)
INSERT INTO marks (name, value) VALUES ('last_backup', :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: backup_mark
-- When the last backup was taken by `redound backup`, RFC 3339; no row before the first.
SELECT marks.value FROM marks WHERE marks.name = 'last_backup'
