-- Reports to hand over: links that show one to whoever has them, and letters that tell how things went.

-- +goose Up
-- Whoever has the link reads the report of one edition until it ends. The address itself is shown once and not kept.
CREATE TABLE report_links (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  edition_id bigint NOT NULL REFERENCES editions,
  made_by    bigint NOT NULL REFERENCES people,
  purpose    text NOT NULL CHECK (char_length(purpose) BETWEEN 1 AND 120), -- whom it is for
  language   text NOT NULL CHECK (language <> ''),
  lessons    boolean NOT NULL, -- what the team learnt is shown too
  token      bytea NOT NULL UNIQUE CHECK (octet_length(token) = 32), -- SHA-256 of what stands in the link
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL, -- real time
  opened_at  timestamptz,          -- when it was opened last, to the hour
  revoked_at timestamptz,
  revoked_by bigint REFERENCES people,
  CHECK (expires_at > made_at),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX report_links_edition ON report_links (edition_id);

-- Which letters about the figures somebody wants; without a row it is as usual for their role.
CREATE TABLE digest_wishes (
  person_id bigint NOT NULL REFERENCES people,
  kind      text NOT NULL CHECK (kind IN ('week', 'after', 'year')),
  wanted    boolean NOT NULL,
  since     timestamptz NOT NULL DEFAULT clock_timestamp(), -- what came before is not made up for
  PRIMARY KEY (person_id, kind)
);

-- A row stands when the letter of a period was put into the outbox, or nothing was to be told: there is no second one.
CREATE TABLE digests (
  person_id bigint NOT NULL REFERENCES people,
  kind      text NOT NULL CHECK (kind IN ('week', 'after', 'year')),
  period    text NOT NULL CHECK (period <> ''),
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (person_id, kind, period)
);

GRANT SELECT ON report_links TO daymark_app;
GRANT INSERT (edition_id, made_by, purpose, language, lessons, token, expires_at) ON report_links TO daymark_app;
GRANT UPDATE (opened_at, revoked_at, revoked_by) ON report_links TO daymark_app;
GRANT SELECT, INSERT, UPDATE ON digest_wishes TO daymark_app;
GRANT SELECT, INSERT ON digests TO daymark_app;
