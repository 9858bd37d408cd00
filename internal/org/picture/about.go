package picture

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// About is what is said of a picture.
type About struct {
	Alt         map[string]string // by language; an empty one takes the language out
	Tags        []string
	ShowsPerson bool
}

const sqlDescribe = `
UPDATE pictures
SET alt = $2, tags = $3, shows_person = $4, version = version + 1
WHERE sha256 = $1
  AND version = $5
  AND gone_at IS NULL`

// Describe writes what a picture shows. It is refused with a Conflict when somebody else was faster than the version read. Posts keep
// what they say of it.
func Describe(ctx context.Context, tx *postgres.Tx, sum string, a About, read int, by people.Person) error {
	p, err := changeable(ctx, tx, sum, by)
	if err != nil {
		return err
	}
	if a, err = a.clean(); err != nil {
		return err
	}
	if p.ShowsPerson && !a.ShowsPerson {
		return fault.BadField("person", "is for the safeguarding lead to take back: a picture of a person needs their consent")
	}
	alt, err := json.Marshal(a.Alt)
	if err != nil {
		return fmt.Errorf("write what picture %s shows: %w", sum, err)
	}
	raw, err := unhex(sum)
	if err != nil {
		return err
	}
	if err := change(ctx, tx, sqlDescribe, raw, string(alt), pq.Array(a.Tags), a.ShowsPerson, read); err != nil {
		return err
	}
	return note(ctx, tx, by, "picture.described", sum, map[string]any{"tags": a.Tags, "shows_person": a.ShowsPerson, "had_person": p.ShowsPerson})
}

// clean tidies what is said, or says what is wrong with it.
func (a About) clean() (About, error) {
	var wrong []fault.Problem
	out := About{Alt: map[string]string{}, Tags: []string{}, ShowsPerson: a.ShowsPerson}
	for code, said := range a.Alt {
		said = norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(said, "\r\n", "\n")))
		field := "alt-" + code
		if tag, err := language.Parse(code); err != nil || tag.String() != code {
			wrong = append(wrong, fault.Wrong(field, "is for no language that Daymark knows"))
			continue
		}
		if r, at, unsafe := text.FirstUnsafe(said); unsafe {
			wrong = append(wrong, fault.Wrong(field, "has a character that cannot be seen, %U at character %d; take it out", r, utf8.RuneCountInString(said[:at])+1))
		}
		if n := utf8.RuneCountInString(said); n > MaxAlt {
			wrong = append(wrong, fault.Wrong(field, "has %d characters; more than %d cannot be kept", n, MaxAlt))
		}
		if said != "" {
			out.Alt[code] = said
		}
	}
	for _, tag := range a.Tags {
		tag = norm.NFC.String(strings.Join(strings.Fields(strings.ToLower(strings.TrimPrefix(tag, "#"))), " "))
		_, _, unsafe := text.FirstUnsafe(tag)
		switch {
		case tag == "" || slices.Contains(out.Tags, tag):
		case unsafe || strings.ContainsFunc(tag, unicode.IsControl) || utf8.RuneCountInString(tag) > maxTag:
			wrong = append(wrong, fault.Wrong("tags", "has a tag that is too long or is no plain word"))
		default:
			out.Tags = append(out.Tags, tag)
		}
	}
	if len(out.Tags) > MaxTags {
		wrong = append(wrong, fault.Wrong("tags", "has %d tags; %d are the most", len(out.Tags), MaxTags))
	}
	slices.Sort(out.Tags)
	if len(wrong) > 0 {
		return About{}, fault.BadFields(wrong)
	}
	return out, nil
}
