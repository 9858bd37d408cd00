-- The book of posts: campaigns, editions, posts, revisions, what reviewers were shown and said, and the deliveries.
-- What this file holds by itself, whatever the code does: nothing unapproved is ever scheduled, and what was shown to
-- reviewers is what a delivery carries.

-- +goose Up
CREATE TABLE blobs (
  sha256     bytea PRIMARY KEY CHECK (sha256 = sha256(bytes)),
  mime       text NOT NULL,
  width      int NOT NULL CHECK (width > 0),
  height     int NOT NULL CHECK (height > 0),
  bytes      bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON blobs FOR EACH STATEMENT EXECUTE FUNCTION frozen();

CREATE TABLE campaigns (
  id         text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]*$'),
  observance jsonb NOT NULL, -- the observance with its date rule, as it was when the campaign was loaded
  title      jsonb NOT NULL,
  body       bytea NOT NULL,
  sha256     bytea NOT NULL CHECK (sha256 = sha256(body)),
  loaded_by  bigint NOT NULL REFERENCES people,
  loaded_at  timestamptz NOT NULL
);

CREATE TABLE editions (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  campaign_id text NOT NULL REFERENCES campaigns,
  year        int NOT NULL CHECK (year BETWEEN 1900 AND 2200),
  rehearsal   boolean NOT NULL DEFAULT false,
  first_day   date NOT NULL,
  last_day    date NOT NULL CHECK (last_day >= first_day),
  theme       text,
  UNIQUE (campaign_id, year, rehearsal),
  UNIQUE (id, rehearsal)
);

CREATE TABLE posts (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id       bigint,
  rehearsal        boolean NOT NULL DEFAULT false,
  message          text NOT NULL CHECK (message <> ''),
  current_revision bigint,
  version          int NOT NULL DEFAULT 1,
  created_at       timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (edition_id, rehearsal) REFERENCES editions (id, rehearsal),
  UNIQUE (edition_id, message),
  UNIQUE (id, current_revision)
);

CREATE TABLE revisions (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id   bigint NOT NULL REFERENCES posts,
  no        int NOT NULL CHECK (no > 0),
  author_id bigint NOT NULL REFERENCES people,
  body      bytea NOT NULL,
  sha256    bytea NOT NULL CHECK (sha256 = sha256(body)),
  at        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (post_id, no),
  UNIQUE (post_id, id)
);
CREATE INDEX revisions_author ON revisions (post_id, author_id);
ALTER TABLE posts ADD FOREIGN KEY (id, current_revision) REFERENCES revisions (post_id, id) DEFERRABLE INITIALLY DEFERRED;

-- One revision in one language put before reviewers, under a policy that is frozen with it.
CREATE TABLE submissions (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id          bigint NOT NULL,
  revision_id      bigint NOT NULL,
  language         text NOT NULL,
  approvals_needed int NOT NULL CHECK (approvals_needed >= 1),
  submitted_by     bigint NOT NULL REFERENCES people,
  at               timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (post_id, revision_id) REFERENCES revisions (post_id, id),
  UNIQUE (id, post_id, revision_id, language)
);
CREATE INDEX submissions_post ON submissions (post_id, revision_id, language);

CREATE TABLE verdicts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  submission_id bigint NOT NULL REFERENCES submissions,
  person_id     bigint NOT NULL REFERENCES people,
  role          text NOT NULL,
  verdict       text NOT NULL CHECK (verdict IN ('approve', 'changes', 'withdraw')),
  comment       text NOT NULL DEFAULT '',
  at            timestamptz NOT NULL DEFAULT now(),
  CHECK (verdict <> 'changes' OR comment <> '')
);
CREATE INDEX verdicts_latest ON verdicts (submission_id, person_id, id);

CREATE TABLE clearances (
  submission_id bigint PRIMARY KEY REFERENCES submissions,
  at            timestamptz NOT NULL DEFAULT now()
);

-- One post in one language to one channel at one due instant. While a delivery is scheduled it has one row in `queue`
-- (see 00003); once that row carries the intent to send, the delivery counts as `sending`, although this wide row is
-- written again only when the outcome is known. The view delivery_states shows the state as people mean it.
CREATE TABLE deliveries (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id       bigint NOT NULL REFERENCES posts,
  channel_id    bigint NOT NULL REFERENCES channels,
  language      text NOT NULL,
  due_date      date NOT NULL,
  due_clock     time(0) NOT NULL,
  zone          text NOT NULL,
  due_at        timestamptz NOT NULL,
  not_after     timestamptz NOT NULL CHECK (not_after > due_at),
  state         text NOT NULL DEFAULT 'held'
    CHECK (state IN ('held', 'scheduled', 'unknown', 'published', 'failed', 'missed', 'cancelled', 'removed')),
  hold          text DEFAULT 'approval' CHECK (hold IN ('approval', 'edited', 'paused', 'overdue', 'decision')),
  release_id    bigint,
  submission_id bigint,
  revision_id   bigint,
  problem       text NOT NULL DEFAULT '',
  ask_at        timestamptz,
  absent        int NOT NULL DEFAULT 0,
  settled_at    timestamptz,
  CHECK ((state = 'held') = (hold IS NOT NULL)),
  CHECK ((state = 'unknown') = (ask_at IS NOT NULL)),
  CHECK (num_nulls(release_id, submission_id, revision_id) IN (0, 3)),
  CHECK (state NOT IN ('scheduled', 'unknown', 'published', 'removed') OR release_id IS NOT NULL),
  UNIQUE (id, post_id, channel_id, language),
  UNIQUE (id, post_id, channel_id, language, due_at, not_after)
);
CREATE UNIQUE INDEX one_live_delivery ON deliveries (post_id, channel_id, language) WHERE state <> 'cancelled';
CREATE INDEX deliveries_due ON deliveries (due_at);
CREATE INDEX deliveries_unknown ON deliveries (ask_at) WHERE state = 'unknown';
CREATE INDEX deliveries_waiting ON deliveries (not_after) WHERE state IN ('held', 'scheduled');

-- The immutable final content of a delivery, as it was shown to reviewers.
CREATE TABLE releases (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery_id   bigint NOT NULL,
  submission_id bigint NOT NULL,
  post_id       bigint NOT NULL,
  revision_id   bigint NOT NULL,
  channel_id    bigint NOT NULL,
  language      text NOT NULL,
  due_at        timestamptz NOT NULL,
  not_after     timestamptz NOT NULL,
  body          bytea NOT NULL,
  sha256        bytea NOT NULL CHECK (sha256 = sha256(body)),
  FOREIGN KEY (submission_id, post_id, revision_id, language) REFERENCES submissions (id, post_id, revision_id, language),
  FOREIGN KEY (delivery_id, post_id, channel_id, language) REFERENCES deliveries (id, post_id, channel_id, language),
  UNIQUE (submission_id, delivery_id),
  UNIQUE (id, delivery_id, submission_id, revision_id),
  UNIQUE (id, delivery_id, post_id, channel_id, language, due_at, not_after, submission_id, revision_id)
);
CREATE INDEX releases_delivery ON releases (delivery_id);
ALTER TABLE deliveries ADD FOREIGN KEY (release_id, id, submission_id, revision_id)
  REFERENCES releases (id, delivery_id, submission_id, revision_id);

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['revisions', 'submissions', 'releases', 'verdicts'] LOOP
    EXECUTE format('CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION frozen()', t);
    EXECUTE format('CREATE TRIGGER frozen_t BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION frozen()', t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- A submission carries the newest revision, and nobody edits while it is being made.
-- +goose StatementBegin
CREATE FUNCTION newest_revision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE newest bigint;
BEGIN
  SELECT current_revision INTO newest FROM posts WHERE id = new.post_id FOR SHARE;
  IF newest IS DISTINCT FROM new.revision_id THEN
    RAISE EXCEPTION 'post % has a newer version than the one submitted', new.post_id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER newest_revision BEFORE INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION newest_revision();

-- A release joins a submission only before its reviewers have begun.
-- +goose StatementBegin
CREATE FUNCTION sealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM submissions WHERE id = new.submission_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM verdicts WHERE submission_id = new.submission_id) THEN
    RAISE EXCEPTION 'submission % is already before its reviewers', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'sealed';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sealed BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION sealed();

-- A verdict bears the role its person has now; only reviewers and admins who are not disabled may approve.
-- +goose StatementBegin
CREATE FUNCTION verdict_role() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  SELECT role INTO new.role FROM people WHERE id = new.person_id AND disabled_at IS NULL FOR SHARE;
  IF new.role IS NULL OR (new.verdict = 'approve' AND new.role NOT IN ('reviewer', 'admin')) THEN
    RAISE EXCEPTION 'person % may not give this verdict', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'verdict_role';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER verdict_role BEFORE INSERT ON verdicts FOR EACH ROW EXECUTE FUNCTION verdict_role();

-- A clearance exists only while the latest verdict of each person adds up to the policy. Authors never count. After a
-- withdrawal, whoever's it was, somebody has to approve anew.
-- +goose StatementBegin
CREATE FUNCTION clear_enough() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE need int; got int; p bigint; r bigint; newest bigint;
BEGIN
  SELECT approvals_needed, post_id, revision_id INTO need, p, r FROM submissions WHERE id = new.submission_id;
  SELECT current_revision INTO newest FROM posts WHERE id = p FOR SHARE;
  PERFORM 1 FROM submissions WHERE id = new.submission_id FOR UPDATE;
  IF newest IS DISTINCT FROM r THEN
    RAISE EXCEPTION 'submission % is of an older version', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  -- The same version may have been submitted again because a value in it changed; only what was shown last can go out.
  IF EXISTS (SELECT 1 FROM submissions n JOIN submissions s ON n.post_id = s.post_id AND n.language = s.language AND n.id > s.id
             WHERE s.id = new.submission_id) THEN
    RAISE EXCEPTION 'submission % has been followed by a newer one', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'newest_revision';
  END IF;
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT ON (person_id) verdict FROM verdicts
             WHERE submission_id = new.submission_id ORDER BY person_id, id DESC) v WHERE verdict = 'changes') THEN
    RAISE EXCEPTION 'somebody asked for changes to submission %', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  IF (SELECT verdict FROM verdicts WHERE submission_id = new.submission_id ORDER BY id DESC LIMIT 1) <> 'approve' THEN
    RAISE EXCEPTION 'nobody has approved submission % since the withdrawal', new.submission_id USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  SELECT count(*) INTO got FROM (SELECT DISTINCT ON (person_id) person_id, verdict FROM verdicts
    WHERE submission_id = new.submission_id ORDER BY person_id, id DESC) a
    WHERE verdict = 'approve' AND NOT EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = p AND w.author_id = a.person_id);
  IF got < need THEN
    RAISE EXCEPTION 'submission % needs % approvals by people who did not write it, it has %', new.submission_id, need, got
      USING ERRCODE = 'check_violation', CONSTRAINT = 'clear_enough';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER clear_enough BEFORE INSERT OR UPDATE ON clearances FOR EACH ROW EXECUTE FUNCTION clear_enough();

-- A delivery begins held; a rehearsal never goes to a real channel. New deliveries are looked at a statement at a time, since
-- planning makes tens of thousands at once.
-- +goose StatementBegin
CREATE FUNCTION begins_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong text;
BEGIN
  SELECT state INTO wrong FROM made WHERE state <> 'held' LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a delivery begins held, not %', wrong USING ERRCODE = 'check_violation', CONSTRAINT = 'begins_held';
  END IF;
  IF EXISTS (SELECT 1 FROM made d JOIN posts p ON p.id = d.post_id AND p.rehearsal JOIN channels c ON c.id = d.channel_id AND NOT c.sandbox) THEN
    RAISE EXCEPTION 'a rehearsal never goes to a real channel' USING ERRCODE = 'check_violation', CONSTRAINT = 'rehearsal_only';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION stays_rehearsal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT rehearsal FROM posts WHERE id = new.post_id) AND NOT (SELECT sandbox FROM channels WHERE id = new.channel_id) THEN
    RAISE EXCEPTION 'a rehearsal never goes to a real channel' USING ERRCODE = 'check_violation', CONSTRAINT = 'rehearsal_only';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER begins_held AFTER INSERT ON deliveries REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION begins_held();
CREATE TRIGGER stays_rehearsal BEFORE UPDATE OF post_id, channel_id ON deliveries FOR EACH ROW EXECUTE FUNCTION stays_rehearsal();

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT ON blobs, campaigns, editions, posts, revisions, submissions, clearances, deliveries, releases TO daymark_app;
-- Not the id: the order of the verdicts decides which one is the latest.
GRANT INSERT (submission_id, person_id, role, verdict, comment) ON verdicts TO daymark_app;
GRANT UPDATE (observance, title, body, sha256, loaded_by, loaded_at) ON campaigns TO daymark_app;
GRANT UPDATE (first_day, last_day, theme) ON editions TO daymark_app;
GRANT UPDATE (version) ON posts TO daymark_app;
GRANT UPDATE (due_date, due_clock, zone, due_at, not_after, state, hold, release_id, submission_id, revision_id, problem,
  ask_at, absent, settled_at) ON deliveries TO daymark_app;
GRANT DELETE ON clearances TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
