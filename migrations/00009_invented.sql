-- An invented helpline never becomes a real one: it was made to be shown in a sandbox.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION stays_invented() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'helpline % is invented and stays so', old.id USING ERRCODE = 'check_violation', CONSTRAINT = 'stays_invented';
END $$;
-- +goose StatementEnd
CREATE TRIGGER stays_invented BEFORE UPDATE OF invented ON helplines FOR EACH ROW WHEN (old.invented AND NOT new.invented) EXECUTE FUNCTION stays_invented();
