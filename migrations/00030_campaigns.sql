-- Campaigns made and changed in the browser, and what was learnt from a year for the next.

-- +goose Up
-- Made or changed in the browser since its file was loaded last: a file does not write over that unless somebody says so.
ALTER TABLE campaigns ADD COLUMN by_hand boolean NOT NULL DEFAULT false;

-- What a team learnt from a message in one year. It is shown beside the same message in the next.
CREATE TABLE lessons (
  edition_id bigint NOT NULL REFERENCES editions,
  message    text NOT NULL,
  body       text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 2000),
  person_id  bigint NOT NULL REFERENCES people,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (edition_id, message)
);

GRANT UPDATE (by_hand) ON campaigns TO daymark_app;
GRANT SELECT, INSERT, DELETE ON lessons TO daymark_app;
GRANT UPDATE (body, person_id, at) ON lessons TO daymark_app;
