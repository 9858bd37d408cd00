-- Who may see and do what: more roles, limits to chapters and campaigns, access that ends.

-- +goose Up
ALTER TABLE people DROP CONSTRAINT people_role_check;
-- 'outside' is somebody who reviews by link: there is an address on file and no password. 'chapter' leads a chapter: only what
-- has one of its labels is theirs, and without labels nothing is.
ALTER TABLE people ADD CONSTRAINT people_role_check CHECK (role IN
  ('admin', 'editor', 'reviewer', 'safeguarding', 'translator', 'chapter', 'moderator', 'manager', 'outside', 'system'));
ALTER TABLE people ADD COLUMN labels text[] NOT NULL DEFAULT '{}';    -- limited to channels that have one of these; empty is all
ALTER TABLE people ADD COLUMN campaigns text[] NOT NULL DEFAULT '{}'; -- limited to these campaigns; empty is all
ALTER TABLE people ADD COLUMN access_until timestamptz;               -- real time; from then on it is as if they were disabled
ALTER TABLE people ADD COLUMN may_safeguard boolean NOT NULL DEFAULT false; -- whose yes from outside counts as the safeguarding yes
ALTER TABLE people ADD COLUMN locale text NOT NULL DEFAULT 'en';
ALTER TABLE people ADD CHECK (role <> 'outside' OR password_hash IS NULL);
ALTER TABLE people ADD CHECK (NOT may_safeguard OR role = 'outside');

-- Whether somebody may act now, by the database's clock.
-- +goose StatementBegin
CREATE FUNCTION is_active(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM people p WHERE p.id = person AND p.disabled_at IS NULL AND (p.access_until IS NULL OR p.access_until > clock_timestamp()))
$$;

-- Whether an account, a post or one of its places is within a person's limits. A chapter lead without labels sees none.
CREATE FUNCTION may_see_channel(person bigint, channel bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN channels c ON c.id = channel
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.labels && c.labels OR (p.labels = '{}' AND p.role <> 'chapter')))
$$;

CREATE FUNCTION may_see_edition(person bigint, edition bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN editions e ON e.id = edition
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.campaigns = '{}' OR e.campaign_id = ANY (p.campaigns)))
$$;

CREATE FUNCTION may_see_post(person bigint, post bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1
    FROM people p
    JOIN posts o ON o.id = post
    LEFT JOIN editions e ON e.id = o.edition_id
    WHERE p.id = person
      AND is_active(p.id)
      AND (p.campaigns = '{}' OR e.campaign_id = ANY (p.campaigns))
      AND ((p.labels = '{}' AND p.role <> 'chapter') OR EXISTS (
        SELECT 1
        FROM deliveries d
        JOIN channels c ON c.id = d.channel_id
        WHERE d.post_id = o.id
          AND c.labels && p.labels)))
$$;
-- +goose StatementEnd

GRANT UPDATE (labels, campaigns, access_until, may_safeguard, locale) ON people TO daymark_app;
