-- Pace: the guards of sending look at a whole statement at once, so that a group of posts costs little more than one; lateness
-- counts from its own instant; what networks say about how fast they may be called is shared by all replicas.

-- +goose Up
-- Lateness counts from ready_at: the due instant, or the moment of approval of what goes out as soon as it is approved. Never
-- early and the window stay with due_at and not_after. The delivery keeps it while it is not in the queue.
ALTER TABLE deliveries ADD COLUMN ready_at timestamptz;
ALTER TABLE queue ADD COLUMN ready_at timestamptz;
UPDATE queue SET ready_at = due_at;
ALTER TABLE queue ALTER COLUMN ready_at SET NOT NULL;
ALTER TABLE queue ADD CONSTRAINT ready_when_due CHECK (ready_at >= due_at);

-- By owner and not by the lease's end: writing down an attempt begins the lease anew and has to stay out of every index. With the
-- delivery, so that a row that is looked for by both is found at once: by its owner alone all that a worker holds would be read.
DROP INDEX queue_lease;
CREATE INDEX queue_owner ON queue (lease_owner, delivery_id) WHERE lease_owner IS NOT NULL;
ALTER TABLE queue SET (fillfactor = 50);

-- The delivery that this one replies to, on the same channel.
ALTER TABLE deliveries ADD COLUMN answers bigint REFERENCES deliveries;
-- +goose StatementBegin
CREATE FUNCTION answers_same_channel() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.answers = new.id OR NOT EXISTS (SELECT 1 FROM deliveries WHERE id = new.answers AND channel_id = new.channel_id) THEN
    RAISE EXCEPTION 'delivery % answers a post of another channel', new.id USING ERRCODE = 'check_violation', CONSTRAINT = 'answers_same_channel';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER answers_same_channel BEFORE INSERT OR UPDATE OF answers, channel_id ON deliveries FOR EACH ROW
  WHEN (new.answers IS NOT NULL) EXECUTE FUNCTION answers_same_channel();

-- How fast a channel may be called, by its network's word and by ours. Instants are product time. One row is written again and
-- again, in no index but its key.
CREATE TABLE channel_pace (
  channel_id    bigint PRIMARY KEY REFERENCES channels,
  blocked_until timestamptz,
  remaining     int,
  reset_at      timestamptz,
  spacing_ms    int NOT NULL DEFAULT 0 CHECK (spacing_ms >= 0),
  last_begun_at timestamptz
) WITH (fillfactor = 50);
GRANT SELECT, INSERT ON channel_pace TO daymark_app;
GRANT UPDATE (blocked_until, remaining, reset_at, spacing_ms, last_begun_at) ON channel_pace TO daymark_app;

-- As before, and the instant from which lateness counts.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION enter_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE d record;
BEGIN
  SELECT state, release_id, ready_at INTO d FROM deliveries WHERE id = new.delivery_id FOR UPDATE;
  IF d.state IS DISTINCT FROM 'scheduled' OR d.release_id IS DISTINCT FROM new.release_id OR new.sending_at IS NOT NULL OR new.lease_owner IS NOT NULL THEN
    RAISE EXCEPTION 'delivery % is not scheduled', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'enter_queue';
  END IF;
  IF new.ready_at > new.due_at AND new.ready_at IS DISTINCT FROM d.ready_at THEN
    UPDATE deliveries SET ready_at = new.ready_at WHERE id = new.delivery_id;
  END IF;
  new.ready_at := coalesce(new.ready_at, greatest(d.ready_at, new.due_at));
  new.next_attempt_at := greatest(new.next_attempt_at, new.ready_at);
  RETURN new;
END $$;
-- +goose StatementEnd

-- How many posts a release is at its network, so that nobody has to read its body to count them. Releases are never changed. What
-- cannot be read has more than will ever be out.
-- +goose StatementBegin
CREATE FUNCTION parts_of(body bytea) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN greatest(coalesce(jsonb_array_length(convert_from(body, 'UTF8')::jsonb -> 'parts'), 1), 1);
EXCEPTION WHEN data_exception THEN
  RETURN 2147483647;
END $$;
-- +goose StatementEnd
ALTER TABLE releases ADD COLUMN parts int NOT NULL GENERATED ALWAYS AS (parts_of(body)) STORED;

-- in_window asks for the row in the queue, which is of a delivery that is there, and nobody removes a delivery.
ALTER TABLE attempts DROP CONSTRAINT attempts_delivery_id_fkey;

-- The guards of attempts, as before, each over all rows of a statement.
DROP TRIGGER in_window ON attempts;
DROP TRIGGER number_checked ON attempts;
DROP TRIGGER part_in_order ON attempts;
DROP TRIGGER within_budget ON attempts;
DROP TRIGGER written_once ON attempts;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION in_window() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
  SELECT m.delivery_id INTO wrong
  FROM made m
  WHERE m.outcome IS NOT NULL OR NOT (SELECT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = m.delivery_id AND q.sending_at IS NOT NULL
    AND q.guard_submission IS NOT NULL AND q.guard_revision IS NOT NULL AND q.fence = m.fence AND m.started_at >= q.due_at AND m.started_at < q.not_after))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'delivery % may not be sent now', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'in_window';
  END IF;
  SELECT m.delivery_id INTO wrong
  FROM made m
  WHERE (SELECT EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = m.delivery_id AND a.part = m.part AND a.id <> m.id
    AND (a.outcome IS NULL OR a.outcome = 'published' OR a.finding = 'found' OR (a.outcome IN ('unknown', 'lost') AND a.finding IS NULL))))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'delivery % may be out already', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'in_window';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION number_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
  SELECT m.delivery_id INTO wrong
  FROM made m
  WHERE NOT m.fallback AND (SELECT EXISTS (
    SELECT 1
    FROM release_helplines n
    WHERE n.release_id = (SELECT q.release_id FROM queue q WHERE q.delivery_id = m.delivery_id) AND NOT helpline_holds(n.helpline_id, n.version, m.started_at)
  ))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'delivery % shows a helpline that nobody has checked lately', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'number_checked';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION part_in_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  SELECT m.delivery_id, m.part INTO wrong
  FROM made m
  WHERE m.part > 1 AND NOT (SELECT EXISTS (
    SELECT 1
    FROM copies c
    WHERE c.delivery_id = m.delivery_id AND c.part = m.part - 1 AND c.removed_at IS NULL
      AND c.release_id = (SELECT q.release_id FROM queue q WHERE q.delivery_id = m.delivery_id)
  ))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'part % of delivery % cannot go out before the part ahead of it', wrong.part, wrong.delivery_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'part_in_order';
  END IF;
  RETURN NULL;
END $$;

-- The new rows count already: what is spent with them must be within the budget. Channels are locked in the order of their ids.
CREATE OR REPLACE FUNCTION within_budget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM made WHERE cost > 0) THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM channels
    WHERE id = ANY (ARRAY(SELECT (SELECT d.channel_id FROM deliveries d WHERE d.id = m.delivery_id) FROM made m WHERE m.cost > 0))
    ORDER BY id FOR NO KEY UPDATE;
  FOR c IN
    SELECT DISTINCT h.id, h.budget, t.month
    FROM (
      SELECT (SELECT d.channel_id FROM deliveries d WHERE d.id = m.delivery_id) AS channel, date_trunc('month', m.started_at, 'UTC') AS month
      FROM made m
      WHERE m.cost > 0
      OFFSET 0
    ) t
    JOIN channels h ON h.id = t.channel
    WHERE h.budget IS NOT NULL
  LOOP
    IF spent(c.id, c.month) > c.budget THEN
      RAISE EXCEPTION 'channel % has used its budget of this month', c.id USING ERRCODE = 'check_violation', CONSTRAINT = 'within_budget';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE wrong bigint;
BEGIN
  SELECT o.id INTO wrong
  FROM was o
  JOIN made m ON m.id = o.id
  WHERE (o.outcome IS NOT NULL AND m.outcome IS DISTINCT FROM o.outcome) OR (o.finding IS NOT NULL AND m.finding IS DISTINCT FROM o.finding)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the outcome of attempt % is already written', wrong USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER in_window AFTER INSERT ON attempts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION in_window();
CREATE TRIGGER number_checked AFTER INSERT ON attempts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION number_checked();
CREATE TRIGGER part_in_order AFTER INSERT ON attempts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION part_in_order();
CREATE TRIGGER within_budget AFTER INSERT ON attempts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION within_budget();
CREATE TRIGGER written_once AFTER UPDATE ON attempts REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION written_once();

-- The guards of deliveries, as before, each over all rows of a statement. They run in the order of their names: lawful looks at
-- the queue before leave_queue takes rows out of it. The rows before and after are joined by hash: a plan that is kept from a
-- statement with one row would compare each with each. Whatever else is looked up is so in sub-queries, by its key.
DROP TRIGGER lawful ON deliveries;
DROP TRIGGER leave_queue ON deliveries;
DROP TRIGGER every_part_is_out ON deliveries;
DROP TRIGGER decided ON deliveries;
DROP TRIGGER left_out ON deliveries;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION lawful() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE wrong record;
BEGIN
  SELECT c.* INTO wrong
  FROM (
    SELECT o.id, n.state, o.state AS before, n.release_id IS DISTINCT FROM o.release_id AND n.release_id IS NOT NULL AND o.state <> 'held' AS changed,
      CASE WHEN o.state = 'scheduled' AND n.state <> 'scheduled' AND EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = o.id AND q.sending_at IS NOT NULL)
        THEN 'sending' ELSE o.state END AS stood
    FROM was o
    JOIN made n ON n.id = o.id
    WHERE n.state <> o.state OR n.release_id IS DISTINCT FROM o.release_id
  ) c
  WHERE c.changed OR c.state <> c.before AND (c.stood, c.state) NOT IN (SELECT l.was, l.now FROM legal l)
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF wrong.changed THEN
    RAISE EXCEPTION 'delivery % is no longer held: it keeps its release', wrong.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
  END IF;
  RAISE EXCEPTION 'delivery % cannot go from % to %', wrong.id, wrong.stood, wrong.state USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
END $$;

CREATE OR REPLACE FUNCTION leave_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off SET enable_hashjoin = on AS $$
BEGIN
  DELETE FROM queue
  WHERE delivery_id = ANY (ARRAY(
    SELECT o.id
    FROM was o
    JOIN made n ON n.id = o.id
    WHERE o.state = 'scheduled' AND n.state <> 'scheduled'));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION every_part_is_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE wrong record;
BEGIN
  SELECT p.id, p.parts INTO wrong
  FROM (
    SELECT n.id, coalesce((SELECT r.parts FROM releases r WHERE r.id = n.release_id), 1) AS parts
    FROM was o
    JOIN made n ON n.id = o.id
    WHERE n.state = 'published' AND o.state <> 'published'
  ) p
  WHERE (SELECT count(*) FROM copies c WHERE c.delivery_id = p.id) < p.parts
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'delivery % has % parts, and not all of them are out', wrong.id, wrong.parts USING ERRCODE = 'check_violation', CONSTRAINT = 'every_part_is_out';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION decided() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM was WHERE state = 'held') THEN
    RETURN NULL;
  END IF;
  SELECT d.id, d.undecided INTO wrong
  FROM (
    SELECT o.id, o.hold <> 'decision' AS undecided, EXISTS (
      SELECT 1
      FROM copies c
      WHERE c.delivery_id = o.id
        AND (c.removed_at IS NOT NULL OR c.release_id <> n.release_id OR NOT EXISTS (
          SELECT 1 FROM attempts a WHERE a.delivery_id = o.id AND a.part = c.part AND (a.outcome = 'published' OR a.finding = 'found'))
    )) AS unfounded
    FROM was o
    JOIN made n ON n.id = o.id
    WHERE n.state = 'published' AND o.state = 'held'
  ) d
  WHERE d.undecided OR d.unfounded
  LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF wrong.undecided THEN
    RAISE EXCEPTION 'nobody has to decide about delivery %', wrong.id USING ERRCODE = 'check_violation', CONSTRAINT = 'decided';
  END IF;
  RAISE EXCEPTION 'a copy of delivery % is of no attempt that was found', wrong.id USING ERRCODE = 'check_violation', CONSTRAINT = 'decided';
END $$;

CREATE OR REPLACE FUNCTION left_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE wrong bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM made WHERE state = 'cancelled') THEN
    RETURN NULL;
  END IF;
  SELECT c.id INTO wrong
  FROM (
    SELECT o.id
    FROM was o
    JOIN made n ON n.id = o.id
    WHERE n.state = 'cancelled' AND o.state IN ('held', 'missed', 'failed')
    OFFSET 0
  ) c
  WHERE (SELECT EXISTS (SELECT 1 FROM copies k WHERE k.delivery_id = c.id AND k.removed_at IS NULL)
    OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = c.id
      AND (a.outcome IS NULL OR (a.outcome IN ('unknown', 'lost') AND a.finding IS NULL))))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'delivery % is out, or may be', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'left_out';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- A row that changes its release is refused before the foreign keys are looked at, as ever.
-- +goose StatementBegin
CREATE FUNCTION keeps_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.release_id IS DISTINCT FROM old.release_id AND new.release_id IS NOT NULL AND old.state <> 'held' THEN
    RAISE EXCEPTION 'delivery % is no longer held: it keeps its release', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keeps_release BEFORE UPDATE OF release_id ON deliveries FOR EACH ROW EXECUTE FUNCTION keeps_release();
CREATE TRIGGER decided AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION decided();
CREATE TRIGGER every_part_is_out AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION every_part_is_out();
CREATE TRIGGER lawful AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION lawful();
CREATE TRIGGER leave_queue AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION leave_queue();
CREATE TRIGGER left_out AFTER UPDATE ON deliveries REFERENCING OLD TABLE AS was NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION left_out();

-- A copy is of a delivery that is there, with its post, channel and language, and of a release of it: as the foreign keys said, which
-- locked both rows for every copy. Nobody removes a delivery or a release, so that what was true stays so.
ALTER TABLE copies DROP CONSTRAINT copies_delivery_id_post_id_channel_id_language_fkey;
ALTER TABLE copies DROP CONSTRAINT copies_release_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION of_delivery() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
  SELECT m.delivery_id INTO wrong
  FROM made m
  WHERE NOT (SELECT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = m.delivery_id AND d.post_id = m.post_id AND d.channel_id = m.channel_id AND d.language = m.language))
    OR m.release_id IS NOT NULL AND NOT (SELECT EXISTS (SELECT 1 FROM releases r WHERE r.id = m.release_id AND r.delivery_id = m.delivery_id))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a copy is not of delivery %', wrong USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'of_delivery';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER of_delivery AFTER INSERT ON copies REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION of_delivery();
CREATE TRIGGER frozen BEFORE DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- A scheduled delivery has its row in the queue when the transaction ends, as before: looked at when it is scheduled, and when
-- rows leave the queue, instead of by a foreign key, which asked for every row that left.
ALTER TABLE deliveries DROP CONSTRAINT scheduled_is_queued;
ALTER TABLE deliveries DROP COLUMN queued_id;
-- +goose StatementBegin
CREATE FUNCTION scheduled_is_queued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM deliveries d WHERE d.id = new.id AND d.state = 'scheduled')
    AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = new.id) THEN
    RAISE EXCEPTION 'delivery % is scheduled and not in the queue', new.id USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'scheduled_is_queued';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION stays_queued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM gone g WHERE (SELECT d.state FROM deliveries d WHERE d.id = g.delivery_id) = 'scheduled') THEN
    RAISE EXCEPTION 'a scheduled delivery stays in the queue' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'scheduled_is_queued';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER scheduled_is_queued AFTER UPDATE OF state ON deliveries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (new.state = 'scheduled' AND old.state <> 'scheduled') EXECUTE FUNCTION scheduled_is_queued();
CREATE TRIGGER stays_queued AFTER DELETE ON queue REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION stays_queued();

-- Whoever is about to call a network looks again at once: a pause is in force, or a post on its way lost its guards to an edit,
-- a withdrawal or a take-down. A notification is a hint; senders look again by themselves as well.
-- +goose StatementBegin
CREATE FUNCTION stop_sending() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('daymark_stop', '');
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER stop_sending AFTER INSERT ON pauses FOR EACH STATEMENT EXECUTE FUNCTION stop_sending();
CREATE TRIGGER stop_sending AFTER UPDATE OF guard_submission ON queue FOR EACH ROW
  WHEN (old.guard_submission IS NOT NULL AND new.guard_submission IS NULL) EXECUTE FUNCTION stop_sending();

-- What time it is for posts, by the database's own clock: a replica whose clock runs ahead is refused.
-- +goose StatementBegin
CREATE FUNCTION product_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
  SELECT coalesce((
    SELECT CASE
      WHEN t.elapsed <= 0 THEN f.starts_at + t.elapsed * interval '1 second'
      WHEN t.elapsed * f.rate < t.fast THEN f.starts_at + t.elapsed * f.rate * interval '1 second'
      ELSE f.until + (t.elapsed - t.fast / f.rate) * interval '1 second' END
    FROM fast_clock f,
      LATERAL (SELECT extract(epoch FROM clock_timestamp() - f.real_start)::float8 AS elapsed, extract(epoch FROM f.until - f.starts_at)::float8 AS fast) t
  ), clock_timestamp())
$$;
-- +goose StatementEnd

GRANT UPDATE (answers) ON deliveries TO daymark_app;
