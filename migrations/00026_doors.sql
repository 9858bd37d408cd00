-- Doors of people and links: who named an outside reviewer, what they answer by link, and approvals by people with limits.

-- +goose Up
ALTER TABLE people ADD COLUMN named_by bigint REFERENCES people; -- who put an outside reviewer on file; told what they say
UPDATE people
SET named_by = (SELECT a.person_id FROM audit a WHERE a.action = 'outside.named' AND a.subject_kind = 'person' AND a.subject_id = people.id ORDER BY a.id DESC LIMIT 1)
WHERE role = 'outside';
ALTER TABLE people ADD CHECK (named_by IS NULL OR role = 'outside');

-- Somebody from outside answers only what is asked about a submission that they have an open link to, and only when they have shown
-- that they read their mail.
-- +goose StatementBegin
CREATE FUNCTION answer_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM people WHERE id = new.person_id AND role = 'outside') AND NOT EXISTS (
    SELECT 1
    FROM review_links k
    JOIN people p ON p.id = k.person_id
    JOIN submission_questions q ON q.submission_id = k.submission_id
    JOIN review_codes c ON c.link_id = k.id
    WHERE k.person_id = new.person_id
      AND k.address = p.email
      AND is_active(p.id)
      AND k.revoked_at IS NULL
      AND k.expires_at > clock_timestamp()
      AND c.pass_until > clock_timestamp()
      AND q.rule = new.rule
      AND q.about = new.about
      AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.link_id = k.id AND v.verdict <> 'hold')) THEN
    RAISE EXCEPTION 'person % has no open link to what is asked', new.person_id USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_link';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER answer_link BEFORE INSERT ON answers FOR EACH ROW EXECUTE FUNCTION answer_link();

-- Whether a submission reaches beyond a person's limits: a place of it lies on an account that is not theirs, or the post does.
CREATE FUNCTION beyond_limits(person bigint, submission bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (SELECT 1 FROM submissions s WHERE s.id = submission AND may_see_post(person, s.post_id))
    OR EXISTS (
      SELECT 1
      FROM releases l
      JOIN deliveries d ON d.id = l.delivery_id
      WHERE l.submission_id = submission
        AND NOT may_see_channel(person, d.channel_id))
$$;

-- An approval is for every place that a submission goes to, so it is given by people who work on all of them. The trigger comes
-- after those that look at the role and the link: triggers go by their names.
CREATE FUNCTION within_limits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF beyond_limits(new.person_id, new.submission_id) THEN
    RAISE EXCEPTION 'submission % reaches beyond the limits of person %', new.submission_id, new.person_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'within_limits';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER within_limits BEFORE INSERT ON verdicts FOR EACH ROW WHEN (new.verdict = 'approve') EXECUTE FUNCTION within_limits();
-- +goose StatementEnd
