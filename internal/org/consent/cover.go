package consent

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
)

// Need is what somebody is about to do with what a person gave: on a network and in a language, through an instant. An empty network or
// language is any that the consent allows.
type Need struct {
	Uses
	Network  string
	Language string
	Through  time.Time
}

// Covers returns nil when a consent allows something, or says in a sentence why it does not.
func Covers(ctx context.Context, q postgres.Querier, id int64, n Need) error {
	c, err := Find(ctx, q, id)
	if err != nil {
		return err
	}
	gap := ""
	switch {
	case c.Ended != "":
		gap = "ended"
	case !n.Through.Before(c.Ends):
		gap = "until"
	case n.Network != "" && len(c.Networks) > 0 && !slices.Contains(c.Networks, n.Network):
		gap = "network"
	case n.Language != "" && len(c.Languages) > 0 && !speaks(c.Languages, n.Language):
		gap = "language"
	case !n.Within(c.Uses):
		gap = "use"
	}
	if gap == "" {
		return nil
	}
	return Gap(gap + ":" + strconv.FormatInt(id, 10))
}

// speaks reports whether a language, or the one that it is a kind of, is in a list.
func speaks(list []string, language string) bool {
	base, _, _ := strings.Cut(language, "-")
	return slices.Contains(list, language) || slices.Contains(list, base)
}

// Gap says in a sentence what keeps a post from going out, by the word that the database has for it.
func Gap(word string) error {
	kind, which, _ := strings.Cut(word, ":")
	id, err := strconv.ParseInt(which, 10, 64)
	if err != nil {
		id = 0
	}
	switch kind {
	case "post":
		return fault.New(fault.Conflict, "It shows, names or quotes a person, and no consent is linked to it. Ask the safeguarding lead.")
	case "picture":
		return fault.New(fault.Conflict, "A picture of it shows a person, and no consent is linked to that picture. Ask the safeguarding lead.")
	case "ended":
		return fault.New(fault.Conflict, "Consent %s has ended. Take the person out of it, or ask the safeguarding lead.", Ref(id))
	case "until":
		return fault.New(fault.Conflict, "Consent %s ends before it goes out. Ask the safeguarding lead, or give it an earlier time.", Ref(id))
	case "network":
		return fault.New(fault.Conflict, "Consent %s does not cover this network.", Ref(id))
	case "language":
		return fault.New(fault.Conflict, "Consent %s does not cover this language.", Ref(id))
	}
	return fault.New(fault.Conflict, "Consent %s does not cover what of the person is in it.", Ref(id))
}

const sqlOver = `
SELECT c.id
FROM consents c
CROSS JOIN LATERAL (SELECT n.until_at FROM consent_versions n WHERE n.consent_id = c.id ORDER BY n.no DESC LIMIT 1) v
WHERE c.ended IS NULL
  AND v.until_at <= $1
ORDER BY c.id
LIMIT 100`

// Over returns consents whose last day has passed and that nobody has ended yet.
func Over(ctx context.Context, q postgres.Querier, now time.Time) ([]int64, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlOver, now); err != nil {
		return nil, fmt.Errorf("look for consents that are over: %w", err)
	}
	return ids, nil
}
