package draft

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// names are what people call the values of the profile, by the token that they fill.
var names = map[string]string{
	"org": "name", "link": "link", "support": "support note", "resources_professionals": "page for professionals",
	"resources_at_risk": "page for people at risk",
}

// SaveProfile writes the organisation's profile and renews the posts that say a value of it that changed. See [profile.Save] for
// what is refused. What is for the team, and the hosts that links may lead to, stand in no post and renew none.
func SaveProfile(ctx context.Context, db *postgres.DB, p profile.Profile, by people.Person) (Renewed, error) {
	var done Renewed
	if !by.May(people.ProfileManage) {
		return done, fault.New(fault.Forbidden, "Your role does not allow changing the profile.")
	}
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		done = Renewed{}
		if err := lockWaiting(ctx, tx); err != nil {
			return err
		}
		was, err := profile.Get(ctx, tx)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := profile.Save(ctx, tx, p, by.ID); err != nil {
			return err
		}
		is, err := profile.Get(ctx, tx)
		if err != nil {
			return err
		}
		return renewProfile(ctx, tx, was, is, by, &done)
	})
	return done, err
}

func renewProfile(ctx context.Context, tx *postgres.Tx, was, is profile.Profile, by people.Person, done *Renewed) error {
	posts, err := underReview(ctx, tx, "{{")
	if err != nil {
		return err
	}
	r, err := newRenewal(ctx, tx, by, done)
	if err != nil {
		return err
	}
	r.hand = "profile"
	for _, p := range posts {
		said := map[string]bool{}
		for _, language := range p.Languages {
			for _, token := range changed(profile.Tokens(was, language), profile.Tokens(is, language)) {
				if p.Source.Says(language, token) && !ownLink(p.Source, token) {
					said[names[token]] = true
				}
			}
		}
		if len(said) == 0 {
			continue
		}
		why := fmt.Sprintf("The organisation's %s changed. %s", strings.Join(slices.Sorted(maps.Keys(said)), " and "), again)
		if err := r.renew(ctx, p.Post, why); err != nil {
			return err
		}
	}
	return nil
}

// ownLink reports whether {{link}} is the post's own page, and not the organisation's.
func ownLink(s post.Source, token string) bool { return token == "link" && s.Link != "" }

// changed returns the names of the tokens whose value is another, or is there no more, or is new.
func changed(was, is map[string]string) []string {
	var list []string
	for token := range names {
		before, had := was[token]
		after, has := is[token]
		if before != after || had != has {
			list = append(list, token)
		}
	}
	return list
}
