package smoke

import (
	"fmt"
	"slices"
	"strings"
	"time"

	sandbox "daymark/internal/sandbox/mastodon"
)

// differences returns in what a status differs from its release; tags are those that the network itself read in it.
func differences(p delivery, s sandbox.StatusState, tags []string) []string {
	f := p.release.Final
	var wrong []string
	differ := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, the release says %q", what, fmt.Sprint(got), fmt.Sprint(want)))
		}
	}
	if len(f.Parts) != 1 {
		return []string{fmt.Sprintf("the release has %d parts, and this compares single posts", len(f.Parts))}
	}
	differ("text", s.Text, f.Parts[0].Text)
	differ("language", s.Language, f.Language)
	differ("language of the delivery", s.Language, p.entry.Language)
	differ("content note", s.SpoilerText, f.ContentNote)
	differ("visibility", s.Visibility, f.Visibility)
	differ("account", s.Account, handle(f.Account))
	differ("number of pictures", len(s.Media), len(f.Parts[0].Pictures))
	for i := range min(len(s.Media), len(f.Parts[0].Pictures)) {
		got, want := s.Media[i], f.Parts[0].Pictures[i]
		differ("alt text", got.Description, want.Alt)
		if !strings.HasPrefix(s.Key, onBluesky) { // it gets the picture encoded anew
			differ("picture", got.SHA256, want.SHA256)
		}
		if got.Description == "" {
			wrong = append(wrong, "a picture has no alt text")
		}
	}
	if f.ContentNote != "" && !s.Sensitive {
		wrong = append(wrong, "it has a content note and is not marked as sensitive")
	}
	differ("hashtags", words(tags), words(p.tags))
	for _, t := range p.tags {
		if !strings.Contains(s.Text, "#"+t) {
			wrong = append(wrong, "the text lacks #"+t)
		}
	}
	// Statuses have an instant in milliseconds.
	if s.CreatedAt.Before(f.DueAt.Truncate(time.Millisecond)) {
		wrong = append(wrong, fmt.Sprintf("it was made at %s, before its time %s", s.CreatedAt, f.DueAt))
	}
	if !s.CreatedAt.Before(f.NotAfter) {
		wrong = append(wrong, fmt.Sprintf("it was made at %s, and the release allows it only until %s", s.CreatedAt, f.NotAfter))
	}
	return wrong
}

// handle is an account's name without sign and server.
func handle(account string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(account, "@"), "@")
	return name
}

// words sorts hashtags and writes them in one case, as networks compare them.
func words(tags []string) string {
	list := slices.Clone(tags)
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// twice reports a post that is on the network two times.
func twice(statuses []sandbox.StatusState) error {
	seen := map[string]string{}
	for _, s := range statuses {
		for _, mark := range []string{"key " + s.Key, "text of " + label(s) + ": " + s.Text} {
			if other, again := seen[mark]; again {
				return fmt.Errorf("%s and %s are the same post: %s", other, s.URL, mark)
			}
			seen[mark] = s.URL
		}
	}
	return nil
}

// figures are counts by their name on the page.
type figures map[string]int

// of adds up the counts of statuses.
func of(statuses []sandbox.StatusState) figures {
	f := figures{"favourites": 0, "boosts": 0, "replies": 0}
	for _, s := range statuses {
		f["favourites"] += s.Favourites
		f["boosts"] += s.Reblogs
		f["replies"] += s.Replies
	}
	return f
}

// by adds up the counts of statuses by a property.
func by(statuses []sandbox.StatusState, property func(sandbox.StatusState) string) map[string]figures {
	groups := map[string][]sandbox.StatusState{}
	for _, s := range statuses {
		groups[property(s)] = append(groups[property(s)], s)
	}
	sums := map[string]figures{}
	for name, list := range groups {
		sums[name] = of(list)
	}
	return sums
}

// equal reports the first figure of the sandbox that the page shows otherwise.
func equal(where string, page, network figures) error {
	for name, n := range network {
		if got, there := page[name]; !there || got != n {
			return fmt.Errorf("%s: the page shows %d %s, the sandbox counts %d", where, got, name, n)
		}
	}
	return nil
}

// agree compares a reach page with the statuses: the totals, each channel and each language.
func agree(p reachPage, statuses []sandbox.StatusState) error {
	if err := equal("totals", p.totals, of(statuses)); err != nil {
		return err
	}
	if p.out != len(statuses) {
		return fmt.Errorf("the page says that %d deliveries are out, the sandbox has %d", p.out, len(statuses))
	}
	// A channel's label is its name with the handle in brackets.
	for account, network := range by(statuses, label) {
		row, err := p.row("reach-channel", account)
		if err != nil {
			return err
		}
		if err := equal(account, row, network); err != nil {
			return err
		}
	}
	for language, network := range by(statuses, func(s sandbox.StatusState) string { return s.Language }) {
		row, err := p.row("reach-language", names[language])
		if err != nil {
			return err
		}
		if err := equal(language, row, network); err != nil {
			return err
		}
	}
	return nil
}

// names are what the page calls the languages.
var names = map[string]string{"ar": "Arabic", "en": "English", "es": "Spanish", "fr": "French"}
