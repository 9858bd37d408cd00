-- The charity itself: profile, people, sessions, channels, audit; and what the whole database stands under: its clock,
-- its sending licence, its pauses. Every table belongs to the owner; the daemon connects as daymark_app, which owns nothing.

-- +goose Up
CREATE TABLE profile (
  id           smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  name         text NOT NULL CHECK (name <> ''),
  link         text NOT NULL CHECK (link ~ '^https?://'),
  support_note text NOT NULL DEFAULT '',
  zone         text NOT NULL CHECK (zone <> ''),
  updated_at   timestamptz NOT NULL
);

-- role 'system' is Daymark itself: it plans posts, has no password and can approve nothing.
CREATE TABLE people (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email         text NOT NULL UNIQUE CHECK (email = lower(email)),
  name          text NOT NULL CHECK (name <> ''),
  role          text NOT NULL CHECK (role IN ('admin', 'editor', 'reviewer', 'manager', 'system')),
  languages     text[] NOT NULL DEFAULT '{}',
  password_hash text,
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  CHECK (role <> 'system' OR password_hash IS NULL)
);
CREATE UNIQUE INDEX one_system_person ON people (role) WHERE role = 'system';
INSERT INTO people (email, name, role) VALUES ('planner@daymark.invalid', 'Daymark planner', 'system');

CREATE TABLE sessions (
  token  text PRIMARY KEY,
  data   bytea NOT NULL,
  expiry timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- A sandbox channel lives on this machine; nothing ever turns it into a real one, or the other way round.
-- sealed holds the credentials, encrypted with a key that is not in the database; key_id names that key.
CREATE TABLE channels (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  platform    text NOT NULL CHECK (platform ~ '^[a-z]+$'),
  address     text NOT NULL CHECK (address ~ '^https?://[^/]+$'),
  handle      text NOT NULL CHECK (handle <> ''),
  remote_id   text NOT NULL,
  name        text NOT NULL CHECK (name <> ''),
  zone        text NOT NULL CHECK (zone <> ''),
  languages   text[] NOT NULL CHECK (cardinality(languages) > 0),
  labels      text[] NOT NULL DEFAULT '{}',
  sandbox         boolean NOT NULL,
  capabilities    jsonb NOT NULL DEFAULT '{}',
  capabilities_at timestamptz,
  sealed      bytea NOT NULL,
  key_id      text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  UNIQUE (platform, address, handle),
  CHECK (NOT sandbox OR address ~ '^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?$')
);

-- +goose StatementBegin
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows never change', tg_table_name USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

CREATE TABLE audit (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  person_id    bigint REFERENCES people,
  action       text NOT NULL CHECK (action <> ''),
  subject_kind text NOT NULL,
  subject_id   bigint,
  detail       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, id);
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION frozen();

-- The fast clock of a demo or a rehearsal: from real_start on, product time runs from starts_at at `rate` until `until`,
-- then at the speed of real time. Without a row, product time is real time.
CREATE TABLE fast_clock (
  id         smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  real_start timestamptz NOT NULL,
  starts_at  timestamptz NOT NULL,
  rate       double precision NOT NULL CHECK (rate >= 1 AND rate <= 100000),
  until      timestamptz NOT NULL,
  CHECK (until >= starts_at)
);

-- +goose StatementBegin
CREATE FUNCTION sandbox_clock() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  LOCK TABLE fast_clock IN SHARE ROW EXCLUSIVE MODE;
  IF tg_table_name = 'fast_clock' THEN
    IF EXISTS (SELECT 1 FROM channels WHERE NOT sandbox) THEN
      RAISE EXCEPTION 'a fast clock is allowed only where every channel is a sandbox' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF NOT new.sandbox AND EXISTS (SELECT 1 FROM fast_clock) THEN
    RAISE EXCEPTION 'this database runs on a fast clock: it takes sandbox channels only' USING ERRCODE = 'check_violation';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sandbox_clock BEFORE INSERT OR UPDATE ON fast_clock FOR EACH ROW EXECUTE FUNCTION sandbox_clock();
CREATE TRIGGER sandbox_clock BEFORE INSERT OR UPDATE OF sandbox ON channels FOR EACH ROW EXECUTE FUNCTION sandbox_clock();

-- Who may send: the cluster, the database and a random value that also lies in the data folder. A copy has another of them.
CREATE TABLE licence (
  id                smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  system_identifier text NOT NULL,
  database_oid      bigint NOT NULL,
  database_name     text NOT NULL,
  token             text NOT NULL CHECK (token <> ''),
  taken_by          bigint REFERENCES people,
  taken_at          timestamptz NOT NULL DEFAULT now()
);

-- An emergency stop of everything (scope 'everything', scope_id NULL) or of one network, channel or campaign.
CREATE TABLE pauses (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope     text NOT NULL CHECK (scope IN ('everything', 'network', 'channel', 'campaign')),
  scope_id  text CHECK ((scope = 'everything') = (scope_id IS NULL)),
  cause     text NOT NULL CHECK (cause IN ('person', 'licence')),
  reason    text NOT NULL CHECK (reason <> ''),
  person_id bigint REFERENCES people,
  at        timestamptz NOT NULL DEFAULT now(),
  lifted_at timestamptz,
  lifted_by bigint REFERENCES people
);
CREATE UNIQUE INDEX one_pause ON pauses (scope, coalesce(scope_id, ''), cause) WHERE lifted_at IS NULL;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT, UPDATE ON profile TO daymark_app;
GRANT INSERT ON people, channels, fast_clock, licence, pauses TO daymark_app;
GRANT INSERT (person_id, action, subject_kind, subject_id, detail) ON audit TO daymark_app;
GRANT UPDATE (email, name, role, languages, password_hash, disabled_at) ON people TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON sessions TO daymark_app;
GRANT UPDATE (name, zone, languages, labels, capabilities, capabilities_at, sealed, key_id, archived_at) ON channels TO daymark_app;
GRANT UPDATE (real_start, starts_at, rate, until) ON fast_clock TO daymark_app;
GRANT UPDATE (system_identifier, database_oid, database_name, token, taken_by, taken_at) ON licence TO daymark_app;
GRANT UPDATE (lifted_at, lifted_by) ON pauses TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
