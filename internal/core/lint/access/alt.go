package access

import (
	"cmp"
	"fmt"
	"strings"

	"daymark/internal/core/lint/prose"
	"daymark/internal/core/lint/subject"
	"daymark/internal/core/text"
)

// NoAlt finds pictures without a description.
func NoAlt(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		for j, picture := range p.Pictures {
			if strings.TrimSpace(picture.Alt) == "" && picture.NoAlt == "" {
				hits = append(hits, subject.Hit{Part: i, Field: subject.Alt, Picture: j, Message: fmt.Sprintf("The picture %s has no description.", cmp.Or(picture.Where, fmt.Sprint(j+1)))})
			}
		}
	}
	return hits
}

// longAlt is the most characters that a description should have; 250 is our limit
// (https://communications.admin.ox.ac.uk/digital-communications/accessibility/social asks for one or two sentences).
const longAlt = 250

// LongAlt finds descriptions longer than people listen to, or than the network takes.
func LongAlt(v *prose.View) []subject.Hit {
	var hits []subject.Hit
	for i, p := range v.Parts {
		for j, picture := range p.Pictures {
			n := text.Graphemes(picture.Alt)
			most := v.Limits.AltCharacters
			switch {
			case most > 0 && n > most:
				hits = append(hits, subject.Hit{Part: i, Field: subject.Alt, Picture: j, Message: fmt.Sprintf("The description has %d characters. The network takes %d.", n, most)})
			case n > longAlt:
				hits = append(hits, subject.Hit{Part: i, Field: subject.Alt, Picture: j, Message: fmt.Sprintf("The description has %d characters, which is long.", n)})
			}
		}
	}
	return hits
}

// NoLanguage finds a post whose language is not set.
func NoLanguage(v *prose.View) []subject.Hit {
	if v.Base != "" && v.Base != "und" {
		return nil
	}
	return []subject.Hit{subject.Whole("", "")}
}
