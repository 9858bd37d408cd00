-- Decisions: a person says that a delivery is live after all, or that it does not go out. A held delivery becomes published
-- only where a person had to decide, and what is out, or may be, is never written down as left out.

-- +goose Up
INSERT INTO legal VALUES ('held', 'published'), ('missed', 'cancelled');

-- That every part has its copy is looked at by every_part_is_out. Here: each copy is there still, of the release that the
-- delivery takes on, and of an attempt that succeeded or was found.
-- +goose StatementBegin
CREATE FUNCTION decided() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF old.hold <> 'decision' THEN
    RAISE EXCEPTION 'nobody has to decide about delivery %', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'decided';
  END IF;
  IF EXISTS (
    SELECT 1
    FROM copies c
    WHERE c.delivery_id = old.id
      AND (c.removed_at IS NOT NULL OR c.release_id <> new.release_id OR NOT EXISTS (
        SELECT 1 FROM attempts a WHERE a.delivery_id = c.delivery_id AND a.part = c.part AND (a.outcome = 'published' OR a.finding = 'found')))
  ) THEN
    RAISE EXCEPTION 'a copy of delivery % is of no attempt that was found', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'decided';
  END IF;
  RETURN new;
END $$;

-- A delivery that is left out makes room for another at the same place: then nothing of it may be live.
CREATE FUNCTION left_out() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = old.id AND c.removed_at IS NULL)
    OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = old.id
      AND (a.outcome IS NULL OR (a.outcome IN ('unknown', 'lost') AND a.finding IS NULL))) THEN
    RAISE EXCEPTION 'delivery % is out, or may be', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'left_out';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decided BEFORE UPDATE OF state ON deliveries FOR EACH ROW
  WHEN (new.state = 'published' AND old.state = 'held') EXECUTE FUNCTION decided();
CREATE TRIGGER left_out BEFORE UPDATE OF state ON deliveries FOR EACH ROW
  WHEN (new.state = 'cancelled' AND old.state IN ('held', 'missed', 'failed')) EXECUTE FUNCTION left_out();

-- What waits for a person is looked for on every visit of Home.
CREATE INDEX deliveries_decide ON deliveries (due_at) WHERE state IN ('missed', 'failed') OR hold IN ('decision', 'overdue');
