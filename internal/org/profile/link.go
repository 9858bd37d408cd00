package profile

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkLink says what is wrong with a link, or nothing. Plain http is for a page on this machine only.
func checkLink(link string) string {
	const want = "write a full address such as https://example.org"
	if link == "" {
		return "give the organisation's link; " + want
	}
	if n := utf8.RuneCountInString(link); n > maxLink {
		return fmt.Sprintf("has %d characters; use at most %d, it goes into posts", n, maxLink)
	}
	if strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "has a space in it; " + want
	}
	u, err := url.Parse(link)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return "is not an address; " + want
	}
	if u.User != nil {
		return "has a user name or password in it; leave it out"
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return ""
	}
	if u.Scheme == "http" {
		return "is not encrypted; use https://"
	}
	return fmt.Sprintf("begins with %s:; use https://", u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hostForm is a host as a link has it: labels of letters, digits and hyphens (RFC 1123, section 2.1), two at least. Names in
// other scripts are written as they are; browsers turn them into their xn-- form.
var hostForm = regexp.MustCompile(`^([\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])$`)

// checkHost says what is wrong with a host that links may lead to, or nothing.
func checkHost(host string) string {
	if len(host) > 253 || !hostForm.MatchString(host) {
		return fmt.Sprintf("%q is no host: write it without https:// and without a path, such as example.org", host)
	}
	return ""
}

// LinkHosts returns the hosts that links in posts may lead to, in order: those on the list and those of the profile's own pages.
// It is empty when there is no list and no page.
func (p Profile) LinkHosts() []string {
	hosts := slices.Clone(p.Hosts)
	pages := []string{p.Link}
	for _, page := range p.Resources {
		pages = append(pages, page)
	}
	for _, page := range pages {
		if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
			hosts = append(hosts, strings.ToLower(u.Hostname()))
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
