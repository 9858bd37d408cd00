package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// maxTheme is how many characters a theme may have: one that fills a whole post is a mistake.
const maxTheme = 300

// SetTheme gives an edition its theme of the year, or takes it away when empty, and returns how many posts have to be
// reviewed again: those that say {{theme}} and are before reviewers or approved. Their words stay; the next submission shows
// the new one. Posts that nobody has submitted yet simply get it then.
func SetTheme(ctx context.Context, db *postgres.DB, edition int64, theme string, by people.Person) (int, error) {
	theme = strings.TrimSpace(theme)
	switch {
	case !by.May(people.PostWrite):
		return 0, fault.New(fault.Forbidden, "Your role does not allow setting the theme.")
	case utf8.RuneCountInString(theme) > maxTheme:
		return 0, fault.BadField("theme", "is too long: keep it under %d characters", maxTheme)
	case !utf8.ValidString(theme) || strings.ContainsFunc(theme, unicode.IsControl):
		return 0, fault.BadField("theme", "must be one line of plain text")
	}
	if _, _, unsafe := text.FirstUnsafe(theme); unsafe {
		return 0, fault.BadField("theme", "has an invisible character in it that could hide what it says; type it anew")
	}
	renewed := 0
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		renewed = 0
		if _, err := book.EditionByID(ctx, tx, edition); err != nil {
			return err
		}
		// Posts are locked before the theme changes: whoever submits one meanwhile waits, or is seen here.
		posts, err := replan.Posts(ctx, tx, edition)
		if err != nil {
			return err
		}
		changed, err := replan.SaveTheme(ctx, tx, edition, theme, by.ID)
		if err != nil || !changed {
			return err
		}
		reviewed, err := replan.Reviewed(ctx, tx, edition)
		if err != nil {
			return err
		}
		author, err := people.System(ctx, tx)
		if err != nil {
			return err
		}
		why := fmt.Sprintf("The theme is now “%s”. Send it for review again.", theme)
		if theme == "" {
			why = "The theme was taken back. Send it for review again when there is one."
		}
		for _, p := range posts {
			if !slices.ContainsFunc(reviewed[p.ID], func(language string) bool { return p.Current.Says(language, "theme") }) {
				continue
			}
			if err := replan.Renew(ctx, tx, p.ID, why, author.ID, by.ID); err != nil {
				return err
			}
			renewed++
		}
		return nil
	})
	return renewed, err
}

// SetDates keeps the days of a year that were announced for a campaign's observance. The edition of that year, when it is
// there already, follows at once, as [Make] lets it.
func SetDates(ctx context.Context, db *postgres.DB, campaignID string, year int, days civil.Range, by people.Person, now time.Time) (Made, error) {
	var made Made
	if !by.May(people.PlanMake) {
		return made, fault.New(fault.Forbidden, "Your role does not allow setting dates.")
	}
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		made = Made{}
		_, o, err := Loaded(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		if err := checkDates(o, year, days); err != nil {
			return err
		}
		changed, err := replan.SaveDates(ctx, tx, campaignID, year, days, by.ID)
		if err != nil || !changed {
			return err
		}
		_, err = book.FindEdition(ctx, tx, campaignID, year, false)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return makeIn(ctx, tx, campaignID, year, Options{By: by, Now: now}, &made)
	})
	return made, err
}

// checkDates refuses days that an observance cannot have in a year.
func checkDates(o observance.Observance, year int, days civil.Range) error {
	if o.Rule.Kind != observance.Announced {
		return fault.New(fault.Conflict, "The date of %s follows a rule; only dates that somebody announces are entered by hand.", o.Name("en"))
	}
	if days.Start.Year != year {
		return fault.BadField("first day", "%s is not in %d", days.Start, year)
	}
	rule := o.Rule
	rule.Dates = maps.Clone(rule.Dates)
	if rule.Dates == nil {
		rule.Dates = map[int]civil.Range{}
	}
	rule.Dates[year] = days
	if _, ok, err := rule.On(year); err != nil {
		return fault.BadField("days", "%v", err)
	} else if !ok {
		return fault.BadField("year", "%s is not observed in %d", o.Name("en"), year)
	}
	return nil
}
