package web

import (
	"net/http"
	"slices"
	"strings"

	"daymark/internal/org/people/scope"
)

// numbered are the addresses with a number of something that lies within or outside of a person's limits, by how their patterns
// begin. A test holds the table against the routes.
var numbered = []struct {
	prefix string
	kind   scope.Kind
}{
	{"/posts/{id}", scope.Post},
	{"/editions/{id}", scope.Edition},
	{"/campaigns/{id}/submit", scope.Edition},
	{"/reach/{id}", scope.Edition},
	{"/review/{id}", scope.Submission},
	{"/deliveries/{id}", scope.Delivery},
	{"/channels/{id}", scope.Channel},
	{"/offers/{id}", scope.Offer},
	{"/takedowns/{id}", scope.TakeDown},
}

// kindOf returns what the number in a route's address names; empty where everybody who may take the route sees every one.
func kindOf(pattern string) scope.Kind {
	_, path, _ := strings.Cut(pattern, " ")
	for _, n := range numbered {
		if path == n.prefix || strings.HasPrefix(path, n.prefix+"/") {
			return n.kind
		}
	}
	return ""
}

// wide are the forms that reach over all campaigns and accounts at once.
var wide = []string{
	"POST /pause/{id}/lift", "POST /pause/{id}/time", "POST /pause/{id}/leave-out", "POST /helplines/{id}/takedown", "POST /pictures/{sha256}/takedown",
}

// limited returns NotFound for what lies outside of a person's limits, and Forbidden for a form that reaches beyond them.
func (s *server) limited(r *request, pattern string) error {
	if !r.person.Limited() {
		return nil
	}
	if slices.Contains(wide, pattern) {
		return scope.Beyond()
	}
	kind := kindOf(pattern)
	if kind == "" {
		return nil
	}
	id, err := r.id()
	if err != nil {
		return err
	}
	if err := scope.Check(r.Context(), s.DB, r.person, kind, id); err != nil || r.Method != http.MethodPost {
		return err
	}
	return scope.Whole(r.Context(), s.DB, r.person, kind, id)
}
