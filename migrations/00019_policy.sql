-- Review policies: how many people must approve, which roles among them, in what language, until when; and two more words that a
-- reviewer can say. What a submission asks for is frozen with it, so that a policy that is loosened later clears nothing.

-- +goose Up
-- A row without a campaign is the charity's own. What a campaign or a message asks for is added to it, never taken away.
CREATE TABLE policies (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id   text REFERENCES campaigns,
  sensitive     boolean NOT NULL,
  approvals     int NOT NULL CHECK (approvals BETWEEN 1 AND 20),
  roles         text[] NOT NULL DEFAULT '{}', -- each is the role of somebody who approves
  own           boolean NOT NULL DEFAULT false, -- an author may approve, once the words have rested
  hours_before  int NOT NULL DEFAULT 24 CHECK (hours_before BETWEEN 0 AND 720), -- of the first due instant: approved by then, or people are told
  updated_by    bigint REFERENCES people,
  updated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (NOT (sensitive AND own)),
  CHECK (roles <@ ARRAY['admin', 'reviewer', 'safeguarding'])
);
CREATE UNIQUE INDEX one_policy ON policies (coalesce(campaign_id, ''), sensitive);
INSERT INTO policies (sensitive, approvals, roles) VALUES (false, 1, '{}'), (true, 2, '{safeguarding}');

-- Submissions made before this had neither readers nor roles; they are as they were shown.
ALTER TABLE submissions ADD COLUMN sensitive boolean NOT NULL DEFAULT false;
ALTER TABLE submissions ADD COLUMN roles_needed text[] NOT NULL DEFAULT '{}';
ALTER TABLE submissions ADD COLUMN reader boolean NOT NULL DEFAULT false; -- only people who read the language count
ALTER TABLE submissions ADD COLUMN own boolean NOT NULL DEFAULT false;
ALTER TABLE submissions ADD COLUMN approve_by timestamptz; -- product time
ALTER TABLE submissions ADD CHECK (NOT (sensitive AND own));

ALTER TABLE verdicts DROP CONSTRAINT verdicts_verdict_check;
-- 'hold' stops a post without asking for other words, 'lift' ends every hold before it.
ALTER TABLE verdicts ADD CONSTRAINT verdicts_verdict_check CHECK (verdict IN ('approve', 'changes', 'withdraw', 'hold', 'lift'));
ALTER TABLE verdicts ADD COLUMN reads boolean NOT NULL DEFAULT false; -- the person reads the language, as they said then
ALTER TABLE verdicts ADD CHECK (verdict <> 'hold' OR comment <> '');

-- A remark stands at a part, or at a picture of it, beside a verdict.
CREATE TABLE remarks (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  verdict_id bigint NOT NULL REFERENCES verdicts,
  part       smallint NOT NULL CHECK (part >= 1),
  picture    text CHECK (picture ~ '^[0-9a-f]{64}$'),
  say        text NOT NULL CHECK (btrim(say) <> '')
);
CREATE INDEX remarks_verdict ON remarks (verdict_id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON remarks FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON remarks FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- Whoever cleared a submission by their own word alone is named in reports.
ALTER TABLE clearances ADD COLUMN own boolean NOT NULL DEFAULT false;

CREATE INDEX submissions_approve_by ON submissions (approve_by) WHERE approve_by IS NOT NULL;
CREATE INDEX submissions_at ON submissions (at);

-- A notice may be for some people only.
ALTER TABLE notices ADD COLUMN people bigint[] NOT NULL DEFAULT '{}'; -- empty is the whole team

-- What a verdict bears of its person is written down with it: the role, and whether they read the language.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION verdict_role() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who record; s record; refused boolean;
BEGIN
  SELECT role, languages INTO who FROM people WHERE id = new.person_id AND is_active(id) FOR SHARE;
  SELECT language, own, post_id INTO s FROM submissions WHERE id = new.submission_id;
  IF who.role IS NULL OR who.role = 'system' THEN
    RAISE EXCEPTION 'person % may not give this verdict', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_role';
  END IF;
  new.role := who.role;
  new.reads := s.language = ANY (who.languages);
  refused := CASE new.verdict
    WHEN 'hold' THEN false
    WHEN 'lift' THEN who.role NOT IN ('admin', 'safeguarding')
    WHEN 'approve' THEN who.role NOT IN ('reviewer', 'safeguarding', 'admin', 'outside')
      AND NOT (s.own AND who.role IN ('editor', 'chapter') AND EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = new.person_id))
    ELSE who.role NOT IN ('reviewer', 'safeguarding', 'admin', 'outside', 'editor', 'chapter')
      AND NOT (new.verdict = 'withdraw' AND EXISTS (SELECT 1 FROM verdicts v WHERE v.submission_id = new.submission_id AND v.person_id = new.person_id))
  END;
  IF refused THEN
    RAISE EXCEPTION 'person % may not give this verdict', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_role';
  END IF;
  RETURN new;
END $$;

-- The approvals of a submission that count now: the latest word of people who are still there, did not write the post (or may
-- approve their own words, which have rested a quarter of an hour) and read the language where that is asked for.
CREATE FUNCTION counted_approvals(submission bigint) RETURNS TABLE (verdict_id bigint, person_id bigint, role text, own boolean) LANGUAGE sql STABLE AS $$
  SELECT v.id, v.person_id, v.role, v.own
  FROM submissions s
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (l.person_id) l.id, l.person_id, l.role, l.reads, l.verdict, l.at,
      EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = s.post_id AND w.author_id = l.person_id) AS own
    FROM verdicts l
    WHERE l.submission_id = s.id
    ORDER BY l.person_id, l.id DESC
  ) v
  WHERE s.id = submission
    AND v.verdict = 'approve'
    AND (v.reads OR NOT s.reader)
    AND (NOT v.own OR (s.own AND NOT s.sensitive AND v.at >= s.at + interval '15 minutes'))
    AND is_active(v.person_id)
$$;

-- The roles that a submission asks for and that nobody who approves it has. An admin stands in for each.
CREATE FUNCTION roles_missing(submission bigint) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(r.role ORDER BY r.role), '{}')
  FROM submissions s
  CROSS JOIN LATERAL unnest(s.roles_needed) AS r(role)
  WHERE s.id = submission
    AND NOT EXISTS (
      SELECT 1
      FROM counted_approvals(s.id) a
      JOIN people p ON p.id = a.person_id
      WHERE a.role IN (r.role, 'admin') OR (r.role = 'safeguarding' AND a.role = 'outside' AND p.may_safeguard))
$$;

-- Whether somebody's hold is in force.
CREATE FUNCTION is_held(submission bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM (SELECT DISTINCT ON (v.person_id) v.id, v.verdict FROM verdicts v WHERE v.submission_id = submission ORDER BY v.person_id, v.id DESC) l
    WHERE l.verdict = 'hold'
      AND NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = submission AND n.verdict = 'lift' AND n.id > l.id))
$$;

CREATE OR REPLACE FUNCTION clear_enough() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE s record; newest bigint; got int; alone boolean; lacking text[];
BEGIN
  SELECT id, approvals_needed, post_id, revision_id, language INTO s FROM submissions WHERE id = new.submission_id;
  SELECT current_revision INTO newest FROM posts WHERE id = s.post_id FOR SHARE;
  PERFORM 1 FROM submissions WHERE id = s.id FOR UPDATE;
  IF newest IS DISTINCT FROM s.revision_id THEN
    RAISE EXCEPTION 'submission % is of an older version', s.id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  -- The same version may have been submitted again because a value in it changed; only what was shown last can go out.
  IF EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id) THEN
    RAISE EXCEPTION 'submission % has been followed by a newer one', s.id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT ON (person_id) verdict FROM verdicts
             WHERE submission_id = s.id ORDER BY person_id, id DESC) v WHERE verdict = 'changes') THEN
    RAISE EXCEPTION 'somebody asked for changes to submission %', s.id USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  IF is_held(s.id) THEN
    RAISE EXCEPTION 'somebody holds submission %', s.id USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  IF (SELECT verdict FROM verdicts WHERE submission_id = s.id ORDER BY id DESC LIMIT 1) IS DISTINCT FROM 'approve' THEN
    RAISE EXCEPTION 'nobody has approved submission % since it was stopped', s.id USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  SELECT count(*), bool_and(a.own) INTO got, alone FROM counted_approvals(s.id) a;
  IF got < s.approvals_needed THEN
    RAISE EXCEPTION 'submission % needs % approvals that count, it has %', s.id, s.approvals_needed, got
      USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  lacking := roles_missing(s.id);
  IF cardinality(lacking) > 0 THEN
    RAISE EXCEPTION 'submission % lacks the approval of: %', s.id, array_to_string(lacking, ', ') USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  new.own := coalesce(alone, false);
  RETURN new;
END $$;
-- +goose StatementEnd

GRANT SELECT ON policies, remarks TO daymark_app;
-- Not the instant: from it on the words rest until their author may approve them.
REVOKE INSERT ON submissions FROM daymark_app;
GRANT INSERT (post_id, revision_id, language, approvals_needed, submitted_by, sensitive, roles_needed, reader, own, approve_by) ON submissions TO daymark_app;
GRANT INSERT ON policies, remarks TO daymark_app;
GRANT UPDATE (approvals, roles, own, hours_before, updated_by, updated_at) ON policies TO daymark_app;
GRANT DELETE ON policies TO daymark_app;
GRANT INSERT (reads) ON verdicts TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
