package prompt_test

import (
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

func TestAChapterLeadWritesForTheirChapterOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.exec(`UPDATE channels SET labels = '{leeds}' WHERE id = $1`, s.london)
	var id int64
	s.get(&id, `INSERT INTO people (email, name, role, languages, labels) VALUES ('lea@example.org', 'Lea', 'chapter', '{en,es}', '{leeds}') RETURNING id`)
	lea, err := people.ByID(t.Context(), s.db, id)
	if err != nil {
		t.Fatal(err)
	}
	writing := prompt.Writing{Texts: map[string]string{"en": "We meet at six."}, Window: time.Hour, Places: []prompt.Place{{Channel: s.london, Language: "en"}}}
	try := func(do func(tx *postgres.Tx) error) error { return s.db.InTx(t.Context(), do) }
	write := func(by people.Person, w prompt.Writing) (post int64, err error) {
		err = try(func(tx *postgres.Tx) error {
			post, err = prompt.Write(t.Context(), tx, w, by, s.now)
			return err
		})
		return post, err
	}
	ours, err := write(lea, writing)
	if err != nil {
		t.Fatalf("for the chapter: %v", err)
	}
	elsewhere := writing
	elsewhere.Places = append(elsewhere.Places, prompt.Place{Channel: s.bogota, Language: "en"})
	if _, err := write(lea, elsewhere); !fault.Is(err, fault.Invalid) {
		t.Errorf("for another chapter's account: %v", err)
	}
	both, err := write(s.wren, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := s.out("blue-heart", true)
	correction, _ := s.draft(out)
	for name, do := range map[string]func(tx *postgres.Tx) error{
		"new words of a post that goes elsewhere too": func(tx *postgres.Tx) error {
			return prompt.Rewrite(t.Context(), tx, both, s.post(both).Version, writing, lea, s.now)
		},
		"a post that goes elsewhere too, at once": func(tx *postgres.Tx) error {
			_, err := prompt.Now(t.Context(), tx, both, time.Hour, lea, s.now)
			return err
		},
		"a correction of what is out elsewhere too": func(tx *postgres.Tx) error {
			_, err := prompt.Correct(t.Context(), tx, out, correction, lea, s.now)
			return err
		},
	} {
		if err := try(do); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := try(func(tx *postgres.Tx) error {
		return prompt.Rewrite(t.Context(), tx, ours, s.post(ours).Version, elsewhere, lea, s.now)
	}); !fault.Is(err, fault.Invalid) {
		t.Errorf("new words that add another chapter's account: %v", err)
	}
	if err := try(func(tx *postgres.Tx) error {
		return prompt.Rewrite(t.Context(), tx, ours, s.post(ours).Version, writing, lea, s.now)
	}); err != nil {
		t.Errorf("new words of the chapter's own: %v", err)
	}
	s.exec(`UPDATE people SET labels = '{}', role = 'editor', campaigns = '{somewhere}' WHERE id = $1`, id)
	if lea, err = people.ByID(t.Context(), s.db, id); err != nil {
		t.Fatal(err)
	}
	if _, err := write(lea, writing); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a post of no campaign by who works on one: %v", err)
	}
}
