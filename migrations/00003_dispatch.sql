-- Dispatch: the narrow queue that carries the guards, the attempts, the copies that are out, and the triggers that put a
-- delivery back to held when its text changes or its approval ends.

-- +goose Up
-- One row per delivery that is scheduled or being sent. The guards are checked once, when the row is inserted, and hold
-- by foreign key as long as the row may still be sent: guard_submission keeps the clearance alive, guard_revision the
-- post's current revision. A row on its way (sending_at set) can lose its guards (the words are out of our hands then);
-- without them it can never be tried again, by the check.
CREATE TABLE queue (
  delivery_id      bigint PRIMARY KEY,
  post_id          bigint NOT NULL,
  channel_id       bigint NOT NULL,
  language         text NOT NULL,
  due_at           timestamptz NOT NULL,
  not_after        timestamptz NOT NULL,
  release_id       bigint NOT NULL,
  submission_id    bigint NOT NULL,
  revision_id      bigint NOT NULL,
  guard_submission bigint REFERENCES clearances,
  guard_revision   bigint,
  next_attempt_at  timestamptz NOT NULL,
  tries            int NOT NULL DEFAULT 0,
  lease_owner      uuid,
  lease_until      timestamptz,
  fence            bigint NOT NULL DEFAULT 0,
  sending_at       timestamptz,
  CHECK (next_attempt_at >= due_at),
  CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  CHECK (sending_at IS NULL OR lease_owner IS NOT NULL),
  CHECK (guard_submission = submission_id),
  CHECK (guard_revision = revision_id),
  CONSTRAINT guarded CHECK (sending_at IS NOT NULL OR (guard_submission IS NOT NULL AND guard_revision IS NOT NULL)),
  FOREIGN KEY (post_id, guard_revision) REFERENCES posts (id, current_revision),
  FOREIGN KEY (release_id, delivery_id, post_id, channel_id, language, due_at, not_after, submission_id, revision_id)
    REFERENCES releases (id, delivery_id, post_id, channel_id, language, due_at, not_after, submission_id, revision_id),
  FOREIGN KEY (delivery_id, post_id, channel_id, language, due_at, not_after)
    REFERENCES deliveries (id, post_id, channel_id, language, due_at, not_after)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX queue_due ON queue (next_attempt_at, delivery_id) WHERE lease_owner IS NULL;
CREATE INDEX queue_lease ON queue (lease_until) WHERE lease_owner IS NOT NULL;
CREATE INDEX queue_clearance ON queue (guard_submission) WHERE guard_submission IS NOT NULL;
CREATE INDEX queue_revision ON queue (post_id, guard_revision) WHERE guard_revision IS NOT NULL;

-- A scheduled delivery has its row in the queue when the transaction ends.
ALTER TABLE deliveries ADD COLUMN queued_id bigint GENERATED ALWAYS AS (CASE WHEN state = 'scheduled' THEN id END) STORED;
ALTER TABLE deliveries ADD CONSTRAINT scheduled_is_queued FOREIGN KEY (queued_id) REFERENCES queue (delivery_id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX deliveries_queued ON deliveries (queued_id) WHERE queued_id IS NOT NULL;

-- One try at one part of a delivery, committed before the network is called.
CREATE TABLE attempts (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id    bigint NOT NULL REFERENCES deliveries,
  part           smallint NOT NULL DEFAULT 1 CHECK (part >= 1),
  no             int NOT NULL CHECK (no >= 1),
  fence          bigint NOT NULL,
  key            text NOT NULL CHECK (key <> ''),
  request        bytea NOT NULL,
  request_sha256 bytea NOT NULL CHECK (request_sha256 = sha256(request)),
  handles        jsonb NOT NULL DEFAULT '{}',
  started_at     timestamptz NOT NULL,
  real_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at       timestamptz,
  outcome        text CHECK (outcome IN ('published', 'refused', 'again', 'limited', 'unauthorised', 'unknown', 'lost')),
  finding        text CHECK (finding IN ('found', 'absent', 'person')),
  problem        text NOT NULL DEFAULT '',
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK (finding IS NULL OR outcome IN ('unknown', 'lost')),
  UNIQUE (delivery_id, part, no)
);
CREATE UNIQUE INDEX one_success ON attempts (delivery_id, part) WHERE outcome = 'published' OR finding = 'found';

-- What is out: one row per part that a network confirmed. removed_at says when it was taken down.
CREATE TABLE copies (
  delivery_id  bigint NOT NULL,
  part         smallint NOT NULL DEFAULT 1,
  post_id      bigint NOT NULL,
  channel_id   bigint NOT NULL,
  language     text NOT NULL,
  remote_id    text NOT NULL CHECK (remote_id <> ''),
  uri          text NOT NULL DEFAULT '',
  url          text NOT NULL DEFAULT '',
  published_at timestamptz NOT NULL,
  removed_at   timestamptz,
  PRIMARY KEY (delivery_id, part),
  UNIQUE (channel_id, remote_id),
  FOREIGN KEY (delivery_id, post_id, channel_id, language) REFERENCES deliveries (id, post_id, channel_id, language)
);

-- The legal changes of state; core/post has the same table and a test holds the two together.
CREATE TABLE legal (
  was text NOT NULL,
  now text NOT NULL,
  PRIMARY KEY (was, now)
);
INSERT INTO legal VALUES
  ('held', 'scheduled'), ('held', 'missed'), ('held', 'cancelled'),
  ('scheduled', 'held'), ('scheduled', 'sending'), ('scheduled', 'missed'), ('scheduled', 'cancelled'),
  ('sending', 'published'), ('sending', 'scheduled'), ('sending', 'held'), ('sending', 'unknown'), ('sending', 'failed'),
  ('unknown', 'published'), ('unknown', 'scheduled'), ('unknown', 'held'),
  ('failed', 'held'), ('failed', 'cancelled'),
  ('missed', 'held'),
  ('published', 'removed');

-- +goose StatementBegin
CREATE FUNCTION lawful() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE stood text := old.state;
BEGIN
  IF new.release_id IS DISTINCT FROM old.release_id AND new.release_id IS NOT NULL AND old.state <> 'held' THEN
    RAISE EXCEPTION 'delivery % is no longer held: it keeps its release', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
  END IF;
  IF new.state = old.state THEN
    RETURN new;
  END IF;
  IF old.state = 'scheduled' AND EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = old.id AND q.sending_at IS NOT NULL) THEN
    stood := 'sending';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM legal l WHERE l.was = stood AND l.now = new.state) THEN
    RAISE EXCEPTION 'delivery % cannot go from % to %', old.id, stood, new.state USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
  END IF;
  IF new.state = 'published' AND NOT EXISTS (SELECT 1 FROM copies WHERE delivery_id = old.id) THEN
    RAISE EXCEPTION 'delivery % has no copy that a network confirmed', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'lawful';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER lawful BEFORE UPDATE OF state, release_id ON deliveries FOR EACH ROW EXECUTE FUNCTION lawful();

-- Whatever leaves the state scheduled leaves the queue with it.
-- +goose StatementBegin
CREATE FUNCTION leave_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.state = 'scheduled' AND new.state <> 'scheduled' THEN
    DELETE FROM queue WHERE delivery_id = old.id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER leave_queue AFTER UPDATE OF state ON deliveries FOR EACH ROW EXECUTE FUNCTION leave_queue();

-- A row enters the queue only for a delivery that is scheduled, with the same release, unleased and unsent.
-- +goose StatementBegin
CREATE FUNCTION enter_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE d record;
BEGIN
  SELECT state, release_id INTO d FROM deliveries WHERE id = new.delivery_id FOR UPDATE;
  IF d.state IS DISTINCT FROM 'scheduled' OR d.release_id IS DISTINCT FROM new.release_id OR new.sending_at IS NOT NULL OR new.lease_owner IS NOT NULL THEN
    RAISE EXCEPTION 'delivery % is not scheduled', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'enter_queue';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER enter_queue BEFORE INSERT ON queue FOR EACH ROW EXECUTE FUNCTION enter_queue();

-- An attempt belongs to a queue row that carries the intent and still its guards, under its fence, inside its window: never
-- early, never late. There is none while an earlier one is open, has succeeded, or may have: its fate is found out first.
-- +goose StatementBegin
CREATE FUNCTION in_window() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.outcome IS NOT NULL OR NOT EXISTS (SELECT 1 FROM queue q WHERE q.delivery_id = new.delivery_id AND q.sending_at IS NOT NULL
      AND q.guard_submission IS NOT NULL AND q.guard_revision IS NOT NULL
      AND q.fence = new.fence AND new.started_at >= q.due_at AND new.started_at < q.not_after) THEN
    RAISE EXCEPTION 'delivery % may not be sent now', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'in_window';
  END IF;
  IF EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = new.delivery_id AND a.part = new.part
      AND (a.outcome IS NULL OR a.outcome = 'published' OR a.finding = 'found' OR (a.outcome IN ('unknown', 'lost') AND a.finding IS NULL))) THEN
    RAISE EXCEPTION 'delivery % may be out already', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'in_window';
  END IF;
  RETURN new;
END $$;

-- An attempt's past never changes: its outcome is written once, and what was found out later once.
CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (old.outcome IS NOT NULL AND new.outcome IS DISTINCT FROM old.outcome) OR (old.finding IS NOT NULL AND new.finding IS DISTINCT FROM old.finding) THEN
    RAISE EXCEPTION 'the outcome of attempt % is already written', old.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER in_window BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION in_window();
CREATE TRIGGER written_once BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION written_once();
CREATE TRIGGER frozen BEFORE DELETE ON attempts FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON attempts FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- An edit puts every scheduled delivery of the post back to held, in the editor's own transaction. The post's row is
-- locked first, so that an edit and a scheduling wait for each other and the second sees what the first did.
-- +goose StatementBegin
CREATE FUNCTION edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM posts WHERE id = new.post_id FOR UPDATE;
  PERFORM 1 FROM queue WHERE post_id = new.post_id ORDER BY delivery_id FOR UPDATE;
  UPDATE deliveries d SET state = 'held', hold = 'edited', release_id = NULL, submission_id = NULL, revision_id = NULL
    FROM queue q WHERE q.delivery_id = d.id AND q.post_id = new.post_id AND q.sending_at IS NULL AND d.state = 'scheduled';
  UPDATE queue SET guard_submission = NULL, guard_revision = NULL WHERE post_id = new.post_id AND sending_at IS NOT NULL;
  UPDATE posts SET current_revision = new.id, version = version + 1 WHERE id = new.post_id;
  RETURN NULL;
END $$;

-- A withdrawal or a request for changes ends the clearance and holds what was scheduled under it.
CREATE FUNCTION said_no() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p bigint;
BEGIN
  SELECT post_id INTO p FROM submissions WHERE id = new.submission_id;
  PERFORM 1 FROM posts WHERE id = p FOR SHARE;
  PERFORM 1 FROM submissions WHERE id = new.submission_id FOR UPDATE;
  IF new.verdict <> 'approve' THEN
    PERFORM 1 FROM clearances WHERE submission_id = new.submission_id FOR UPDATE;
    PERFORM 1 FROM queue WHERE submission_id = new.submission_id ORDER BY delivery_id FOR UPDATE;
    UPDATE deliveries d SET state = 'held', hold = 'approval', release_id = NULL, submission_id = NULL, revision_id = NULL
      FROM queue q WHERE q.delivery_id = d.id AND q.submission_id = new.submission_id AND q.sending_at IS NULL AND d.state = 'scheduled';
    UPDATE queue SET guard_submission = NULL, guard_revision = NULL WHERE submission_id = new.submission_id AND sending_at IS NOT NULL;
    DELETE FROM clearances WHERE submission_id = new.submission_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER edited AFTER INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION edited();
CREATE TRIGGER said_no AFTER INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION said_no();

CREATE VIEW delivery_states AS
SELECT d.id AS delivery_id,
  CASE WHEN d.state = 'scheduled' AND q.sending_at IS NOT NULL THEN 'sending' ELSE d.state END AS state
FROM deliveries d
LEFT JOIN queue q ON q.delivery_id = d.id;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT ON queue, attempts, copies TO daymark_app;
GRANT UPDATE (next_attempt_at, tries, lease_owner, lease_until, fence, sending_at) ON queue TO daymark_app;
GRANT UPDATE (ended_at, outcome, finding, problem) ON attempts TO daymark_app;
GRANT UPDATE (removed_at) ON copies TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
