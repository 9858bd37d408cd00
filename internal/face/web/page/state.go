package page

import "daymark/internal/core/post"

// Mark is a state as people see it everywhere: an icon, a word and, third, a tone.
type Mark struct {
	ID   string // for tests and styles: "scheduled"
	Icon string
	Word string
	Tone string // quiet, look, ready, live or harm
}

// Standing is where a delivery stands, with what the review knows about its words.
type Standing string

// The standings that a held delivery can have besides its reason to be held.
const (
	Drafted  Standing = "draft"   // nobody has been asked to approve it
	InReview Standing = "review"  // it waits for reviewers
	Changes  Standing = "changes" // a reviewer asked for changes
)

// marks is the one table of states. The most urgent comes first: a group of deliveries shows the first that any of them has.
var marks = []struct {
	standing   Standing
	icon, tone string
}{
	{"failed", "octagon-x", "harm"},
	{"missed", "circle-alert", "harm"},
	{"unknown", "circle-help", "look"},
	{"decision", "circle-help", "look"},
	{"overdue", "clock", "look"},
	{"paused", "circle-pause", "look"},
	{"sending", "send", "ready"},
	{Changes, "message-square", "look"},
	{"edited", "pencil", "look"},
	{Drafted, "circle-dashed", "quiet"},
	{InReview, "inbox", "look"},
	{"scheduled", "check", "ready"},
	{"published", "circle-check", "live"},
	{"removed", "trash-2", "quiet"},
	{"cancelled", "ban", "quiet"},
}

// StandingOf returns the standing of a delivery; review is what the review knows, empty when nobody has been asked.
func StandingOf(state post.State, hold post.Hold, review Standing) Standing {
	if state != post.Held {
		return Standing(state)
	}
	switch hold {
	case post.ForApproval, post.ForEdited:
		switch {
		case review != "":
			return review
		case hold == post.ForEdited:
			return Standing(post.ForEdited)
		}
		return Drafted
	case post.ForPaused, post.ForOverdue, post.ForDecision:
		return Standing(hold)
	}
	return Drafted
}

// MarkOf returns the mark of a standing.
func (w Words) MarkOf(s Standing) Mark {
	for _, m := range marks {
		if m.standing == s {
			return Mark{ID: string(s), Icon: m.icon, Word: w.T("state." + string(s)), Tone: m.tone}
		}
	}
	return Mark{ID: string(s), Icon: "circle-dashed", Word: string(s), Tone: "quiet"}
}

// Standings lists every standing, the most urgent first.
func Standings() []Standing {
	list := make([]Standing, len(marks))
	for i, m := range marks {
		list[i] = m.standing
	}
	return list
}

// Tally is how many deliveries have a standing.
type Tally struct {
	Mark  Mark
	Count int
}

// TallyUp counts standings, the most urgent first.
func (w Words) TallyUp(list []Standing) []Tally {
	counts := map[Standing]int{}
	for _, s := range list {
		counts[s]++
	}
	var out []Tally
	for _, s := range Standings() {
		if counts[s] > 0 {
			out = append(out, Tally{Mark: w.MarkOf(s), Count: counts[s]})
		}
	}
	return out
}
