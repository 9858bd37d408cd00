-- Who may see and do what: more roles, limits to chapters and campaigns, access that ends.

-- +goose Up
ALTER TABLE people DROP CONSTRAINT people_role_check;
-- 'outside' is somebody who reviews by link: there is an address on file and no password. 'chapter' leads a chapter: only what
-- has one of its labels is theirs, and without labels nothing is.
ALTER TABLE people ADD CONSTRAINT people_role_check CHECK (role IN
  ('admin', 'editor', 'reviewer', 'safeguarding', 'translator', 'chapter', 'moderator', 'manager', 'outside', 'system'));
ALTER TABLE people ADD COLUMN labels text[] NOT NULL DEFAULT '{}';    -- limited to channels that have one of these; empty is all
ALTER TABLE people ADD COLUMN campaigns text[] NOT NULL DEFAULT '{}'; -- limited to these campaigns; empty is all
ALTER TABLE people ADD COLUMN access_until timestamptz;               -- real time; from then on it is as if they were disabled
ALTER TABLE people ADD COLUMN may_safeguard boolean NOT NULL DEFAULT false; -- whose yes from outside counts as the safeguarding yes
ALTER TABLE people ADD COLUMN locale text NOT NULL DEFAULT 'en';
ALTER TABLE people ADD CHECK (role <> 'outside' OR password_hash IS NULL);
ALTER TABLE people ADD CHECK (NOT may_safeguard OR role = 'outside');

-- Whether somebody may act now, by the database's clock.
-- +goose StatementBegin
CREATE FUNCTION is_active(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM people p WHERE p.id = person AND p.disabled_at IS NULL AND (p.access_until IS NULL OR p.access_until > clock_timestamp()))
$$;

-- Whether an account, a post or one of its places is within a person's limits. A chapter lead without labels sees none.
CREATE FUNCTION may_see_channel(person bigint, channel bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN channels c ON c.id = channel
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.labels && c.labels OR (p.labels = '{}' AND p.role <> 'chapter')))
$$;

CREATE FUNCTION may_see_edition(person bigint, edition bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN editions e ON e.id = edition
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.campaigns = '{}' OR e.campaign_id = ANY (p.campaigns)))
$$;

CREATE FUNCTION may_see_post(person bigint, post bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN posts o ON o.id = post
    LEFT JOIN editions e ON e.id = o.edition_id
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.campaigns = '{}' OR e.campaign_id = ANY (p.campaigns))
      AND ((p.labels = '{}' AND p.role <> 'chapter') OR EXISTS (
        SELECT 1
        FROM deliveries d
        JOIN channels c ON c.id = d.channel_id
        WHERE d.post_id = o.id
          AND c.labels && p.labels)))
$$;
-- +goose StatementEnd

GRANT UPDATE (labels, campaigns, access_until, may_safeguard, locale) ON people TO daymark_app;

-- Invitations. The token itself is in the letter only. Whoever takes one up becomes person_id; one address has one open invitation.
CREATE TABLE invitations (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash   bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  email        text NOT NULL CHECK (email = lower(email)),
  role         text NOT NULL CHECK (role IN
    ('admin', 'editor', 'reviewer', 'safeguarding', 'translator', 'chapter', 'moderator', 'manager')),
  languages    text[] NOT NULL,
  labels       text[] NOT NULL,
  campaigns    text[] NOT NULL,
  access_until timestamptz,
  made_by      bigint NOT NULL REFERENCES people,
  made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz NOT NULL,
  revoked_at   timestamptz,
  person_id    bigint REFERENCES people,
  CHECK (person_id IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_open ON invitations (email) WHERE person_id IS NULL AND revoked_at IS NULL;

-- Who asked for a new password, as it was typed: a job looks the address up, so that the page takes as long for one that is nobody's.
CREATE TABLE reset_asks (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email    text NOT NULL,
  address  inet,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE resets (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  person_id  bigint NOT NULL REFERENCES people,
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE INDEX resets_person ON resets (person_id);

-- How often something was tried of late, for all replicas. The key is a hash: people type passwords into the wrong field.
CREATE TABLE log_in_tries (
  kind    text NOT NULL CHECK (kind <> ''),
  key     bytea NOT NULL CHECK (octet_length(key) = 32),
  tries   int NOT NULL CHECK (tries >= 0),
  free_at timestamptz NOT NULL, -- nothing is tried before
  PRIMARY KEY (kind, key)
);
CREATE INDEX log_in_tries_old ON log_in_tries (free_at);

-- Whose session it is and from where, so that people see their own and end them.
ALTER TABLE sessions ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE sessions ADD COLUMN person_id bigint REFERENCES people;
ALTER TABLE sessions ADD COLUMN address inet;
ALTER TABLE sessions ADD COLUMN agent text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN began_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE sessions ADD COLUMN seen_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX sessions_person ON sessions (person_id);

GRANT SELECT, INSERT ON invitations, resets TO daymark_app;
GRANT UPDATE (revoked_at, person_id) ON invitations TO daymark_app;
GRANT UPDATE (used_at) ON resets TO daymark_app;
GRANT DELETE ON resets TO daymark_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON reset_asks TO daymark_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON log_in_tries TO daymark_app;
