// Package library is the desk for what the whole team shares beside its posts: the organisation's own words, and the content rules.
// Facts and helplines have desks of their own, in the folders below.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk decides nothing: internal/flow/draft
// saves the profile and renews the posts that say a value of it.
package library

import (
	"daymark/internal/core/lint"
	"daymark/internal/face/web/library/form"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db    *postgres.DB
	again form.Again
	rules *lint.Set
}

// New returns a desk; again submits renewed posts.
func New(db *postgres.DB, rules *lint.Set, again form.Again) Desk {
	return Desk{db: db, again: again, rules: rules}
}
