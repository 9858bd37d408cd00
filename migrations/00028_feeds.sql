-- Calendar feeds by private address, how often a place was moved (for them), days of the charity's own, and files that wait for a
-- person's yes.

-- +goose Up
-- A feed shows what its person may see at the moment somebody asks for it. The address itself is shown once and not kept.
CREATE TABLE feeds (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  bigint NOT NULL REFERENCES people,
  kind       text NOT NULL CHECK (kind IN ('observances', 'edition', 'posts', 'duties')),
  edition_id bigint REFERENCES editions,
  name       text NOT NULL CHECK (name <> ''),
  token      bytea NOT NULL UNIQUE CHECK (octet_length(token) = 32), -- SHA-256 of what stands in the address
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  asked_at   timestamptz, -- when a program asked for it last, to the hour
  revoked_at timestamptz,
  CHECK ((kind = 'edition') = (edition_id IS NOT NULL))
);
CREATE INDEX feeds_person ON feeds (person_id) WHERE revoked_at IS NULL;

-- How often a place got another time, or was left out or taken back in. It only grows: a calendar program believes the higher number.
CREATE TABLE moves (
  delivery_id bigint PRIMARY KEY REFERENCES deliveries,
  times       int NOT NULL CHECK (times > 0),
  at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- +goose StatementBegin
CREATE FUNCTION count_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO moves (delivery_id, times) VALUES (new.id, 1)
  ON CONFLICT (delivery_id) DO UPDATE SET times = moves.times + 1, at = clock_timestamp();
  RETURN NULL;
END $$;
-- +goose StatementEnd
-- The condition is looked at before anything is called, so that sending pays nothing for it.
CREATE TRIGGER count_move AFTER UPDATE ON deliveries FOR EACH ROW
  WHEN (old.due_at IS DISTINCT FROM new.due_at OR (old.state = 'cancelled') IS DISTINCT FROM (new.state = 'cancelled'))
  EXECUTE FUNCTION count_move();

-- Days that the charity took from a calendar of somebody else's, or its own. The rule is that of core/observance.
CREATE TABLE own_days (
  id         text PRIMARY KEY CHECK (id ~ '^own-[a-z0-9][a-z0-9-]*$'),
  body       jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'), -- the observance
  uid        text NOT NULL DEFAULT '', -- of the entry in the file
  entered_by bigint NOT NULL REFERENCES people,
  entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  removed_at timestamptz
);

-- A file between its preview and the yes: one of each kind for a person, for a day.
CREATE TABLE uploads (
  person_id bigint NOT NULL REFERENCES people,
  kind      text NOT NULL CHECK (kind IN ('days', 'posts')),
  name      text NOT NULL,
  body      bytea NOT NULL,
  sha256    bytea NOT NULL CHECK (sha256 = sha256(body)),
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (person_id, kind)
);

-- Which column of a file is what, as a person said it last for files with this line of names.
CREATE TABLE mappings (
  person_id bigint NOT NULL REFERENCES people,
  header    bytea NOT NULL CHECK (octet_length(header) = 32), -- SHA-256 of the names
  columns   jsonb NOT NULL CHECK (jsonb_typeof(columns) = 'array'),
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (person_id, header)
);

GRANT SELECT ON feeds, moves, own_days, uploads, mappings TO daymark_app;
GRANT INSERT (person_id, kind, edition_id, name, token) ON feeds TO daymark_app;
GRANT UPDATE (name, asked_at, revoked_at) ON feeds TO daymark_app;
GRANT INSERT (id, body, uid, entered_by) ON own_days TO daymark_app;
GRANT UPDATE (body, uid, entered_by, entered_at, removed_at) ON own_days TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON uploads TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON mappings TO daymark_app;
