-- How people log in beside a password: codes of an app on a phone, passkeys, and an identity provider of the organisation.

-- +goose Up
-- Times here are real time: codes and challenges live by the clocks of phones and browsers.

-- Whom Daymark asks for a second step after the password. Everybody may have one.
CREATE TABLE signin_rule (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  second_step text NOT NULL DEFAULT 'none' CHECK (second_step IN ('none', 'admins', 'all'))
);
INSERT INTO signin_rule DEFAULT VALUES;

-- The secret that a person's app makes codes from (RFC 6238). Until it is confirmed by a code, it asks nothing of anybody.
CREATE TABLE totp (
  person_id    bigint PRIMARY KEY REFERENCES people,
  sealed       bytea NOT NULL,
  key_id       text NOT NULL,
  confirmed_at timestamptz,
  last_step    bigint NOT NULL DEFAULT 0, -- the step of the newest code that was taken; none up to it is taken again
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Codes for who has lost the phone: a hash each, gone with its use.
CREATE TABLE recovery_codes (
  person_id bigint NOT NULL REFERENCES people,
  hash      bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (person_id, hash)
);

-- Wrong codes of a person since an instant; too many within a while, and none is asked for until it is over.
CREATE TABLE code_tries (
  person_id bigint PRIMARY KEY REFERENCES people,
  since     timestamptz NOT NULL DEFAULT clock_timestamp(),
  wrong     int NOT NULL DEFAULT 0 CHECK (wrong >= 0)
);

-- What authenticators know a person by: random, so that it tells nothing.
CREATE TABLE passkey_people (
  person_id bigint PRIMARY KEY REFERENCES people,
  handle    bytea NOT NULL UNIQUE CHECK (length(handle) = 64)
);

-- Public keys: a copy of the database logs nobody in with them. record is the credential record of the WebAuthn standard.
CREATE TABLE passkeys (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id     bigint NOT NULL REFERENCES people,
  credential_id bytea NOT NULL UNIQUE,
  site          text NOT NULL, -- the relying party's id: the host name that it works under
  name          text NOT NULL CHECK (name <> ''),
  record        jsonb NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  used_at       timestamptz
);
CREATE INDEX passkeys_person ON passkeys (person_id);

-- Who somebody is to an identity provider. An address may pass to somebody else there; a subject never does.
CREATE TABLE subjects (
  issuer     text NOT NULL,
  subject    text NOT NULL,
  person_id  bigint NOT NULL REFERENCES people,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX subjects_person ON subjects (person_id);

GRANT SELECT ON signin_rule, totp, recovery_codes, code_tries, passkey_people, passkeys, subjects TO daymark_app;
GRANT UPDATE (second_step) ON signin_rule TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON totp, code_tries TO daymark_app;
GRANT INSERT, DELETE ON recovery_codes TO daymark_app;
GRANT INSERT ON passkey_people, subjects TO daymark_app;
GRANT INSERT, DELETE ON passkeys TO daymark_app;
GRANT UPDATE (name, record, used_at) ON passkeys TO daymark_app;
