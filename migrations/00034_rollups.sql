-- Engagement for years: counts in months, gains by day kept as they come, corrections by hand, what looked odd, followers, and what
-- reading counts costs.

-- +goose Up
-- Who entered a row by hand; NULL is the network's own word.
ALTER TABLE snapshots ADD COLUMN entered_by bigint;

-- Figures that a person entered hold until somebody enters others or lets them go, whatever the network says: held has a bit for each,
-- 1 favourites, 2 boosts, 4 replies, 8 quotes, 16 impressions, 32 clicks. told is what the network said last while some are held, as
-- an array of six.
ALTER TABLE latest_counts ADD COLUMN held smallint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND 63);
ALTER TABLE latest_counts ADD COLUMN told jsonb CHECK (jsonb_typeof(told) = 'array');
ALTER TABLE latest_counts ADD CONSTRAINT told_beside_held CHECK (told IS NULL OR held <> 0);

-- What a person entered, or let go. A figure that they did not speak of is NULL.
CREATE TABLE count_entries (
  delivery_id bigint NOT NULL REFERENCES deliveries,
  taken_at    timestamptz NOT NULL, -- product time: the instant that the figures are of
  person_id   bigint NOT NULL REFERENCES people,
  kind        text NOT NULL CHECK (kind IN ('entered', 'let go')),
  favourites  int CHECK (favourites >= 0),
  boosts      int CHECK (boosts >= 0),
  replies     int CHECK (replies >= 0),
  quotes      int CHECK (quotes >= 0),
  impressions int CHECK (impressions >= 0),
  clicks      int CHECK (clicks >= 0),
  note        text NOT NULL CHECK (char_length(note) BETWEEN 1 AND 500),
  entered_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((kind = 'entered') = (num_nonnulls(favourites, boosts, replies, quotes, impressions, clicks) > 0)),
  PRIMARY KEY (delivery_id, taken_at)
);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON count_entries FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON count_entries FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- What looked odd in an answer, as it was seen. It changes no count.
CREATE TABLE count_oddities (
  delivery_id bigint NOT NULL REFERENCES deliveries,
  taken_at    timestamptz NOT NULL, -- product time
  kind        text NOT NULL CHECK (kind IN ('fell', 'jumped', 'impossible', 'silent', 'gone', 'back', 'clock')),
  figure      text NOT NULL DEFAULT '', -- empty where it is not about one
  was         bigint,
  told        bigint,
  PRIMARY KEY (delivery_id, taken_at, kind, figure)
);

-- What was gained on a civil day, at the place of the channel, kept in the transaction in which counts come. A row is a sum over one
-- slice: a campaign's edition by network and language (channel_id 0); one channel (edition_id -1, language ''); everything by network
-- (edition_id -1, or -2 for rehearsals, channel_id 0, language ''). edition_id 0 are posts of no campaign. A figure that nobody told
-- that day is NULL. Gains can be negative. All of it can be made again from snapshots.
CREATE TABLE reach_days (
  edition_id  bigint NOT NULL CHECK (edition_id >= -2),
  channel_id  bigint NOT NULL CHECK (channel_id >= 0),
  day         date NOT NULL,
  platform    text NOT NULL,
  language    text NOT NULL,
  favourites  bigint,
  boosts      bigint,
  replies     bigint,
  quotes      bigint,
  impressions bigint,
  clicks      bigint,
  CHECK (channel_id = 0 OR edition_id = -1),
  CHECK ((language = '') = (edition_id < 0)),
  PRIMARY KEY (edition_id, channel_id, day, platform, language)
) WITH (fillfactor = 70);

-- How many follow a channel, by the network's word, on a civil day at the channel's place.
CREATE TABLE channel_counts (
  channel_id bigint NOT NULL REFERENCES channels,
  day        date NOT NULL,
  followers  bigint NOT NULL CHECK (followers >= 0),
  taken_at   timestamptz NOT NULL, -- product time
  PRIMARY KEY (channel_id, day)
);

-- What reading counts has cost, in millionths of a US dollar, by the day of UTC by which networks charge.
CREATE TABLE count_reads (
  channel_id bigint NOT NULL REFERENCES channels,
  day        date NOT NULL,
  posts      int NOT NULL CHECK (posts >= 0),
  cost       bigint NOT NULL CHECK (cost >= 0),
  PRIMARY KEY (channel_id, day)
) WITH (fillfactor = 70);

-- Reading counts is of the month's expenses, too.
-- +goose StatementBegin
CREATE FUNCTION spent_on_counts(channel bigint, instant timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(r.cost), 0)::bigint
  FROM count_reads r
  WHERE r.channel_id = channel
    AND r.day >= (date_trunc('month', instant, 'UTC') AT TIME ZONE 'UTC')::date
    AND r.day < (date_trunc('month', instant, 'UTC') AT TIME ZONE 'UTC' + interval '1 month')::date
$$;

CREATE OR REPLACE FUNCTION spent(channel bigint, instant timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT sum(a.cost)
    FROM attempts a
    JOIN deliveries d ON d.id = a.delivery_id
    WHERE d.channel_id = channel
      AND a.cost > 0
      AND a.started_at >= date_trunc('month', instant, 'UTC')
      AND a.started_at < date_trunc('month', instant, 'UTC') + interval '1 month'
      AND coalesce(a.outcome, 'unknown') IN ('published', 'unknown', 'lost')
      AND a.finding IS DISTINCT FROM 'absent'), 0)::bigint
    + coalesce((
    SELECT sum(r.cost)
    FROM readbacks r
    WHERE r.channel_id = channel
      AND r.cost > 0
      AND r.asked_at >= date_trunc('month', instant, 'UTC')
      AND r.asked_at < date_trunc('month', instant, 'UTC') + interval '1 month'), 0)::bigint
    + spent_on_counts(channel, instant)
$$;

-- Makes the tables of months of snapshots, from the month of a day on, and moves into each what lies in the default one. Whatever is
-- there stays. Months are of UTC. The application owns no table, so that this is the only way in which it can make one.
CREATE FUNCTION make_snapshot_months(first date, months int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  part text;
  starts timestamptz;
  ends timestamptz;
  made int := 0;
BEGIN
  IF first IS NULL OR months IS NULL OR first NOT BETWEEN '1990-01-01' AND '2300-01-01' OR months NOT BETWEEN 1 AND 24 THEN
    RAISE EXCEPTION 'no months of snapshots are made from % for %', first, months USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(30072014034);
  FOR i IN 0..months - 1 LOOP
    starts := (date_trunc('month', first::timestamp) + i * interval '1 month') AT TIME ZONE 'UTC';
    ends := (date_trunc('month', first::timestamp) + (i + 1) * interval '1 month') AT TIME ZONE 'UTC';
    part := 'snapshots_' || to_char(starts AT TIME ZONE 'UTC', 'YYYY_MM');
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE snapshots INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    LOCK TABLE snapshots IN SHARE ROW EXCLUSIVE MODE; -- a writer that has chosen its table already would miss the new one
    LOCK TABLE snapshots_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH moved AS (
        DELETE FROM snapshots_default
        WHERE taken_at >= $1 AND taken_at < $2
        RETURNING delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone, entered_by)
      INSERT INTO %I (delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone, entered_by)
      SELECT delivery_id, taken_at, favourites, boosts, replies, quotes, impressions, clicks, gone, entered_by FROM moved', part)
      USING starts, ends;
    EXECUTE format('ALTER TABLE snapshots ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, starts, ends);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- What is there goes into its months, and its gains are added up. The days are by the server's zone data; a zone that it does not know
-- counts as UTC until `daymark reach rebuild` adds up by the program's own.
DO $$
DECLARE
  m date;
BEGIN
  FOREACH m IN ARRAY ARRAY(
    SELECT date_trunc('month', s.taken_at, 'UTC') AT TIME ZONE 'UTC' FROM snapshots s
    UNION
    SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + i * interval '1 month' FROM generate_series(0, 3) i
    ORDER BY 1
  )::date[] LOOP
    PERFORM make_snapshot_months(m, 1);
  END LOOP;
  IF NOT EXISTS (SELECT 1 FROM snapshots) THEN
    RETURN;
  END IF;
  CREATE TABLE gains AS
    WITH zones AS MATERIALIZED (SELECT z.name FROM pg_timezone_names z)
    SELECT s.delivery_id, (s.taken_at AT TIME ZONE coalesce(z.name, 'UTC'))::date AS day, coalesce(p.edition_id, 0) AS edition_id,
      CASE WHEN p.rehearsal THEN -2 ELSE -1 END AS all_editions, d.channel_id, c.platform, d.language,
      CASE WHEN num_nonnulls(s.favourites, s.was_favourites) > 0 THEN coalesce(s.favourites, 0)::bigint - coalesce(s.was_favourites, 0) END AS favourites,
      CASE WHEN num_nonnulls(s.boosts, s.was_boosts) > 0 THEN coalesce(s.boosts, 0)::bigint - coalesce(s.was_boosts, 0) END AS boosts,
      CASE WHEN num_nonnulls(s.replies, s.was_replies) > 0 THEN coalesce(s.replies, 0)::bigint - coalesce(s.was_replies, 0) END AS replies,
      CASE WHEN num_nonnulls(s.quotes, s.was_quotes) > 0 THEN coalesce(s.quotes, 0)::bigint - coalesce(s.was_quotes, 0) END AS quotes,
      CASE WHEN num_nonnulls(s.impressions, s.was_impressions) > 0 THEN coalesce(s.impressions, 0)::bigint - coalesce(s.was_impressions, 0) END AS impressions,
      CASE WHEN num_nonnulls(s.clicks, s.was_clicks) > 0 THEN coalesce(s.clicks, 0)::bigint - coalesce(s.was_clicks, 0) END AS clicks
    FROM (
      SELECT a.*, lag(a.favourites) OVER w AS was_favourites, lag(a.boosts) OVER w AS was_boosts, lag(a.replies) OVER w AS was_replies,
        lag(a.quotes) OVER w AS was_quotes, lag(a.impressions) OVER w AS was_impressions, lag(a.clicks) OVER w AS was_clicks
      FROM snapshots a
      WINDOW w AS (PARTITION BY a.delivery_id ORDER BY a.taken_at)
    ) s
    JOIN deliveries d ON d.id = s.delivery_id
    JOIN posts p ON p.id = d.post_id
    JOIN channels c ON c.id = d.channel_id
    LEFT JOIN zones z ON z.name = d.zone;
  DELETE FROM gains WHERE num_nonnulls(favourites, boosts, replies, quotes, impressions, clicks) = 0;
  INSERT INTO reach_days
    SELECT g.edition_id, 0, g.day, g.platform, g.language,
      sum(g.favourites), sum(g.boosts), sum(g.replies), sum(g.quotes), sum(g.impressions), sum(g.clicks)
    FROM gains g GROUP BY g.edition_id, g.day, g.platform, g.language;
  INSERT INTO reach_days
    SELECT -1, g.channel_id, g.day, g.platform, '',
      sum(g.favourites), sum(g.boosts), sum(g.replies), sum(g.quotes), sum(g.impressions), sum(g.clicks)
    FROM gains g GROUP BY g.channel_id, g.day, g.platform;
  INSERT INTO reach_days
    SELECT g.all_editions, 0, g.day, g.platform, '',
      sum(g.favourites), sum(g.boosts), sum(g.replies), sum(g.quotes), sum(g.impressions), sum(g.clicks)
    FROM gains g GROUP BY g.all_editions, g.day, g.platform;
  DROP TABLE gains;
END $$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION make_snapshot_months(date, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_snapshot_months(date, int) TO daymark_app;
GRANT SELECT, INSERT ON count_entries, count_oddities TO daymark_app;
GRANT SELECT, INSERT, UPDATE ON channel_counts, count_reads TO daymark_app;
GRANT SELECT, INSERT, DELETE ON reach_days TO daymark_app;
GRANT UPDATE (favourites, boosts, replies, quotes, impressions, clicks) ON reach_days TO daymark_app;
GRANT UPDATE (held, told) ON latest_counts TO daymark_app;
