-- The ledger of consents: who is shown, named or quoted, what they agreed to and until when. Who they are is sealed. A post that shows,
-- names or quotes a person goes before reviewers, into the queue and out only while a consent covers it.

-- +goose Up
CREATE TABLE consents (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL, -- product time
  person_id bigint NOT NULL REFERENCES people, -- who recorded it
  ended     text CHECK (ended IN ('withdrawn', 'expired')),
  why       text CHECK (why IN ('asked', 'guardian', 'danger', 'mistake', 'other')), -- of a withdrawal, as a word; their own words are sealed
  ended_at  timestamptz, -- product time
  ended_by  bigint REFERENCES people,
  erased_at timestamptz, -- product time
  erased_by bigint REFERENCES people,
  CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL) = (ended_by IS NULL)),
  CHECK ((ended IS NOT DISTINCT FROM 'withdrawn') = (why IS NOT NULL)),
  CHECK ((erased_at IS NULL) = (erased_by IS NULL)),
  CHECK (erased_at IS NULL OR ended IS NOT NULL)
);
CREATE TRIGGER frozen_d BEFORE DELETE ON consents FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- What a consent says, version by version; the latest holds. sealed is who it is, how to reach them and all that somebody wrote about
-- them. Erasure takes it away from every version; the terms stay.
CREATE TABLE consent_versions (
  consent_id bigint NOT NULL REFERENCES consents,
  no         int NOT NULL CHECK (no >= 1),
  sealed     bytea,
  key_id     text,
  picture    boolean NOT NULL,
  name       boolean NOT NULL,
  words      boolean NOT NULL,
  networks   text[] NOT NULL DEFAULT '{}', -- empty is every network
  languages  text[] NOT NULL DEFAULT '{}', -- empty is every language
  until_date date NOT NULL,                -- the last day, as it was agreed
  until_at   timestamptz NOT NULL,         -- its end, in the organisation's zone then
  how        text NOT NULL CHECK (how IN ('form', 'recording', 'message')),
  minor      boolean NOT NULL,
  person_id  bigint NOT NULL REFERENCES people, -- who wrote this version
  at         timestamptz NOT NULL,              -- product time
  CHECK (picture OR name OR words),
  CHECK ((sealed IS NULL) = (key_id IS NULL)),
  PRIMARY KEY (consent_id, no)
);
CREATE INDEX consent_versions_until ON consent_versions (until_at);
CREATE TRIGGER frozen_d BEFORE DELETE ON consent_versions FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON consent_versions FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- +goose StatementBegin
CREATE FUNCTION consent_ends_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.ended IS NOT NULL AND (new.ended, new.why, new.ended_at, new.ended_by) IS DISTINCT FROM (old.ended, old.why, old.ended_at, old.ended_by)
    OR old.erased_at IS NOT NULL AND (new.erased_at, new.erased_by) IS DISTINCT FROM (old.erased_at, old.erased_by)
    OR (new.at, new.person_id) IS DISTINCT FROM (old.at, old.person_id) THEN
    RAISE EXCEPTION 'consent % has ended, or is erased', old.id USING ERRCODE = 'restrict_violation', CONSTRAINT = 'consent_ends_once';
  END IF;
  RETURN new;
END $$;

-- A version never changes, but for the key that it is sealed with; once the consent is erased there is nothing sealed, and nothing new.
CREATE FUNCTION consent_version_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c record;
BEGIN
  SELECT ended, erased_at INTO c FROM consents WHERE id = new.consent_id FOR UPDATE;
  IF tg_op = 'INSERT' AND (c.ended IS NOT NULL OR new.sealed IS NULL
      OR new.no <> 1 + (SELECT count(*) FROM consent_versions WHERE consent_id = new.consent_id)) THEN
    RAISE EXCEPTION 'consent % takes no such version', new.consent_id USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_version_stays';
  END IF;
  IF tg_op = 'UPDATE' AND ((to_jsonb(new) - 'sealed' - 'key_id') <> (to_jsonb(old) - 'sealed' - 'key_id')
      OR (new.sealed IS NULL) <> (c.erased_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'version % of consent % never changes', new.no, new.consent_id USING ERRCODE = 'restrict_violation', CONSTRAINT = 'consent_version_stays';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER consent_ends_once BEFORE UPDATE ON consents FOR EACH ROW EXECUTE FUNCTION consent_ends_once();
CREATE TRIGGER consent_version_stays BEFORE INSERT OR UPDATE ON consent_versions FOR EACH ROW EXECUTE FUNCTION consent_version_stays();

-- What a consent is there for: a picture wherever it is shown, or the words of a post. A link that was a mistake is ended, and stays.
CREATE TABLE consent_links (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consent_id bigint NOT NULL REFERENCES consents,
  sha256     bytea REFERENCES blobs,
  post_id    bigint REFERENCES posts,
  picture    boolean NOT NULL, -- what of the person is there
  name       boolean NOT NULL,
  words      boolean NOT NULL,
  person_id  bigint NOT NULL REFERENCES people,
  at         timestamptz NOT NULL, -- product time
  ended_at   timestamptz,
  ended_by   bigint REFERENCES people,
  CHECK (num_nonnulls(sha256, post_id) = 1),
  CHECK (picture OR name OR words),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX one_consent_link ON consent_links (consent_id, coalesce(post_id, 0), coalesce(sha256, '')) WHERE ended_at IS NULL;
CREATE INDEX consent_links_picture ON consent_links (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX consent_links_post ON consent_links (post_id) WHERE post_id IS NOT NULL;
CREATE TRIGGER frozen_d BEFORE DELETE ON consent_links FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON consent_links FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- Posts of which somebody said that they show, name or quote a person. Pictures say so of themselves: pictures.shows_person.
CREATE TABLE post_people (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id   bigint NOT NULL REFERENCES posts,
  person_id bigint NOT NULL REFERENCES people,
  at        timestamptz NOT NULL, -- product time
  ended_at  timestamptz,
  ended_by  bigint REFERENCES people,
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX one_post_people ON post_people (post_id) WHERE ended_at IS NULL;
CREATE TRIGGER frozen_d BEFORE DELETE ON post_people FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON post_people FOR EACH STATEMENT EXECUTE FUNCTION frozen();
CREATE INDEX pictures_people ON pictures (sha256) WHERE shows_person;

-- Which links each release goes out under.
CREATE TABLE release_consents (
  release_id bigint NOT NULL REFERENCES releases,
  link_id    bigint NOT NULL REFERENCES consent_links,
  PRIMARY KEY (release_id, link_id)
);
CREATE INDEX release_consents_link ON release_consents (link_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON release_consents FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON release_consents FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- What keeps a consent from covering something, as a word: '' is nothing.
-- +goose StatementBegin
CREATE FUNCTION consent_gap(link bigint, platform text, language text, instant timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN l.ended_at IS NOT NULL THEN ''
    WHEN c.ended IS NOT NULL THEN 'ended:' || c.id
    WHEN v.until_at <= instant THEN 'until:' || c.id
    WHEN v.networks <> '{}' AND platform <> ALL (v.networks) THEN 'network:' || c.id
    WHEN v.languages <> '{}' AND language <> ALL (v.languages) AND split_part(language, '-', 1) <> ALL (v.languages) THEN 'language:' || c.id
    WHEN (l.picture AND NOT v.picture) OR (l.name AND NOT v.name) OR (l.words AND NOT v.words) THEN 'use:' || c.id
    ELSE '' END
  FROM consent_links l
  JOIN consents c ON c.id = l.consent_id
  CROSS JOIN LATERAL (SELECT * FROM consent_versions n WHERE n.consent_id = c.id ORDER BY n.no DESC LIMIT 1) v
  WHERE l.id = link
$$;

-- The links of what a post with such a body shows, names and quotes.
CREATE FUNCTION consents_of(post bigint, body bytea) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT l.id FROM consent_links l WHERE l.post_id = post AND l.ended_at IS NULL
  UNION
  SELECT l.id
  FROM unnest(shown_by(body)) k
  JOIN consent_links l ON l.sha256 = decode(substr(k, 3), 'hex') AND l.ended_at IS NULL
  WHERE k LIKE 'p:%'
$$;

-- What keeps such a body from going out, as words: a person without any consent, and each consent that does not cover it.
CREATE FUNCTION consent_gaps(post bigint, body bytea, platform text, language text, instant timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(gap ORDER BY gap), '{}')
  FROM (
    SELECT 'post' AS gap
    WHERE EXISTS (SELECT 1 FROM post_people m WHERE m.post_id = post AND m.ended_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.post_id = post AND l.ended_at IS NULL)
    UNION
    SELECT 'picture:' || substr(k, 3)
    FROM unnest(shown_by(body)) k
    WHERE k LIKE 'p:%'
      AND EXISTS (SELECT 1 FROM pictures p WHERE p.sha256 = decode(substr(k, 3), 'hex') AND p.shows_person)
      AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.sha256 = decode(substr(k, 3), 'hex') AND l.ended_at IS NULL)
    UNION
    SELECT g FROM consents_of(post, body) l CROSS JOIN LATERAL consent_gap(l, platform, language, instant) g WHERE g <> ''
  ) gaps
$$;

-- Whether anything in the database shows, names or quotes a person: without, the guards cost next to nothing.
CREATE FUNCTION people_are_shown() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM consent_links) OR EXISTS (SELECT 1 FROM post_people) OR EXISTS (SELECT 1 FROM pictures WHERE shows_person)
$$;

-- A release is written only while consents cover it at its instant, and says which ones. Those are locked: who withdraws one waits for
-- the release, or the release for them.
CREATE FUNCTION consented() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gaps text[];
BEGIN
  IF NOT people_are_shown() THEN
    RETURN NULL;
  END IF;
  PERFORM 1 FROM consents WHERE id IN (SELECT l.consent_id FROM consents_of(new.post_id, new.body) o JOIN consent_links l ON l.id = o) ORDER BY id FOR SHARE;
  gaps := consent_gaps(new.post_id, new.body, (SELECT platform FROM channels WHERE id = new.channel_id), new.language, new.due_at);
  IF gaps <> '{}' THEN
    RAISE EXCEPTION 'no consent covers post %: %', new.post_id, array_to_string(gaps, ', ') USING ERRCODE = 'check_violation', CONSTRAINT = 'consented';
  END IF;
  INSERT INTO release_consents (release_id, link_id) SELECT new.id, o FROM consents_of(new.post_id, new.body) o;
  RETURN NULL;
END $$;

-- Nothing is queued that consents do not cover by then: it may have been submitted before somebody said that it shows a person, or
-- before a consent ended.
CREATE FUNCTION queued_consented() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
  IF NOT people_are_shown() THEN
    RETURN NULL;
  END IF;
  SELECT m.post_id INTO wrong
  FROM made m
  JOIN releases r ON r.id = m.release_id
  JOIN channels h ON h.id = m.channel_id
  WHERE consent_gaps(m.post_id, r.body, h.platform, m.language, greatest(m.due_at, m.next_attempt_at)) <> '{}'
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'no consent covers post %', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'consented';
  END IF;
  RETURN NULL;
END $$;

-- Nothing is sent once a consent that it goes out under has ended. Who ends one takes it out of the queue as well; this is for what
-- comes due between the end of a consent and the job that sees it.
CREATE FUNCTION sent_consented() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong bigint;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM release_consents) THEN
    RETURN NULL;
  END IF;
  SELECT m.delivery_id INTO wrong
  FROM made m
  JOIN queue q ON q.delivery_id = m.delivery_id
  JOIN channels h ON h.id = q.channel_id
  JOIN release_consents o ON o.release_id = q.release_id
  WHERE consent_gap(o.link_id, h.platform, q.language, m.started_at) <> ''
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'no consent covers delivery % any more', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'consented';
  END IF;
  RETURN NULL;
END $$;

-- A link that is made later holds for what shows it already, too.
CREATE FUNCTION linked_later() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO release_consents (release_id, link_id)
  SELECT r.id, new.id FROM releases r WHERE r.post_id = new.post_id
  UNION
  SELECT r.id, new.id FROM releases r WHERE new.sha256 IS NOT NULL AND shown_by(r.body) @> ARRAY['p:' || encode(new.sha256, 'hex')];
  RETURN NULL;
END $$;

CREATE FUNCTION unlinked_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF old.ended_at IS NOT NULL OR (to_jsonb(new) - 'ended_at' - 'ended_by') <> (to_jsonb(old) - 'ended_at' - 'ended_by') THEN
    RAISE EXCEPTION '% rows end once and never change', tg_table_name USING ERRCODE = 'restrict_violation', CONSTRAINT = 'unlinked_once';
  END IF;
  RETURN new;
END $$;

-- Somebody says of posts that are approved already that they show a person: they wait as after an edit, and go before reviewers again.
CREATE FUNCTION ask_again(list bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE p bigint;
BEGIN
  FOR p IN SELECT id FROM posts WHERE id = ANY (list) ORDER BY id FOR UPDATE LOOP
    INSERT INTO revisions (post_id, no, author_id, body, sha256, origin)
    SELECT r.post_id, 1 + (SELECT max(no) FROM revisions WHERE post_id = p), (SELECT id FROM people WHERE role = 'system'), r.body, r.sha256, 'value'
    FROM revisions r
    WHERE r.id = (SELECT current_revision FROM posts WHERE id = p);
    UPDATE deliveries SET problem = 'Somebody said that it shows, names or quotes a person. It needs a consent, and a new review.'
    WHERE post_id = p AND state = 'held' AND hold = 'edited' AND problem = '';
  END LOOP;
END $$;

CREATE FUNCTION post_shows_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM ask_again(ARRAY(SELECT DISTINCT d.post_id FROM deliveries d WHERE d.post_id = new.post_id AND d.state = 'scheduled'
    AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.post_id = new.post_id AND l.ended_at IS NULL)));
  RETURN NULL;
END $$;

-- A link that was a mistake takes back what is approved under it.
CREATE FUNCTION unlinked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM ask_again(ARRAY(SELECT DISTINCT d.post_id FROM release_consents o JOIN deliveries d ON d.release_id = o.release_id AND d.state = 'scheduled'
    WHERE o.link_id = new.id));
  RETURN NULL;
END $$;

CREATE FUNCTION picture_shows_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM ask_again(ARRAY(
    SELECT DISTINCT d.post_id
    FROM releases r
    JOIN deliveries d ON d.release_id = r.id AND d.state = 'scheduled'
    WHERE shown_by(r.body) @> ARRAY['p:' || encode(new.sha256, 'hex')]
      AND NOT EXISTS (SELECT 1 FROM consent_links l WHERE l.sha256 = new.sha256 AND l.ended_at IS NULL)));
  RETURN NULL;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION ask_again(bigint[]) FROM public;
CREATE TRIGGER consented AFTER INSERT ON releases FOR EACH ROW EXECUTE FUNCTION consented();
CREATE TRIGGER consented AFTER INSERT ON queue REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION queued_consented();
CREATE TRIGGER consented AFTER INSERT ON attempts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION sent_consented();
CREATE TRIGGER linked_later AFTER INSERT ON consent_links FOR EACH ROW EXECUTE FUNCTION linked_later();
CREATE TRIGGER unlinked_once BEFORE UPDATE ON consent_links FOR EACH ROW EXECUTE FUNCTION unlinked_once();
CREATE TRIGGER unlinked AFTER UPDATE OF ended_at ON consent_links FOR EACH ROW EXECUTE FUNCTION unlinked();
CREATE TRIGGER unlinked_once BEFORE UPDATE ON post_people FOR EACH ROW EXECUTE FUNCTION unlinked_once();
CREATE TRIGGER post_shows_person AFTER INSERT ON post_people FOR EACH ROW EXECUTE FUNCTION post_shows_person();
CREATE TRIGGER picture_shows_person AFTER UPDATE OF shows_person ON pictures FOR EACH ROW
  WHEN (new.shows_person AND NOT old.shows_person) EXECUTE FUNCTION picture_shows_person();
CREATE TRIGGER picture_begins_with_person AFTER INSERT ON pictures FOR EACH ROW WHEN (new.shows_person) EXECUTE FUNCTION picture_shows_person();

-- A consent is what a take-down can be of.
ALTER TABLE takedowns ADD COLUMN consent_id bigint REFERENCES consents;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_scope_check;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_names_its_scope;
ALTER TABLE takedowns DROP CONSTRAINT takedowns_has_one_scope;
ALTER TABLE takedowns ADD CONSTRAINT takedowns_scope_check CHECK (scope IN ('post', 'edition', 'helpline', 'picture', 'consent'));
ALTER TABLE takedowns ADD CONSTRAINT takedowns_names_its_scope CHECK (
  CASE scope WHEN 'post' THEN post_id IS NOT NULL WHEN 'edition' THEN edition_id IS NOT NULL WHEN 'helpline' THEN helpline_id IS NOT NULL
    WHEN 'picture' THEN picture IS NOT NULL ELSE consent_id IS NOT NULL END);
ALTER TABLE takedowns ADD CONSTRAINT takedowns_has_one_scope CHECK (num_nonnulls(post_id, edition_id, helpline_id, picture, consent_id) = 1);

GRANT SELECT, INSERT ON consents, consent_versions, consent_links, post_people TO daymark_app;
GRANT SELECT ON release_consents TO daymark_app;
GRANT UPDATE (ended, why, ended_at, ended_by, erased_at, erased_by) ON consents TO daymark_app;
GRANT UPDATE (sealed, key_id) ON consent_versions TO daymark_app;
GRANT UPDATE (ended_at, ended_by) ON consent_links, post_people TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
