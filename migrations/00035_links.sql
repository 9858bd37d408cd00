-- Short links that count how often they are followed, and nothing of who follows them.

-- +goose Up
-- Where people reach this Daymark, as its daemon was told: what short links begin with.
CREATE TABLE public_address (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  url     text NOT NULL CHECK (url ~ '^https?://[^/?#]+$'),
  said_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Only what a submitted post says is there, so that a code never leads where nobody sent it. Nothing changes a link afterwards.
CREATE TABLE links (
  code       text PRIMARY KEY CHECK (code ~ '^[0-9A-Za-z]{10}$'),
  target     text NOT NULL CHECK (target ~* '^https?://' AND octet_length(target) <= 4000),
  post_id    bigint NOT NULL REFERENCES posts,
  channel_id bigint NOT NULL REFERENCES channels,
  language   text NOT NULL CHECK (language <> ''),
  made_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX links_post ON links (post_id);

-- How often a link was followed on a civil day at its channel's place.
CREATE TABLE link_days (
  code   text NOT NULL REFERENCES links,
  day    date NOT NULL,
  clicks bigint NOT NULL CHECK (clicks > 0),
  PRIMARY KEY (code, day)
) WITH (fillfactor = 70);

GRANT SELECT ON public_address, links, link_days TO daymark_app;
GRANT INSERT ON public_address, links, link_days TO daymark_app;
GRANT UPDATE (url, said_at) ON public_address TO daymark_app;
GRANT UPDATE (clicks) ON link_days TO daymark_app;
