-- name: find_bin (token text, now bigint)
SELECT bins.id, bins.status, bins.delay_ms, bins.body
FROM bins
WHERE bins.token = :token AND bins.expires_at > :now

-- name: add_bin_request (id text, bin_id text, at bigint, method text, path text, query text, headers text, body text, truncated boolean, ip text)
INSERT INTO bin_requests (id, bin_id, at, method, path, query, headers, body, truncated, ip)
VALUES (:id, :bin_id, :at, :method, :path, :query, :headers, :body, :truncated, :ip)

-- name: trim_bin (bin_id text, most int)
-- The latest stay: a bin that is flooded forgets its oldest.
DELETE FROM bin_requests
WHERE bin_requests.bin_id = :bin_id
    AND bin_requests.id <= (
        SELECT kept.id FROM bin_requests AS kept
        WHERE kept.bin_id = :bin_id
        ORDER BY kept.id DESC LIMIT 1 OFFSET :most
    )

-- name: empty_expired_bins (before bigint)
DELETE FROM bin_requests
WHERE bin_requests.bin_id IN (SELECT bins.id FROM bins WHERE bins.expires_at < :before)

-- name: forget_expired_bins (before bigint)
DELETE FROM bins WHERE bins.expires_at < :before

-- name: empty_bin (bin_id text)
DELETE FROM bin_requests WHERE bin_requests.bin_id = :bin_id
