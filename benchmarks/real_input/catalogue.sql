-- A public sports catalogue's columns, mapped to ours.
SELECT
  product_id                                                    AS id,
  name                                                          AS name,
  brand                                                         AS brand,
  printf('%.2f', coalesce(nullif(TRY_CAST(sale_price AS DOUBLE), 0), TRY_CAST(listing_price AS DOUBLE))) AS price,
  CASE WHEN TRY_CAST(listing_price AS DOUBLE) > 0
       THEN printf('%.2f', TRY_CAST(listing_price AS DOUBLE)) END AS list_price,
  'INR'                                                         AS currency,
  nullif(rating, '0.0')                                         AS rating,
  reviews                                                       AS reviews,
  description                                                   AS description
FROM read_csv('sports_catalogue/products.csv', all_varchar = true)
