package review

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/book/shown"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Card is a submission with all that is needed to decide on it.
type Card struct {
	Submission  int64     `db:"submission"`
	Post        int64     `db:"post"`
	Edition     int64     `db:"edition"`
	Title       string    `db:"title"` // the campaign and the year
	Message     string    `db:"message"`
	Kind        string    `db:"kind"`
	Language    string    `db:"language"`
	SubmittedAt time.Time `db:"submitted_at"`
	SubmittedBy string    `db:"submitted_by"`
	Needed      int       `db:"needed"`
	Got         int       `db:"got"` // people who approve it now and count
	First       time.Time `db:"first_due"`
	Prompt      bool      `db:"prompt"` // it goes out as soon as it is approved, until Until
	Until       time.Time `db:"until"`  // when the last of its windows closes
	Cleared     bool      `db:"cleared"`
	Current     bool      `db:"current"` // the newest of the post's current version in its language
	Wrote       string    `db:"wrote"`   // how words of the person looking at it came into it; empty when none did
	Groups      []Group
	Verdicts    []Verdict

	Sensitive bool           `db:"sensitive"`
	Lacking   pq.StringArray `db:"lacking"`    // roles that must approve and have not yet
	Own       bool           `db:"own"`        // its author may approve it, [policy.Rest] after it was submitted
	Rested    bool           `db:"rested"`     // that time is over
	Held      bool           `db:"held"`       // somebody holds it
	Beyond    bool           `db:"beyond"`     // it goes to accounts, too, that are not within the limits of the person looking at it
	ApproveBy *time.Time     `db:"approve_by"` // later, those who can mend it are told

	Changes    bool   // somebody's latest word is a request for changes
	MayApprove bool   // the person looking at it may approve it
	WhyNot     string // when not, why

	Questions []judge.Asked // what a person answers, with the latest answers
	Blocked   string        // why nobody can approve it yet: the questions that are open; empty when none is

	// What [Queue] leaves out.
	Findings []judge.Found // what rules found, with who let it stand and why
	Earlier  int64         // the submission whose words Group.Previous are; 0 for the first in the language
}

// Group is one text with its pictures, and every place it goes to.
type Group struct {
	Final    post.Final
	Places   []Place
	Previous string // what the earlier submission said in its place, to show what changed; parts stand a blank line apart
}

// Words returns what the group says, as Previous has it.
func (g Group) Words() string { return joined(g.Final.Parts) }

// Place is where and when a text goes out.
type Place struct {
	Channel  int64
	Handle   string
	Platform string
	Zone     string
	DueAt    time.Time
	DueDate  string // YYYY-MM-DD in Zone
	DueClock string // HH:MM in Zone
	NotAfter time.Time
	Answers  *post.Answers // what it goes out as a reply to
}

// Verdict is what one person said.
type Verdict struct {
	ID       int64     `db:"id"`
	Person   string    `db:"person"`
	PersonID int64     `db:"person_id"`
	Verdict  string    `db:"verdict"`
	Comment  string    `db:"comment"`
	At       time.Time `db:"at"`
	Latest   bool      `db:"latest"` // the person has said nothing since
	Remarks  []Remark
}

// What counts as an approval is said once, in the database's functions that the trigger clear_enough asks as well.
const sqlCards = `
SELECT s.id AS submission, s.post_id AS post, coalesce(p.edition_id, 0) AS edition, p.message, s.language, s.at AS submitted_at,
  coalesce(coalesce(c.title->>'en', c.id) || ' ' || e.year, 'Stand-alone post') AS title,
  coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind,
  a.name AS submitted_by, s.approvals_needed AS needed, x.first_due, x.prompt, x.until,
  EXISTS (SELECT 1 FROM clearances k WHERE k.submission_id = s.id) AS cleared,
  s.revision_id = p.current_revision
    AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id) AS current,
  coalesce((SELECT max(w.why) FROM written w WHERE w.post_id = s.post_id AND w.person_id = $1), '') AS wrote,
  (SELECT count(*) FROM counted_approvals(s.id)) AS got, s.sensitive, s.own, s.approve_by,
  CASE WHEN s.roles_needed = '{}' THEN '{}' ELSE roles_missing(s.id) END AS lacking,
  s.at <= clock_timestamp() - interval '15 minutes' AS rested,
  EXISTS (SELECT 1 FROM verdicts h WHERE h.submission_id = s.id AND h.verdict = 'hold') AND is_held(s.id) AS held,
  $3 AND beyond_limits($1, s.id) AS beyond
FROM submissions s
JOIN posts p ON p.id = s.post_id
JOIN revisions r ON r.id = s.revision_id
JOIN people a ON a.id = s.submitted_by
LEFT JOIN editions e ON e.id = p.edition_id
LEFT JOIN campaigns c ON c.id = e.campaign_id
JOIN LATERAL (
  SELECT min(l.due_at) AS first_due, max(l.not_after) AS until, coalesce(bool_or(d.prompt AND d.due_at = l.due_at), false) AS prompt
  FROM releases l
  JOIN deliveries d ON d.id = l.delivery_id
  WHERE l.submission_id = s.id
) x ON x.first_due IS NOT NULL
WHERE s.id = ANY($2)
ORDER BY x.prompt DESC, x.first_due, s.id`

const sqlVerdicts = `
SELECT v.id, v.submission_id, v.person_id, p.name AS person, v.verdict, v.comment, v.at,
  NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.submission_id = v.submission_id AND n.person_id = v.person_id AND n.id > v.id) AS latest
FROM verdicts v
JOIN people p ON p.id = v.person_id
WHERE v.submission_id = ANY($1)
ORDER BY v.id`

const sqlRemarks = `
SELECT m.verdict_id, m.part, coalesce(m.picture, '') AS picture, m.say
FROM remarks m
JOIN verdicts v ON v.id = m.verdict_id
WHERE v.submission_id = $1
ORDER BY m.id`

// remarks puts beside the verdicts of a card what they say about single parts and pictures.
func remarks(ctx context.Context, q postgres.Querier, card *Card) error {
	var rows []struct {
		Verdict int64 `db:"verdict_id"`
		Remark
	}
	if err := q.SelectContext(ctx, &rows, sqlRemarks, card.Submission); err != nil {
		return fmt.Errorf("list remarks: %w", err)
	}
	for _, r := range rows {
		for i := range card.Verdicts {
			if card.Verdicts[i].ID == r.Verdict {
				card.Verdicts[i].Remarks = append(card.Verdicts[i].Remarks, r.Remark)
			}
		}
	}
	return nil
}

// Queue returns the submissions that wait for a verdict: those that go out as soon as they are approved first, then those due soonest.
func Queue(ctx context.Context, q postgres.Querier, person people.Person) ([]Card, error) {
	drafts, err := waiting.Drafts(ctx, q, person)
	if err != nil {
		return nil, err
	}
	return Some(ctx, q, person, drafts)
}

// Some returns the cards of some drafts that wait, in the order of [Queue], without what only a single card shows.
func Some(ctx context.Context, q postgres.Querier, person people.Person, drafts []waiting.Draft) ([]Card, error) {
	ids := make([]int64, len(drafts))
	for i, d := range drafts {
		ids[i] = d.Submission
	}
	return cards(ctx, q, person, ids, false)
}

// Find returns one submission, open or decided.
func Find(ctx context.Context, q postgres.Querier, submission int64, person people.Person) (Card, error) {
	if submission <= 0 {
		return Card{}, fault.New(fault.NotFound, "There is no such draft to review.")
	}
	list, err := cards(ctx, q, person, []int64{submission}, true)
	if err != nil {
		return Card{}, err
	}
	if len(list) == 0 {
		return Card{}, fault.New(fault.NotFound, "There is no such draft to review.")
	}
	return list[0], nil
}

func cards(ctx context.Context, q postgres.Querier, person people.Person, ids []int64, whole bool) ([]Card, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []Card
	if err := q.SelectContext(ctx, &list, sqlCards, person.ID, pq.Array(ids), person.Limited()); err != nil {
		return nil, fmt.Errorf("list submissions: %w", err)
	}
	var verdicts []struct {
		Submission int64 `db:"submission_id"`
		Verdict
	}
	if err := q.SelectContext(ctx, &verdicts, sqlVerdicts, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("list verdicts: %w", err)
	}
	var earlier map[int64]int64
	if whole {
		var err error
		if earlier, err = earlierOf(ctx, q, ids); err != nil {
			return nil, err
		}
	}
	releases, err := book.ReleasesOf(ctx, q, slices.AppendSeq(slices.Clone(ids), maps.Values(earlier))...)
	if err != nil {
		return nil, err
	}
	of := map[int64][]book.Release{}
	for _, r := range releases {
		of[r.Submission] = append(of[r.Submission], r)
	}
	beside, err := shown.Of(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		card := &list[i]
		for _, v := range verdicts {
			if v.Submission == card.Submission {
				card.Verdicts = append(card.Verdicts, v.Verdict)
				card.Changes = card.Changes || (v.Latest && v.Verdict.Verdict == "changes")
			}
		}
		card.WhyNot = whyNot(*card, person)
		card.MayApprove = card.WhyNot == ""
		card.Groups = fold(of[card.Submission])
		card.Questions = beside[card.Submission].Questions
		card.Blocked = blocked(card.Questions)
		if whole {
			card.Findings, card.Earlier = beside[card.Submission].Findings, earlier[card.Submission]
			before(card.Groups, of[card.Earlier])
			if err := remarks(ctx, q, card); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// whyNot says why a person may not approve a card, or nothing.
func whyNot(card Card, person people.Person) string {
	return waiting.Standing{
		Language: card.Language, Wrote: card.Wrote, Own: card.Own, Rested: card.Rested, Current: card.Current, Cleared: card.Cleared,
		Held: card.Held, Approved: approved(card.Verdicts, person.ID), Changes: card.Changes, Beyond: card.Beyond,
	}.WhyNot(person)
}

// approved reports whether a person has approved and nobody has withdrawn since: after a withdrawal everybody may approve anew.
func approved(verdicts []Verdict, person int64) bool {
	said := false
	for _, v := range verdicts { // in the order they were given
		switch {
		case v.PersonID == person:
			said = v.Verdict == Approve
		case v.Verdict == Withdraw || v.Verdict == Hold:
			said = false
		}
	}
	return said
}

// fold puts releases that say the same into one group with the list of their places.
func fold(releases []book.Release) []Group {
	var groups []Group
	for _, r := range releases {
		place := Place{
			Channel: r.Final.Channel, Handle: r.Final.Account, Platform: r.Final.Platform, Zone: r.Final.Zone,
			DueAt: r.Final.DueAt, DueDate: r.Final.DueDate, DueClock: r.Final.DueClock, NotAfter: r.Final.NotAfter, Answers: r.Final.Answers,
		}
		at := slices.IndexFunc(groups, func(g Group) bool { return g.Final.SameWords(r.Final) })
		if at < 0 {
			groups = append(groups, Group{Final: r.Final})
			at = len(groups) - 1
		}
		groups[at].Places = append(groups[at].Places, place)
	}
	return groups
}
