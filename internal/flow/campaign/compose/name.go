package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"daymark/internal/postgres"

	"golang.org/x/text/unicode/norm"
)

// longest is how many characters a name made from a title has at most; the format takes 64.
const longest = 40

// Named returns a short name made from a title: small letters without accents, digits and hyphens. A title in another script gives none.
func Named(title string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9'):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent goes with its letter
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= longest {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

const sqlTaken = `
SELECT id
FROM campaigns
WHERE id = $1
  OR id LIKE $1 || '-%'`

// FreeName returns a short name for a campaign with a title that no other has.
func FreeName(ctx context.Context, q postgres.Querier, title string) (string, error) {
	name := Named(title)
	if name == "" {
		name = "campaign"
	}
	var taken []string
	if err := q.SelectContext(ctx, &taken, sqlTaken, name); err != nil {
		return "", fmt.Errorf("list the campaigns named like %s: %w", name, err)
	}
	return free(name, taken), nil
}

const sqlUsed = `
SELECT DISTINCT split_part(p.message, '#', 1)
FROM posts p
JOIN editions e ON e.id = p.edition_id
WHERE e.campaign_id = $1`

// FreeMessage returns a short name for a message that none of the campaign has, and none of it ever had where it was planned: posts
// are found by it.
func (s *Sheet) FreeMessage(ctx context.Context, q postgres.Querier, kind string) (string, error) {
	used, err := s.used(ctx, q)
	if err != nil {
		return "", err
	}
	name := Named(kind)
	if name == "" {
		name = "message"
	}
	return free(name, used), nil
}

// Used reports whether a message of the campaign has the name, or had it when it was planned.
func (s *Sheet) Used(ctx context.Context, q postgres.Querier, name string) (bool, error) {
	used, err := s.used(ctx, q)
	return slices.Contains(used, name), err
}

func (s *Sheet) used(ctx context.Context, q postgres.Querier) ([]string, error) {
	var used []string
	if err := q.SelectContext(ctx, &used, sqlUsed, s.ID); err != nil {
		return nil, fmt.Errorf("list the messages of %s: %w", s.ID, err)
	}
	for _, p := range s.Posts {
		used = append(used, p.ID)
	}
	return used, nil
}

func free(name string, taken []string) string {
	one := name
	for n := 2; slices.Contains(taken, one); n++ {
		one = fmt.Sprintf("%s-%d", name, n)
	}
	return one
}

// Name is what a campaign is called.
type Name struct {
	ID   string `db:"id"`
	Name string `db:"name"`
}

const sqlNames = `
SELECT id, coalesce(title->>$1, title->>'en', (SELECT min(value) FROM jsonb_each_text(title)), id) AS name
FROM campaigns
ORDER BY name, id`

// Names returns every campaign by what it is called in a language.
func Names(ctx context.Context, q postgres.Querier, language string) ([]Name, error) {
	var list []Name
	if err := q.SelectContext(ctx, &list, sqlNames, language); err != nil {
		return nil, fmt.Errorf("list the campaigns: %w", err)
	}
	return list, nil
}
