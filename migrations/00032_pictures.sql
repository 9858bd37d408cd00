-- The library of pictures: who uploaded what, how it is described in each language, which point a crop keeps, which versions of posts show
-- it. The bytes stay in `blobs`; every blob has its row here, also those that came with a campaign.

-- +goose Up
CREATE TABLE pictures (
  sha256       bytea PRIMARY KEY REFERENCES blobs,
  animated     boolean NOT NULL DEFAULT false,
  uploaded_by  bigint REFERENCES people, -- NULL for what came with a campaign or was drawn
  uploaded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  tags         text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20),
  alt          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(alt) = 'object'), -- by language
  focus_x      smallint CHECK (focus_x BETWEEN 0 AND 100), -- per cent from the left
  focus_y      smallint CHECK (focus_y BETWEEN 0 AND 100), -- per cent from the top
  shows_person boolean NOT NULL DEFAULT false, -- a living person can be recognised or is quoted
  logo         boolean NOT NULL DEFAULT false, -- somebody's official mark: shown whole, as its owner made it
  terms        text NOT NULL DEFAULT '' CHECK (char_length(terms) <= 500), -- where the owner's terms stand
  terms_by     bigint REFERENCES people,
  terms_at     timestamptz,
  small        bytea, -- a small copy for lists; NULL where the picture is small itself or came with a campaign
  version      int NOT NULL DEFAULT 1,
  gone_at      timestamptz, -- taken out of the library; the bytes stay while old versions of posts show them
  gone_by      bigint REFERENCES people,
  CHECK ((focus_x IS NULL) = (focus_y IS NULL)),
  CHECK ((gone_at IS NULL) = (gone_by IS NULL)),
  CONSTRAINT logo_is_confirmed CHECK (NOT logo OR (terms <> '' AND terms_by IS NOT NULL AND terms_at IS NOT NULL)),
  CONSTRAINT logo_stays_whole CHECK (NOT logo OR focus_x IS NULL)
);
CREATE INDEX pictures_uploaded ON pictures (uploaded_at DESC);

-- Which pictures a version of a post shows. The reference to the blob refuses a version with a picture that is not there, and keeps
-- a picture from going while somebody adds it to a post.
CREATE TABLE revision_pictures (
  revision_id bigint NOT NULL REFERENCES revisions,
  sha256      bytea NOT NULL REFERENCES blobs,
  PRIMARY KEY (revision_id, sha256)
);
CREATE INDEX revision_pictures_sha256 ON revision_pictures (sha256);

-- What a body shows. A hash that is none is left for the code to refuse.
-- +goose StatementBegin
CREATE FUNCTION pictures_in(body bytea) RETURNS SETOF bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT DISTINCT decode(hash #>> '{}', 'hex')
  FROM jsonb_path_query(convert_from(body, 'UTF8')::jsonb, '$.parts[*].pictures[*].sha256') AS hash
  WHERE hash #>> '{}' ~ '^[0-9a-f]{64}$'
$$;

-- Planning writes thousands of versions in one statement; most show no picture, and are not parsed. What the first post says of a picture
-- is what the library says of it, until somebody says more.
CREATE FUNCTION note_pictures() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO revision_pictures (revision_id, sha256)
  SELECT m.id, s.sha256
  FROM made m, LATERAL pictures_in(m.body) AS s (sha256)
  WHERE position('"sha256"'::bytea IN m.body) > 0;
  UPDATE pictures p
  SET alt = said.alt
  FROM (
    SELECT DISTINCT ON (shown ->> 'sha256') shown ->> 'sha256' AS hash, shown -> 'alt' AS alt
    FROM made m, LATERAL jsonb_path_query(convert_from(m.body, 'UTF8')::jsonb, '$.parts[*].pictures[*] ? (exists (@.alt.* ? (@ <> "")))') AS shown
    WHERE position('"sha256"'::bytea IN m.body) > 0
    ORDER BY shown ->> 'sha256', m.id
  ) said
  WHERE p.alt = '{}'
    AND encode(p.sha256, 'hex') = said.hash;
  RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO revision_pictures (revision_id, sha256)
SELECT r.id, b.sha256
FROM revisions r, LATERAL pictures_in(r.body) AS s (sha256)
JOIN blobs b ON b.sha256 = s.sha256
WHERE position('"sha256"'::bytea IN r.body) > 0;
CREATE TRIGGER note_pictures AFTER INSERT ON revisions REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION note_pictures();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON revision_pictures FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON revision_pictures FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- Every blob is in the library.
-- +goose StatementBegin
CREATE FUNCTION enter_picture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO pictures (sha256) VALUES (new.sha256) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO pictures (sha256, uploaded_at, alt)
SELECT b.sha256, b.created_at, coalesce((
  SELECT shown -> 'alt'
  FROM revision_pictures u
  JOIN revisions r ON r.id = u.revision_id
  CROSS JOIN LATERAL jsonb_path_query(convert_from(r.body, 'UTF8')::jsonb, '$.parts[*].pictures[*] ? (exists (@.alt.* ? (@ <> "")))') AS shown
  WHERE u.sha256 = b.sha256
    AND shown ->> 'sha256' = encode(b.sha256, 'hex')
  ORDER BY r.id DESC
  LIMIT 1), '{}')
FROM blobs b;
CREATE TRIGGER enter_picture AFTER INSERT ON blobs FOR EACH ROW EXECUTE FUNCTION enter_picture();

-- A logo stays one: else its crop could be unlocked by calling it an ordinary picture.
-- +goose StatementBegin
CREATE FUNCTION logo_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.logo AND NOT new.logo THEN
    RAISE EXCEPTION 'an official logo stays one' USING ERRCODE = 'check_violation', CONSTRAINT = 'logo_stays';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER logo_stays BEFORE UPDATE OF logo ON pictures FOR EACH ROW EXECUTE FUNCTION logo_stays();

-- A post shows an official logo whole: no release of it has a point to crop to.
-- +goose StatementBegin
CREATE FUNCTION logo_uncut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF position('"focus"'::bytea IN new.body) > 0 AND EXISTS (
    SELECT 1
    FROM jsonb_path_query(convert_from(new.body, 'UTF8')::jsonb, '$.parts[*].pictures[*] ? (exists (@.focus))') AS shown
    JOIN pictures p ON p.sha256 = decode(shown ->> 'sha256', 'hex')
    WHERE p.logo) THEN
    RAISE EXCEPTION 'an official logo is never cropped' USING ERRCODE = 'check_violation', CONSTRAINT = 'logo_stays_whole';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER logo_uncut BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION logo_uncut();

-- Bytes go with their place in the library, and only where nothing names them any more: no version of a post, no campaign, no words that a campaign still offers, and
-- nothing that refers to them by a foreign key.
-- +goose StatementBegin
CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE hash bytea := convert_to(encode(old.sha256, 'hex'), 'UTF8');
BEGIN
  IF EXISTS (SELECT 1 FROM pictures WHERE sha256 = old.sha256) THEN
    RAISE EXCEPTION '% rows never change', tg_table_name USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM campaigns WHERE position(hash IN body) > 0) OR EXISTS (SELECT 1 FROM offers WHERE position(hash IN body) > 0) THEN
    RAISE EXCEPTION 'a picture in use stays' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'unused';
  END IF;
  RETURN old;
END $$;

-- Takes a picture and its bytes away, and says whether it could.
CREATE FUNCTION drop_picture(picture bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pictures WHERE sha256 = picture AND gone_at IS NOT NULL FOR UPDATE) THEN
    RETURN false;
  END IF;
  DELETE FROM pictures WHERE sha256 = picture;
  DELETE FROM blobs WHERE sha256 = picture;
  RETURN true;
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
  RETURN false;
END $$;
-- +goose StatementEnd
DROP TRIGGER frozen ON blobs;
CREATE TRIGGER frozen BEFORE UPDATE ON blobs FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER unused BEFORE DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION unused();

GRANT SELECT ON pictures, revision_pictures TO daymark_app;
GRANT UPDATE (animated, uploaded_by, uploaded_at, tags, alt, focus_x, focus_y, shows_person, logo, terms, terms_by, terms_at, small, version, gone_at, gone_by)
  ON pictures TO daymark_app;
