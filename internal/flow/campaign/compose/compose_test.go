package compose_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/flow/campaign/form"
	"daymark/internal/flow/campaign/library"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var now = time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)

var shelterDay = observance.Observance{ID: "own-shelter", Names: map[string]string{"en": "Shelter Day"}, Rule: observance.Rule{Kind: observance.Fixed, Month: time.March, Day: 11}}

func person(t *testing.T, db *postgres.DB, n people.NewPerson) people.Person {
	t.Helper()
	n.Email, n.Name, n.Password, n.Cost = string(n.Role)+"@example.org", string(n.Role), "plain blue heart", people.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	var p people.Person
	if err := db.InTx(t.Context(), func(tx *postgres.Tx) (err error) { p, err = people.Add(t.Context(), tx, n, 0); return err }); err != nil {
		t.Fatal(err)
	}
	return p
}

func sheet() compose.Sheet {
	s := compose.New(shelterDay)
	s.ID, s.Languages, s.Title = "shelter", []string{"en"}, form.Texts{"en": "Shelter Day"}
	return s
}

func message(id, text string) form.Post {
	return form.Post{ID: id, Offset: "D0", Time: "10:00", Text: form.Texts{"en": text}}
}

// files are an export as a folder to load from.
func files(t *testing.T, db *postgres.DB, id string) fstest.MapFS {
	t.Helper()
	out, err := library.Export(t.Context(), db, id)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, body := range out.Files {
		folder[id+"/"+name] = &fstest.MapFile{Data: body}
	}
	return folder
}

func save(t *testing.T, db *postgres.DB, s compose.Sheet, by people.Person) {
	t.Helper()
	changed, problems, err := compose.Save(t.Context(), db, s, by, now)
	if err != nil || len(problems) > 0 || !changed {
		t.Fatalf("%v, %v, changed %t", problems, err, changed)
	}
}

func TestACampaignMadeWithoutAFileLoadsFromItsExportUnchanged(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	editor := person(t, db, people.NewPerson{Role: people.RoleEditor})
	save(t, db, sheet(), editor)
	if _, err := library.Export(t.Context(), db, "shelter"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a campaign without messages is exported: %v", err)
	}
	for _, words := range []string{"First: \"quoted\"\n\n- and # more", "Second {{link}}"} {
		s, _, err := compose.Read(t.Context(), db, "shelter")
		if err != nil {
			t.Fatal(err)
		}
		id, err := s.FreeMessage(t.Context(), db, "launch")
		if err != nil {
			t.Fatal(err)
		}
		s.Posts = append(s.Posts, message(id, words))
		save(t, db, s, editor)
	}
	loaded, err := campaign.Load(files(t, db, "shelter"), "shelter")
	if err != nil {
		t.Fatal(err)
	}
	body, rule, err := library.Kept(loaded)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := book.FindCampaign(t.Context(), db, "shelter")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept.Body), string(body)); diff != "" {
		t.Error(diff)
	}
	var same bool
	if err := db.GetContext(t.Context(), &same, `SELECT observance = $1::jsonb FROM campaigns WHERE id = 'shelter'`, string(rule)); err != nil || !same {
		t.Errorf("the observance is another: %s, %v", rule, err)
	}
	if !strings.Contains(string(kept.Body), `"launch-2"`) {
		t.Errorf("the second message has no name of its own: %s", kept.Body)
	}
	var writers int
	if err := db.GetContext(t.Context(), &writers, `SELECT count(*) FROM writers WHERE kind = 'campaign' AND person_id = $1 AND part IN ('launch', 'launch-2')`, editor.ID); err != nil || writers != 2 {
		t.Errorf("%d messages have their writer, %v", writers, err)
	}
}

func TestAFileDoesNotWriteOverWhatWasChangedInTheBrowser(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	editor := person(t, db, people.NewPerson{Role: people.RoleEditor})
	s := sheet()
	s.Posts = []form.Post{message("one", "First."), message("two", "Second.")}
	save(t, db, s, editor)
	loaded, err := campaign.Load(files(t, db, "shelter"), "shelter")
	if err != nil {
		t.Fatal(err)
	}
	untouched := func() error {
		return db.InTx(t.Context(), func(tx *postgres.Tx) error { return library.Untouched(t.Context(), tx, loaded, false) })
	}
	if err := untouched(); err != nil {
		t.Errorf("the same again: %v", err)
	}
	s, _, err = compose.Read(t.Context(), db, "shelter")
	if err != nil {
		t.Fatal(err)
	}
	old := s
	s.Posts[1].Text = form.Texts{"en": "Second, mended."}
	save(t, db, s, editor)
	if err := untouched(); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Say(err), "in: two.") {
		t.Errorf("got %v", err)
	}
	old.Goal = "Another one."
	if _, _, err := compose.Save(t.Context(), db, old, editor, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("an old sheet wrote over a newer one: %v", err)
	}
}

func TestWhatIsWrongIsSaidWithItsFieldAndNothingIsSaved(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	editor := person(t, db, people.NewPerson{Role: people.RoleEditor})
	s := sheet()
	s.Languages = []string{"en", "ar"}
	s.Posts = []form.Post{{ID: "one", Offset: "D-x", Time: "25:00", Text: form.Texts{"en": "{{lnk}}", "ar": ""}, Hashtags: []string{"#a-b"}, Facts: []string{"F999"}}}
	changed, problems, err := compose.Save(t.Context(), db, s, editor, now)
	if changed || err != nil {
		t.Fatal(changed, err)
	}
	got := map[string]bool{}
	for _, p := range problems {
		got[p.Field] = true
	}
	for _, field := range []string{"title", "posts[0].offset", "posts[0].time", "posts[0].text.en", "posts[0].text.ar", "posts[0].hashtags[0]", "posts[0].facts[0]"} {
		if !got[field] {
			t.Errorf("nothing is said of %s: %v", field, problems)
		}
	}
	if _, _, err := compose.Read(t.Context(), db, "shelter"); !fault.Is(err, fault.NotFound) {
		t.Errorf("it was saved: %v", err)
	}
}

func TestOnlyWhoMayMakeCampaignsDoesAndOnlyWithinTheirLimits(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	editor := person(t, db, people.NewPerson{Role: people.RoleEditor})
	limited := editor
	limited.Campaigns = []string{"elsewhere"}
	for name, by := range map[string]people.Person{"a reviewer": {Role: people.RoleReviewer}, "an editor of another campaign": limited} {
		if _, _, err := compose.Save(t.Context(), db, sheet(), by, now); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s made a campaign: %v", name, err)
		}
	}
	save(t, db, sheet(), editor)
	s, _, err := compose.Read(t.Context(), db, "shelter")
	if err != nil {
		t.Fatal(err)
	}
	s.Goal = "Mine."
	if _, _, err := compose.Save(t.Context(), db, s, limited, now); !fault.Is(err, fault.NotFound) {
		t.Errorf("an editor of another campaign changed it: %v", err)
	}
	limited.Campaigns = []string{"shelter"}
	save(t, db, s, limited)
}

func TestAnyWordsThatAFormSendsAreTakenOrRefusedAndComeBackFromTheExport(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := sheet()
		p := message("one", rapid.String().Draw(t, "text"))
		p.Kind, p.Offset, p.Time = rapid.String().Draw(t, "kind"), rapid.SampledFrom([]string{"D0", "D-14", "end+2", "x", ""}).Draw(t, "offset"), rapid.SampledFrom([]string{"09:00", "9:5", ""}).Draw(t, "time")
		p.Hashtags, p.ContentNote = rapid.SliceOf(rapid.String()).Draw(t, "tags"), form.Texts{"en": rapid.String().Draw(t, "note")}
		s.Posts = []form.Post{p}
		c, problems, err := campaign.Judge(s.Campaign, campaign.Ground{Observance: shelterDay})
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) > 0 {
			return
		}
		out, err := campaign.Export(c)
		if err != nil {
			t.Fatal(err)
		}
		back, wrong := campaign.ReadCampaign("out.yaml", out)
		ours, err := campaign.Canonical(c)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := campaign.Canonical(back)
		if err != nil || len(wrong) > 0 || string(ours) != string(theirs) {
			t.Fatalf("%s\n%s\n%v %v", ours, theirs, wrong, err)
		}
	})
}
