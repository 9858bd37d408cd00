-- Posts that go out as soon as they are approved, and corrections of what is out.

-- +goose Up
-- A prompt delivery is due from the instant at which it was sent for review until its window closes: it goes out when its approval
-- is complete, however long after due_at that is. Never early and never after not_after hold for it as for any other.
ALTER TABLE deliveries ADD COLUMN prompt boolean NOT NULL DEFAULT false;

-- A correction says in public what was wrong: as a reply below each live copy, or as a post of its own. It is written down once.
CREATE TABLE corrections (
  post_id   bigint PRIMARY KEY REFERENCES posts,
  corrects  bigint NOT NULL REFERENCES posts,
  kind      text NOT NULL CHECK (kind IN ('reply', 'post')),
  reason    text NOT NULL CHECK (length(btrim(reason)) >= 10),
  person_id bigint NOT NULL REFERENCES people,
  at        timestamptz NOT NULL, -- product time
  CHECK (post_id <> corrects)
);
CREATE INDEX corrections_corrects ON corrections (corrects);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON corrections FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- Whoever reads a release has to see that it goes out at once: a delivery becomes prompt, or ceases to be, only while nothing of
-- it is approved.
-- +goose StatementBegin
CREATE FUNCTION prompt_before_review() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.state NOT IN ('held', 'missed', 'failed') OR new.release_id IS NOT NULL THEN
    RAISE EXCEPTION 'delivery % is approved for its time', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'prompt_before_review';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER prompt_before_review BEFORE UPDATE OF prompt ON deliveries FOR EACH ROW
  WHEN (new.prompt <> old.prompt) EXECUTE FUNCTION prompt_before_review();

GRANT SELECT, INSERT ON corrections TO daymark_app;
GRANT UPDATE (prompt) ON deliveries TO daymark_app;
