-- Everybody on the newsletter list. An empty cell reads as NULL, and a value that cannot be cast
-- becomes NULL too, never a missing row: the checks find it and a person sees it.
SELECT
    customer_id                         AS id,
    email                               AS address,
    consent                             AS consent_basis,
    consent_source                      AS consent_proof,
    TRY_CAST(consent_at AS TIMESTAMPTZ) AS consented_at,
    country                             AS market,
    time_zone,
    TRY_CAST(birth_year AS INTEGER)     AS birth_year,
    to_json({'first_name': first_name, 'interest': coalesce(interest, '')}) AS attributes
FROM read_csv('customers.csv', header = true, all_varchar = true)
WHERE newsletter = 'yes'
