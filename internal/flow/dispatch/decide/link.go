package decide

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
)

// maxLink is how long a link may be; no network's are near it.
const maxLink = 2000

// pointed is the post that a person's link points to.
type pointed struct {
	id, uri, url string
}

// hosts are the names under which people read what is on networks with one site for all.
var hosts = map[platform.Network][]string{
	platform.X:       {"x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"},
	platform.Bluesky: {"bsky.app"},
}

var (
	numeral = regexp.MustCompile(`^[0-9]{1,20}$`)             // posts of X (https://docs.x.com/fundamentals/x-ids)
	record  = regexp.MustCompile(`^[0-9A-Za-z._:~-]{1,512}$`) // record keys (https://atproto.com/specs/record-key)
	status  = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)       // numbers of Mastodon, ULIDs of GoToSocial, flake ids of Pleroma
)

// read makes a copy's names of the link that a person gives: the post's id where the link has the network's usual form, else the
// link itself. A link to another host, or to another account's post, is refused.
func read(w Waiting, link string) (pointed, error) {
	link = strings.TrimSpace(link)
	if link == "" && w.ByHand() { // not everything has one: a newsletter, a status that lasts a day
		return pointed{id: fmt.Sprintf("by hand, attempt %d", w.Attempt)}, nil
	}
	u, err := url.Parse(link)
	switch {
	case link == "":
		return pointed{}, fault.BadField("link", "Copy the link of the post from %s.", w.Handle)
	case err != nil || len(link) > maxLink || u.Host == "" || u.User != nil || strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return pointed{}, fault.BadField("link", "That is no link. Copy it from the address line of the post's own page.")
	case u.Scheme != "https" && (u.Scheme != "http" || !w.Sandbox):
		return pointed{}, fault.BadField("link", "The link has to begin with https://.")
	}
	if w.ByHand() { // on whichever site the network shows it
		return pointed{id: link, uri: link, url: link}, nil
	}
	allowed := slices.Clone(hosts[w.Network])
	if home, err := url.Parse(w.Address); err == nil && (len(allowed) == 0 || w.Sandbox) {
		allowed = append(allowed, strings.ToLower(home.Host))
	}
	if !slices.Contains(allowed, strings.ToLower(u.Host)) {
		return pointed{}, fault.BadField("link", "That link leads to %s, but the posts of %s are at %s.", u.Host, w.Handle, allowed[0])
	}
	whose, id := named(w.Network, strings.Split(strings.Trim(u.Path, "/"), "/"))
	if whose != "" && !w.owns(whose) {
		return pointed{}, fault.BadField("link", "That is a post of %s, and this delivery goes to %s.", whose, w.Handle)
	}
	u.RawQuery, u.Fragment = "", ""
	switch {
	case id == "":
		return pointed{id: link, uri: link, url: link}, nil
	case w.Network == platform.Bluesky:
		return pointed{id: id, uri: "at://" + w.Remote + "/app.bsky.feed.post/" + id, url: u.String()}, nil
	}
	return pointed{id: id, uri: u.String(), url: u.String()}, nil
}

// named reads whose post a path names, and its id; neither where the path has no form that the network is known to use.
func named(network platform.Network, path []string) (whose, id string) {
	part := func(n int) string {
		if n < len(path) {
			return path[n]
		}
		return ""
	}
	switch network {
	case platform.X: // /name/status/1
		if part(1) == "status" && numeral.MatchString(part(2)) {
			if whose = part(0); whose == "i" {
				whose = "" // a short form without the name
			}
			return whose, part(2)
		}
	case platform.Bluesky: // /profile/name-or-did/post/key
		if part(0) == "profile" && part(2) == "post" && record.MatchString(part(3)) {
			return part(1), part(3)
		}
	case platform.Mastodon: // /@name/1, /@name/statuses/1 and /users/name/statuses/1
		switch at, rest := strings.CutPrefix(part(0), "@"); {
		case rest && len(path) == 2 && status.MatchString(part(1)):
			return at, part(1)
		case rest && part(1) == "statuses" && status.MatchString(part(2)):
			return at, part(2)
		case part(0) == "users" && part(2) == "statuses" && status.MatchString(part(3)):
			return part(1), part(3)
		}
	}
	return "", ""
}

// owns reports whether a name in a link is that of the delivery's account.
func (w Waiting) owns(name string) bool {
	own := strings.TrimPrefix(w.Handle, "@")
	if w.Network == platform.Mastodon {
		own, _, _ = strings.Cut(own, "@")
	}
	return strings.EqualFold(name, own) || (w.Network == platform.Bluesky && name == w.Remote)
}
