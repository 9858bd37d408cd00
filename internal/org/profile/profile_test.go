package profile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestTheProfileIsMissingThenSavedThenChanged(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	if _, err := profile.Get(t.Context(), db); !fault.Is(err, fault.NotFound) {
		t.Fatalf("before the first save: got %v, want not found", err)
	}
	save := func(p profile.Profile) {
		t.Helper()
		if err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return profile.Save(t.Context(), tx, p, 0) }); err != nil {
			t.Fatal(err)
		}
	}
	save(profile.Profile{Name: "Blue Heart", Link: "https://example.org", Zone: "Europe/London"})
	want := profile.Profile{
		Name: "Cœur bleu", Link: "https://example.org/fr", SupportNote: "Call us.\nDay and night.", Zone: "Africa/Nairobi",
		Support: map[string]string{"en": "Talk to us.", "pt": "Fale."}, Resources: map[string]string{"at_risk": "https://example.org/help"},
		Hosts: []string{"example.com", "example.net"},
	}
	save(profile.Profile{
		Name: " Cœur bleu ", Link: "https://example.org/fr ", SupportNote: "Call us.\r\nDay and night.", Zone: "Africa/Nairobi",
		Support:   map[string]string{"en": " Talk to us.", "pt": "Fale.", "fr": " "},
		Resources: map[string]string{"at_risk": " https://example.org/help", "professionals": ""},
		Hosts:     []string{"Example.NET", "", "example.com", "example.net"},
	})
	got, err := profile.Get(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
	for language, support := range map[string]string{"en": "Talk to us.", "pt-BR": "Fale.", "fr": "", "": ""} {
		want := map[string]string{"org": "Cœur bleu", "link": "https://example.org/fr", "resources_at_risk": "https://example.org/help"}
		if support != "" {
			want["support"] = support
		}
		if diff := cmp.Diff(want, profile.Tokens(got, language)); diff != "" {
			t.Errorf("tokens in %q (-want +got):\n%s", language, diff)
		}
	}
	save(profile.Profile{Name: "Blue Heart", Link: "https://example.org", Zone: "Europe/London"})
	if got, err := profile.Get(t.Context(), db); err != nil || got.Support != nil || got.Resources != nil || got.Hosts != nil {
		t.Errorf("what was taken out is still there: %+v, %v", got, err)
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Action: "profile.saved"})
	if err != nil || len(rows) != 3 {
		t.Errorf("got %d audit rows and error %v, want 3", len(rows), err)
	}
}

func TestAnInvalidProfileIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	good := profile.Profile{Name: "Blue Heart", Link: "https://example.org", Zone: "Europe/London"}
	for _, tt := range []struct {
		name   string
		change func(*profile.Profile)
		fields []string
	}{
		{"a good one has no problem", func(*profile.Profile) {}, nil},
		{"everything is missing", func(p *profile.Profile) { *p = profile.Profile{} }, []string{"name", "link", "zone"}},
		{"the name is too long", func(p *profile.Profile) { p.Name = strings.Repeat("é", 81) }, []string{"name"}},
		{"the longest name counts characters, not bytes", func(p *profile.Profile) { p.Name = strings.Repeat("é", 80) }, nil},
		{"the name has two lines", func(p *profile.Profile) { p.Name = "Blue\nHeart" }, []string{"name"}},
		{"the link is not encrypted", func(p *profile.Profile) { p.Link = "http://example.org" }, []string{"link"}},
		{"the link is on this machine", func(p *profile.Profile) { p.Link = "http://127.0.0.1:8080/about" }, nil},
		{"the link is another scheme", func(p *profile.Profile) { p.Link = "javascript:alert(1)" }, []string{"link"}},
		{"the link has no host", func(p *profile.Profile) { p.Link = "https:///about" }, []string{"link"}},
		{"the link carries a password", func(p *profile.Profile) { p.Link = "https://me:pw@example.org" }, []string{"link"}},
		{"the link is followed by text", func(p *profile.Profile) { p.Link = "https://example.org and more" }, []string{"link"}},
		{"the zone does not exist", func(p *profile.Profile) { p.Zone = "Europe/Londn" }, []string{"zone"}},
		{"the zone is the machine's", func(p *profile.Profile) { p.Zone = "Local" }, []string{"zone"}},
		{"support that is too long", func(p *profile.Profile) { p.Support = map[string]string{"en": strings.Repeat("a", 201)} }, []string{"support in en"}},
		{"support in two lines", func(p *profile.Profile) { p.Support = map[string]string{"en": "a\nb"} }, []string{"support in en"}},
		{"support that hides something", func(p *profile.Profile) { p.Support = map[string]string{"ar": "a\u202eb"} }, []string{"support in ar"}},
		{"support with a token", func(p *profile.Profile) { p.Support = map[string]string{"en": "Call {{helpline}}"} }, []string{"support in en"}},
		{"support in no language", func(p *profile.Profile) { p.Support = map[string]string{"english": "a", "en-gb": "b"} }, []string{"support in en-gb", "support in english"}},
		{"a page for an audience", func(p *profile.Profile) { p.Resources = map[string]string{"professionals": "https://example.org/pro"} }, nil},
		{"a page for everybody", func(p *profile.Profile) { p.Resources = map[string]string{"general": "https://example.org"} }, []string{"resources"}},
		{"a page that is not encrypted", func(p *profile.Profile) { p.Resources = map[string]string{"at_risk": "http://example.org"} }, []string{"resources for at_risk"}},
		{"good hosts", func(p *profile.Profile) {
			p.Hosts = []string{"example.org", "a.b-c.example", "xn--bcher-kva.example", "bücher.example"}
		}, nil},
		{"hosts that are none", func(p *profile.Profile) {
			p.Hosts = []string{"https://example.org", "example", "*.example.org", "a b.org", "-a.org", "example.org/a"}
		}, []string{"hosts", "hosts", "hosts", "hosts", "hosts", "hosts"}},
		{"too many hosts", func(p *profile.Profile) {
			p.Hosts = make([]string, 101)
			for i := range p.Hosts {
				p.Hosts[i] = "example.org"
			}
		}, []string{"hosts"}},
		{"the note is too long", func(p *profile.Profile) { p.SupportNote = strings.Repeat("a", 1001) }, []string{"support note"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := good
			tt.change(&p)
			err := profile.Validate(p)
			var fields []string
			for _, problem := range fault.Problems(err) {
				fields = append(fields, problem.Field)
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s\n%v", diff, err)
			}
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("got kind %v, want invalid", fault.KindOf(err))
			}
		})
	}
}

func TestLinksMayLeadToTheListAndToTheProfilesOwnPages(t *testing.T) {
	t.Parallel()
	p := profile.Profile{
		Link: "https://Hope.example/july30", Hosts: []string{"unodc.org", "hope.example"},
		Resources: map[string]string{"at_risk": "https://help.hope.example:8443/"},
	}
	if diff := cmp.Diff([]string{"help.hope.example", "hope.example", "unodc.org"}, p.LinkHosts()); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
	if got := (profile.Profile{}).LinkHosts(); len(got) > 0 {
		t.Errorf("an empty profile allows %v", got)
	}
	if len(p.Hosts) != 2 {
		t.Errorf("the list itself was changed: %v", p.Hosts)
	}
}
