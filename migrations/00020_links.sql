-- Review by link: an outside reviewer has a personal link to one submission, and gives a verdict through it once a code that was
-- mailed to the address on file has shown who holds it. The database holds what counts, whatever path a verdict comes by.

-- +goose Up
CREATE TABLE review_links (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  submission_id bigint NOT NULL REFERENCES submissions,
  person_id     bigint NOT NULL REFERENCES people,            -- who reviews
  made_by       bigint NOT NULL REFERENCES people,
  token         bytea NOT NULL UNIQUE CHECK (octet_length(token) = 32), -- SHA-256 of what stands in the link
  address       text NOT NULL DEFAULT '',                     -- the person's when it was made; with another on file the link ends
  safeguards    boolean NOT NULL DEFAULT false,               -- the person's yes counted as the safeguarding yes when it was made
  made_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at    timestamptz NOT NULL,                         -- real time
  revoked_at    timestamptz,
  revoked_by    bigint REFERENCES people,
  refusals      int NOT NULL DEFAULT 0 CHECK (refusals >= 0), -- what was tried in vain; bounds what of it is logged
  CHECK (expires_at > made_at),
  CHECK (person_id <> made_by),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX review_links_submission ON review_links (submission_id);
CREATE INDEX review_links_person ON review_links (person_id);

-- A code proves for a quarter of an hour that whoever holds the link reads the mail of the reviewer.
CREATE TABLE review_codes (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  link_id    bigint NOT NULL REFERENCES review_links,
  digest     bytea NOT NULL CHECK (octet_length(digest) = 32), -- of the code, keyed by the link's token, which is not kept
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  tries      int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
  pass       bytea UNIQUE CHECK (octet_length(pass) = 32),     -- SHA-256 of what the browser keeps once the code was right
  pass_until timestamptz,
  CHECK (expires_at > made_at),
  CHECK ((pass IS NULL) = (pass_until IS NULL))
);
CREATE INDEX review_codes_link ON review_codes (link_id, id);

ALTER TABLE verdicts ADD COLUMN link_id bigint REFERENCES review_links;
CREATE INDEX verdicts_link ON verdicts (link_id) WHERE link_id IS NOT NULL;

-- The mailbox of an address: what stands behind a plus leads to the same one (RFC 5233).
-- +goose StatementBegin
CREATE FUNCTION mailbox(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part(split_part(lower(address), '@', 1), '+', 1) || '@' || split_part(lower(address), '@', 2)
$$;

-- A link is made by an admin or a safeguarding lead for somebody from outside whose mail is neither the maker's nor an author's.
CREATE FUNCTION link_lawful() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    SELECT 1 FROM revisions r JOIN people a ON a.id = r.author_id WHERE r.post_id = shown.post_id AND mailbox(a.email) = mailbox(who.email)) THEN
    RAISE EXCEPTION 'the address of person % is the maker''s or an author''s own', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_address';
  END IF;
  new.address := who.email;
  new.safeguards := who.may_safeguard;
  RETURN new;
END $$;
CREATE TRIGGER lawful BEFORE INSERT ON review_links FOR EACH ROW EXECUTE FUNCTION link_lawful();

-- A link that was taken back stays so, and what it leads to never changes.
CREATE FUNCTION link_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (old.submission_id, old.person_id, old.made_by, old.token, old.address, old.safeguards, old.made_at, old.expires_at)
      IS DISTINCT FROM (new.submission_id, new.person_id, new.made_by, new.token, new.address, new.safeguards, new.made_at, new.expires_at)
    OR (old.revoked_at IS NOT NULL AND (new.revoked_at, new.revoked_by) IS DISTINCT FROM (old.revoked_at, old.revoked_by)) THEN
    RAISE EXCEPTION 'link % cannot be changed', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_kept';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER kept BEFORE UPDATE ON review_links FOR EACH ROW EXECUTE FUNCTION link_kept();

-- Somebody from outside says nothing without a link of their own to this submission that is open; to approve or to ask for changes,
-- once for each link, they have shown that they read their mail.
CREATE FUNCTION verdict_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE l record;
BEGIN
  IF new.link_id IS NULL THEN
    IF EXISTS (SELECT 1 FROM people WHERE id = new.person_id AND role = 'outside') THEN
      RAISE EXCEPTION 'person % reviews by link only', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_link';
    END IF;
    RETURN new;
  END IF;
  SELECT submission_id, person_id, address, expires_at > clock_timestamp() AND revoked_at IS NULL AS open
  INTO l FROM review_links WHERE id = new.link_id FOR NO KEY UPDATE;
  IF l.submission_id IS DISTINCT FROM new.submission_id OR l.person_id IS DISTINCT FROM new.person_id OR NOT l.open
    OR new.verdict NOT IN ('approve', 'changes', 'hold')
    OR NOT EXISTS (SELECT 1 FROM people WHERE id = new.person_id AND role = 'outside' AND email = l.address AND is_active(id)) THEN
    RAISE EXCEPTION 'link % does not allow this verdict', new.link_id USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_link';
  END IF;
  IF new.verdict = 'hold' AND is_held(new.submission_id) AND 'hold' = (
    SELECT v.verdict FROM verdicts v WHERE v.submission_id = new.submission_id AND v.person_id = new.person_id ORDER BY v.id DESC LIMIT 1) THEN
    RAISE EXCEPTION 'link % holds it already', new.link_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_held';
  END IF;
  IF new.verdict <> 'hold' AND EXISTS (SELECT 1 FROM verdicts v WHERE v.link_id = new.link_id AND v.verdict <> 'hold') THEN
    RAISE EXCEPTION 'link % has been used', new.link_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_used';
  END IF;
  IF new.verdict <> 'hold' AND NOT EXISTS (SELECT 1 FROM review_codes c WHERE c.link_id = new.link_id AND c.pass_until > clock_timestamp()) THEN
    RAISE EXCEPTION 'no code was given for link %', new.link_id USING ERRCODE = 'check_violation', CONSTRAINT = 'link_code';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER verdict_link BEFORE INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION verdict_link();

-- As before; and whoever made a link gains nothing by it. An approval by link counts only where its maker wrote no version of the
-- post, and one maker stands for one approval: their own and those by their links count once, their own before the others.
CREATE OR REPLACE FUNCTION counted_approvals(submission bigint) RETURNS TABLE (verdict_id bigint, person_id bigint, role text, own boolean) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.person_id, c.role, c.own
  FROM (
    SELECT DISTINCT ON (v.stands) v.id, v.person_id, v.role, v.own
    FROM submissions s
    CROSS JOIN LATERAL (
      SELECT DISTINCT ON (l.person_id) l.id, l.person_id, l.role, l.reads, l.verdict, l.at, l.link_id, k.safeguards,
        coalesce(k.made_by, l.person_id) AS stands,
        EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = l.person_id) AS own
      FROM verdicts l
      LEFT JOIN review_links k ON k.id = l.link_id
      WHERE l.submission_id = s.id
      ORDER BY l.person_id, l.id DESC
    ) v
    WHERE s.id = submission
      AND v.verdict = 'approve'
      AND (v.reads OR NOT s.reader)
      AND (NOT v.own OR (s.own AND NOT s.sensitive AND v.at >= s.at + interval '15 minutes'))
      AND (v.link_id IS NULL OR NOT EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = v.stands))
      AND is_active(v.person_id)
    ORDER BY v.stands, v.link_id IS NOT NULL, v.safeguards DESC, v.id
  ) c
$$;

-- As before; the safeguarding yes by link needs to have been given before the link was made, and to be given still.
CREATE OR REPLACE FUNCTION roles_missing(submission bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(r.role ORDER BY r.role), '{}')
  FROM submissions s
  CROSS JOIN LATERAL unnest(s.roles_needed) AS r(role)
  WHERE s.id = submission
    AND NOT EXISTS (
      SELECT 1
      FROM counted_approvals(s.id) a
      JOIN people p ON p.id = a.person_id
      JOIN verdicts v ON v.id = a.verdict_id
      LEFT JOIN review_links k ON k.id = v.link_id
      WHERE a.role IN (r.role, 'admin') OR (r.role = 'safeguarding' AND a.role = 'outside' AND p.may_safeguard AND k.safeguards))
$$;
-- +goose StatementEnd

GRANT SELECT ON review_links, review_codes TO daymark_app;
GRANT INSERT (submission_id, person_id, made_by, token, expires_at) ON review_links TO daymark_app;
GRANT UPDATE (revoked_at, revoked_by, refusals) ON review_links TO daymark_app;
GRANT INSERT (link_id, digest, expires_at) ON review_codes TO daymark_app;
GRANT UPDATE (tries, pass, pass_until) ON review_codes TO daymark_app;
GRANT INSERT (link_id) ON verdicts TO daymark_app;
