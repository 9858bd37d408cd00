package words

import (
	"crypto/sha256"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// Link is a link in a text, by byte offsets.
type Link struct {
	Start, End int
	Target     string // with a scheme
}

var (
	host = regexp.MustCompile(`(?i)(https?://)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?:xn--[a-z0-9]+|\p{L}{2,}))`)
	port = regexp.MustCompile(`^:[0-9]+`)
	// After the host: the characters X takes into a path and a query. It stops before the others, an accent in a query
	// among them.
	path   = regexp.MustCompile(`^/(?i:[a-z0-9\p{Cyrillic}\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}!*';:=+,.$/%#\[\]\-–_~@|&()])*`)
	query  = regexp.MustCompile(`^\?(?i:[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|])*`)
	ending = struct{ path, query *regexp.Regexp }{
		regexp.MustCompile(`(?i)[a-z0-9\p{Cyrillic}\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}=_#/+\-]$`),
		regexp.MustCompile(`(?i)[a-z0-9\-_&=#/]$`),
	}
)

// Links returns the links that X makes of a text, with and without a scheme, in their order.
func Links(text string) []Link {
	var out []Link
	for at := 0; at < len(text); {
		m := host.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		start, hostStart, hostEnd := at+m[0], at+m[4], at+m[5]
		scheme := m[2] >= 0
		end := endOfHost(text, hostStart, hostEnd)
		if end == 0 || !free(text[:start], scheme) || strings.HasPrefix(text[end:], "@") {
			at = skip(text, max(start, hostStart))
			continue
		}
		end += len(port.FindString(text[end:]))
		end += len(closed(path.FindString(text[end:]), ending.path))
		end += len(trimmed(query.FindString(text[end:]), ending.query))
		target := text[start:end]
		if !scheme {
			target = "http://" + target
		}
		out = append(out, Link{Start: start, End: end, Target: target})
		at = end
	}
	return out
}

// skip returns where to look on after what is no link: behind the word.
func skip(text string, at int) int {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return at + size
		}
		at += size
	}
	return at
}

// endOfHost returns where a host that ends in a known top-level domain ends, 0 when it never does.
func endOfHost(text string, start, end int) int {
	for {
		name := text[start:end]
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return 0
		}
		r, _ := utf8.DecodeRuneInString(text[end:])
		inWord := end < len(text) && r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if _, icann := publicsuffix.PublicSuffix("a." + strings.ToLower(name[dot+1:])); icann && !inWord {
			return end
		}
		end = start + dot
	}
}

// free reports whether a link may begin after what is before it.
func free(before string, scheme bool) bool {
	r, size := utf8.DecodeLastRuneInString(before)
	if size == 0 {
		return true
	}
	if strings.ContainsRune("@＠$#＃", r) || r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return false
	}
	return scheme || !strings.ContainsRune("-_./", r)
}

// closed cuts a path to where it can end; a closing bracket ends it when it was opened within.
func closed(s string, ending *regexp.Regexp) string {
	for len(s) > 1 {
		if strings.HasSuffix(s, ")") && strings.Count(s, "(") == strings.Count(s, ")") || ending.MatchString(s) && strings.Count(s, "(") == strings.Count(s, ")") {
			return s
		}
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// trimmed cuts a query to where it can end.
func trimmed(s string, ending *regexp.Regexp) string {
	for len(s) > 0 && !ending.MatchString(s) {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// Short returns the t.co link number n of a post.
func Short(post string, n int) string {
	sum := sha256.Sum256([]byte(post + " " + strconv.Itoa(n)))
	word := new(big.Int).SetBytes(sum[:12]).Text(62)
	return "https://t.co/" + word[:10]
}

// escape are the three characters that X escapes in the text of an answer.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Entity is a link as an answer lists it.
type Entity struct {
	Start       int    `json:"start"` // in code points of the text shown
	End         int    `json:"end"`
	URL         string `json:"url"`
	ExpandedURL string `json:"expanded_url"`
	DisplayURL  string `json:"display_url"`
	MediaKey    string `json:"media_key,omitempty"`
}

// Show returns a post's text as X answers with it: each link by its t.co link, one more for the pictures, and three
// characters escaped; and the links.
func Show(post, text string, pictures []string, page string) (string, []Entity) {
	var b strings.Builder
	var entities []Entity
	at := 0
	add := func(short string, e Entity) {
		e.Start = utf8.RuneCountInString(b.String())
		b.WriteString(short)
		e.End, e.URL = utf8.RuneCountInString(b.String()), short
		entities = append(entities, e)
	}
	for i, l := range Links(text) {
		b.WriteString(escape.Replace(text[at:l.Start]))
		display := l.Target
		if _, rest, found := strings.Cut(display, "://"); found {
			display = rest
		}
		if r := []rune(display); len(r) > 27 {
			display = string(r[:26]) + "…"
		}
		add(Short(post, i), Entity{ExpandedURL: l.Target, DisplayURL: display})
		at = l.End
	}
	b.WriteString(escape.Replace(text[at:]))
	if len(pictures) > 0 {
		short := Short(post, -1)
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		start := b.Len()
		for _, key := range pictures { // each picture is listed, all under one link
			if b.Len() == start {
				add(short, Entity{ExpandedURL: page + "/photo/1", DisplayURL: "pic.x.com/" + short[len(short)-10:], MediaKey: key})
				continue
			}
			e := entities[len(entities)-1]
			e.MediaKey = key
			entities = append(entities, e)
		}
	}
	return b.String(), entities
}
