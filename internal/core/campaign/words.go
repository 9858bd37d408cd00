package campaign

import "slices"

// Networks are the networks a campaign may name. A name may be here before its connector exists.
var Networks = []string{
	"mastodon", "bluesky", "x", "threads", "instagram", "facebook", "linkedin", "telegram", "discord", "slack",
}

// Tokens are the names that texts may have in double braces. A text may state a fact by its id, too: {{fact:F02}}.
var Tokens = []string{
	"org",      // the charity's name
	"link",     // the link of the campaign or the charity
	"helpline", // where to find help, by the channel's country
	"theme",    // the observance's motto of the year; may be empty
	"year",     // the year of the edition
	"reach",    // how many people the edition reached; known only after it
	"visits",   // how many opened the help page; known only after it

	"support",                 // what the charity offers to somebody whom the post troubled
	"resources_professionals", // its page for people who may meet those who need help
	"resources_at_risk",       // its page for people who may need help now
}

// The people a message is for. Each may have a page of its own.
const (
	General       = "general"       // everybody
	Professionals = "professionals" // who may meet people that need help in their work
	AtRisk        = "at_risk"       // who may need help now
)

// Audiences lists the people a message may be for.
var Audiences = []string{General, Professionals, AtRisk}

// CTA is the call to action: the one thing that a message asks people to do.
type CTA struct {
	Kind  string            `json:"kind"`            // what sort, such as learn or share, in the charity's own words
	Label map[string]string `json:"label,omitempty"` // what a button says, by language
}

// Review is what a message needs from reviewers, beyond the charity's own rules; it can only ask for more.
type Review struct {
	Approvals int      `json:"approvals,omitempty"` // how many people; zero leaves it to the rules
	Roles     []string `json:"roles,omitempty"`     // one approval by each of these
}

// Task is something that people do for a campaign, by a day.
type Task struct {
	ID     string `json:"id"` // unique in the campaign and kept for ever, so that a done-mark finds its task
	Offset Offset `json:"offset"`
	Who    string `json:"who"`
	What   string `json:"what"`
}

// Text returns what the first part of the message says in a language on a network: the variant made for both, else the
// language's text. It is false when the message does not speak the language.
func (m Message) Text(language, network string) (string, bool) {
	return m.PartText(0, language, network)
}

// Parts returns how many posts the message is: one, or more for a thread.
func (m Message) Parts() int { return 1 + len(m.Thread) }

// PartText is [Message.Text] for the part with the index, from 0.
func (m Message) PartText(part int, language, network string) (string, bool) {
	for _, v := range m.Variants {
		if v.Language == language && v.Network == network && max(v.Part, 1) == part+1 {
			return v.Text, true
		}
	}
	texts := m.Texts
	if part > 0 {
		texts = m.Thread[part-1].Texts
	}
	s, ok := texts[language]
	return s, ok
}

// PartMedia returns the pictures of the part with the index, from 0.
func (m Message) PartMedia(part int) []Media {
	if part > 0 {
		return m.Thread[part-1].Media
	}
	return m.Media
}

// TagsOn returns the hashtags of the message on a network.
func (m Message) TagsOn(network string) []string {
	if tags, own := m.NetworkTags[network]; own {
		return tags
	}
	return m.Hashtags
}

// GoesTo reports whether a channel on the network with the labels gets the message.
func (m Message) GoesTo(network string, labels []string) bool {
	has := func(label string) bool { return slices.Contains(labels, label) }
	return (len(m.Labels) == 0 || slices.ContainsFunc(m.Labels, has)) && !slices.ContainsFunc(m.WithoutLabels, has) &&
		(len(m.Networks) == 0 || network == "" || slices.Contains(m.Networks, network))
}

// Link returns the page for the message's audience, and "" where the campaign leaves it to the charity.
func (c Campaign) Link(m Message) string {
	if page, ok := c.Resources[m.Audience]; ok && m.Audience != "" {
		return page
	}
	return c.Resources[General]
}
