-- What posts may say: facts and helplines as records that people check, what rules found and what people answered, and notices
-- to the team.

-- +goose Up
-- What a post says to somebody it troubled, in each language; a page for each audience; the hosts that links may lead to. (The
-- support_note is for the team itself.)
ALTER TABLE profile ADD COLUMN support jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(support) = 'object');
ALTER TABLE profile ADD COLUMN resources jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(resources) = 'object');
ALTER TABLE profile ADD COLUMN link_hosts text[] NOT NULL DEFAULT '{}';

-- The country whose helplines a channel's readers can call; empty while nobody has said.
ALTER TABLE channels ADD COLUMN country text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$');
GRANT UPDATE (country) ON channels TO daymark_app;

-- A fact comes from a file until a person edits it; file_sha256 is what the file last said.
CREATE TABLE facts (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9-]{0,63}$'),
  version     int NOT NULL DEFAULT 1 CHECK (version >= 1),
  body        bytea NOT NULL,
  sha256      bytea NOT NULL CHECK (sha256 = sha256(body)),
  origin      text NOT NULL CHECK (origin IN ('file', 'person')),
  file_sha256 bytea,
  updated_by  bigint NOT NULL REFERENCES people,
  updated_at  timestamptz NOT NULL
);
CREATE TABLE fact_versions (
  fact_id    text NOT NULL REFERENCES facts,
  version    int NOT NULL,
  body       bytea NOT NULL,
  sha256     bytea NOT NULL CHECK (sha256 = sha256(body)),
  updated_by bigint NOT NULL REFERENCES people,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (fact_id, version)
);

-- version goes up when what people dial, write to or open changes, or whom it is for: earlier checks then say nothing. An
-- invented helpline is for sandboxes only.
CREATE TABLE helplines (
  id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  version     int NOT NULL DEFAULT 1 CHECK (version >= 1),
  body        bytea NOT NULL,
  sha256      bytea NOT NULL CHECK (sha256 = sha256(body)),
  country     text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  purpose     text NOT NULL CHECK (purpose IN ('support', 'reporting')),
  invented    boolean NOT NULL,
  check_days  int NOT NULL CHECK (check_days BETWEEN 1 AND 365),
  origin      text NOT NULL CHECK (origin IN ('file', 'person')),
  file_sha256 bytea,
  updated_by  bigint NOT NULL REFERENCES people,
  updated_at  timestamptz NOT NULL,
  retired_at  timestamptz
);

-- Who looked, when, how, and what they saw. The latest check of the current version decides; until is product time, as at is.
CREATE TABLE helpline_checks (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  helpline_id text NOT NULL REFERENCES helplines,
  version     int NOT NULL,
  person_id   bigint NOT NULL REFERENCES people,
  how         text NOT NULL CHECK (how IN ('called', 'wrote', 'page')),
  result      text NOT NULL CHECK (result IN ('works', 'changed', 'dead')),
  saw         text NOT NULL CHECK (saw <> ''),
  at          timestamptz NOT NULL,
  until       timestamptz NOT NULL,
  real_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((result = 'works') = (until > at)),
  CHECK (until <= at + interval '365 days')
);
CREATE INDEX helpline_checks_latest ON helpline_checks (helpline_id, id DESC);

-- +goose StatementBegin
CREATE FUNCTION helpline_holds(line text, line_version int, instant timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT h.retired_at IS NULL AND h.version = line_version AND c.version = line_version AND c.result = 'works' AND c.until > instant
    FROM helplines h
    JOIN helpline_checks c ON c.helpline_id = h.id
    WHERE h.id = line
    ORDER BY c.id DESC
    LIMIT 1), false)
$$;

-- Planning and the system check nothing: a person did.
CREATE FUNCTION checked_by_a_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM people WHERE id = new.person_id AND role <> 'system' AND disabled_at IS NULL) THEN
    RAISE EXCEPTION 'a helpline is checked by a person' USING ERRCODE = 'check_violation', CONSTRAINT = 'checked_by_a_person';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM helplines WHERE id = new.helpline_id AND version = new.version
      AND new.until <= new.at + check_days * interval '1 day') THEN
    RAISE EXCEPTION 'helpline % is another by now', new.helpline_id USING ERRCODE = 'check_violation', CONSTRAINT = 'checked_version';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER checked_by_a_person BEFORE INSERT ON helpline_checks FOR EACH ROW EXECUTE FUNCTION checked_by_a_person();

-- The helplines whose numbers a release shows. The release has a second text without them, which goes out where a check no
-- longer holds: see attempts.fallback.
CREATE TABLE release_helplines (
  release_id  bigint NOT NULL REFERENCES releases,
  helpline_id text NOT NULL REFERENCES helplines,
  version     int NOT NULL,
  PRIMARY KEY (release_id, helpline_id)
);
CREATE INDEX release_helplines_line ON release_helplines (helpline_id);

-- +goose StatementBegin
CREATE FUNCTION offered_as_support() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE h record;
BEGIN
  SELECT purpose, invented, version, retired_at INTO h FROM helplines WHERE id = new.helpline_id;
  IF h.purpose <> 'support' OR h.version <> new.version OR h.retired_at IS NOT NULL THEN
    RAISE EXCEPTION 'helpline % is not offered as support', new.helpline_id USING ERRCODE = 'check_violation', CONSTRAINT = 'offered_as_support';
  END IF;
  IF h.invented AND NOT EXISTS (SELECT 1 FROM releases r JOIN channels c ON c.id = r.channel_id AND c.sandbox WHERE r.id = new.release_id) THEN
    RAISE EXCEPTION 'helpline % is invented and stays in the sandbox', new.helpline_id USING ERRCODE = 'check_violation', CONSTRAINT = 'invented_stays';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER offered_as_support BEFORE INSERT ON release_helplines FOR EACH ROW EXECUTE FUNCTION offered_as_support();

-- fallback: the text without helplines goes out. Without it, every number must be one that a person checked lately enough.
ALTER TABLE attempts ADD COLUMN fallback boolean NOT NULL DEFAULT false;
-- +goose StatementBegin
CREATE FUNCTION number_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT new.fallback AND EXISTS (
    SELECT 1
    FROM queue q
    JOIN release_helplines n ON n.release_id = q.release_id
    WHERE q.delivery_id = new.delivery_id AND NOT helpline_holds(n.helpline_id, n.version, new.started_at)
  ) THEN
    RAISE EXCEPTION 'delivery % shows a helpline that nobody has checked lately', new.delivery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'number_checked';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER number_checked BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION number_checked();

-- A finding that a person lets stand, with the reason. It is bound to the words: finding is the hash of the rule, what it
-- found and the whole text in that language, so that it ends when the text changes.
CREATE TABLE waivers (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id   bigint NOT NULL REFERENCES posts,
  language  text NOT NULL,
  rule      text NOT NULL CHECK (rule <> ''),
  finding   bytea NOT NULL CHECK (length(finding) = 32),
  quote     text NOT NULL,
  reason    text NOT NULL CHECK (length(btrim(reason)) >= 10),
  person_id bigint NOT NULL REFERENCES people,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (post_id, language, finding)
);

-- Answers to the questions of rules. about is the hash of the picture, or of the words in one language; the latest answer holds.
CREATE TABLE answers (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule      text NOT NULL CHECK (rule <> ''),
  about     bytea NOT NULL CHECK (length(about) = 32),
  answer    text NOT NULL CHECK (answer IN ('yes', 'no')),
  comment   text NOT NULL DEFAULT '',
  person_id bigint NOT NULL REFERENCES people,
  at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX answers_latest ON answers (rule, about, id DESC);

-- What reviewers were shown with a submission: every finding, an error only with its waiver, and every question.
CREATE TABLE submission_findings (
  submission_id bigint NOT NULL REFERENCES submissions,
  no            int NOT NULL,
  rule          text NOT NULL,
  severity      text NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
  body          jsonb NOT NULL,
  waiver_id     bigint REFERENCES waivers,
  PRIMARY KEY (submission_id, no),
  CONSTRAINT errors_are_waived CHECK (severity <> 'error' OR waiver_id IS NOT NULL)
);
CREATE TABLE submission_questions (
  submission_id bigint NOT NULL REFERENCES submissions,
  rule          text NOT NULL,
  about         bytea NOT NULL CHECK (length(about) = 32),
  severity      text NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
  wants         text NOT NULL CHECK (wants IN ('yes', 'no')),
  body          jsonb NOT NULL,
  PRIMARY KEY (submission_id, rule, about)
);

-- +goose StatementBegin
CREATE FUNCTION answered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE open text;
BEGIN
  SELECT string_agg(q.rule, ', ' ORDER BY q.rule) INTO open
  FROM submission_questions q
  WHERE q.submission_id = new.submission_id
    AND q.severity = 'error'
    AND q.wants IS DISTINCT FROM (SELECT a.answer FROM answers a WHERE a.rule = q.rule AND a.about = q.about ORDER BY a.id DESC LIMIT 1);
  IF open IS NOT NULL THEN
    RAISE EXCEPTION 'submission % has open questions: %', new.submission_id, open USING ERRCODE = 'check_violation', CONSTRAINT = 'answered';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER answered BEFORE INSERT OR UPDATE ON clearances FOR EACH ROW EXECUTE FUNCTION answered();

-- What the team has to be told, until somebody says it is done. key names one matter: it is told once.
CREATE TABLE notices (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key          text NOT NULL UNIQUE CHECK (key <> ''),
  level        text NOT NULL CHECK (level IN ('error', 'warning', 'note')),
  say          text NOT NULL CHECK (say <> ''),
  subject_kind text NOT NULL,
  subject_id   text NOT NULL,
  at           timestamptz NOT NULL,
  done_at      timestamptz,
  done_by      bigint REFERENCES people,
  CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX notices_open ON notices (at) WHERE done_at IS NULL;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['fact_versions', 'helpline_checks', 'release_helplines', 'waivers', 'answers', 'submission_findings', 'submission_questions'] LOOP
    EXECUTE format('CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION frozen()', t);
    EXECUTE format('CREATE TRIGGER frozen_t BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION frozen()', t);
  END LOOP;
  -- What was shown is fixed before the reviewers have begun, as releases are.
  FOREACH t IN ARRAY ARRAY['submission_findings', 'submission_questions'] LOOP
    EXECUTE format('CREATE TRIGGER sealed BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION sealed()', t);
  END LOOP;
END $$;
-- +goose StatementEnd

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT ON facts, fact_versions, helplines, release_helplines, submission_findings, submission_questions, notices TO daymark_app;
-- Not the ids and not the real time: the order of checks and answers decides which one is the latest.
GRANT INSERT (helpline_id, version, person_id, how, result, saw, at, until) ON helpline_checks TO daymark_app;
GRANT INSERT (post_id, language, rule, finding, quote, reason, person_id) ON waivers TO daymark_app;
GRANT INSERT (rule, about, answer, comment, person_id) ON answers TO daymark_app;
GRANT UPDATE (version, body, sha256, origin, file_sha256, updated_by, updated_at) ON facts TO daymark_app;
GRANT UPDATE (version, body, sha256, country, purpose, invented, check_days, origin, file_sha256, updated_by, updated_at, retired_at) ON helplines TO daymark_app;
GRANT UPDATE (done_at, done_by) ON notices TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
