package crash

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/civil"
	"daymark/internal/core/clock"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/bluesky/xrpc"
	"daymark/internal/platform/mastodon"
	"daymark/internal/platform/x"
	"daymark/internal/postgres"
	sandboxbluesky "daymark/internal/sandbox/bluesky"
	sandboxx "daymark/internal/sandbox/x"
	"daymark/internal/wire"
)

// out is a part of a post as a network shows it, in what all networks have.
type out struct {
	Network, Text, Note, Language string // X tells no language
	Alts                          []string
	After                         string // the text of the part that it answers
}

// key orders what the networks show.
func (o out) key() string { return o.Network + "\x00" + o.Text }

// blueskyAccount is whom the Bluesky sandbox knows.
var blueskyAccount = sandboxbluesky.Account{Handle: "hope.test", DisplayName: "Hope"}

// three are the networks of the test.
type three struct {
	*site
	bluesky *sandboxbluesky.Server
	x       *sandboxx.Server
}

func newThree(t *testing.T) *three {
	t.Helper()
	s := &three{site: newSite(t)}
	var err error
	real := app.LineClock(clock.Line{})
	s.bluesky, err = sandboxbluesky.New(sandboxbluesky.Options{Accounts: []sandboxbluesky.Account{blueskyAccount}, Clock: real, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	s.x, err = sandboxx.New(sandboxx.Options{Accounts: []sandboxx.Account{{Handle: "hope", DisplayName: "Hope"}}, Clock: real, Quiet: true, Switches: sandboxx.Switches{Replies: true}})
	if err != nil {
		t.Fatal(err)
	}
	for _, server := range []interface {
		Start(string) error
		Close() error
	}{s.bluesky, s.x} {
		if err := server.Start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Close() })
	}
	return s
}

// connect connects an account of each network, all of which speak the four languages.
func (s *three) connect(a *app.App, by people.Person, languages []string) []int64 {
	s.t.Helper()
	base := s.bluesky.BaseURL()
	connector := bluesky.New(bluesky.Options{
		Options:   xrpc.Options{HTTP: wire.NewClient(wire.Options{Allow: []string{strings.TrimPrefix(base, "http://")}}), Now: a.Clock.Now, UserAgent: "Daymark test"},
		Directory: base, Entry: base, Random: rand.Reader,
	})
	hope, err := connector.Connect(s.t.Context(), blueskyAccount.Handle, s.bluesky.AppPassword(blueskyAccount))
	if err != nil {
		s.t.Fatal(err)
	}
	keys, err := s.x.Keys("hope", false)
	if err != nil {
		s.t.Fatal(err)
	}
	var ids []int64
	for _, n := range []app.NewChannel{
		{Platform: platform.Mastodon, Address: s.way.url, Secret: mastodon.Credentials{AccessToken: s.sandbox.Token("hope", "read", "write")}.Secret()},
		{Platform: platform.Bluesky, Address: hope.Address, RemoteID: hope.RemoteID, Handle: hope.Handle, Secret: hope.Secret},
		{Platform: platform.X, Address: s.x.BaseURL(), Secret: x.Credentials{
			ConsumerKey: keys.ConsumerKey, ConsumerSecret: keys.ConsumerSecret, AccessToken: keys.AccessToken, AccessSecret: keys.AccessSecret,
		}.Secret()},
	} {
		n.Name, n.Zone, n.Languages, n.Sandbox = "Hope on "+string(n.Platform), "Etc/UTC", languages, true
		made, err := a.Connect(s.t.Context(), n, by)
		if err != nil {
			s.t.Fatalf("connect %s: %v", n.Platform, err)
		}
		ids = append(ids, made.ID)
	}
	return ids
}

// picture stores a picture of one colour and returns its hash.
func (s *three) picture(a *app.App, c color.Color) string {
	s.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 40 * 30 {
		img.Set(i%40, i/40, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		s.t.Fatal(err)
	}
	blob := book.Blob{MIME: "image/png", Width: 40, Height: 30, Bytes: file.Bytes()}
	if err := a.DB.InTx(s.t.Context(), func(tx *postgres.Tx) error { return book.AddBlob(s.t.Context(), tx, blob) }); err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256(file.Bytes())
	return hex.EncodeToString(sum[:])
}

// rich returns a thread of three parts in four languages, with two pictures and a content note.
func (s *three) rich(a *app.App, due time.Time) post.Source {
	s.t.Helper()
	texts := func(en, fr, es, ar string) map[string]string {
		return map[string]string{"en": en, "fr": fr, "es": es, "ar": ar}
	}
	return post.Source{
		Message: "three-networks", Kind: "help", Sensitive: true, Hashtags: []string{"#EndHumanTrafficking"},
		ContentNote: texts("exploitation", "exploitation", "explotación", "استغلال"),
		Parts: []post.SourcePart{
			{
				Texts: texts("Worried about a friend? 💙 {{helpline}}", "Vous craignez pour une amie ? 💙 {{helpline}}", "¿Te preocupa una amiga? 💙 {{helpline}}", "هل تقلقون على صديقة؟ 💙 {{helpline}}"),
				Pictures: []post.SourcePicture{
					{SHA256: s.picture(a, color.RGBA{B: 200, A: 255}), Alt: texts("A plain blue square.", "Un carré bleu uni.", "Un cuadrado azul.", "مربع أزرق.")},
					{SHA256: s.picture(a, color.RGBA{G: 200, A: 255}), Alt: texts("A plain green square.", "Un carré vert uni.", "Un cuadrado verde.", "مربع أخضر.")},
				},
			},
			{Texts: texts("You do not need proof.", "Nul besoin de preuves.", "No hacen falta pruebas.", "لا حاجة إلى إثبات.")},
			{Texts: texts("See our page: {{link}}", "Voir notre page : {{link}}", "Mira nuestra página: {{link}}", "صفحتنا: {{link}}")},
		},
		When: post.When{Date: civil.DateOf(due).String(), Clock: due.Format("15:04")},
	}
}

func TestAThreadInFourLanguagesIsOnThreeNetworksAsItWasReleased(t *testing.T) {
	t.Parallel()
	s := newThree(t)
	a := open(t, s.data)
	ctx, languages := t.Context(), []string{"en", "fr", "es", "ar"}
	ed, err := people.ByEmail(ctx, a.DB, editor)
	if err != nil {
		t.Fatal(err)
	}
	var boss people.Person
	var readers []people.Person
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, name := range []string{"ana", "omar"} {
			p, err := people.Add(ctx, tx, people.NewPerson{Email: name + "@charity.example", Name: name, Role: people.RoleReviewer, Languages: languages, Password: password}, 0)
			if err != nil {
				return err
			}
			readers = append(readers, p)
		}
		boss, err = people.ByEmail(ctx, tx, admin)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	channels := s.connect(a, boss, languages)
	due := a.Clock.Now().Add(time.Second).Truncate(time.Second)
	before := due.Add(-time.Minute)
	var postID int64
	source := s.rich(a, due)
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		day := civil.DateOf(due)
		edition, err := book.SaveEdition(ctx, tx, book.Edition{Campaign: "july-30", Year: due.Year(), FirstDay: day.String(), LastDay: day.String()})
		if err != nil {
			return err
		}
		if postID, err = book.AddPost(ctx, tx, book.Draft{Edition: edition, Source: source}, ed.ID); err != nil {
			return err
		}
		for _, c := range channels {
			for _, language := range languages {
				if _, err := book.AddDelivery(ctx, tx, book.Delivery{
					Post: postID, Channel: c, Language: language, Date: day, Clock: civil.Clock{Hour: due.Hour(), Minute: due.Minute()},
					Zone: "Etc/UTC", DueAt: due, NotAfter: due.Add(24 * time.Hour),
				}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := review.Submit(ctx, a.DB, a.Checks(), postID, ed, before)
	if err != nil || len(sent.Submissions) != len(languages) {
		t.Fatalf("submit: %+v, %v", sent, err)
	}
	var want []out
	for _, submission := range sent.Submissions {
		want = append(want, s.approve(a, submission, readers, before)...)
	}
	closeApp(t, a)
	d := serve(t, program(t, programs.shipped), s.data)
	for _, r := range s.published(s.db()) {
		if r.State != "published" {
			t.Errorf("a delivery ended as %+v", r)
		}
	}
	if code := d.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	got := s.shown()
	byKey := func(a, b out) int { return strings.Compare(a.key(), b.key()) }
	slices.SortFunc(want, byKey)
	slices.SortFunc(got, byKey)
	if len(got) != len(want) || len(want) != 3*4*3 {
		t.Errorf("the networks show %d parts of %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want[i]) {
			t.Errorf("shown    %+v\nreleased %+v", got[i], want[i])
		}
	}
}

// approve answers what the rules ask, lets the readers approve, and returns what the releases say.
func (s *three) approve(a *app.App, submission int64, readers []people.Person, now time.Time) []out {
	s.t.Helper()
	ctx := s.t.Context()
	card, err := review.Find(ctx, a.DB, submission, readers[0])
	if err != nil {
		s.t.Fatal(err)
	}
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, q := range card.Questions {
			if _, err := answer.Give(ctx, tx, a.Rules, q.Asks(), q.Right, "", readers[0]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range readers {
		if _, err := review.Say(ctx, a.DB, submission, r, review.Approve, "", now); err != nil {
			s.t.Fatalf("%s approves: %v", r.Name, err)
		}
	}
	releases, err := book.ReleasesOf(ctx, a.DB, submission)
	if err != nil {
		s.t.Fatal(err)
	}
	var list []out
	for _, r := range releases {
		before := ""
		for _, part := range r.Final.Parts {
			o := out{Network: r.Final.Platform, Text: part.Text, Language: r.Final.Language, After: before}
			switch o.Network {
			case "mastodon":
				o.Note = r.Final.ContentNote
			default: // these networks have no place for it: it stands ahead of the text
				o.Text = "CN: " + r.Final.ContentNote + "\n\n" + part.Text
			}
			if o.Network == "x" {
				o.Language = ""
			}
			for _, p := range part.Pictures {
				o.Alts = append(o.Alts, p.Alt)
			}
			before = o.Text
			list = append(list, o)
		}
	}
	return list
}

// shown returns what the three networks show.
func (s *three) shown() []out {
	var list []out
	texts := map[string]string{}
	statuses := s.sandbox.State().Statuses
	for _, p := range statuses {
		texts[p.ID] = p.Text
	}
	for _, p := range statuses {
		o := out{Network: "mastodon", Text: p.Text, Note: p.SpoilerText, Language: p.Language, After: texts[p.InReplyTo]}
		for _, m := range p.Media {
			o.Alts = append(o.Alts, m.Description)
		}
		list = append(list, o)
	}
	records := s.bluesky.State().Posts
	for _, p := range records {
		texts[p.URI] = p.Text
	}
	for _, p := range records {
		o := out{Network: "bluesky", Text: p.Text, Language: strings.Join(p.Langs, ","), After: texts[p.ReplyTo]}
		for _, m := range p.Images {
			o.Alts = append(o.Alts, m.Alt)
		}
		list = append(list, o)
	}
	tweets := s.x.State().Posts
	for _, p := range tweets {
		texts["x"+p.ID] = p.Text
	}
	for _, p := range tweets {
		o := out{Network: "x", Text: p.Text}
		if p.InReplyTo != "" {
			o.After = texts["x"+p.InReplyTo]
		}
		for _, m := range p.Media {
			o.Alts = append(o.Alts, m.Alt)
		}
		list = append(list, o)
	}
	return list
}
