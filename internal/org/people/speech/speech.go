// Package speech is the language in which a person wants the pages. Which languages there are is the pages' business.
package speech

import (
	"context"
	"fmt"

	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const sqlChoose = `
UPDATE people
SET interface = NULLIF($2, '')
WHERE id = $1 AND role <> 'system'`

// Choose keeps the language in which a person wants the pages; empty is as their browser asks.
func Choose(ctx context.Context, tx *postgres.Tx, person people.Person, language string) error {
	if person.Interface == language {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlChoose, person.ID, language); err != nil {
		return fmt.Errorf("set the language of person %d: %w", person.ID, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: person.ID, Action: "person.language_chosen", Kind: "person", ID: person.ID, Detail: map[string]any{"language": language},
	})
}
