-- Search over posts, and what each person has read of what the team was told.

-- +goose Up

-- A text as it is searched for: without marks over and under letters (so that "educacion" finds "educación" and Arabic is found with
-- and without its vowel signs), without signs of direction and joiners, in small letters. The marks go before the letters are made
-- small, because a database in the locale C makes only those of ASCII small.
-- +goose StatementBegin
CREATE FUNCTION plain_words(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lower(regexp_replace(normalize(words, NFKD),
    '[\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', '', 'g'))
$$;

-- The words of a version of a post: what it says in every language and on every network, its content notes, the descriptions of its
-- pictures, its hashtags whole and word by word, and how the message is called. A restored copy builds the index with an empty search
-- path, so the function beneath is named with its schema. What lies beyond 40,000 letters is not found, because
-- an index entry has a size. A body that is no JSON has no words.
CREATE FUNCTION search_words(body bytea) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $$
DECLARE said text;
BEGIN
  SELECT left(string_agg(w #>> '{}', ' '), 40000) INTO said
  FROM (SELECT convert_from(body, 'UTF8')::jsonb AS post) b,
    LATERAL (
      SELECT jsonb_path_query(b.post, '$.message') AS w
      UNION ALL SELECT jsonb_path_query(b.post, '$.kind')
      UNION ALL SELECT jsonb_path_query(b.post, '$.parts[*].texts.*')
      UNION ALL SELECT jsonb_path_query(b.post, '$.parts[*].pictures[*].alt.*')
      UNION ALL SELECT jsonb_path_query(b.post, '$.variants[*].text')
      UNION ALL SELECT jsonb_path_query(b.post, '$.content_note.*')
      UNION ALL SELECT jsonb_path_query(b.post, '$.hashtags[*]')
      UNION ALL SELECT jsonb_path_query(b.post, '$.network_hashtags.*[*]')
    ) words;
  RETURN to_tsvector('simple'::regconfig, public.plain_words(coalesce(said, '') || ' ' || regexp_replace(coalesce(said, ''), '([[:lower:]])([[:upper:]])', '\1 \2', 'g')));
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN ''::tsvector;
END $$;
-- +goose StatementEnd
CREATE INDEX revisions_words ON revisions USING gin (search_words(body));

-- What somebody decided lately.
CREATE INDEX verdicts_person ON verdicts (person_id, id);
CREATE INDEX verdicts_changes ON verdicts (id) WHERE verdict = 'changes';

-- Up to which notice somebody has read. Whether a matter is done is the team's, and stands with the notice.
CREATE TABLE notices_read (
  person_id bigint PRIMARY KEY REFERENCES people,
  up_to     bigint NOT NULL,
  at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX notices_done ON notices (done_at, id) WHERE done_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON notices_read TO daymark_app;
