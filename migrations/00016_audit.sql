-- The log as evidence: from where something was done, and seals that make a chain of hashes over the rows. A seal is written by
-- the leader each second, once the rows below it can no longer grow; docs/audit.md says how it is computed and checked.

-- +goose Up

-- NULL in rows from before this migration: nobody wrote down then from where they came. The default is for what Daymark does by itself.
ALTER TABLE audit
  ADD COLUMN via     text CHECK (via IN ('system', 'command line', 'browser')),
  ADD COLUMN address inet;
ALTER TABLE audit ALTER COLUMN via SET DEFAULT 'system';
CREATE INDEX audit_person ON audit (person_id, id) WHERE person_id IS NOT NULL; -- what the dispatcher writes has no person and costs nothing here
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_at ON audit USING brin (at);

CREATE TABLE audit_seals (
  id        bigint PRIMARY KEY CHECK (id > 0),
  at        timestamptz NOT NULL,
  last_id   bigint NOT NULL,                              -- seals the rows after the previous seal's last_id, up to this one
  row_count int NOT NULL CHECK (row_count > 0),
  prev      bytea NOT NULL CHECK (length(prev) = 32),     -- the head of the seal before; 32 zeros in the first
  links     bytea NOT NULL CHECK (length(links) = 40 * row_count), -- for each row its id in 8 bytes and its hash in 32
  head      bytea NOT NULL UNIQUE CHECK (length(head) = 32)
);

-- +goose StatementBegin
CREATE FUNCTION seal_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last audit_seals;
BEGIN
  SELECT * INTO last FROM audit_seals ORDER BY id DESC LIMIT 1;
  IF new.id <> coalesce(last.id, 0) + 1
     OR new.last_id <= coalesce(last.last_id, 0)
     OR new.prev <> coalesce(last.head, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'seal % does not follow the last seal', new.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER seal_follows BEFORE INSERT ON audit_seals FOR EACH ROW EXECUTE FUNCTION seal_follows();
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON audit_seals FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER frozen_t BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION frozen();

GRANT SELECT, INSERT ON audit_seals TO daymark_app;
GRANT INSERT (via, address) ON audit TO daymark_app;
