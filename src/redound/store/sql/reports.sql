-- name: add_report (id text, received_at bigint, advertiser_id text, affiliate_id text, offer_id text, click_id text, conversion_id text, txid text, verdict text, detail text, method text, raw_query text, raw_body text, content_type text, ip text, test boolean)
-- A known ID is left alone: a call whose answer got lost may be made again.
INSERT INTO reports (
    id, received_at, advertiser_id, affiliate_id, offer_id, click_id, conversion_id, txid,
    verdict, detail, method, raw_query, raw_body, content_type, ip, test
)
VALUES (
    :id, :received_at, :advertiser_id, :affiliate_id, :offer_id, :click_id, :conversion_id, :txid,
    :verdict, :detail, :method, :raw_query, :raw_body, :content_type, :ip, :test
)
ON CONFLICT (id) DO NOTHING

-- name: judge_report (id text, was_verdict text, advertiser_id text, affiliate_id text, offer_id text, click_id text, conversion_id text, txid text, verdict text, detail text)
-- A refused report is judged again. Compare-and-set: of two judgements at a time the second finds no row.
UPDATE reports SET
    advertiser_id = :advertiser_id,
    affiliate_id = :affiliate_id,
    offer_id = :offer_id,
    click_id = :click_id,
    conversion_id = :conversion_id,
    txid = :txid,
    verdict = :verdict,
    detail = :detail
/*rows*/
WHERE reports.id = :id AND reports.verdict = :was_verdict
RETURNING reports.id  -- postgres

-- name: hint_of_value (value text)
-- What a value is known as that stands where a click ID should.
SELECT CASE
    WHEN EXISTS (SELECT 1 FROM conversions WHERE conversions.txid = :value AND conversions.txid <> '') THEN 'txid'
    WHEN EXISTS (SELECT 1 FROM offers WHERE offers.id = :value) THEN 'offer'
    ELSE ''
END
