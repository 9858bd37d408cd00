package web

import (
	"context"
	"strings"

	"daymark/internal/org/people"
)

// rights writes down what a person may do, so that a change of it can be seen.
func rights(p people.Person) string {
	may := []string{string(p.Role)}
	for _, what := range people.Permissions() {
		if p.May(what) {
			may = append(may, string(what))
		}
	}
	return strings.Join(may, " ")
}

// rotate gives the session a new token when the person may do other things than when the token was made: whoever came by the old
// one does not come by the new rights with it (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege
// Level Change").
func (s *server) rotate(ctx context.Context, p people.Person) error {
	now := rights(p)
	if s.sessions.GetString(ctx, keyRights) == now {
		return nil
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyRights, now)
	return nil
}
