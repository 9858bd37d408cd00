package journey

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"daymark/internal/flow/book"
)

// TestACardIsMadeInTheEditorAndSentForReview walks what somebody without a designer does: take the card that the campaign has ready, look at
// it in each language, put it on the post, and send it for review.
func TestACardIsMadeInTheEditorAndSentForReview(t *testing.T) {
	t.Parallel()
	for _, w := range walks(true) {
		t.Run(w.String(), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			h.speaks(w.speech)
			h.serve("")
			id := h.first()[0].Post
			ed := w.visit(t)
			ed.logIn(h, "editor@daymark.example", password)
			ed.open(h.url + fmt.Sprintf("/posts/%d/edit", id))
			ed.follow("#cards")
			ed.reads("#templates-title", h.says("cards.templates"))
			ed.look("the cards of a post")
			ed.follow(`#ready a[href$="card=three-parts"]`)
			ed.follow("#draw")
			ed.becomes("the pictures", `[...document.querySelectorAll("#drawn img")].filter(i => i.complete && i.naturalWidth > 0).length >= 2`)
			ed.look("drawn cards")
			ed.follow("#use")
			ed.reads("#flash", h.says("cards.used"))

			p, err := book.FindPost(t.Context(), h.app.DB, id)
			h.must(err)
			words := map[string]string{
				"en": "What is human trafficking?", "fr": "La traite, c'est quoi ?", "es": "¿Qué es la trata?", "ar": "ما الاتجار بالأشخاص؟",
			}
			seen := 0
			for _, picture := range p.Source.Parts[0].Pictures {
				if said := words[picture.Only]; said != "" {
					seen++
					if !strings.Contains(picture.Alt[picture.Only], said) {
						t.Errorf("the alternative text in %s lacks %q: %s", picture.Only, said, picture.Alt[picture.Only])
					}
				}
			}
			if written := len(p.Source.Parts[0].Texts); seen != written {
				t.Errorf("%d languages have a card, and the post is in %d", seen, written)
			}

			// The preview of each language shows its own card, and reviewers get what the preview showed.
			ed.becomes("the card in the preview", `document.querySelector("#seen-en .seen img, #seen-en img") !== null`)
			ed.sends("#editor-send", h.says("post.submitted"))
			entries, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{})
			h.must(err)
			if !slices.ContainsFunc(entries, func(e book.Entry) bool { return e.Post == id }) {
				t.Error("the post goes nowhere")
			}
			if n := h.count(fmt.Sprintf(`SELECT count(*) FROM submissions WHERE post_id = %d`, id)); n == 0 {
				t.Error("nothing is before reviewers")
			}
		})
	}
}
