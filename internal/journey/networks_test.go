package journey

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"
)

// threadFile is a thread of three parts in four languages, with a content note and two pictures.
const threadFile = `daymark: 1
id: thread
observance: un-trafficking-day
title: {en: "A thread", fr: "Un fil", es: "Un hilo", ar: "سلسلة"}
languages: [en, fr, es, ar]
hashtags: ["#BlueHeart"]
posts:
  - id: three
    offset: D0
    time: "09:00"
    sensitive: true
    content_note: {en: "Content note: work", fr: "Avertissement : travail", es: "Aviso: trabajo", ar: "تنبيه: عمل"}
    text: {en: "Three small things. First: learn. 💙", fr: "Trois petites choses. D'abord : apprendre. 💙", es: "Tres cosas pequeñas. Primero: aprender. 💙", ar: "ثلاثة أشياء صغيرة. أولًا: التعلّم. 💙"}
    media:
      - {file: blue.png, alt: {en: "A blue square.", fr: "Un carré bleu.", es: "Un cuadrado azul.", ar: "مربّع أزرق."}}
      - {file: pale.png, alt: {en: "A pale square.", fr: "Un carré pâle.", es: "Un cuadrado claro.", ar: "مربّع فاتح."}}
    thread:
      - text: {en: "Second: listen.", fr: "Ensuite : écouter.", es: "Segundo: escuchar.", ar: "ثانيًا: الإصغاء."}
      - text: {en: "Third: share with care. {{support}} {{link}}", fr: "Enfin : partager avec soin. {{support}} {{link}}", es: "Tercero: compartir con cuidado. {{support}} {{link}}", ar: "ثالثًا: المشاركة بعناية. {{support}} {{link}}"}
`

// said is one status as a network keeps it, in the words all three have.
type said struct {
	id, replyTo string
	text        string
	alts        []string
}

func TestAThreadInFourLanguagesIsOnThreeNetworksAsItWasApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	toots, skies, posts := h.threeNetworks()
	h.must(h.app.DB.InTx(t.Context(), func(tx *postgres.Tx) error {
		return profile.Save(t.Context(), tx, profile.Profile{
			Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Europe/London", SupportNote: "Talk to somebody you trust.",
			Support: map[string]string{"en": "Write to us in confidence.", "fr": "Écrivez-nous en confiance.", "es": "Escríbenos en confianza.", "ar": "راسلونا بسرية تامة."},
		}, h.byRole(people.RoleAdmin).ID)
	}))
	loaded, err := campaign.Load(fstest.MapFS{
		"thread/campaign.yaml": {Data: []byte(threadFile)},
		"thread/blue.png":      {Data: square(t, color.RGBA{31, 95, 168, 255})},
		"thread/pale.png":      {Data: square(t, color.RGBA{230, 240, 250, 255})},
	}, "thread")
	h.must(err)
	editor := h.byRole(people.RoleEditor)
	_, err = h.app.Load(t.Context(), loaded, editor)
	h.must(err)
	made, err := plan.Make(t.Context(), h.app.DB, "thread", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	entries, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{Edition: made.Edition})
	h.must(err)
	// Four languages on three accounts, and two on that of the house.
	if len(entries) != 14 {
		t.Fatalf("planned %d deliveries, want 14", len(entries))
	}
	sent, err := review.Submit(t.Context(), h.app.DB, h.app.Checks(), entries[0].Post, editor, h.app.Clock.Now())
	h.must(err)
	if len(sent.Waiting) > 0 {
		t.Fatalf("cannot be submitted: %v", sent.Waiting)
	}
	h.answered()
	for _, s := range sent.Submissions {
		for _, role := range []people.Role{people.RoleReviewer, people.RoleAdmin} { // a sensitive post needs two
			out, err := review.Say(t.Context(), h.app.DB, s, h.byRole(role), review.Approve, "", h.app.Clock.Now())
			h.must(err)
			if out.Cleared {
				break
			}
			if role == people.RoleAdmin {
				t.Fatalf("submission %d is not cleared: %+v", s, out)
			}
		}
	}
	h.at(entries[0].DueAt.Add(-time.Second))
	h.serve("")
	h.waitFor("all parts to be out", func() bool {
		now, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{Edition: made.Edition})
		h.must(err)
		return !slices.ContainsFunc(now, func(e book.Entry) bool { return e.State != post.Published })
	})
	releases, err := book.Releases(t.Context(), h.app.DB, entries[0].Post)
	h.must(err)
	there := map[string][]said{"mastodon": saidOnMastodon(toots), "bluesky": saidOnBluesky(skies), "x": saidOnX(posts)}
	for _, r := range releases {
		if r.Final.Account == account || strings.HasPrefix(r.Final.Account, account+"@") {
			continue // the house's own sandbox
		}
		compare(t, r.Final, there[r.Final.Platform])
	}
	for network, list := range there {
		if len(list) != 12 {
			t.Errorf("%s has %d statuses, want 12: each part once", network, len(list))
		}
	}
	for _, s := range toots.State().Statuses {
		if s.SpoilerText == "" || !s.Sensitive || s.Visibility != "public" {
			t.Errorf("on Mastodon: %+v", s)
		}
	}
}

// compare looks for a release's thread at its network, part by part.
func compare(t *testing.T, f post.Final, there []said) {
	t.Helper()
	above := ""
	for i, part := range f.Parts {
		want := part.Text
		if f.Platform != "mastodon" { // networks without a field for it have it as the first line of each part
			want = "CN: " + f.ContentNote + "\n\n" + want
		}
		at := slices.IndexFunc(there, func(s said) bool { return s.text == want })
		if at < 0 {
			t.Errorf("%s in %s, part %d is not there: %q", f.Platform, f.Language, i+1, want)
			return
		}
		var alts []string
		for _, p := range part.Pictures {
			alts = append(alts, p.Alt)
		}
		if !slices.Equal(there[at].alts, alts) {
			t.Errorf("%s in %s, part %d: alt texts %q, want %q", f.Platform, f.Language, i+1, there[at].alts, alts)
		}
		if there[at].replyTo != above {
			t.Errorf("%s in %s, part %d answers %q, want %q", f.Platform, f.Language, i+1, there[at].replyTo, above)
		}
		above = there[at].id
	}
	if len(f.Parts) != 3 || len(f.Parts[0].Pictures) != 2 || f.ContentNote == "" {
		t.Errorf("the release itself is not the thread: %+v", f)
	}
}

func saidOnMastodon(server *mastodon.Server) []said {
	var list []said
	for _, s := range server.State().Statuses {
		one := said{id: s.ID, replyTo: s.InReplyTo, text: s.Text}
		for _, m := range s.Media {
			one.alts = append(one.alts, m.Description)
		}
		list = append(list, one)
	}
	return list
}

func saidOnBluesky(server *bluesky.Server) []said {
	var list []said
	for _, p := range server.State().Posts {
		one := said{id: p.URI, replyTo: p.ReplyTo, text: p.Text}
		for _, m := range p.Images {
			one.alts = append(one.alts, m.Alt)
		}
		list = append(list, one)
	}
	return list
}

func saidOnX(server *x.Server) []said {
	var list []said
	for _, p := range server.State().Posts {
		one := said{id: p.ID, replyTo: p.InReplyTo, text: p.Text}
		for _, m := range p.Media {
			one.alts = append(one.alts, m.Alt)
		}
		list = append(list, one)
	}
	return list
}

// threeNetworks starts three sandboxes and connects an account on each, whose people read four languages.
func (h *house) threeNetworks() (*mastodon.Server, *bluesky.Server, *x.Server) {
	h.t.Helper()
	toots, err := mastodon.New(mastodon.Options{Accounts: []mastodon.Account{{Handle: "four", DisplayName: "Four languages"}}, Clock: h.app.Clock, Quiet: true})
	h.must(err)
	skies, err := bluesky.New(bluesky.Options{Accounts: []bluesky.Account{{Handle: "four.test", DisplayName: "Four languages"}}, Clock: h.app.Clock, Quiet: true})
	h.must(err)
	posts, err := x.New(x.Options{
		Accounts: []x.Account{{Handle: "four", DisplayName: "Four languages"}}, Clock: h.app.Clock, Wall: time.Now, Quiet: true, Switches: x.Switches{Replies: true},
	})
	h.must(err)
	for _, s := range []interface {
		Start(addr string) error
		BaseURL() string
		Close() error
	}{toots, skies, posts} {
		h.must(s.Start("127.0.0.1:0"))
		h.app.OnClose("sandbox", func(context.Context) error { return s.Close() })
		h.app.Networks.Sandbox(s.BaseURL())
	}
	keys, err := posts.Keys("four", false)
	h.must(err)
	for _, start := range []joining.Start{
		{Platform: "mastodon", Address: toots.BaseURL(), Keys: joining.Keys{AccessToken: toots.Token("four")}},
		{Platform: "bluesky", Address: skies.BaseURL(), Keys: joining.Keys{Handle: "four.test", AppPassword: skies.AppPassword(bluesky.Account{Handle: "four.test"})}},
		{Platform: "x", Address: posts.BaseURL(), Keys: joining.Keys{
			ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret, AccessToken: keys.AccessToken, AccessSecret: keys.AccessSecret,
		}},
	} {
		start.Wanted = joining.Wanted{Name: "Four on " + start.Platform, Zone: "Europe/London", Languages: []string{"en", "fr", "es", "ar"}, Country: "GB"}
		_, err := h.app.Joins.Direct(h.t.Context(), h.byRole(people.RoleAdmin), start)
		h.must(err)
	}
	return toots, skies, posts
}

// square draws a picture of one colour.
func square(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		img.Set(i%64, i/64, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(fmt.Errorf("draw a square: %w", err))
	}
	return b.Bytes()
}
