-- What has served its purpose. Times of configuration tables are texts here: "2026-11-20 12:00:00".

-- name: purge_bin_requests (before bigint, most int)
DELETE FROM bin_requests WHERE id IN (
    SELECT bin_requests.id
    FROM bins
    JOIN bin_requests ON bin_requests.bin_id = bins.id
    WHERE bins.expires_at < :before
    LIMIT :most
)

-- name: purge_bins (before bigint, most int)
DELETE FROM bins WHERE id IN (
    SELECT bins.id FROM bins
    WHERE bins.expires_at < :before
        AND NOT EXISTS (SELECT 1 FROM bin_requests WHERE bin_requests.bin_id = bins.id)
    LIMIT :most
)

-- name: purge_repeatable_posts (before text, most int)
DELETE FROM repeatable_posts WHERE id IN (
    SELECT repeatable_posts.id FROM repeatable_posts
    WHERE repeatable_posts.started_at < :before  -- sqlite
    WHERE repeatable_posts.started_at < CAST(:before || '+00' AS timestamptz)  -- postgres
    ORDER BY repeatable_posts.id LIMIT :most
)

-- name: purge_jobs (before text, most int)
-- By when each was last heard of: one that was counted and never started goes, too.
DELETE FROM jobs WHERE id IN (
    SELECT jobs.id FROM jobs
    WHERE coalesce(jobs.finished_at, jobs.seen_at, jobs.created_at)
        < :before  -- sqlite
        < CAST(:before || '+00' AS timestamptz)  -- postgres
    ORDER BY jobs.id LIMIT :most
)

-- name: purge_cap_counts (before text, most int)
-- A key ends in its day, or in the word "total".
DELETE FROM cap_counts WHERE key IN (
    SELECT cap_counts.key FROM cap_counts
    WHERE cap_counts.key NOT LIKE '%/total'
        AND substr(cap_counts.key, length(cap_counts.key) - 9) < :before
    ORDER BY cap_counts.key LIMIT :most
)

-- name: forget_imports (before text, most int)
-- First of all it is no longer run: with a part of its verdicts gone, rows would be applied a second time.
UPDATE imports SET path = '' WHERE id IN (
    SELECT imports.id FROM imports
    WHERE imports.path <> ''
        AND coalesce(imports.finished_at, imports.seen_at, imports.created_at)
            < :before  -- sqlite
            < CAST(:before || '+00' AS timestamptz)  -- postgres
    ORDER BY imports.id LIMIT :most
)

-- name: purge_import_rows (most int)
DELETE FROM import_rows WHERE (import_id, number) IN (
    SELECT import_rows.import_id, import_rows.number
    FROM imports
    JOIN import_rows ON import_rows.import_id = imports.id
    WHERE imports.path = ''
    LIMIT :most
)

-- name: purge_dry_runs (most int)
-- Nothing of these was applied: their files are as good as new.
DELETE FROM imports WHERE id IN (
    SELECT imports.id FROM imports
    WHERE imports.path = '' AND imports.dry_run
        AND NOT EXISTS (SELECT 1 FROM import_rows WHERE import_rows.import_id = imports.id)
    LIMIT :most
)

-- name: imports_with_files (ids text[])
SELECT imports.id FROM imports
WHERE imports.path <> ''
    AND imports.id IN (SELECT value FROM json_each(:ids))  -- sqlite
    AND imports.id = ANY (:ids)  -- postgres
