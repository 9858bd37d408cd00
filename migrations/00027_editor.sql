-- What people have changed in a post, or begun to write, and not saved yet: kept every few seconds, so that nothing is lost when a
-- browser, a battery or a session ends.

-- +goose Up
CREATE TABLE working_copies (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id bigint NOT NULL REFERENCES people,
  post_id   bigint REFERENCES posts, -- NULL while the post has not been written
  base      int NOT NULL CHECK (base >= 0), -- the version of the post that its author began from; 0 for a new one
  no        int NOT NULL DEFAULT 1 CHECK (no > 0), -- grows each time it is kept, so that a second window is noticed
  body      bytea NOT NULL CHECK (octet_length(body) <= 4194304), -- the form as it was filled in, as JSON
  begun_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((post_id IS NULL) = (base = 0))
);
CREATE UNIQUE INDEX one_working_copy ON working_copies (post_id, person_id);
CREATE INDEX working_copies_new ON working_copies (person_id) WHERE post_id IS NULL;

GRANT SELECT, INSERT, DELETE ON working_copies TO daymark_app;
GRANT UPDATE (base, no, body, at) ON working_copies TO daymark_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO daymark_app;
