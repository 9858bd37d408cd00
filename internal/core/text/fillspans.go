package text

import (
	"slices"
	"strings"
)

// Filled is a stretch of a text that a token's value fills.
type Filled struct {
	Token      string // its name, such as link
	Start, End int    // byte offsets in the filled text; End is the first byte after it
}

// FillSpans puts the values into the text as [Fill] does and says which stretches of the result they fill, in order. An empty
// value fills none.
func FillSpans(s string, values map[string]string) (out string, filled []Filled, missing []string) {
	var b strings.Builder
	at := 0
	for _, t := range Tokens(s) {
		b.WriteString(s[at:t.Start])
		at = t.End
		value, known := values[t.Name]
		switch {
		case !known:
			b.WriteString(s[t.Start:t.End])
			if !slices.Contains(missing, t.Name) {
				missing = append(missing, t.Name)
			}
		case value == "" && strings.HasPrefix(s[at:], " "):
			at++
		case value == "" && at == len(s):
			trimmed := strings.TrimSuffix(b.String(), " ")
			b.Reset()
			b.WriteString(trimmed)
			if n := len(filled) - 1; n >= 0 {
				filled[n].End = min(filled[n].End, len(trimmed))
			}
		case value != "":
			filled = append(filled, Filled{Token: t.Name, Start: b.Len(), End: b.Len() + len(value)})
			b.WriteString(value)
		}
	}
	b.WriteString(s[at:])
	return b.String(), filled, missing
}
