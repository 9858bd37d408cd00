-- What is paused and comes up soon stands aside, out of the way of those who claim: they would walk over each of its rows again and
-- again to find what may go. It is a hint. What is paused is read from the pauses, at the claim and before every call.

-- +goose Up
ALTER TABLE queue ADD COLUMN aside boolean NOT NULL DEFAULT false;
DROP INDEX queue_due;
CREATE INDEX queue_due ON queue (next_attempt_at, delivery_id) WHERE lease_owner IS NULL AND NOT aside;
CREATE INDEX queue_aside ON queue (next_attempt_at, delivery_id) WHERE aside;
GRANT UPDATE (aside) ON queue TO daymark_app;

-- Whatever stands aside comes back when a pause ends. What another pause stops is set aside again. Whoever sets rows aside holds a
-- lock on the pause meanwhile, so that none is left behind.
-- +goose StatementBegin
CREATE FUNCTION step_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM queue WHERE aside ORDER BY delivery_id FOR NO KEY UPDATE;
  UPDATE queue SET aside = false WHERE aside;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER step_back AFTER UPDATE OF lifted_at ON pauses FOR EACH STATEMENT EXECUTE FUNCTION step_back();
