package duties

import (
	"slices"

	"daymark/internal/org/people"
)

// IsFor reports whether a task that a campaign file gives to who is, among others, for people of a role.
func IsFor(who string, role people.Role) bool {
	list := roles(who)
	return len(list) == 0 || slices.Contains(list, string(role))
}
