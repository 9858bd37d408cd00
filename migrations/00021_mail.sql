-- Mail: what waits to be sent, whom each notice concerns and has not reached yet, and how each person wants to be told.

-- +goose Up
-- Times are real time: people read their mail by their own clocks, whatever the clock of a rehearsal says.
CREATE TABLE outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id text NOT NULL UNIQUE CHECK (message_id ~ '^[A-Za-z0-9-]+$'), -- the left part, one for every attempt to send it
  way        text NOT NULL CHECK (way <> ''),   -- which sender takes it, such as 'mail'
  person_id  bigint REFERENCES people,          -- NULL where the address is nobody's on file
  address    text NOT NULL CHECK (address ~ '^[^@[:cntrl:] ]+@[^@[:cntrl:] ]+$'),
  kind       text NOT NULL CHECK (kind <> ''),  -- what it is, such as 'reset' or 'digest'
  sealed     bytea,                             -- subject and words: they may hold a link that lets somebody in
  key_id     text,
  queued_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  next_at    timestamptz NOT NULL DEFAULT clock_timestamp(), -- not tried before
  expires_at timestamptz NOT NULL,              -- not tried from then on
  tries      int NOT NULL DEFAULT 0 CHECK (tries >= 0),
  state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'refused', 'given up')),
  ended_at   timestamptz,
  problem    text NOT NULL DEFAULT '',
  CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CHECK ((state = 'waiting') = (sealed IS NOT NULL)), -- words are kept no longer than they are needed
  CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX outbox_person ON outbox (person_id, queued_at);
CREATE INDEX outbox_waiting ON outbox (next_at) WHERE state = 'waiting';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'waiting';

-- How somebody wants to be told of a kind of matter; without a row it is as usual for their role.
CREATE TABLE mail_wishes (
  person_id bigint NOT NULL REFERENCES people,
  kind      text NOT NULL CHECK (kind <> ''),
  how       text NOT NULL CHECK (how IN ('once', 'daily', 'off')),
  PRIMARY KEY (person_id, kind)
);

-- When somebody reads the mail of the day, and whether their address takes mail.
CREATE TABLE mail_people (
  person_id   bigint PRIMARY KEY REFERENCES people,
  hour        smallint NOT NULL DEFAULT 8 CHECK (hour BETWEEN 0 AND 23),
  zone        text NOT NULL DEFAULT '',  -- empty is the team's
  digest_at   timestamptz,               -- when the mail of the day was made last
  refused_at  timestamptz,
  refused     text NOT NULL DEFAULT '',  -- what the server said
  refused_for text NOT NULL DEFAULT '',  -- the address it said it of: another one may work
  CHECK ((refused_at IS NULL) = (refused_for = ''))
);

-- A notice concerns people. A row stands until they are told, or until the matter is done.
CREATE TABLE tellings (
  notice_id bigint NOT NULL REFERENCES notices,
  person_id bigint NOT NULL REFERENCES people,
  kind      text NOT NULL,
  how       text NOT NULL CHECK (how IN ('once', 'daily')),
  PRIMARY KEY (notice_id, person_id)
);
CREATE INDEX tellings_person ON tellings (person_id, how);

-- Whether it was worked out whom a notice concerns. What was told before there was mail is not told again.
ALTER TABLE notices ADD COLUMN spread_at timestamptz;
UPDATE notices SET spread_at = clock_timestamp();
CREATE INDEX notices_to_spread ON notices (id) WHERE spread_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, mail_wishes, mail_people, tellings TO daymark_app;
GRANT UPDATE (spread_at) ON notices TO daymark_app;
