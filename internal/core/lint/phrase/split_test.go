package phrase_test

import (
	"testing"

	"daymark/internal/core/lint/phrase"

	"github.com/google/go-cmp/cmp"
)

func TestAlternativesStandSideBySide(t *testing.T) {
	t.Parallel()
	for find, want := range map[string][]string{
		`a`:                {`a`},
		`a|b`:              {`a`, `b`},
		`a|b(?:c|d)|e`:     {`a`, `b(?:c|d)`, `e`},
		`(?:a|b)`:          {`(?:a|b)`},
		`a\|b|c`:           {`a\|b`, `c`},
		`[|]|b`:            {`[|]`, `b`},
		`[]|]|b`:           {`[]|]`, `b`},
		`[^]|]|b`:          {`[^]|]`, `b`},
		`[\]|]|b`:          {`[\]|]`, `b`},
		`(?i)a|b`:          {`(?i)a|b`},
		`(?-i:A|B)|c`:      {`(?-i:A|B)`, `c`},
		`\Qa|b\E|c`:        {`\Qa|b\E|c`},
		`[[:alpha:]]|b`:    {`[[:alpha:]]|b`},
		`(?P<n>a|b)|(c|d)`: {`(?P<n>a|b)`, `(c|d)`},
	} {
		if diff := cmp.Diff(want, phrase.Alternatives(find)); diff != "" {
			t.Errorf("%s: %s", find, diff)
		}
	}
}
