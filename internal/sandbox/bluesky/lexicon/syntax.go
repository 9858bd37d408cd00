// Package lexicon knows what a Bluesky server takes as a record, and more strictly than one: it reads the rules of
// https://github.com/bluesky-social/atproto/tree/main/lexicons by its own code, apart from the connector that it helps to test.
//
// It also names contents as repositories do. It keeps nothing and calls nobody.
package lexicon

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Graphemes counts the characters that a person sees, cluster by cluster, by the newest Unicode as Bluesky's servers do.
func Graphemes(s string) int {
	n := 0
	for clusters := graphemes.FromString(s); clusters.Next(); {
		n++
	}
	return n
}

var (
	tidForm      = regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`)
	keyForm      = regexp.MustCompile(`^[a-zA-Z0-9_~.:-]{1,512}$`)
	didForm      = regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$`)
	handleForm   = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	languageForm = regexp.MustCompile(`^(i|[a-z]{2,3})(-[a-zA-Z0-9]+)*$`)
	datetimeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)$`)
	uriForm      = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9.+-]{0,80}:[^\s]+$`)
)

// ValidTID reports whether a record key is a TID (https://atproto.com/specs/tid).
func ValidTID(s string) bool { return tidForm.MatchString(s) }

// ValidKey reports whether a text can be a record key (https://atproto.com/specs/record-key).
func ValidKey(s string) bool { return keyForm.MatchString(s) && s != "." && s != ".." }

// ValidDID reports whether a text is a DID (https://atproto.com/specs/did).
func ValidDID(s string) bool { return len(s) <= 2048 && didForm.MatchString(s) }

// ValidHandle reports whether a text can be a handle (https://atproto.com/specs/handle).
func ValidHandle(s string) bool { return len(s) <= 253 && handleForm.MatchString(s) }

// validDatetime reports whether a text is an instant (https://atproto.com/specs/lexicon#datetime).
func validDatetime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil && len(s) <= 64 && datetimeForm.MatchString(s) && !strings.HasSuffix(s, "-00:00") && !strings.HasPrefix(s, "000")
}

// validWebURI reports whether a text is a link to the web.
func validWebURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 8<<10 && uriForm.MatchString(s) && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
