-- Engagement: what a network says a delivery reached. NULL means that the network does not say; it is never zero.

-- +goose Up
-- Only changes are stored. Partitions by month can be added without moving rows out of the default one first.
CREATE TABLE snapshots (
  delivery_id bigint NOT NULL,
  taken_at    timestamptz NOT NULL,
  favourites  int CHECK (favourites >= 0),
  boosts      int CHECK (boosts >= 0),
  replies     int CHECK (replies >= 0),
  quotes      int CHECK (quotes >= 0),
  impressions int CHECK (impressions >= 0),
  clicks      int CHECK (clicks >= 0),
  gone        boolean NOT NULL DEFAULT false,
  PRIMARY KEY (delivery_id, taken_at)
) PARTITION BY RANGE (taken_at);
CREATE TABLE snapshots_default PARTITION OF snapshots DEFAULT;

-- The newest counts of each delivery: taken_at is the last time the network was asked, changed_at the last change.
CREATE TABLE latest_counts (
  delivery_id bigint PRIMARY KEY REFERENCES deliveries,
  taken_at    timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL,
  favourites  int,
  boosts      int,
  replies     int,
  quotes      int,
  impressions int,
  clicks      int,
  gone        boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);

-- When each published delivery is asked about next.
CREATE TABLE polls (
  delivery_id bigint PRIMARY KEY REFERENCES deliveries,
  next_at     timestamptz NOT NULL,
  done        int NOT NULL DEFAULT 0,
  fails       int NOT NULL DEFAULT 0,
  problem     text NOT NULL DEFAULT ''
) WITH (fillfactor = 70);
CREATE INDEX polls_next ON polls (next_at);

GRANT SELECT ON ALL TABLES IN SCHEMA public TO daymark_app;
GRANT INSERT ON snapshots, latest_counts, polls TO daymark_app;
GRANT UPDATE (taken_at, changed_at, favourites, boosts, replies, quotes, impressions, clicks, gone) ON latest_counts TO daymark_app;
GRANT UPDATE (next_at, done, fails, problem) ON polls TO daymark_app;
GRANT DELETE ON polls TO daymark_app;
