package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/library"
)

// begun is what somebody sends who begins a campaign.
func begun() url.Values {
	return url.Values{
		"title": {"Shelter Day"}, "observance": {""}, "own-name": {"Shelter Day"}, "own-date": {"2027-03-11"}, "languages": {"en, ar"}, "hashtags": {"#Shelter"},
		"task-0-what": {"Call the shelters"}, "task-0-who": {"Ed"}, "task-0-offset": {"D-30"},
	}
}

func worded(kind, english, arabic string) url.Values {
	return url.Values{
		"kind": {kind}, "offset": {"D-14"}, "time": {"10:00"}, "mode": {"local"}, "text-en": {english}, "text-ar": {arabic}, "note-en": {""}, "note-ar": {""}, "do": {"save"},
	}
}

func TestACampaignIsMadeInTheBrowserPlannedExportedAndLoadsUnchanged(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	ed := s.as("editor")
	if a := ed.get("/campaigns"); !strings.Contains(a.body, `href="/new-campaign"`) {
		t.Error("the campaigns do not lead to a new one")
	}
	if a := ed.post("/new-campaign", begun()); a.to != "/campaigns/shelter-day" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	if a := ed.post("/campaigns/shelter-day/add", worded("launch", "Two lines.\r\n\r\n\"Second\" – {{link}}", "قريبا")); a.to != "/campaigns/shelter-day" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	if a := ed.post("/campaigns/shelter-day/add", worded("launch", "Another.", "آخر")); a.to == "" {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	shown := ed.get("/campaigns/shelter-day").body
	for _, want := range []string{"message-launch", "message-launch-2", "14 days before at 10:00", "Call the shelters", "Made or changed in the browser"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the campaign does not show %q", want)
		}
	}
	archive := ed.get("/campaigns/shelter-day/export")
	folder := fstest.MapFS{}
	zipped, err := zip.NewReader(strings.NewReader(archive.body), int64(len(archive.body)))
	s.must(err)
	for _, f := range zipped.File {
		r, err := f.Open()
		s.must(err)
		body, err := io.ReadAll(r)
		s.must(err)
		folder[f.Name] = &fstest.MapFile{Data: body}
	}
	loaded, err := campaign.Load(folder, "shelter-day")
	s.must(err)
	body, _, err := library.Kept(loaded)
	s.must(err)
	var kept []byte
	s.must(s.db.GetContext(t.Context(), &kept, `SELECT body FROM campaigns WHERE id = 'shelter-day'`))
	if !bytes.Equal(kept, body) {
		t.Errorf("the export says something else:\n%s\n%s", kept, body)
	}
	a := ed.post("/campaigns/shelter-day/plan", url.Values{"year": {"2028"}})
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/editions/") {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	if n := s.number(`SELECT count(*) FROM hands h JOIN posts p ON p.id = h.post_id JOIN editions e ON e.id = p.edition_id WHERE e.campaign_id = 'shelter-day' AND h.person_id = $1 AND h.why = 'campaign'`, s.person("editor").ID); n != 2 {
		t.Errorf("%d posts have the hand of whoever wrote them, want 2", n)
	}
}

func TestNothingTypedIsLostWhenACampaignCannotBeTaken(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	ed := s.as("editor")
	form := begun()
	form.Set("own-date", "")
	form.Set("task-0-offset", "soon")
	form.Set("hashtags", "#a-b")
	a := ed.post("/new-campaign", form)
	if a.status != http.StatusUnprocessableEntity {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	for _, want := range []string{`id="own-date-problem"`, `value="soon"`, `value="#a-b"`, `value="Call the shelters"`, `value="en, ar"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form does not have %s", want)
		}
	}
	form.Set("own-date", "2027-03-11")
	if a := ed.post("/new-campaign", form); !strings.Contains(a.body, `id="task-0-offset-problem"`) || !strings.Contains(a.body, `id="hashtags-problem"`) {
		t.Errorf("%d to %q: what is wrong is not said under its fields", a.status, a.to)
	}
	if a := ed.post("/new-campaign", begun()); a.to == "" {
		t.Fatal(a.body)
	}
	wrong := worded("launch", "{{lnk}} <b>mine</b>", "")
	wrong.Set("offset", "D-x")
	a = ed.post("/campaigns/shelter-day/add", wrong)
	for _, want := range []string{`id="offset-problem"`, `id="text-en-problem"`, `id="text-ar-problem"`, "{{lnk}} &lt;b&gt;mine", `value="D-x"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the form does not have %s", want)
		}
	}
	if n := s.number(`SELECT jsonb_array_length(convert_from(body, 'UTF8')::jsonb->'posts') FROM campaigns WHERE id = 'shelter-day'`); n != 0 {
		t.Errorf("%d messages were kept", n)
	}
	if a := ed.post("/campaigns/shelter-day/plan", url.Values{"year": {"2028"}}); a.status != http.StatusConflict {
		t.Errorf("a campaign without messages is planned: %d", a.status)
	}
	look := worded("launch", "We fight slavery with a picture of chains. READ THIS NOW", "قريبا")
	look.Set("do", "look")
	if a := ed.post("/campaigns/shelter-day/add", look); a.status != http.StatusOK || !strings.Contains(a.body, `id="looked"`) {
		t.Errorf("%d: the rules were not asked", a.status)
	}
}

func TestALoadedCampaignIsChangedInTheBrowserAndTwoAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	ed := s.as("admin")
	page := ed.get("/campaigns/july-30/messages/j30-01")
	if page.status != http.StatusOK {
		t.Fatal(page.status)
	}
	_, rest, _ := strings.Cut(page.body, `name="seen" value="`)
	seen, _, _ := strings.Cut(rest, `"`)
	form := worded("teaser", "Mine.", "لي")
	form.Set("text-fr", "Le mien.")
	form.Set("text-es", "El mío.")
	form.Set("alt-0-en", "A plain blue heart.")
	form.Set("alt-0-fr", "Un cœur bleu.")
	form.Set("alt-0-es", "Un corazón azul.")
	form.Set("alt-0-ar", "قلب أزرق.")
	form.Set("seen", seen)
	if a := ed.post("/campaigns/july-30/messages/j30-01", form); a.to != "/campaigns/july-30" {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	form.Set("text-en", "Mine again.")
	if a := ed.post("/campaigns/july-30/messages/j30-01", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="clash"`) || !strings.Contains(a.body, "Mine again.") {
		t.Errorf("%d to %q: an old form wrote over a newer one, or lost its words", a.status, a.to)
	}
	if n := s.number(`SELECT count(*) FROM writers WHERE kind = 'campaign' AND subject = 'july-30' AND part = 'j30-01' AND person_id = $1`, s.person("admin").ID); n != 1 {
		t.Error("whoever changed the words is not written down")
	}
	if a := ed.post("/campaigns/july-30/messages/j30-01/remove", nil); a.to != "/campaigns/july-30" {
		t.Errorf("%d to %q", a.status, a.to)
	}
	if a := ed.get("/campaigns/july-30/messages/j30-01"); a.status != http.StatusNotFound {
		t.Errorf("what was taken out is there: %d", a.status)
	}
	basics := ed.get("/campaigns/july-30/basics").body
	if !strings.Contains(basics, `id="title-ar"`) || !strings.Contains(basics, `dir="rtl"`) {
		t.Error("the names in each language are not there")
	}
}

func TestLastYearsFiguresAndNotesStandBesideEachMessage(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	edition := s.plan()
	ed := s.as("editor")
	path := fmt.Sprintf("/editions/%d/learnt", edition)
	if a := ed.get(path); a.status != http.StatusOK || !strings.Contains(a.body, "Nothing of it went out") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	if a := ed.post(path, url.Values{"note-j30-01": {"Too early <b>by far</b>."}}); a.to != path {
		t.Fatalf("%d to %q", a.status, a.to)
	}
	if a := ed.post(path, url.Values{"note-j30-01": {strings.Repeat("x", 2001)}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="note-j30-01-problem"`) {
		t.Errorf("a note that is too long: %d", a.status)
	}
	a := ed.post(fmt.Sprintf("/editions/%d/next", edition), nil)
	if !strings.HasSuffix(a.to, "/learnt") || a.to == path {
		t.Fatalf("%d to %q\n%s", a.status, a.to, a.body)
	}
	if a := ed.get(a.to); !strings.Contains(a.body, "Too early &lt;b&gt;by far") {
		t.Error("last year's note is not beside the message")
	}
	if a := s.as("reviewer").post(path, url.Values{"note-j30-01": {"x"}}); a.status != http.StatusForbidden {
		t.Errorf("a reviewer writes notes: %d", a.status)
	}
}

func TestWhoWorksOnOtherCampaignsSeesNoneOfThis(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	for name, limit := range map[string]string{
		"another campaign": `UPDATE people SET campaigns = '{elsewhere}' WHERE role = 'editor'`,
		"some accounts":    `UPDATE people SET campaigns = '{}', labels = '{leeds}' WHERE role = 'editor'`,
	} {
		ed := s.as("editor")
		s.exec(limit)
		for _, path := range []string{"/campaigns/july-30", "/campaigns/july-30/export", "/campaigns/july-30/basics", "/campaigns/july-30/add", "/campaigns/july-30/messages/j30-01"} {
			if a := ed.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s: %s answers %d", name, path, a.status)
			}
		}
		for _, path := range []string{"/campaigns/july-30/plan", "/campaigns/july-30/basics", "/campaigns/july-30/add", "/campaigns/july-30/messages/j30-01", "/campaigns/july-30/messages/j30-01/remove"} {
			if a := ed.post(path, url.Values{"year": {"2028"}}); a.status != http.StatusNotFound {
				t.Errorf("%s: POST %s answers %d", name, path, a.status)
			}
		}
		if a := ed.post("/new-campaign", begun()); a.status != http.StatusForbidden {
			t.Errorf("%s: a new campaign: %d", name, a.status)
		}
		if body := ed.get("/campaigns").body; strings.Contains(body, `href="/campaigns/july-30"`) || strings.Contains(body, "/new-campaign") {
			t.Errorf("%s: the campaigns lead there", name)
		}
	}
}

func TestAPictureThatWasSentIsKeptWhileItsWordsAreMended(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	ed := s.as("editor")
	if a := ed.post("/new-campaign", begun()); a.to == "" {
		t.Fatal(a.body)
	}
	shipped, err := campaign.LoadShipped("july-30")
	s.must(err)
	var heart campaign.Picture
	for _, heart = range shipped.Pictures {
		break
	}
	if a := ed.upload("/campaigns/shelter-day/add", "notes.txt", []byte("no picture")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="file-problem"`) {
		t.Errorf("what is no picture: %d", a.status)
	}
	a := ed.upload("/campaigns/shelter-day/add", "heart", heart.Bytes)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, fmt.Sprintf(`<option value="%s" selected>`, heart.SHA256)) {
		t.Fatalf("%d: the picture is lost", a.status)
	}
	form := worded("launch", "Tonight.", "الليلة.")
	form.Set("picture", heart.SHA256)
	if a := ed.post("/campaigns/shelter-day/add", form); !strings.Contains(a.body, `id="alt-new-en-problem"`) {
		t.Errorf("%d to %q: a picture needs its description", a.status, a.to)
	}
	form.Set("alt-new-en", "A heart.")
	form.Set("alt-new-ar", "قلب.")
	if a := ed.post("/campaigns/shelter-day/add", form); a.to == "" {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	archive := ed.get("/campaigns/shelter-day/export").body
	zipped, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	s.must(err)
	if len(zipped.File) != 3 {
		t.Errorf("%d files, want the campaign, its day and its picture", len(zipped.File))
	}
}
