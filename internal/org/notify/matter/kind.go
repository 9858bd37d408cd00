// Package matter decides who is written to of what the team is told: which people a notice concerns, and whether each of them wants to
// hear of it at once, once a day or not at all.
//
// The notices of internal/org/notice are the one place where matters are told; this package reads them and puts letters into the
// outbox of internal/org/notify. A letter says what the notice says, with a link; of a post marked sensitive it says only that there
// is something. The package sends nothing.
package matter

import (
	"slices"
	"strings"

	"daymark/internal/org/people"
)

// Kind is a kind of matter that somebody can wish to be told of or not.
type Kind string

// The kinds, the most urgent first.
const (
	TakeDown Kind = "takedown" // something is taken down from the networks
	Now      Kind = "now"      // something goes out as soon as it is approved
	Missed   Kind = "missed"   // something did not go out, or is not out any more
	Decision Kind = "decision" // somebody has to decide, or to post by hand
	Risk     Kind = "risk"     // something may not go out
	Review   Kind = "review"   // a draft waits for the person's word, or their word no longer counts
	Task     Kind = "task"     // a task of an edition is due
	Check    Kind = "check"    // a fact or a helpline has to be checked
	Account  Kind = "account"  // an account, an address or the mail server needs somebody
)

// Kinds returns every kind, the most urgent first.
func Kinds() []Kind {
	return []Kind{TakeDown, Now, Missed, Decision, Risk, Review, Task, Check, Account}
}

// How says when somebody is told.
type How string

// The ways.
const (
	Once  How = "once"  // at once
	Daily How = "daily" // in one letter a day
	Off   How = "off"
)

// Choices returns what a person may choose for a kind; one alone is none. What is taken down is a matter of somebody's safety, and
// those who answer for it cannot turn it off. What goes out now is of no use a day later.
func Choices(kind Kind, role people.Role) []How {
	switch {
	case kind == TakeDown && (role == people.RoleAdmin || role == people.RoleSafeguarding):
		return []How{Once}
	case kind == Now:
		return []How{Once, Off}
	}
	return []How{Once, Daily, Off}
}

// Usual is what holds for somebody who has chosen nothing.
func Usual(kind Kind, role people.Role) How {
	switch kind {
	case TakeDown:
		if role == people.RoleAdmin || role == people.RoleSafeguarding {
			return Once
		}
		return Daily
	case Now, Missed, Decision, Risk, Review:
		return Once
	case Task, Check, Account:
	}
	return Daily
}

// needs names a permission that makes a kind somebody's matter where the notice itself names nobody.
var needs = map[Kind][]people.Permission{
	TakeDown: {people.TakeDown},
	Now:      {people.PostApprove},
	Missed:   {people.PostDecide},
	Decision: {people.PostDecide},
	Risk:     {people.PostSubmit},
	Review:   {people.PostApprove, people.PostSubmit},
	Task:     {people.PostEdit},
	Check:    {people.HelplineCheck, people.FactEdit},
	Account:  {people.ChannelManage},
}

// Concerns reports whether a kind is somebody's matter by their role.
func Concerns(kind Kind, p people.Person) bool {
	return p.Role != people.RoleSystem && p.Role != people.RoleOutside && slices.ContainsFunc(needs[kind], p.May)
}

// byKey sorts notices by how their key begins. The longer beginning stands first.
var byKey = []struct {
	begins string
	kind   Kind
}{
	{"at-risk:approval:", Review},
	{"at-risk:fact:", Check},
	{"at-risk:account:", Account},
	{"at-risk:budget:", Account},
	{"at-risk:", Risk},
	{"approve-soon:", Review},
	{"approve-late:", Review},
	{"void:", Review},
	{"by-link:", Review},
	{"review-waits:", Review},
	{"prompt-missed:", Missed},
	{"prompt:", Now},
	{"missed:", Missed},
	{"without-helpline:", Missed},
	{"readback-", Missed},
	{"by-hand:", Decision},
	{"decide:", Decision},
	{"replies:", Decision},
	{"takedown", TakeDown},
	{"task:", Task},
	{"helpline-", Check},
	{"fact-", Check},
	{"check:", Check},
	{"consent-over:", TakeDown},
	{"consent-", Check},
	{"channel-", Account},
	{"mail-", Account},
}

// bySubject sorts the others by what they are about.
var bySubject = map[string]Kind{
	"helpline": Check, "fact": Check, "submission": Review, "byhand": Decision, "takedown": TakeDown, "channel": Account, "person": Account,
	"task": Task,
}

// KindOf returns the kind of a notice. One that nobody sorted is at worst told to too many people.
func KindOf(key, subject string) Kind {
	for _, one := range byKey {
		if strings.HasPrefix(key, one.begins) {
			return one.kind
		}
	}
	if kind := bySubject[subject]; kind != "" {
		return kind
	}
	return Risk
}
