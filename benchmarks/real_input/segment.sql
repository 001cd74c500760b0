-- All customers of the Hillstrom e-mail experiment; it has no addresses, so they are made from row_id.
SELECT
  'H' || row_id                                      AS id,
  'customer' || row_id || '@example.com'             AS address,
  'consent'                                          AS consent_basis,
  'benchmark: no consent is in the public data'      AS consent_proof,
  TIMESTAMPTZ '2026-06-01 00:00:00+00'               AS consented_at,
  'US'                                               AS market,
  json_object('history_segment', history_segment)    AS attributes
FROM read_csv('hillstrom_email/hillstrom.csv', all_varchar = true)
