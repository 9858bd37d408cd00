package web

import (
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

// limited returns NotFound for what lies outside of a person's limits.
func (s *server) limited(r *request, pattern string) error {
	kind := kindOf(pattern)
	if kind == "" || !r.person.Limited() {
		return nil
	}
	id, err := r.id()
	if err != nil {
		return err
	}
	return scope.Check(r.Context(), s.DB, r.person, kind, id)
}
