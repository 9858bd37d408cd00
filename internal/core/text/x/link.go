package x

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"daymark/internal/core/text/domain"

	"golang.org/x/net/idna"
)

const (
	maxURL   = 4096 // bytes of a link, with its scheme
	maxLabel = 63   // bytes of a part of a domain, in Punycode (RFC 1035, section 2.3.4)
	maxSlug  = 40   // letters of a link that X itself has shortened
	maxTLD   = 20   // letters of a top-level domain outside of ASCII that are tried
)

// span is a link's place.
type span struct{ Start, End int }

// links returns the links of a text. A domain counts as a link with and without http:// or https:// when its top-level domain is
// known; twitter-text left out names of countries without a path until 2018, and version 3 no longer does.
func links(s string) []span {
	var found []span
	from := 0 // what lies before is read, and is not even looked at for what stands before a link
	for at := 0; at < len(s); {
		dot := strings.IndexByte(s[at:], '.')
		if dot < 0 {
			break
		}
		r := runAround(s, from, at+dot)
		found, from = r.links(found, from)
		at = max(from, r.end)
	}
	return found
}

// run is a stretch of text that may be a domain, cut into labels at its dots.
type run struct {
	s          string
	start, end int
	labels     []label
}

// label is one part of a run.
type label struct {
	start, end int  // end is the dot's offset, or the run's end
	closed     bool // it ends in a letter or the like, not in a hyphen or low line
	low        int  // offset of its last low line; -1 when it has none
	tld        int  // where the top-level domain behind its dot ends; 0 when there is none
	onward     int  // the last label at which a domain may end that goes on behind this one; -1 when there is none
}

// runAround returns the run that has the dot at an offset; it does not reach back before from.
func runAround(s string, from, dot int) run {
	r := run{s: s, start: dot}
	for r.start > from {
		c, size := utf8.DecodeLastRuneInString(s[from:r.start])
		if !inRun(c) {
			break
		}
		r.start -= size
	}
	r.end = r.start
	l := label{start: r.start, low: -1}
	last := rune('.')
	for {
		c, size := utf8.DecodeRuneInString(s[r.end:])
		if size == 0 || !inRun(c) {
			break
		}
		switch c {
		case '.':
			l.end, l.closed = r.end, last != '-' && last != '_' && last != '.'
			r.labels = append(r.labels, l)
			l = label{start: r.end + 1, low: -1}
		case '_':
			l.low = r.end
		}
		last = c
		r.end += size
	}
	for k := len(r.labels) - 1; k >= 0; k-- {
		l := &r.labels[k]
		l.tld, l.onward = tldAt(s, l.end+1), -1
		if k+1 == len(r.labels) {
			continue
		}
		if next := r.labels[k+1]; next.closed && opens(s, next.start) {
			switch {
			case next.onward >= 0:
				l.onward = next.onward
			case next.low < 0 && next.tld > 0:
				l.onward = k + 1
			}
		}
	}
	return r
}

// links adds the links of the run and returns how far the text is read. Only what lies behind from may be used, the character
// before a link included.
func (r run) links(found []span, from int) ([]span, int) {
	for k := range r.labels {
		l := r.labels[k]
		if !l.closed || (l.onward < 0 && l.tld == 0) {
			continue
		}
		if k == 0 {
			if scheme := schemeBefore(r.s, from, r.start); scheme >= 0 && opens(r.s, r.start) && (l.onward >= 0 || l.low < 0) {
				end, next, ok := r.tail(scheme, r.start, l.domainEnd(r), true)
				if ok {
					found = append(found, span{scheme, end})
				}
				from = next
				continue
			}
		}
		for at := max(l.start, from); at < l.end; {
			c, size := utf8.DecodeRuneInString(r.s[at:])
			starts := func(at int) bool { return opens(r.s, at) && (l.onward >= 0 || at > l.low) }
			if !starts(at) || !mayPrecede(r.s, from, at) || (at == 0 && !blocks(c) && starts(size) && size < l.end) {
				at += size // a first letter with an accent counts as what stands before: X makes a link of the rest of "École.com"
				continue
			}
			domainEnd := l.domainEnd(r)
			end, next, ok := r.tail(at, at, domainEnd, false)
			if before, _ := utf8.DecodeLastRuneInString(r.s[:at]); ok && (at == 0 || !strings.ContainsRune("-_./", before)) {
				found = appendASCII(found, r.s, at, domainEnd, end)
			}
			from = next
			break
		}
	}
	return found, from
}

// domainEnd returns where the longest domain ends that begins in the label.
func (l label) domainEnd(r run) int {
	if l.onward >= 0 {
		return r.labels[l.onward].tld
	}
	return l.tld
}

// tail returns where the link with this domain ends, how far the text is read with it, and false when no link may look like this.
func (r run) tail(start, host, domainEnd int, scheme bool) (end, next int, ok bool) {
	s := r.s
	next = domainEnd
	if next < len(s) && s[next] == ':' {
		if port := digits(s, next+1); port > next+1 {
			next = port
		}
	}
	if next < len(s) && s[next] == '/' {
		next = pathEnd(s, next)
	}
	next = queryEnd(s, next)
	if next-start > maxURL || !labelsFit(s[host:domainEnd]) {
		return next, next, false
	}
	if scheme {
		if length, is := ownLink(s[start:next]); is {
			return start + length, next, length > 0
		}
	}
	return next, next, true
}

// inLabel reports whether a character may stand in a part of a domain at either end: anything but ASCII punctuation, spaces and
// marks of direction. The quotation mark, the accent and the emoji among the rest are X's own choice.
func inLabel(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return !strings.ContainsRune(" \t\n\v\f\r!'#%&()*+,\\-./:;<=>?@[]^_{|}~$", r)
	case r == 0x180e, r == '\ufffe', r == '\ufeff', r == '\uffff':
		return false
	}
	return !unicode.IsSpace(r) && !directs(r)
}

func inRun(r rune) bool { return r == '.' || r == '-' || r == '_' || inLabel(r) }

// opens reports whether a part of a domain may begin at an offset.
func opens(s string, at int) bool {
	c, size := utf8.DecodeRuneInString(s[at:])
	return size > 0 && inLabel(c)
}

func directs(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || r == '\u061c' || r == '\u200e' || r == '\u200f' || '\u2066' <= r && r <= '\u2069'
}

// mayPrecede reports whether what stands before an offset, and not before from, lets a link begin there.
func mayPrecede(s string, from, at int) bool {
	if at == 0 {
		return true
	}
	if at <= from {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s[:at])
	return !blocks(r)
}

// blocks reports whether a character keeps a link from beginning behind it.
func blocks(r rune) bool {
	return isAlphanumeric(r) || strings.ContainsRune("@＠$#＃\ufffe\ufeff\uffff", r)
}

// schemeBefore returns where the http:// or https:// begins that stands right before an offset, and -1 when there is none.
func schemeBefore(s string, from, at int) int {
	for _, scheme := range []string{"https://", "http://"} {
		if start := at - len(scheme); start >= from && strings.EqualFold(s[start:at], scheme) {
			if mayPrecede(s, from, start) {
				return start
			}
			return -1
		}
	}
	return -1
}

// tldAt returns where the known top-level domain at an offset ends, 0 when there is none. Latin letters may follow other letters
// at once, but no letter, digit, hyphen, plus or at sign may follow it.
func tldAt(s string, at int) int {
	end := at
	for end < len(s) && isAlphanumeric(rune(s[end])) {
		end++
	}
	if end > at {
		if strings.HasPrefix(s[end:], "--") && strings.EqualFold(s[at:end], "xn") {
			for end < len(s) && (s[end] == '-' || isAlphanumeric(rune(s[end]))) {
				end++
			}
			return end // X takes any name in Punycode
		}
		if (end < len(s) && strings.IndexByte("@+-", s[end]) >= 0) || !domain.Known(strings.ToLower(s[at:end])) {
			return 0
		}
		return end
	}
	var ends [maxTLD]int
	letters := 0
	for letters < maxTLD && end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if r < utf8.RuneSelf || !(unicode.IsLetter(r) || unicode.IsMark(r)) {
			break
		}
		end += size
		ends[letters] = end
		letters++
	}
	for ; letters > 0; letters-- {
		end := ends[letters-1]
		follows := end < len(s) && (isAlphanumeric(rune(s[end])) || strings.IndexByte("@+-", s[end]) >= 0)
		if !follows && domain.Known(s[at:end]) {
			return end
		}
	}
	return 0
}

// labelsFit reports whether every part of a domain is short enough in Punycode.
func labelsFit(host string) bool {
	for part := range strings.SplitSeq(host, ".") {
		if len(part) <= maxLabel/4 {
			continue
		}
		length := 0
		for piece := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == '。' || r == '．' || r == '｡' }) {
			if ascii, err := idna.Punycode.ToASCII(piece); err == nil {
				piece = ascii
			}
			length += len(piece) + 1
		}
		if length-1 > maxLabel {
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool { return '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' }
