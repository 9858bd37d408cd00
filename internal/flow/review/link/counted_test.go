package link_test

import (
	"fmt"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review/link"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// room is a post before reviewers, of whom some come by link.
type room struct {
	*booktest.Book
	t          *testing.T
	db         *postgres.DB
	owner      *postgres.DB
	post       int64
	submission int64
	boss, lead people.Person
	links      int
}

func newRoom(t *testing.T) *room {
	t.Helper()
	both := postgrestest.NewBoth(t, migrations.FS)
	r := &room{t: t, db: both.App, owner: both.Owner, Book: booktest.New(t, both.App)}
	r.post = r.Post("remember")
	r.submission = r.Submit(r.Deliver(booktest.Delivery{Post: r.post, Channel: r.Channel(booktest.Channel{})}))
	r.boss = people.Person{ID: r.person("boss@charity.example", "admin", false), Role: people.RoleAdmin}
	r.lead = people.Person{ID: r.Reviewers[1], Role: people.RoleSafeguarding}
	return r
}

func (r *room) exec(query string, args ...any) error {
	_, err := r.db.ExecContext(r.t.Context(), query, args...)
	return err
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) get(dest any, query string, args ...any) {
	r.t.Helper()
	r.must(r.db.GetContext(r.t.Context(), dest, query, args...))
}

func (r *room) person(email, role string, safeguards bool) int64 {
	r.t.Helper()
	var id int64
	r.get(&id, `INSERT INTO people (email, name, role, languages, may_safeguard) VALUES ($1, $1, $2, '{en}', $3) RETURNING id`, email, role, safeguards)
	return id
}

// link makes a link as the application does; its error is the database's.
func (r *room) link(reviewer, maker int64) (int64, error) {
	r.links++
	var id int64
	err := r.db.GetContext(r.t.Context(), &id, `
INSERT INTO review_links (submission_id, person_id, made_by, token, expires_at)
VALUES ($1, $2, $3, sha256($4), clock_timestamp() + interval '1 hour')
RETURNING id`, r.submission, reviewer, maker, []byte(fmt.Sprint(r.links)))
	return id, err
}

// opened makes a link for which the code was typed.
func (r *room) opened(reviewer, maker int64) int64 {
	r.t.Helper()
	id, err := r.link(reviewer, maker)
	r.must(err)
	r.pass(id)
	return id
}

func (r *room) pass(id int64) {
	r.t.Helper()
	r.must(r.exec(`INSERT INTO review_codes (link_id, digest, expires_at) VALUES ($1, sha256(''), clock_timestamp() + interval '1 minute')`, id))
	r.must(r.exec(`UPDATE review_codes SET pass = sha256($2), pass_until = clock_timestamp() + interval '1 minute' WHERE link_id = $1`, id, []byte(fmt.Sprint("pass", id))))
}

func (r *room) say(person, by int64, verdict string) error {
	return r.exec(`INSERT INTO verdicts (submission_id, person_id, role, verdict, comment, link_id) VALUES ($1, $2, '', $3, 'x', nullif($4, 0))`, r.submission, person, verdict, by)
}

func (r *room) clear() error {
	return r.exec(`INSERT INTO clearances (submission_id) VALUES ($1)`, r.submission)
}

func (r *room) counts(want int) {
	r.t.Helper()
	var got int
	r.get(&got, `SELECT count(*) FROM counted_approvals($1)`, r.submission)
	if got != want {
		r.t.Errorf("%d approvals count, want %d", got, want)
	}
	if cleared := r.clear() == nil; cleared != (want >= 2) {
		r.t.Errorf("with %d approvals that count, cleared is %t", want, cleared)
	}
}

func (r *room) refused(err error, constraint, what string) {
	r.t.Helper()
	if got := postgres.Constraint(err); got != constraint {
		r.t.Errorf("%s: refused by %q, want %q (%v)", what, got, constraint, err)
	}
}

func TestAnApprovalByLinkCountsBesideAnotherPersons(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	pat := r.person("pat@partner.example", "outside", false)
	r.must(r.say(pat, r.opened(pat, r.boss.ID), "approve"))
	r.counts(1)
	r.must(r.say(r.Reviewers[0], 0, "approve"))
	r.counts(2)
}

func TestWhoeverMadeTheLinkGainsNothingByIt(t *testing.T) {
	t.Parallel()
	t.Run("their own approval and that by their link count once", func(t *testing.T) {
		t.Parallel()
		r := newRoom(t)
		pat := r.person("pat@partner.example", "outside", false)
		r.must(r.say(pat, r.opened(pat, r.lead.ID), "approve"))
		r.must(r.say(r.lead.ID, 0, "approve"))
		r.counts(1)
		var kept int64
		r.get(&kept, `SELECT person_id FROM counted_approvals($1)`, r.submission)
		if kept != r.lead.ID {
			t.Errorf("person %d counts, want the one with an account", kept)
		}
		r.must(r.say(r.Reviewers[0], 0, "approve"))
		r.counts(2)
	})
	t.Run("two links of one maker count once", func(t *testing.T) {
		t.Parallel()
		r := newRoom(t)
		for _, email := range []string{"pat@partner.example", "noor@partner.example"} {
			id := r.person(email, "outside", false)
			r.must(r.say(id, r.opened(id, r.boss.ID), "approve"))
		}
		r.counts(1)
	})
	t.Run("a maker who wrote a version before", func(t *testing.T) {
		t.Parallel()
		r := newRoom(t)
		pat := r.person("pat@partner.example", "outside", false)
		r.wrote(r.boss.ID)
		r.must(r.say(pat, r.opened(pat, r.boss.ID), "approve"))
		r.must(r.say(r.Reviewers[0], 0, "approve"))
		r.counts(1)
	})
	t.Run("an address of the maker or an author", func(t *testing.T) {
		t.Parallel()
		r := newRoom(t)
		for _, email := range []string{"boss+x@charity.example", "writer+proof@example.org"} {
			_, err := r.link(r.person(email, "outside", false), r.boss.ID)
			r.refused(err, "link_address", email)
		}
	})
}

// wrote lets somebody write a version of the post, which is sent for review again.
func (r *room) wrote(person int64) {
	r.t.Helper()
	r.must(r.exec(`
INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT post_id, no + 1, $2, body, sha256 FROM revisions WHERE post_id = $1 ORDER BY no DESC LIMIT 1`, r.post, person))
	var delivery int64
	r.get(&delivery, `SELECT id FROM deliveries WHERE post_id = $1`, r.post)
	r.submission = r.Submit(delivery)
}

func TestTheSafeguardingYesByLinkIsGivenBeforehand(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before, after bool
		lacks         string
	}{
		"given before the link":     {true, true, "{}"},
		"given after the link":      {false, true, "{safeguarding}"},
		"taken away after the link": {true, false, "{safeguarding}"},
		"never given":               {false, false, "{safeguarding}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t)
			_, err := r.owner.ExecContext(t.Context(), `ALTER TABLE submissions DISABLE TRIGGER USER; UPDATE submissions SET roles_needed = '{safeguarding}'; ALTER TABLE submissions ENABLE TRIGGER USER`)
			r.must(err)
			pat := r.person("pat@partner.example", "outside", tt.before)
			id := r.opened(pat, r.boss.ID)
			r.must(r.exec(`UPDATE people SET may_safeguard = $2 WHERE id = $1`, pat, tt.after))
			r.must(r.say(pat, id, "approve"))
			r.must(r.say(r.Reviewers[0], 0, "approve"))
			var lacks string
			r.get(&lacks, `SELECT roles_missing($1)::text`, r.submission)
			if lacks != tt.lacks {
				t.Errorf("it lacks %s, want %s", lacks, tt.lacks)
			}
			if cleared := r.clear() == nil; cleared != (tt.lacks == "{}") {
				t.Errorf("cleared is %t", cleared)
			}
		})
	}
}

func TestTheDatabaseRefusesWhatALinkDoesNotAllow(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	pat, noor := r.person("pat@partner.example", "outside", false), r.person("noor@partner.example", "outside", false)
	r.refused(r.say(pat, 0, "approve"), "verdict_link", "without a link")
	r.refused(r.say(pat, 0, "hold"), "verdict_link", "a hold without a link")
	id, err := r.link(pat, r.boss.ID)
	r.must(err)
	r.refused(r.say(pat, id, "approve"), "link_code", "without a code")
	r.refused(r.say(pat, id, "changes"), "link_code", "changes without a code")
	r.pass(id)
	r.refused(r.say(noor, id, "approve"), "verdict_link", "somebody else's link")
	r.refused(r.say(r.Reviewers[0], id, "approve"), "verdict_link", "a colleague by somebody's link")
	r.refused(r.say(pat, id, "lift"), "verdict_link", "lifting")
	r.refused(r.say(pat, id, "withdraw"), "verdict_link", "withdrawing")
	r.must(r.say(pat, id, "approve"))
	r.refused(r.say(pat, id, "changes"), "link_used", "twice")
	r.must(r.say(pat, id, "hold"))
	r.refused(r.say(pat, id, "hold"), "link_held", "held twice")
	for _, maker := range []int64{r.Author, r.Reviewers[0], noor} {
		_, err := r.link(pat, maker)
		r.refused(err, "link_maker", fmt.Sprint("made by ", maker))
	}
	_, err = r.link(r.Reviewers[0], r.boss.ID)
	r.refused(err, "link_reviewer", "for a colleague")
	revoked := r.opened(noor, r.boss.ID)
	r.must(r.exec(`UPDATE review_links SET revoked_at = clock_timestamp(), revoked_by = made_by WHERE id = $1`, revoked))
	r.refused(r.say(noor, revoked, "approve"), "verdict_link", "by a link that was taken back")
	r.refused(r.exec(`UPDATE review_links SET revoked_at = NULL, revoked_by = NULL WHERE id = $1`, revoked), "link_kept", "given again")
	moved := r.opened(noor, r.boss.ID)
	r.must(r.exec(`UPDATE people SET email = 'boss+noor@charity.example' WHERE id = $1`, noor))
	r.refused(r.say(noor, moved, "approve"), "verdict_link", "with the maker's own address on file")
	r.must(r.exec(`UPDATE people SET email = 'noor@partner.example' WHERE id = $1`, noor))
	removed := r.opened(noor, r.boss.ID)
	r.must(r.exec(`UPDATE people SET disabled_at = clock_timestamp() WHERE id = $1`, noor))
	r.refused(r.say(noor, removed, "approve"), "verdict_link", "by somebody who was removed")
	_, err = r.link(noor, r.boss.ID)
	r.refused(err, "link_reviewer", "for somebody who was removed")
	for _, forbidden := range []string{
		`UPDATE review_links SET expires_at = expires_at + interval '1 day'`, `UPDATE review_links SET person_id = 1`, `UPDATE review_links SET safeguards = true`,
		`DELETE FROM review_links`, `DELETE FROM review_codes`, `UPDATE review_codes SET expires_at = clock_timestamp()`, `UPDATE verdicts SET link_id = NULL`,
	} {
		if err := r.exec(forbidden); err == nil {
			t.Errorf("the application may %s", forbidden)
		}
	}
	r.wrote(r.Author)
	r.refused(r.exec(`
INSERT INTO review_links (submission_id, person_id, made_by, token, expires_at)
SELECT min(submission_id), $1, $2, sha256('late'), clock_timestamp() + interval '1 hour' FROM review_links`, pat, r.boss.ID), "newest_revision", "to an older version")
}

func TestAReviewerWhoIsRemovedNoLongerCounts(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	pat := r.person("pat@partner.example", "outside", false)
	r.must(r.say(pat, r.opened(pat, r.boss.ID), "approve"))
	r.must(r.say(r.Reviewers[0], 0, "approve"))
	r.must(r.exec(`UPDATE people SET disabled_at = clock_timestamp() WHERE id = $1`, pat))
	r.counts(1)
}

func TestOnlySomebodyWhoMayNameOutsidersTakesLinksBack(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	pat := r.person("pat@partner.example", "outside", false)
	id, err := r.link(pat, r.boss.ID)
	r.must(err)
	revoke := func(submission int64, by people.Person) error {
		return r.db.InTx(t.Context(), func(tx *postgres.Tx) error { return link.Revoke(t.Context(), tx, submission, id, by) })
	}
	if err := revoke(r.submission, people.Person{ID: r.Reviewers[0], Role: people.RoleReviewer}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a reviewer: %v", err)
	}
	if err := revoke(r.submission+1, r.boss); !fault.Is(err, fault.Conflict) {
		t.Errorf("from another draft: %v", err)
	}
	r.must(revoke(r.submission, r.lead))
	if err := revoke(r.submission, r.lead); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
}
