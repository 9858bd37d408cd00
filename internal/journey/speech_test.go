package journey

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/page/texts"
	"daymark/internal/org/people"
	"daymark/internal/org/people/speech"
	"daymark/internal/postgres"
)

// walk is how a job is walked through: on which window, in which language of the pages, and whether they may run scripts.
type walk struct {
	size   screen
	speech string
	script bool
}

func (w walk) String() string {
	name := fmt.Sprintf("%d px in %s", w.size.width, w.speech)
	if !w.script {
		name += " without script"
	}
	return name
}

// walks are a phone and a desk with pages in a language of each direction of reading, each with scripts or without as asked. With both, each
// pair of size, language and script is walked once, which is half of all; DAYMARK_WALKS=all walks all.
func walks(scripts ...bool) []walk {
	var list []walk
	for i, size := range []screen{phone, desk} {
		for j, code := range []string{"en", "ar"} {
			for k, script := range scripts {
				if len(scripts) == 1 || (i+j+k)%2 == 0 || os.Getenv("DAYMARK_WALKS") == "all" {
					list = append(list, walk{size, code, script})
				}
			}
		}
	}
	return list
}

// visit opens a window for the walk.
func (w walk) visit(t testing.TB) *visitor {
	t.Helper()
	v := visit(t, w.size)
	v.speech = w.speech
	if !w.script {
		v.withoutScript()
	}
	return v
}

// speaks has everybody of the house choose a language for the pages, and the walk read them in it.
func (h *house) speaks(code string) {
	h.t.Helper()
	all, err := texts.All()
	h.must(err)
	for _, w := range all {
		if w.Lang == code {
			h.words = page.Words{Words: w}
		}
	}
	if h.words.Lang != code {
		h.t.Fatalf("the pages are not written in %q", code)
	}
	var ids []int64
	h.must(h.app.DB.SelectContext(h.t.Context(), &ids, `SELECT id FROM people WHERE role NOT IN ('system', 'outside') ORDER BY id`))
	h.must(h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
		for _, id := range ids {
			p, err := people.ByID(h.t.Context(), tx, id)
			if err != nil {
				return err
			}
			if err := speech.Choose(h.t.Context(), tx, p, code); err != nil {
				return err
			}
		}
		return nil
	}))
}

// says is a text of the pages in the language of the walk.
func (h *house) says(key string, args ...any) string {
	h.t.Helper()
	if !h.words.Has(key) {
		h.t.Fatalf("the pages have no text %q", key)
	}
	return h.words.T(key, args...)
}

// unmarked takes out the signs that keep texts of two directions apart: they are not seen, and a sentence has them or not.
func unmarked(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, text)
}
