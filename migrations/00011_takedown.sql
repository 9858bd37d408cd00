-- Taking down: what is out is removed network by network, with the result per copy. A take-down is never undone or reworded;
-- only its results are written, and what is removed stays removed.

-- +goose Up
CREATE TABLE takedowns (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope       text NOT NULL CHECK (scope IN ('post', 'edition', 'helpline')),
  post_id     bigint REFERENCES posts,
  edition_id  bigint REFERENCES editions,
  helpline_id text REFERENCES helplines,
  reason      text NOT NULL CHECK (length(btrim(reason)) >= 10),
  person_id   bigint NOT NULL REFERENCES people,
  at          timestamptz NOT NULL, -- product time
  held        int NOT NULL DEFAULT 0 CHECK (held >= 0), -- deliveries that waited and were held with it
  done_at     timestamptz,
  CHECK (CASE scope WHEN 'post' THEN post_id IS NOT NULL WHEN 'edition' THEN edition_id IS NOT NULL ELSE helpline_id IS NOT NULL END),
  CHECK (num_nonnulls(post_id, edition_id, helpline_id) = 1)
);

-- One part of one delivery. A part on its way to the network, or whose answer is awaited, has no copy yet.
CREATE TABLE takedown_copies (
  takedown_id bigint NOT NULL REFERENCES takedowns,
  delivery_id bigint NOT NULL REFERENCES deliveries,
  part        smallint NOT NULL CHECK (part >= 1),
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'removed', 'gone', 'cannot', 'failed')),
  problem     text NOT NULL DEFAULT '',
  tries       int NOT NULL DEFAULT 0 CHECK (tries >= 0),
  tried_at    timestamptz,
  next_at     timestamptz NOT NULL DEFAULT clock_timestamp(), -- real time; a worker that takes the row moves it ahead as its lease
  CHECK (state NOT IN ('cannot', 'failed') OR problem <> ''),
  PRIMARY KEY (takedown_id, delivery_id, part)
);
CREATE INDEX takedown_copies_next ON takedown_copies (next_at) WHERE state IN ('waiting', 'failed');
CREATE INDEX takedown_copies_open ON takedown_copies (delivery_id) WHERE state IN ('waiting', 'failed');

-- What is on its way goes on to its answer, and is not tried again: it loses its guards.
-- +goose StatementBegin
CREATE FUNCTION being_taken_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.state <> 'waiting' THEN
    RAISE EXCEPTION 'a copy is taken down before it has a result' USING ERRCODE = 'check_violation', CONSTRAINT = 'being_taken_down';
  END IF;
  UPDATE queue SET guard_submission = NULL, guard_revision = NULL WHERE delivery_id = new.delivery_id AND sending_at IS NOT NULL;
  RETURN NULL;
END $$;

-- Nothing that is being taken down is scheduled again meanwhile.
CREATE FUNCTION not_while_taken_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM takedown_copies WHERE delivery_id = new.delivery_id AND state IN ('waiting', 'failed')) THEN
    RAISE EXCEPTION 'delivery % is being taken down', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'not_while_taken_down';
  END IF;
  RETURN new;
END $$;

-- A result is written once, and "removed" only of a copy that is removed.
CREATE FUNCTION stays_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.state IN ('removed', 'gone', 'cannot') THEN
    RAISE EXCEPTION 'the result for part % of delivery % is already written', old.part, old.delivery_id USING ERRCODE = 'restrict_violation';
  END IF;
  IF new.state = 'removed' AND NOT EXISTS (SELECT 1 FROM copies WHERE delivery_id = new.delivery_id AND part = new.part AND removed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'part % of delivery % is not removed', new.part, new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_down';
  END IF;
  RETURN new;
END $$;

CREATE FUNCTION done_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.done_at IS NOT NULL OR EXISTS (SELECT 1 FROM takedown_copies WHERE takedown_id = new.id AND state IN ('waiting', 'failed')) THEN
    RAISE EXCEPTION 'take-down % is done already, or not yet', new.id USING ERRCODE = 'check_violation', CONSTRAINT = 'done_once';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER being_taken_down AFTER INSERT ON takedown_copies FOR EACH ROW EXECUTE FUNCTION being_taken_down();
CREATE TRIGGER not_while_taken_down BEFORE INSERT ON queue FOR EACH ROW EXECUTE FUNCTION not_while_taken_down();
CREATE TRIGGER stays_down BEFORE UPDATE ON takedown_copies FOR EACH ROW EXECUTE FUNCTION stays_down();
CREATE TRIGGER done_once BEFORE UPDATE ON takedowns FOR EACH ROW EXECUTE FUNCTION done_once();

GRANT SELECT, INSERT ON takedowns, takedown_copies TO daymark_app;
GRANT UPDATE (done_at) ON takedowns TO daymark_app;
GRANT UPDATE (state, problem, tries, tried_at, next_at) ON takedown_copies TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
