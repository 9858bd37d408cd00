-- Threads: parts go out one after the other, all of one release. A thread whose first part is out belongs to that release for
-- ever; when its words or its approval change before the rest is out, a person decides.

-- +goose Up
ALTER TABLE copies ADD COLUMN release_id bigint REFERENCES releases;

-- A later part is sent only when the one before it is out, of the same release.
-- +goose StatementBegin
CREATE FUNCTION part_in_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF new.part > 1 AND NOT EXISTS (
    SELECT 1
    FROM copies c
    JOIN queue q ON q.delivery_id = c.delivery_id AND q.release_id = c.release_id
    WHERE c.delivery_id = new.delivery_id AND c.part = new.part - 1 AND c.removed_at IS NULL
  ) THEN
    RAISE EXCEPTION 'part % of delivery % cannot go out before the part ahead of it', new.part, new.delivery_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'part_in_order';
  END IF;
  RETURN new;
END $$;

CREATE FUNCTION thread_keeps_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = new.delivery_id AND c.removed_at IS NULL AND c.release_id IS DISTINCT FROM new.release_id) THEN
    RAISE EXCEPTION 'a part of delivery % is out already, of another release', new.delivery_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'thread_keeps_release';
  END IF;
  RETURN new;
END $$;

-- Published means that every part is out.
CREATE FUNCTION every_part_is_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE parts int;
BEGIN
  SELECT coalesce(jsonb_array_length(convert_from(r.body, 'UTF8')::jsonb -> 'parts'), 1) INTO parts FROM releases r WHERE r.id = new.release_id;
  IF (SELECT count(*) FROM copies c WHERE c.delivery_id = new.id) < parts THEN
    RAISE EXCEPTION 'delivery % has % parts, and not all of them are out', new.id, parts USING ERRCODE = 'check_violation', CONSTRAINT = 'every_part_is_out';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER part_in_order BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION part_in_order();
CREATE TRIGGER thread_keeps_release BEFORE INSERT ON queue FOR EACH ROW EXECUTE FUNCTION thread_keeps_release();
CREATE TRIGGER every_part_is_out BEFORE UPDATE OF state ON deliveries FOR EACH ROW
  WHEN (new.state = 'published' AND old.state <> 'published') EXECUTE FUNCTION every_part_is_out();

-- As before, but a thread of which a part is out waits for a person and not for a new approval.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM posts WHERE id = new.post_id FOR UPDATE;
  PERFORM 1 FROM queue WHERE post_id = new.post_id ORDER BY delivery_id FOR UPDATE;
  UPDATE deliveries d
    SET state = 'held', release_id = NULL, submission_id = NULL, revision_id = NULL,
      hold = CASE WHEN begun.parts > 0 THEN 'decision' ELSE 'edited' END,
      problem = CASE WHEN begun.parts > 0 THEN 'The words changed while the thread was going out. Take down what is out, or continue by hand.' ELSE d.problem END
    FROM queue q, LATERAL (SELECT count(*) AS parts FROM copies c WHERE c.delivery_id = q.delivery_id AND c.removed_at IS NULL) begun
    WHERE q.delivery_id = d.id AND q.post_id = new.post_id AND q.sending_at IS NULL AND d.state = 'scheduled';
  UPDATE queue SET guard_submission = NULL, guard_revision = NULL WHERE post_id = new.post_id AND sending_at IS NOT NULL;
  UPDATE posts SET current_revision = new.id, version = version + 1 WHERE id = new.post_id;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION said_no() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p bigint;
BEGIN
  SELECT post_id INTO p FROM submissions WHERE id = new.submission_id;
  PERFORM 1 FROM posts WHERE id = p FOR SHARE;
  PERFORM 1 FROM submissions WHERE id = new.submission_id FOR UPDATE;
  IF new.verdict <> 'approve' THEN
    PERFORM 1 FROM clearances WHERE submission_id = new.submission_id FOR UPDATE;
    PERFORM 1 FROM queue WHERE submission_id = new.submission_id ORDER BY delivery_id FOR UPDATE;
    UPDATE deliveries d
      SET state = 'held', release_id = NULL, submission_id = NULL, revision_id = NULL,
        hold = CASE WHEN begun.parts > 0 THEN 'decision' ELSE 'approval' END,
        problem = CASE WHEN begun.parts > 0 THEN 'Its approval ended while the thread was going out. Take down what is out, or continue by hand.' ELSE d.problem END
      FROM queue q, LATERAL (SELECT count(*) AS parts FROM copies c WHERE c.delivery_id = q.delivery_id AND c.removed_at IS NULL) begun
      WHERE q.delivery_id = d.id AND q.submission_id = new.submission_id AND q.sending_at IS NULL AND d.state = 'scheduled';
    UPDATE queue SET guard_submission = NULL, guard_revision = NULL WHERE submission_id = new.submission_id AND sending_at IS NOT NULL;
    DELETE FROM clearances WHERE submission_id = new.submission_id;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
