-- Whole tokens per set of rates: one row for each class of requests that pay the same.
-- The column of instants must carry its zone, or the session must run in UTC. Absent counts are nothing.
SELECT
  k_provider AS `provider`,
  k_model AS `model`,
  k_service AS `service`,
  k_region AS `region`,
  k_day AS `day`,
  k_project AS `project`,
  k_epoch AS `epoch`,
  k_prompt AS `prompt`,
  k_answer AS `answer`,
  COUNT(*) AS `count`,
  SUM(CASE WHEN n_any > 0 THEN 1 ELSE 0 END) AS `requests`,
  SUM(CASE WHEN n_cache_read > 0 THEN 1 ELSE 0 END) AS `hits`,
  SUM(toInt128(n_input)) AS `input`,
  SUM(toInt128(n_cache_read)) AS `cache_read`,
  SUM(toInt128(n_cache_write)) AS `cache_write`,
  SUM(toInt128(n_cache_write_5m)) AS `cache_write_5m`,
  SUM(toInt128(n_cache_write_30m)) AS `cache_write_30m`,
  SUM(toInt128(n_cache_write_1h)) AS `cache_write_1h`,
  SUM(toInt128(n_output)) AS `output`
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
    CASE WHEN k_at IS NULL THEN NULL ELSE CASE WHEN k_at < toDateTime64('2026-04-02 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2025-09-29 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2025-05-08 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2025-04-04 00:00:00', 6, 'UTC') THEN '2025-04-03T23:59:59Z' ELSE '2025-04-04' END ELSE CASE WHEN k_at < toDateTime64('2025-07-07 00:00:00', 6, 'UTC') THEN '2025-05-08' ELSE '2025-07-07' END END ELSE CASE WHEN k_at < toDateTime64('2025-12-01 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2025-10-01 00:00:00', 6, 'UTC') THEN '2025-09-29' ELSE '2025-10-01' END ELSE '2025-12-01' END END ELSE CASE WHEN k_at < toDateTime64('2026-10-14 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2026-06-01 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2026-04-30 00:00:00', 6, 'UTC') THEN '2026-04-02' ELSE '2026-04-30' END ELSE '2026-06-01' END ELSE CASE WHEN k_at < toDateTime64('2026-12-01 00:00:00', 6, 'UTC') THEN CASE WHEN k_at < toDateTime64('2026-11-30 00:00:00', 6, 'UTC') THEN '2026-10-14' ELSE '2026-11-30' END ELSE '2026-12-01' END END END END AS k_epoch,
    CASE WHEN (n_input + n_cache_read + n_cache_write + n_cache_write_5m + n_cache_write_30m + n_cache_write_1h) < 200001 THEN 200000 ELSE 200001 END AS k_prompt,
    0 AS k_answer
  FROM (
    SELECT
      `at` AS k_at,
      COALESCE(`provider`, '') AS k_provider,
      COALESCE(`model`, '') AS k_model,
      COALESCE(`service`, '') AS k_service,
      COALESCE(`region`, '') AS k_region,
      toDate(`at`, 'UTC') AS k_day,
      `project` AS k_project,
      COALESCE(`input`, 0) AS n_input,
      COALESCE(`cache_read`, 0) AS n_cache_read,
      COALESCE(`cache_write`, 0) AS n_cache_write,
      COALESCE(`cache_write_5m`, 0) AS n_cache_write_5m,
      COALESCE(`cache_write_30m`, 0) AS n_cache_write_30m,
      COALESCE(`cache_write_1h`, 0) AS n_cache_write_1h,
      COALESCE(`output`, 0) AS n_output
    FROM requests
  ) AS plain
) AS classed
GROUP BY k_provider, k_model, k_service, k_region, k_day, k_project, k_epoch, k_prompt, k_answer
