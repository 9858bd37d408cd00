-- Connecting accounts: what we are to a server, what is on its way in a browser, how an account is, and what it may cost.

-- +goose Up
-- A server that gives every program an identity of its own gave us this one; used again for its next account. sealed holds it.
CREATE TABLE apps (
  platform   text NOT NULL,
  address    text NOT NULL,
  redirect   text NOT NULL, -- where the server sends people back to
  sealed     bytea NOT NULL,
  key_id     text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (platform, address, redirect)
);

-- A person who went to a network to allow us in and has not come back yet. state is the hash of what the network hands back.
CREATE TABLE connections (
  state      bytea PRIMARY KEY CHECK (length(state) = 32),
  person_id  bigint NOT NULL REFERENCES people,
  platform   text NOT NULL,
  address    text NOT NULL,
  sealed     bytea NOT NULL,
  key_id     text NOT NULL,
  wanted     jsonb NOT NULL, -- name, zone, languages, country, labels of the channel to be
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How the account was when it was last asked; an empty problem is good news.
ALTER TABLE channels ADD COLUMN asked_at timestamptz;
ALTER TABLE channels ADD COLUMN problem text NOT NULL DEFAULT '';

-- Millionths of a US dollar: what a network charges for a try, and what a channel may spend in a calendar month of UTC.
ALTER TABLE channels ADD COLUMN budget bigint CHECK (budget >= 0);
ALTER TABLE attempts ADD COLUMN cost bigint NOT NULL DEFAULT 0 CHECK (cost >= 0);
CREATE INDEX attempts_cost ON attempts (started_at) WHERE cost > 0;

-- A try that was certainly refused costs nothing; one whose answer is unknown may have cost.
-- +goose StatementBegin
CREATE FUNCTION spent(channel bigint, instant timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(a.cost), 0)::bigint
  FROM attempts a
  JOIN deliveries d ON d.id = a.delivery_id
  WHERE d.channel_id = channel
    AND a.cost > 0
    AND a.started_at >= date_trunc('month', instant, 'UTC')
    AND a.started_at < date_trunc('month', instant, 'UTC') + interval '1 month'
    AND coalesce(a.outcome, 'unknown') IN ('published', 'unknown', 'lost')
    AND a.finding IS DISTINCT FROM 'absent'
$$;

CREATE FUNCTION within_budget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c record;
BEGIN
  IF new.cost = 0 THEN
    RETURN new;
  END IF;
  SELECT id, budget INTO c FROM channels WHERE id = (SELECT channel_id FROM deliveries WHERE id = new.delivery_id) FOR NO KEY UPDATE;
  IF c.budget IS NOT NULL AND spent(c.id, new.started_at) + new.cost > c.budget THEN
    RAISE EXCEPTION 'channel % has used its budget of this month', c.id USING ERRCODE = 'check_violation', CONSTRAINT = 'within_budget';
  END IF;
  RETURN new;
END $$;
-- +goose StatementEnd
CREATE TRIGGER within_budget BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION within_budget();

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON apps, connections TO daymark_app;
GRANT UPDATE (asked_at, problem, budget) ON channels TO daymark_app;
