-- Planning that follows: who wrote a version, what a changed campaign file offers, which deliveries planning took back, the
-- tasks of an edition, dates that people announce, and how closely posts may follow each other on a channel.

-- +goose Up
-- 'plan' is what planning laid from a campaign file, 'person' what somebody wrote, 'value' the same words as before, written
-- again because the value of a token in them changed. A post without a version of a person is untouched and follows its file.
ALTER TABLE revisions ADD COLUMN origin text NOT NULL DEFAULT 'person' CHECK (origin IN ('plan', 'person', 'value'));
ALTER TABLE revisions DISABLE TRIGGER frozen;
UPDATE revisions r SET origin = 'plan'
  WHERE r.no = 1 AND EXISTS (SELECT 1 FROM audit a WHERE a.subject_kind = 'post' AND a.subject_id = r.post_id AND a.action = 'post.planned');
ALTER TABLE revisions ENABLE TRIGGER frozen;

-- The words that the campaign file has for a post whose words a person edited: to be accepted, or kept away for good.
CREATE TABLE offers (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post_id     bigint NOT NULL REFERENCES posts,
  body        bytea NOT NULL,
  sha256      bytea NOT NULL CHECK (sha256 = sha256(body)),
  at          timestamptz NOT NULL,
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'kept', 'gone')),
  answered_by bigint REFERENCES people,
  answered_at timestamptz,
  UNIQUE (post_id, sha256),
  CHECK ((state IN ('accepted', 'kept')) = (answered_by IS NOT NULL)),
  CHECK ((answered_by IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX one_open_offer ON offers (post_id) WHERE state = 'open';

-- Cancelled by planning, because its message, language or channel went; it comes back as a new delivery when they do. What a
-- person cancelled stays cancelled.
ALTER TABLE deliveries ADD COLUMN withdrawn boolean NOT NULL DEFAULT false CHECK (NOT withdrawn OR state = 'cancelled');

-- Made or timed by planning, and so moved and withdrawn by it; what a person adds or moves is left alone.
ALTER TABLE deliveries ADD COLUMN planned boolean NOT NULL DEFAULT false;
UPDATE deliveries d SET planned = true
  WHERE EXISTS (SELECT 1 FROM revisions r WHERE r.post_id = d.post_id AND r.origin = 'plan');

CREATE TABLE tasks (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id bigint NOT NULL REFERENCES editions,
  key        text NOT NULL CHECK (key <> ''),
  due_date   date NOT NULL,
  who        text NOT NULL,
  what       text NOT NULL,
  done_at    timestamptz,
  done_by    bigint REFERENCES people,
  UNIQUE (edition_id, key),
  CHECK ((done_at IS NULL) = (done_by IS NULL))
);

-- The days of a year that a person entered for an observance whose date somebody announces; they win over the file's.
CREATE TABLE announced_dates (
  campaign_id text NOT NULL REFERENCES campaigns,
  year        int NOT NULL CHECK (year BETWEEN 1900 AND 2200),
  first_day   date NOT NULL,
  last_day    date NOT NULL CHECK (last_day >= first_day),
  entered_by  bigint NOT NULL REFERENCES people,
  entered_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (campaign_id, year)
);

-- How far apart posts are on a channel, and the hours of its own clock in which it would rather be quiet.
ALTER TABLE channels ADD COLUMN spacing_minutes int NOT NULL DEFAULT 15 CHECK (spacing_minutes BETWEEN 0 AND 1440);
ALTER TABLE channels ADD COLUMN quiet_from time(0);
ALTER TABLE channels ADD COLUMN quiet_to time(0);
ALTER TABLE channels ADD CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)), ADD CHECK (quiet_from <> quiet_to);

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT ON offers, tasks, announced_dates TO daymark_app;
GRANT UPDATE (at, state, answered_by, answered_at) ON offers TO daymark_app;
GRANT UPDATE (withdrawn, planned) ON deliveries TO daymark_app;
GRANT UPDATE (due_date, who, what, done_at, done_by) ON tasks TO daymark_app;
GRANT DELETE ON tasks TO daymark_app;
GRANT UPDATE (first_day, last_day, entered_by, entered_at) ON announced_dates TO daymark_app;
GRANT UPDATE (spacing_minutes, quiet_from, quiet_to) ON channels TO daymark_app;
