// Package domain knows which top-level domains exist, so that "example.org" in a text can be told from "end.Then".
//
// It reads the list that is compiled into golang.org/x/net/publicsuffix. It resolves nothing and asks nobody.
package domain

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Known reports whether a top-level domain exists, in lower case, in Unicode or in Punycode (RFC 3492). The names are those of the
// section ICANN of the public suffix list (https://publicsuffix.org/list/), which has every delegated name, and the special onion.
func Known(tld string) bool {
	if tld == "" || strings.Contains(tld, ".") {
		return false
	}
	for i := range len(tld) {
		if tld[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(tld)
			if err != nil {
				return false
			}
			tld = ascii
			break
		}
	}
	// Some countries sell names at the third level only, and the list has "*.np" but no "np": ask for a name below a name.
	_, listed := publicsuffix.PublicSuffix("a.b." + tld)
	return listed
}
