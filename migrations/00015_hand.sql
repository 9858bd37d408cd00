-- Taking down completely: a picture as a scope, what waits of the same words or picture, and copies that a person removed by hand
-- where the network does not let Daymark. What fell due under a pause, for the review when it ends.

-- +goose Up
-- What a release says and shows, as keys: "p:" and the hash of each picture, "t:" and the MD5 of each text. MD5 is enough: a wrong
-- match holds a post for a person to look at, and nothing else.
-- +goose StatementBegin
CREATE FUNCTION shown_by(body bytea) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT k), '{}')
  FROM (
    SELECT 't:' || md5(part ->> 'text') AS k
    FROM jsonb_path_query(convert_from(body, 'UTF8')::jsonb, '$.parts[*]') AS part
    WHERE btrim(part ->> 'text') <> ''
    UNION ALL
    SELECT 'p:' || (hash #>> '{}')
    FROM jsonb_path_query(convert_from(body, 'UTF8')::jsonb, '$.parts[*].pictures[*].sha256') AS hash
  ) keys
$$;
-- +goose StatementEnd
CREATE INDEX releases_shown ON releases USING gin (shown_by(body));

ALTER TABLE takedowns ADD COLUMN picture bytea REFERENCES blobs;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_scope_check;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_check;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_check1;
ALTER TABLE takedowns ADD CONSTRAINT takedowns_scope_check CHECK (scope IN ('post', 'edition', 'helpline', 'picture'));
ALTER TABLE takedowns ADD CONSTRAINT takedowns_names_its_scope CHECK (
  CASE scope WHEN 'post' THEN post_id IS NOT NULL WHEN 'edition' THEN edition_id IS NOT NULL WHEN 'helpline' THEN helpline_id IS NOT NULL
    ELSE picture IS NOT NULL END);
ALTER TABLE takedowns ADD CONSTRAINT takedowns_has_one_scope CHECK (num_nonnulls(post_id, edition_id, helpline_id, picture) = 1);

-- What a take-down touched that is not out: why it was held, or was held before and says now that it was taken down elsewhere.
CREATE TABLE takedown_held (
  takedown_id bigint NOT NULL REFERENCES takedowns,
  delivery_id bigint NOT NULL REFERENCES deliveries,
  why         text NOT NULL CHECK (why IN ('scope', 'same', 'marked')),
  PRIMARY KEY (takedown_id, delivery_id)
);
CREATE INDEX takedown_held_delivery ON takedown_held (delivery_id);
CREATE INDEX takedown_copies_delivery ON takedown_copies (delivery_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON takedown_held FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON takedown_held FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- Who removed a copy by hand, and when (product time).
ALTER TABLE takedown_copies ADD COLUMN hand_by bigint REFERENCES people;
ALTER TABLE takedown_copies ADD COLUMN hand_at timestamptz;
ALTER TABLE takedown_copies ADD CONSTRAINT by_hand CHECK ((hand_by IS NULL) = (hand_at IS NULL) AND (hand_by IS NULL OR state IN ('removed', 'gone')));

-- A result is written once, and "removed" only of a copy that is removed. One exception: what the network did not let us remove, a
-- person may have removed by hand.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stays_down() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.state IN ('removed', 'gone')
    OR (old.state = 'cannot' AND (new.state NOT IN ('removed', 'gone') OR new.hand_by IS NULL
      OR NOT EXISTS (SELECT 1 FROM people WHERE id = new.hand_by AND role <> 'system' AND disabled_at IS NULL)))
    OR (old.state <> 'cannot' AND new.hand_by IS NOT NULL) THEN
    RAISE EXCEPTION 'the result for part % of delivery % is already written', old.part, old.delivery_id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'stays_down';
  END IF;
  IF new.state = 'removed' AND NOT EXISTS (SELECT 1 FROM copies WHERE delivery_id = new.delivery_id AND part = new.part AND removed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'part % of delivery % is not removed', new.part, new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_down';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd

-- What fell due while a pause was in force, and was held: whoever ends the pause goes through it.
CREATE TABLE pause_held (
  pause_id    bigint NOT NULL REFERENCES pauses,
  delivery_id bigint NOT NULL REFERENCES deliveries,
  PRIMARY KEY (pause_id, delivery_id)
);
CREATE INDEX pause_held_delivery ON pause_held (delivery_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON pause_held FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON pause_held FOR EACH STATEMENT EXECUTE FUNCTION frozen();

GRANT SELECT, INSERT ON takedown_held, pause_held TO daymark_app;
GRANT UPDATE (hand_by, hand_at) ON takedown_copies TO daymark_app;
