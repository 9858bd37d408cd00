-- Indexes for what pages read again and again.

-- +goose Up
-- All places of a post, those that were left out too: the index that keeps live ones apart does not have these.
CREATE INDEX deliveries_post ON deliveries (post_id, due_at);
-- What goes out on an account before a place, to find what lies too close to it.
CREATE INDEX deliveries_channel ON deliveries (channel_id, due_at);

-- +goose Down
DROP INDEX deliveries_channel;
DROP INDEX deliveries_post;
