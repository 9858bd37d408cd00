package draft_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/review"
	"daymark/internal/platform"
)

// anything is a network that takes everything.
type anything struct{}

func (anything) Check(context.Context, int64, platform.Content) ([]platform.Issue, error) {
	return nil, nil
}

func checks(t *testing.T) review.Checks {
	t.Helper()
	rules, err := lint.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return review.Checks{Networks: anything{}, Rules: rules}
}

// submit sends a post for review as the editor.
func (s *site) submit(id int64) {
	s.t.Helper()
	out, err := review.Submit(s.t.Context(), s.db, checks(s.t), id, s.ed, spring)
	if err != nil || len(out.Waiting) > 0 {
		s.t.Fatalf("%v, %v", out.Waiting, err)
	}
}

// shows returns what reviewers see of a post now, by language.
func (s *site) shows(id int64) map[string]post.Final {
	s.t.Helper()
	releases, err := book.Releases(s.t.Context(), s.db, id)
	if err != nil {
		s.t.Fatal(err)
	}
	now := map[string]post.Final{}
	for _, r := range releases { // the newest submission first
		if _, newer := now[r.Final.Language]; r.Current && !newer {
			now[r.Final.Language] = r.Final
		}
	}
	return now
}

func TestReviewersSeeTheChangedWordsOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.write("fact", map[string]string{"en": "{{fact:F02}} {{support}} {{link}}", "fr": "{{fact:F02}} {{support}}"})
	id := s.posts(d...)[0]
	s.submit(id)
	before := s.shows(id)
	if got := before["fr"].Parts[0].Text; got != "38 % des victimes détectées sont des enfants (ONUDC, 2024). Parlez-nous." {
		t.Fatalf("reviewers see %q", got)
	}
	f := detected()
	f.Value, f.Texts["en"], f.Texts["fr"] = "40%", "40% of detected victims are children.", "40 % des victimes détectées sont des enfants."
	done, err := draft.SaveFact(t.Context(), s.db, f, 1, s.ed, spring)
	if err != nil || len(done.Posts) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if len(s.shows(id)) != 0 {
		t.Error("what shows the old figure can still be approved")
	}
	s.submit(id)
	for language, was := range before {
		is := s.shows(id)[language]
		if is.Parts[0].Text != strings.Replace(was.Parts[0].Text, "38", "40", 1) {
			t.Errorf("reviewers see %q", is.Parts[0].Text)
		}
		is.Parts = was.Parts
		if !is.SameWords(was) {
			t.Errorf("in %s something else changed, too: %+v", language, is)
		}
	}
	p := org()
	p.Support["fr"] = "Appelez-nous."
	if done, err = draft.SaveProfile(t.Context(), s.db, p, s.admin); err != nil || len(done.Posts) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	s.submit(id)
	if got := s.shows(id)["fr"].Parts[0].Text; got != "40 % des victimes détectées sont des enfants (ONUDC, 2024). Appelez-nous." {
		t.Errorf("reviewers see %q", got)
	}
}

func TestNoPostIsBeforeReviewersWithAnOldValueWhoeverIsFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.posts(s.write("race", map[string]string{"en": "{{org}}: {{fact:F02}}"})...)[0]
	f, p := detected(), org()
	for version, name := range []string{"One", "Two", "Three", "Four", "Five"} {
		f.Texts = map[string]string{"en": name + " of ten detected victims are children."}
		p.Name = name
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := review.Submit(t.Context(), s.db, checks(t), id, s.ed, spring); err != nil && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := draft.SaveFact(t.Context(), s.db, f, version+1, s.ed, spring); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := draft.SaveProfile(t.Context(), s.db, p, s.admin); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		want := name + ": " + name + " of ten detected victims are children (UNODC, 2024)."
		if shown, before := s.shows(id)["en"]; before && shown.Parts[0].Text != want {
			t.Fatalf("reviewers see %q, the values say %q", shown.Parts[0].Text, want)
		}
	}
	s.submit(id)
	if len(s.shows(id)) != 1 {
		t.Error("it cannot be submitted any more")
	}
}
