-- Before and after a post goes out: what is at risk of what is due soon, what networks show of what went out, and when daemons ran.

-- +goose Up
-- One reason why a delivery may not go out as planned. A look replaces what the one before it found; a delivery at no risk has none.
CREATE TABLE delivery_risks (
  delivery_id bigint NOT NULL REFERENCES deliveries,
  matter      text NOT NULL CHECK (matter IN ('approval', 'account', 'server', 'limits', 'picture', 'alt', 'link', 'helpline', 'fact', 'budget')),
  subject     text NOT NULL DEFAULT '', -- which link, helpline or fact
  say         text NOT NULL CHECK (say <> ''),
  mend        text NOT NULL CHECK (mend <> ''),
  found_at    timestamptz NOT NULL, -- product time
  PRIMARY KEY (delivery_id, matter, subject)
);

-- When the words and pictures of a queued delivery were held against what its network takes, and with which release.
CREATE TABLE preflights (
  delivery_id bigint PRIMARY KEY REFERENCES deliveries,
  release_id  bigint NOT NULL REFERENCES releases,
  due_at      timestamptz NOT NULL,
  looked_at   timestamptz NOT NULL -- product time
);

-- Whether a link answers, as it was when it was asked last, in real time.
CREATE TABLE link_looks (
  url       text PRIMARY KEY CHECK (url <> ''),
  problem   text NOT NULL DEFAULT '', -- empty is good news
  looked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What a network shows of a copy, against what was approved. next_at is real time; a worker that takes the row moves it ahead as its lease.
CREATE TABLE readbacks (
  delivery_id bigint NOT NULL,
  part        smallint NOT NULL,
  channel_id  bigint NOT NULL REFERENCES channels,
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'same', 'changed', 'gone', 'cannot')),
  differences jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(differences) = 'array'),
  problem     text NOT NULL DEFAULT '', -- why it could not be read
  absent      int NOT NULL DEFAULT 0 CHECK (absent >= 0), -- how often the network said that it is not there
  tries       int NOT NULL DEFAULT 0 CHECK (tries >= 0),
  next_at     timestamptz NOT NULL,
  asked_at    timestamptz, -- product time of the latest answer
  cost        bigint NOT NULL DEFAULT 0 CHECK (cost >= 0), -- millionths of a US dollar, all tries together
  PRIMARY KEY (delivery_id, part),
  FOREIGN KEY (delivery_id, part) REFERENCES copies,
  CHECK ((state = 'changed') = (differences <> '[]')),
  CHECK (state <> 'cannot' OR problem <> '')
);
CREATE INDEX readbacks_next ON readbacks (next_at) WHERE state = 'waiting';
CREATE INDEX readbacks_cost ON readbacks (asked_at) WHERE cost > 0;
-- Next to nothing to keep up, and enough to find what went out lately.
CREATE INDEX copies_published ON copies USING brin (published_at) WITH (pages_per_range = 16);

-- A readback that networks charge for is of the month's expenses, too.
CREATE OR REPLACE FUNCTION spent(channel bigint, instant timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT sum(a.cost)
    FROM attempts a
    JOIN deliveries d ON d.id = a.delivery_id
    WHERE d.channel_id = channel
      AND a.cost > 0
      AND a.started_at >= date_trunc('month', instant, 'UTC')
      AND a.started_at < date_trunc('month', instant, 'UTC') + interval '1 month'
      AND coalesce(a.outcome, 'unknown') IN ('published', 'unknown', 'lost')
      AND a.finding IS DISTINCT FROM 'absent'), 0)::bigint
    + coalesce((
    SELECT sum(r.cost)
    FROM readbacks r
    WHERE r.channel_id = channel
      AND r.cost > 0
      AND r.asked_at >= date_trunc('month', instant, 'UTC')
      AND r.asked_at < date_trunc('month', instant, 'UTC') + interval '1 month'), 0)::bigint
$$;

-- One row for each start of a daemon, in real time: an instant that no row covers is one at which none ran.
CREATE TABLE daemons (
  worker   uuid PRIMARY KEY,
  began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at  timestamptz NOT NULL DEFAULT clock_timestamp() CHECK (seen_at >= began_at)
) WITH (fillfactor = 70);

GRANT SELECT ON delivery_risks, preflights, link_looks, readbacks, daemons TO daymark_app;
GRANT INSERT, UPDATE, DELETE ON delivery_risks, preflights, link_looks TO daymark_app;
GRANT INSERT ON readbacks, daemons TO daymark_app;
GRANT UPDATE (state, differences, problem, absent, tries, next_at, asked_at, cost) ON readbacks TO daymark_app;
GRANT UPDATE (seen_at) ON daemons TO daymark_app;
GRANT DELETE ON daemons TO daymark_app;
