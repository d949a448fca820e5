-- Whole tokens per set of rates: one row for each class of requests that pay the same.
-- The column of instants must carry its zone, or the session must run in UTC. Absent counts are nothing.
SELECT
  k_provider AS "PROVIDER",
  k_model AS "MODEL",
  k_service AS "SERVICE",
  k_region AS "REGION",
  k_day AS "DAY",
  k_project AS "PROJECT",
  k_epoch AS "EPOCH",
  k_prompt AS "PROMPT",
  k_answer AS "ANSWER",
  COUNT(*) AS "COUNT",
  SUM(CASE WHEN n_any > 0 THEN 1 ELSE 0 END) AS "REQUESTS",
  SUM(CASE WHEN n_cache_read > 0 THEN 1 ELSE 0 END) AS "HITS",
  SUM(n_input) AS "INPUT",
  SUM(n_cache_read) AS "CACHE_READ",
  SUM(n_cache_write) AS "CACHE_WRITE",
  SUM(n_cache_write_5m) AS "CACHE_WRITE_5M",
  SUM(n_cache_write_30m) AS "CACHE_WRITE_30M",
  SUM(n_cache_write_1h) AS "CACHE_WRITE_1H",
  SUM(n_output) AS "OUTPUT"
FROM (
  SELECT
    k_provider,
    k_model,
    k_service,
    k_region,
    k_day,
    k_project,
    n_input,
    n_cache_read,
    n_cache_write,
    n_cache_write_5m,
    n_cache_write_30m,
    n_cache_write_1h,
    n_output,
    n_input + n_cache_read + n_cache_write + n_cache_write_5m + n_cache_write_30m + n_cache_write_1h + n_output AS n_any,
    CASE WHEN k_at IS NULL THEN NULL ELSE CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-04-02 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-09-29 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-05-08 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-04-04 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN '2025-04-03T23:59:59Z' ELSE '2025-04-04' END ELSE CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-07-07 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN '2025-05-08' ELSE '2025-07-07' END END ELSE CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-12-01 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2025-10-01 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN '2025-09-29' ELSE '2025-10-01' END ELSE '2025-12-01' END END ELSE CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-10-14 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-06-01 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-04-30 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN '2026-04-02' ELSE '2026-04-30' END ELSE '2026-06-01' END ELSE CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-12-01 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN CASE WHEN k_at < TO_TIMESTAMP_TZ('2026-11-30 00:00:00 +0000', 'YYYY-MM-DD HH24:MI:SS TZHTZM') THEN '2026-10-14' ELSE '2026-11-30' END ELSE '2026-12-01' END END END END AS k_epoch,
    CASE WHEN (n_input + n_cache_read + n_cache_write + n_cache_write_5m + n_cache_write_30m + n_cache_write_1h) < 200001 THEN 200000 ELSE 200001 END AS k_prompt,
    0 AS k_answer
  FROM (
    SELECT
      "AT" AS k_at,
      COALESCE("PROVIDER", '') AS k_provider,
      COALESCE("MODEL", '') AS k_model,
      COALESCE("SERVICE", '') AS k_service,
      COALESCE("REGION", '') AS k_region,
      TO_DATE(CONVERT_TIMEZONE('UTC', "AT")) AS k_day,
      "PROJECT" AS k_project,
      COALESCE("INPUT", 0) AS n_input,
      COALESCE("CACHE_READ", 0) AS n_cache_read,
      COALESCE("CACHE_WRITE", 0) AS n_cache_write,
      COALESCE("CACHE_WRITE_5M", 0) AS n_cache_write_5m,
      COALESCE("CACHE_WRITE_30M", 0) AS n_cache_write_30m,
      COALESCE("CACHE_WRITE_1H", 0) AS n_cache_write_1h,
      COALESCE("OUTPUT", 0) AS n_output
    FROM requests
  ) AS plain
) AS classed
GROUP BY k_provider, k_model, k_service, k_region, k_day, k_project, k_epoch, k_prompt, k_answer
