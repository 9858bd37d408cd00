package prompt

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Kind is how a correction stands in public.
type Kind string

// The kinds of a correction.
const (
	Reply Kind = "reply" // below each live copy
	Post  Kind = "post"  // by itself
)

// A reason has to say something, and stands beside the post.
const (
	minReason = 10
	maxReason = 500
)

// leads open a correction, so that whoever reads it alone knows what it is.
var leads = map[string]string{"en": "Correction:", "fr": "Rectificatif\u00a0:", "es": "Corrección:", "ar": "تصحيح:"}

// Lead returns the words that open a correction in a language, or nothing where the team has to find them.
func Lead(language string) string { return leads[language] }

// Copy is where a post is out.
type Copy struct {
	Delivery int64  `db:"delivery"`
	Post     int64  `db:"post"`
	Channel  int64  `db:"channel"`
	Language string `db:"language"`
	URL      string `db:"url"`
	Live     bool   `db:"live"` // it is there still, and somebody can reply to it
}

const sqlCopies = `
SELECT d.id AS delivery, d.post_id AS post, d.channel_id AS channel, d.language, c.url, d.state = 'published' AND c.removed_at IS NULL AS live
FROM deliveries d
JOIN copies c ON c.delivery_id = d.id AND c.part = 1
WHERE d.post_id = $1
ORDER BY d.channel_id, d.language, d.id`

// Copies returns where a post is out, or was.
func Copies(ctx context.Context, q postgres.Querier, postID int64) ([]Copy, error) {
	var list []Copy
	if err := q.SelectContext(ctx, &list, sqlCopies, postID); err != nil {
		return nil, fmt.Errorf("read the copies of post %d: %w", postID, err)
	}
	return list, nil
}

// Answered returns the live copies by their places.
func Answered(copies []Copy) map[Place]Copy {
	live := map[Place]Copy{}
	for _, c := range copies {
		if c.Live {
			live[Place{c.Channel, c.Language}] = c
		}
	}
	return live
}

// Draft returns a correction of a post to begin with: its words in each language that is out, opened as a correction, at the same
// places, without a picture. Of a post that was taken down everywhere it is what was out.
func Draft(p book.Post, copies []Copy) Writing {
	w := Writing{
		Name: "Correction of " + strings.ReplaceAll(p.Message, "-", " "), Texts: map[string]string{}, Notes: map[string]string{}, Alts: map[string]string{},
		Sensitive: p.Source.Sensitive, Window: Usual,
	}
	live := Answered(copies)
	for _, c := range copies {
		if len(live) > 0 && !c.Live {
			continue
		}
		if place := (Place{c.Channel, c.Language}); !slices.Contains(w.Places, place) {
			w.Places = append(w.Places, place)
		}
		w.Texts[c.Language] = strings.TrimSpace(Lead(c.Language) + " " + p.Source.Parts[0].Texts[c.Language])
		w.Notes[c.Language] = p.Source.ContentNote[c.Language]
	}
	return w
}

// Correction is a correction about to be written.
type Correction struct {
	Writing
	Kind   Kind
	Reason string // what was wrong, for the team
}

const (
	sqlInsertCorrection = `
INSERT INTO corrections (post_id, corrects, kind, reason, person_id, at)
VALUES ($1, $2, $3, $4, $5, $6)`

	sqlNamed = `
SELECT count(*)
FROM posts
WHERE edition_id = $1
  AND (message = $2 OR message ~ ('^' || regexp_replace($2, '([^[:alnum:] ])', '\\\1', 'g') || ' [0-9]+$'))`
)

// Correct writes a correction of a post that is out, or was, and returns its id. It belongs to the same edition, so that what stops the
// campaign stops it too. As a reply it answers the live copy at each of its places; what was taken down can be corrected by a post of
// its own only.
func Correct(ctx context.Context, tx *postgres.Tx, of int64, c Correction, by people.Person, now time.Time) (int64, error) {
	if err := begins(by); err != nil {
		return 0, err
	}
	if _, err := book.Lock(ctx, tx, of); err != nil {
		return 0, err
	}
	old, err := book.FindPost(ctx, tx, of)
	if err != nil {
		return 0, err
	}
	if err := scope.Whole(ctx, tx, by, scope.Post, of); err != nil {
		return 0, err
	}
	channels, err := reachable(ctx, tx, by)
	if err != nil {
		return 0, err
	}
	copies, err := Copies(ctx, tx, of)
	if err != nil {
		return 0, err
	}
	if c.Reason, err = c.Check(channels, copies); err != nil {
		return 0, err
	}
	source := c.Source(old.Source, now)
	if source.Message, err = free(ctx, tx, old.Edition, source.Message); err != nil {
		return 0, err
	}
	id, err := book.AddPost(ctx, tx, book.Draft{Edition: old.Edition, Rehearsal: old.Rehearsal, Source: source}, by.ID)
	if err != nil {
		return 0, err
	}
	list := c.deliveries(channels, now)
	for i, live := range list {
		if c.Kind == Reply {
			list[i].Answers = Answered(copies)[Place{live.Channel, live.Language}].Delivery
		}
	}
	if err := add(ctx, tx, id, list); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, sqlInsertCorrection, id, of, string(c.Kind), c.Reason, by.ID, now); err != nil {
		return 0, fmt.Errorf("link the correction of post %d: %w", of, err)
	}
	detail := map[string]any{"reason": c.Reason, "kind": string(c.Kind), "correction": id, "corrects": of}
	if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "post.corrects", Kind: "post", ID: id, Detail: detail}); err != nil {
		return 0, err
	}
	return id, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "post.corrected", Kind: "post", ID: of, Detail: detail})
}

// Check refuses what is wrong with a correction, all at once, and returns its reason in one line. Fields are named as those of
// [Writing.Check], and "kind" and "reason".
func (c Correction) Check(channels []channel.Channel, copies []Copy) (string, error) {
	if len(copies) == 0 {
		return "", fault.New(fault.Conflict, "Nothing of this post was ever out. Change its words instead.")
	}
	var wrong []fault.Problem
	bad := func(field, say string) { wrong = append(wrong, fault.Problem{Field: field, Message: say}) }
	reason := strings.Join(strings.Fields(c.Reason), " ")
	if n := utf8.RuneCountInString(reason); n < minReason || n > maxReason {
		bad("reason", fmt.Sprintf("say what was wrong, in %d to %d characters", minReason, maxReason))
	} else if _, _, unsafe := text.FirstUnsafe(reason); unsafe {
		bad("reason", "has characters that cannot be seen; write it in plain words")
	}
	if err := c.Writing.Check(channels); err != nil {
		wrong = append(wrong, fault.Problems(err)...)
	}
	live := Answered(copies)
	switch {
	case c.Kind != Reply && c.Kind != Post:
		bad("kind", "choose a reply or a post of its own")
	case c.Kind == Reply && len(live) == 0:
		bad("kind", "no copy is there any more that could be replied to; choose a post of its own")
	case c.Kind == Reply && slices.ContainsFunc(c.Places, func(p Place) bool { return live[p].Delivery == 0 }):
		bad("places", "one of the accounts has no live copy in that language to reply to; leave it out, or choose a post of its own")
	}
	if len(wrong) > 0 {
		return "", fault.BadFields(wrong)
	}
	return reason, nil
}

// free returns a name that no other post of an edition has.
func free(ctx context.Context, tx *postgres.Tx, edition int64, name string) (string, error) {
	var n int
	if err := tx.GetContext(ctx, &n, sqlNamed, edition, name); err != nil {
		return "", fmt.Errorf("look for a free name: %w", err)
	}
	if n == 0 {
		return name, nil
	}
	return fmt.Sprintf("%s %d", name, n+1), nil
}

// Link is a correction or what it corrects, as the other's page shows it.
type Link struct {
	Post    int64     `db:"post"`
	Message string    `db:"message"`
	Kind    string    `db:"kind"` // of the message
	Reason  string    `db:"reason"`
	Person  string    `db:"person"`
	At      time.Time `db:"at"`
}

const sqlLinks = `
SELECT p.id AS post, p.message, coalesce(convert_from(r.body, 'UTF8')::jsonb->>'kind', '') AS kind, c.reason, w.name AS person, c.at
FROM corrections c
JOIN posts p ON p.id = CASE WHEN c.post_id = $1 THEN c.corrects ELSE c.post_id END
JOIN revisions r ON r.id = p.current_revision
JOIN people w ON w.id = c.person_id
WHERE ($2 AND c.post_id = $1)
  OR (NOT $2 AND c.corrects = $1)
ORDER BY c.at, c.post_id`

// Corrects returns what a post corrects: nothing, or one.
func Corrects(ctx context.Context, q postgres.Querier, postID int64) ([]Link, error) {
	return links(ctx, q, postID, true)
}

// CorrectedBy returns the corrections of a post, the first one first.
func CorrectedBy(ctx context.Context, q postgres.Querier, postID int64) ([]Link, error) {
	return links(ctx, q, postID, false)
}

func links(ctx context.Context, q postgres.Querier, postID int64, up bool) ([]Link, error) {
	var list []Link
	if err := q.SelectContext(ctx, &list, sqlLinks, postID, up); err != nil {
		return nil, fmt.Errorf("read the corrections of post %d: %w", postID, err)
	}
	return list, nil
}

// Begun returns what a post of this package says now, to change it.
func Begun(p book.Post) Writing {
	w := Writing{
		Name: p.Message, Texts: map[string]string{}, Notes: map[string]string{}, Alts: map[string]string{}, Sensitive: p.Source.Sensitive, Window: Usual,
	}
	for language, words := range p.Source.Parts[0].Texts {
		w.Texts[language], w.Notes[language] = words, p.Source.ContentNote[language]
	}
	for _, picture := range p.Source.Parts[0].Pictures[:min(1, len(p.Source.Parts[0].Pictures))] {
		w.Picture, w.Alts = picture.SHA256, picture.Alt
	}
	for _, e := range p.Entries {
		if e.State != post.Cancelled {
			w.Places = append(w.Places, Place{e.Channel, e.Language})
		}
	}
	return w
}
