package platformtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/platform"

	"github.com/google/go-cmp/cmp"
)

// meet publishes a post while the network misbehaves, and expects it on the timeline exactly once.
func meet(t *testing.T, s Suite, f Fault) {
	t.Helper()
	b := s.Open(t, f)
	b.Inject(f)
	content := s.content("What to look for, and where to call. #EndHumanTrafficking")
	told := b.deliver(t, content, 0, nil)
	b.Settle()
	b.same(t, s.want(content, []string{told.receipt.Ref.ID}))
	kinds, listed := expected[f]
	if !listed {
		kinds = []platform.Kind{platform.KindDone}
	}
	if !slices.Contains(kinds, told.kinds[0]) {
		t.Errorf("the publishing that met the fault was classified as %v, want one of %v", told.kinds[0], kinds)
	}
	if f == CommitLate && (len(told.looks) < 2 || told.looks[0] != platform.NotFound || told.looks[1] != platform.Found) {
		t.Errorf("looks %v, want not_found and then found", told.looks)
	}
}

// same compares the timeline with what is wanted.
func (b *Bench) same(t *testing.T, want []Post) {
	t.Helper()
	if got := b.Timeline(); !reflect.DeepEqual(got, want) {
		t.Errorf("the timeline has %d posts:\n%+v\nwant %d:\n%+v", len(got), got, len(want), want)
	}
}

func readBack(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	content := s.content("Línea uno.\n\nثانيًا، ثم 👩🏽‍🚒 & <b>third</b>. #HumanTrafficking https://example.org/a?b=c&d=é")
	told := b.deliver(t, content, 0, nil)
	b.same(t, s.want(content, []string{told.receipt.Ref.ID}))
	if told.receipt.URL == "" || told.receipt.At.IsZero() {
		t.Errorf("the receipt lacks a link or an instant: %+v", told.receipt)
	}
}

func thread(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	content := s.content("One.", "Two.", "Three.")
	b.same(t, s.want(content, b.deliverThread(t, content, nil)))
}

// deliverThread publishes all parts and returns their ids.
func (b *Bench) deliverThread(t *testing.T, content platform.Content, before func(part int)) []string {
	t.Helper()
	var ids []string
	var last *platform.Ref
	for part := range content.Parts {
		if before != nil {
			before(part)
		}
		ref := b.deliver(t, content, part, last, ids...).receipt.Ref
		ids, last = append(ids, ref.ID), &ref
	}
	return ids
}

func expiredThread(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, TokenExpired)
	content := s.content("One.", "Two.", "Three.")
	b.same(t, s.want(content, b.deliverThread(t, content, func(part int) {
		if part == 1 {
			b.Inject(TokenExpired)
		}
	})))
}

func cancelled(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	content := s.content("Once.")
	h, err := b.Connector.Prepare(t.Context(), b.Account, content, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := platform.Attempt{Key: "cancelled", No: 1, Content: bare(content), Handles: h, StartedAt: b.Now()}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.Connector.Publish(ctx, b.Account, a)
	b.clean(t, err)
	if k := platform.Outcome(err); k != platform.KindTransient {
		t.Errorf("cancelled before it was sent: %v", k)
	}
	b.same(t, nil)

	ctx, cancel = context.WithCancel(t.Context())
	let := b.Hold(cancel)
	_, err = b.Connector.Publish(ctx, b.Account, a)
	let()
	b.clean(t, err)
	if k := platform.Outcome(err); k != platform.KindUnknown {
		t.Errorf("cancelled after it was sent: %v", k)
	}
	b.Settle()
	var told story
	if !b.look(t, a, &told) {
		t.Errorf("the post was not found: %v", told.looks)
	}
	b.same(t, s.want(content, []string{told.receipt.Ref.ID}))
}

func twins(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, CommitThenDrop)
	content := s.content("Every day. #EndHumanTrafficking")
	b.Inject(CommitThenDrop)
	first := b.deliver(t, content, 0, nil).receipt.Ref.ID
	if s.OnlyOnce {
		a := platform.Attempt{Key: "twin", No: 2, Content: bare(content), StartedAt: b.Now()} // as after a lost answer
		h, err := b.Connector.Prepare(t.Context(), b.Account, content, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		a.Handles = h
		if _, err = b.Connector.Publish(t.Context(), b.Account, a); platform.Outcome(err) != platform.KindDuplicate {
			t.Errorf("the second post: %v", err)
		}
		b.clean(t, err)
		b.same(t, s.want(content, []string{first}))
		return
	}
	b.Inject(CommitThenDrop)
	second := b.deliver(t, content, 0, nil, first).receipt.Ref.ID
	if first == second {
		t.Fatal("the second post was taken for the first")
	}
	b.same(t, append(s.want(content, []string{first}), s.want(content, []string{second})...))
}

func measured(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	content := s.content("Count me.")
	ref := b.deliver(t, content, 0, nil).receipt.Ref
	meter, canMeasure := b.Connector.(platform.Meter)
	deleter, canDelete := b.Connector.(platform.Deleter)
	if !canMeasure || !canDelete {
		t.Errorf("the connector cannot measure (%v) or take down (%v), and the suite has no word for that: give it one", canMeasure, canDelete)
	}
	if canMeasure {
		got, err := meter.Measure(t.Context(), b.Account, []platform.Ref{ref})
		if err != nil || got[ref.ID].Gone || got[ref.ID].Favourites == nil || got[ref.ID].At.IsZero() {
			t.Errorf("Measure: %+v, %v", got, err)
		}
	}
	if canDelete {
		for range 2 { // twice: what is gone is gone
			if err := deleter.Delete(t.Context(), b.Account, ref); err != nil {
				t.Errorf("Delete: %v", err)
			}
		}
		b.same(t, nil)
	}
	if canMeasure && canDelete {
		got, err := meter.Measure(t.Context(), b.Account, []platform.Ref{ref})
		if err != nil || !got[ref.ID].Gone || got[ref.ID].Favourites != nil {
			t.Errorf("Measure after taking it down: %+v, %v", got, err)
		}
	}
}

// shown reads posts back as their network shows them: as they were given, but for what the connector says the network does to all.
func shown(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	reader, canRead := b.Connector.(platform.Reader)
	if !canRead {
		t.Fatal("the connector cannot read posts back, and the suite has no word for that: give it one")
	}
	content := s.content("Línea uno.\n\nثانيًا، ثم 👩🏽‍🚒 & <b>third</b>.\nhttps://example.org/a/long/address/of/more/than/thirty/characters?b=c&d=é #HumanTrafficking", "Two.")
	content.Sensitive = s.Picture.SHA256 != ""
	ids := b.deliverThread(t, content, nil)
	refs := []platform.Ref{{ID: ids[0]}, {ID: ids[1]}}
	b.Pass(time.Hour) // an index has had its time
	got, err := reader.Read(t.Context(), b.Account, refs)
	b.clean(t, err)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if diff := cmp.Diff(reader.Expected(content, i), got[id]); diff != "" {
			t.Errorf("part %d (-expected +shown):\n%s", i+1, diff)
		}
	}
	other := content
	other.Parts = []platform.Part{{Text: content.Parts[0].Text + " More.", Pictures: content.Parts[0].Pictures}}
	if cmp.Equal(reader.Expected(other, 0).Text, got[ids[0]].Text) {
		t.Error("another text is taken for this one")
	}
	deleter, _ := b.Connector.(platform.Deleter)
	if err := deleter.Delete(t.Context(), b.Account, refs[1]); err != nil {
		t.Fatal(err)
	}
	got, err = reader.Read(t.Context(), b.Account, refs)
	if err != nil || got[ids[0]].Gone || !got[ids[1]].Gone {
		t.Errorf("after the second part was removed: %+v, %v", got, err)
	}
	if got, err := reader.Read(t.Context(), b.Account, refs[1:]); err != nil || !got[ids[1]].Gone {
		t.Errorf("the removed part alone: %+v, %v", got, err)
	}
}

func verified(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	accounts, ok := b.Connector.(platform.Accounts)
	if !ok {
		t.Fatal("the connector cannot say whose credentials it has, and the suite has no word for that: give it one")
	}
	id, err := accounts.Verify(t.Context(), b.Account)
	if err != nil || id.RemoteID != b.Account.RemoteID || !strings.HasPrefix(id.Handle, "@") {
		t.Errorf("Verify: %+v, %v; want id %s", id, err, b.Account.RemoteID)
	}
	if id.Followers == nil || *id.Followers < 0 {
		t.Error("Verify does not say how many follow the account")
	}
}

func privateAddress(t *testing.T, s Suite) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	t.Cleanup(srv.Close)
	c, account := s.At(t, srv.URL, false)
	if _, err := c.Capabilities(t.Context(), account); platform.Outcome(err) != platform.KindPermanent || platform.Say(err) == "" {
		t.Errorf("got %v", err)
	}
}

func redirected(t *testing.T, s Suite) {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was called") }))
	t.Cleanup(other.Close)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(srv.Close)
	c, account := s.At(t, srv.URL, true)
	if _, err := c.Capabilities(t.Context(), account); platform.Outcome(err) != platform.KindPermanent || platform.Say(err) == "" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Publish(t.Context(), account, s.second()); platform.Outcome(err) != platform.KindPermanent {
		t.Errorf("publishing: %v", err)
	}
}

func endless(t *testing.T, s Suite) {
	t.Helper()
	var sent atomic.Int64
	chunk := []byte(`"` + strings.Repeat("x", 64<<10) + `",`)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"id":[`)
		for sent.Load() < 64<<20 {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	c, account := s.At(t, srv.URL, true)
	_, err := c.Capabilities(t.Context(), account)
	if err == nil || platform.Say(err) == "" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Publish(t.Context(), account, s.second()); platform.Outcome(err) != platform.KindUnknown {
		t.Errorf("publishing: %v", err)
	}
	if sent.Load() >= 64<<20 {
		t.Errorf("%d bytes were taken", sent.Load())
	}
}

func notThisNetwork(t *testing.T, s Suite) {
	t.Helper()
	for name, h := range map[string]http.HandlerFunc{
		"nothing is there":   http.NotFound,
		"every answer is {}": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{}`) },
		"a blog": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprint(w, `<!doctype html><title>Our blog</title>`)
		},
	} {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		c, account := s.At(t, srv.URL, true)
		if _, err := c.Capabilities(t.Context(), account); err == nil || platform.Say(err) == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func validated(t *testing.T, s Suite) {
	t.Helper()
	b := s.Open(t, None)
	caps, err := b.Connector.Capabilities(t.Context(), b.Account)
	if err != nil {
		t.Fatal(err)
	}
	content := s.content("A post.")
	if issues := b.Connector.Validate(caps, content); len(issues) > 0 {
		t.Errorf("a good post has issues: %+v", issues)
	}
	// The longest text that validation lets through goes out: both sides count alike.
	note := len([]rune(content.ContentNote))
	if s.NoteCounts != nil {
		note = s.NoteCounts(content.ContentNote)
	}
	content.Parts[0].Text = strings.Repeat("ö", caps.MaxCharacters-note)
	if issues := b.Connector.Validate(caps, content); len(issues) > 0 {
		t.Errorf("the longest post has issues: %+v", issues)
	}
	told := b.deliver(t, content, 0, nil)
	b.same(t, s.want(content, []string{told.receipt.Ref.ID}))
	content.Parts[0].Text += "ö"
	if issues := b.Connector.Validate(caps, content); len(issues) != 1 {
		t.Errorf("one character more: %+v", issues)
	}
	bad := platform.Content{Visibility: "public", Language: "en"}
	if len(b.Connector.Validate(caps, bad)) == 0 {
		t.Error("a post without parts has no issues")
	}
}
