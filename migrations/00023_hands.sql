-- Own words by any way. Whoever wrote a version of a post never counts among those who approve it. The same holds for whoever loaded
-- its words in a campaign's file, or wrote a value that stands in it: the theme, a fact, a helpline.

-- +goose Up
-- Who gave a value its words, in any version of it. Daymark itself is nobody: what comes with it has no writer.
CREATE TABLE writers (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind      text NOT NULL CHECK (kind IN ('campaign', 'theme', 'fact', 'helpline')),
  subject   text NOT NULL,            -- the id of the campaign, of the edition whose theme it is, of the fact or the helpline
  part      text NOT NULL DEFAULT '', -- of a campaign: the message
  person_id bigint NOT NULL REFERENCES people,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (kind, subject, part, person_id)
);

-- Whose words came into a post otherwise than by a version of it that they wrote.
CREATE TABLE hands (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id   bigint NOT NULL REFERENCES posts,
  person_id bigint NOT NULL REFERENCES people,
  why       text NOT NULL CHECK (why IN ('campaign', 'theme', 'fact', 'helpline', 'profile', 'country')),
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (post_id, person_id, why)
);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['writers', 'hands'] LOOP
    EXECUTE format('CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION frozen()', t);
    EXECUTE format('CREATE TRIGGER frozen_t BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION frozen()', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- The authors of posts, by whatever way; 'version' is a version of the post. What lists many posts reads this, anything else asks
-- the function has_written.
CREATE VIEW written AS
SELECT post_id, author_id AS person_id, 'version' AS why FROM revisions
UNION ALL
SELECT post_id, person_id, why FROM hands;

ALTER TABLE campaigns ADD COLUMN shipped boolean NOT NULL DEFAULT false; -- word for word as it comes with Daymark: nobody here wrote it
ALTER TABLE editions ADD COLUMN theme_by bigint REFERENCES people;       -- who set the theme last

-- +goose StatementBegin
CREATE FUNCTION has_written(person bigint, post bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM written w WHERE w.post_id = post AND w.person_id = person)
$$;

-- Whoever loads a campaign's file has written each message that is another than before, and all of them where the pages that the file
-- leads to are others.
CREATE FUNCTION campaign_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE was jsonb := '{}'; now_is jsonb := convert_from(new.body, 'UTF8')::jsonb; every boolean := false;
BEGIN
  IF tg_op = 'UPDATE' THEN
    was := convert_from(old.body, 'UTF8')::jsonb;
    every := now_is->'resources' IS DISTINCT FROM was->'resources';
  END IF;
  INSERT INTO writers (kind, subject, part, person_id)
  SELECT 'campaign', new.id, m->>'id', p.id
  FROM people p
  CROSS JOIN jsonb_array_elements(now_is->'posts') m
  LEFT JOIN jsonb_array_elements(was->'posts') o ON o->>'id' = m->>'id'
  WHERE p.id = new.loaded_by
    AND p.role <> 'system'
    AND (every OR o IS DISTINCT FROM m)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE FUNCTION theme_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO writers (kind, subject, person_id)
  SELECT 'theme', new.id::text, p.id
  FROM people p
  WHERE p.id = new.theme_by
    AND p.role <> 'system'
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- What posts say of a fact: its sentences and how they name the source. Looking at the source again writes nothing.
CREATE FUNCTION fact_words(body bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_array(b->'text', b->'cite', b->'cites') FROM (SELECT convert_from(body, 'UTF8')::jsonb AS b) x
$$;

CREATE FUNCTION fact_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF tg_op = 'UPDATE' THEN
    IF fact_words(new.body) = fact_words(old.body) THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO writers (kind, subject, person_id)
  SELECT 'fact', new.id, p.id
  FROM people p
  WHERE p.id = new.updated_by
    AND p.role <> 'system'
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- What decides where a helpline is shown and what posts say of it; not what only the team reads.
CREATE FUNCTION helpline_words(body bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_from(body, 'UTF8')::jsonb - ARRAY['hours', 'sources', 'read', 'check_days', 'note']
$$;

CREATE FUNCTION helpline_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF tg_op = 'UPDATE' THEN
    IF helpline_words(new.body) = helpline_words(old.body) THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO writers (kind, subject, person_id)
  SELECT 'helpline', new.id, p.id
  FROM people p
  WHERE p.id = new.updated_by
    AND p.role <> 'system'
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- A post that planning wrote has the words of whoever loaded its message.
CREATE FUNCTION hands_of_file(post bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO hands (post_id, person_id, why)
  SELECT p.id, w.person_id, 'campaign'
  FROM posts p
  JOIN editions e ON e.id = p.edition_id
  JOIN writers w ON w.kind = 'campaign'
    AND w.subject = e.campaign_id
    AND w.part = split_part(p.message, '#', 1) -- one of a series has its number behind the sign
  WHERE p.id = post
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION planned_by_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM hands_of_file(new.post_id);
  RETURN NULL;
END $$;

-- Each writer of a value that a version says by its token, as internal/core/text reads tokens. Within JSON a tab is written \t.
CREATE FUNCTION hands_of_values(revision bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO hands (post_id, person_id, why)
  SELECT DISTINCT r.post_id, w.person_id, w.kind
  FROM revisions r
  JOIN posts p ON p.id = r.post_id
  CROSS JOIN regexp_matches(convert_from(r.body, 'UTF8'), '\{\{(?: |\\t)*([A-Za-z][A-Za-z0-9_:-]*)(?: |\\t)*\}\}', 'g') AS token
  JOIN writers w ON (w.kind = 'theme' AND token[1] = 'theme' AND w.subject = p.edition_id::text)
    OR (w.kind = 'fact' AND token[1] = 'fact:' || w.subject)
  WHERE r.id = revision
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION submitted_by_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM hands_of_values(new.revision_id);
  RETURN NULL;
END $$;

CREATE FUNCTION numbered_by_hands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO hands (post_id, person_id, why)
  SELECT l.post_id, w.person_id, 'helpline'
  FROM releases l
  JOIN writers w ON w.kind = 'helpline'
    AND w.subject = new.helpline_id
  WHERE l.id = new.release_id
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- What was there before: who loaded a campaign last, who set themes, changed facts and helplines.
INSERT INTO writers (kind, subject, part, person_id)
SELECT 'campaign', c.id, m->>'id', p.id
FROM campaigns c
JOIN people p ON p.id = c.loaded_by AND p.role <> 'system'
CROSS JOIN jsonb_array_elements(convert_from(c.body, 'UTF8')::jsonb->'posts') m
ON CONFLICT DO NOTHING;

INSERT INTO writers (kind, subject, person_id)
SELECT DISTINCT 'theme', a.subject_id::text, p.id
FROM audit a
JOIN people p ON p.id = a.person_id AND p.role <> 'system'
WHERE a.action = 'edition.themed' AND coalesce(a.detail->>'theme', '') <> '';

INSERT INTO writers (kind, subject, person_id)
SELECT DISTINCT 'fact', v.fact_id, p.id
FROM (SELECT fact_id, updated_by, fact_words(body) IS DISTINCT FROM lag(fact_words(body)) OVER (PARTITION BY fact_id ORDER BY version) AS changed FROM fact_versions) v
JOIN people p ON p.id = v.updated_by AND p.role <> 'system'
WHERE v.changed;

INSERT INTO writers (kind, subject, person_id)
SELECT DISTINCT 'helpline', a.detail->>'helpline', p.id
FROM audit a
JOIN people p ON p.id = a.person_id AND p.role <> 'system'
WHERE a.action IN ('helpline.added', 'helpline.changed') AND a.detail ? 'helpline';

INSERT INTO hands (post_id, person_id, why)
SELECT DISTINCT r.post_id, p.id, 'campaign'
FROM revisions r
JOIN posts o ON o.id = r.post_id
JOIN editions e ON e.id = o.edition_id
JOIN campaigns c ON c.id = e.campaign_id
JOIN people p ON p.id = c.loaded_by AND p.role <> 'system'
WHERE r.origin = 'plan';

SELECT hands_of_values(s.revision_id) FROM (SELECT DISTINCT revision_id FROM submissions) s;

INSERT INTO hands (post_id, person_id, why)
SELECT DISTINCT l.post_id, w.person_id, 'helpline'
FROM release_helplines n
JOIN releases l ON l.id = n.release_id
JOIN writers w ON w.kind = 'helpline' AND w.subject = n.helpline_id;

CREATE TRIGGER written_i AFTER INSERT ON campaigns FOR EACH ROW WHEN (NOT new.shipped) EXECUTE FUNCTION campaign_written();
CREATE TRIGGER written_u AFTER UPDATE OF body ON campaigns FOR EACH ROW WHEN (NOT new.shipped) EXECUTE FUNCTION campaign_written();
CREATE TRIGGER written_u AFTER UPDATE OF theme_by ON editions FOR EACH ROW WHEN (new.theme IS NOT NULL) EXECUTE FUNCTION theme_written();
CREATE TRIGGER written AFTER INSERT OR UPDATE OF body ON facts FOR EACH ROW EXECUTE FUNCTION fact_written();
CREATE TRIGGER written AFTER INSERT OR UPDATE OF body ON helplines FOR EACH ROW EXECUTE FUNCTION helpline_written();
CREATE TRIGGER hands AFTER INSERT ON revisions FOR EACH ROW WHEN (new.origin = 'plan') EXECUTE FUNCTION planned_by_hands();
-- Words of the file that somebody takes are still those of whoever loaded them.
CREATE TRIGGER hands AFTER UPDATE OF state ON offers FOR EACH ROW WHEN (new.state = 'accepted') EXECUTE FUNCTION planned_by_hands();
CREATE TRIGGER hands AFTER INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION submitted_by_hands();
CREATE TRIGGER hands AFTER INSERT ON release_helplines FOR EACH ROW EXECUTE FUNCTION numbered_by_hands();

-- +goose StatementBegin
-- As before, with the authors by whatever way.
CREATE OR REPLACE FUNCTION counted_approvals(submission bigint) RETURNS TABLE (verdict_id bigint, person_id bigint, role text, own boolean) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.person_id, c.role, c.own
  FROM (
    SELECT DISTINCT ON (v.stands) v.id, v.person_id, v.role, v.own
    FROM submissions s
    CROSS JOIN LATERAL (
      SELECT DISTINCT ON (l.person_id) l.id, l.person_id, l.role, l.reads, l.verdict, l.at, l.link_id, k.safeguards,
        coalesce(k.made_by, l.person_id) AS stands,
        has_written(l.person_id, s.post_id) AS own
      FROM verdicts l
      LEFT JOIN review_links k ON k.id = l.link_id
      WHERE l.submission_id = s.id
      ORDER BY l.person_id, l.id DESC
    ) v
    WHERE s.id = submission
      AND v.verdict = 'approve'
      AND (v.reads OR NOT s.reader)
      AND (NOT v.own OR (s.own AND NOT s.sensitive AND v.at >= s.at + interval '15 minutes'))
      AND (v.link_id IS NULL OR NOT has_written(v.stands, s.post_id))
      AND is_active(v.person_id)
    ORDER BY v.stands, v.link_id IS NOT NULL, v.safeguards DESC, v.id
  ) c
$$;

-- As before, with the mailboxes of authors by whatever way.
CREATE OR REPLACE FUNCTION link_lawful() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who record; maker record; shown record;
BEGIN
  SELECT role, email, may_safeguard INTO who FROM people WHERE id = new.person_id AND is_active(id) FOR SHARE;
  IF who.role IS DISTINCT FROM 'outside' THEN
    RAISE EXCEPTION 'person % does not review by link', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_reviewer';
  END IF;
  SELECT role, email INTO maker FROM people WHERE id = new.made_by AND is_active(id) FOR SHARE;
  IF maker.role IS NULL OR maker.role NOT IN ('admin', 'safeguarding') THEN
    RAISE EXCEPTION 'person % may not make links', new.made_by USING ERRCODE = 'check_violation', CONSTRAINT = 'link_maker';
  END IF;
  SELECT s.post_id, s.revision_id = p.current_revision
    AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id) AS current
  INTO shown FROM submissions s JOIN posts p ON p.id = s.post_id WHERE s.id = new.submission_id;
  IF NOT coalesce(shown.current, false) THEN
    RAISE EXCEPTION 'submission % is of an older version', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  IF mailbox(who.email) = mailbox(maker.email) OR EXISTS (
    SELECT 1 FROM written w JOIN people a ON a.id = w.person_id WHERE w.post_id = shown.post_id AND mailbox(a.email) = mailbox(who.email)) THEN
    RAISE EXCEPTION 'the address of person % is the maker''s or an author''s own', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_address';
  END IF;
  new.address := who.email;
  new.safeguards := who.may_safeguard;
  RETURN new;
END $$;
-- +goose StatementEnd

-- Nobody runs these but the triggers: the application would put words into anybody's mouth.
REVOKE EXECUTE ON FUNCTION hands_of_file(bigint), hands_of_values(bigint) FROM PUBLIC;
GRANT SELECT ON writers, hands, written TO daymark_app;
-- The other hands are written by the database. Somebody who is said to have one can approve less, never more.
GRANT INSERT (post_id, person_id, why) ON hands TO daymark_app;
GRANT UPDATE (theme_by) ON editions TO daymark_app;
GRANT UPDATE (shipped) ON campaigns TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
