package helpline_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daymark/internal/core/campaign"
	"daymark/internal/org/helpline"
)

// checked is a record whose check holds for a month from noon.
func checked(id string, changes ...func(*helpline.Record)) helpline.Record {
	r := helpline.Record{
		Helpline: campaign.Helpline{ID: id, Country: "GB", Name: id, Phone: "119", For: "everyone", Purpose: campaign.Support, CheckDays: 30},
		Version:  1, Last: &helpline.Check{Version: 1, Result: helpline.Works, At: noon, Until: noon.Add(30 * day)},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func TestTheFittestHelplineIsChosen(t *testing.T) {
	t.Parallel()
	audience := func(whom string) func(*helpline.Record) { return func(r *helpline.Record) { r.For = whom } }
	country := func(c string) func(*helpline.Record) { return func(r *helpline.Record) { r.Country = c } }
	speaks := func(l ...string) func(*helpline.Record) { return func(r *helpline.Record) { r.Languages = l } }
	interprets := func(r *helpline.Record) { r.Interpret = true }
	for name, tt := range map[string]struct {
		all  []helpline.Record
		need helpline.Need
		want string // empty for none
	}{
		"there is none":                            {nil, helpline.Need{Country: "GB"}, ""},
		"of the country":                           {[]helpline.Record{checked("a", country("FR")), checked("b")}, helpline.Need{Country: "GB"}, "b"},
		"nobody said which country":                {[]helpline.Record{checked("a"), checked("b", country(""))}, helpline.Need{}, ""},
		"the language":                             {[]helpline.Record{checked("a", speaks("fr")), checked("b", speaks("en", "ar"))}, helpline.Need{Country: "GB", Language: "ar"}, "b"},
		"the language of a region":                 {[]helpline.Record{checked("a", speaks("fr")), checked("b", speaks("pt"))}, helpline.Need{Country: "GB", Language: "pt-BR"}, "b"},
		"interpreters before silence":              {[]helpline.Record{checked("a"), checked("b", interprets), checked("c", speaks("fr"))}, helpline.Need{Country: "GB", Language: "ar"}, "b"},
		"silence before other languages":           {[]helpline.Record{checked("a", speaks("fr")), checked("b")}, helpline.Need{Country: "GB", Language: "ar"}, "b"},
		"the language before everyone":             {[]helpline.Record{checked("a"), checked("b", audience("adults"), speaks("ar"))}, helpline.Need{Country: "GB", Language: "ar"}, "b"},
		"everyone before adults":                   {[]helpline.Record{checked("a", audience("adults")), checked("b")}, helpline.Need{Country: "GB"}, "b"},
		"never one that turns most people away":    {[]helpline.Record{checked("a", audience("women")), checked("b", audience("children"))}, helpline.Need{Country: "GB"}, ""},
		"children's lines for children":            {[]helpline.Record{checked("a", speaks("en")), checked("b", audience("children"))}, helpline.Need{Country: "GB", Language: "en", For: "children"}, "b"},
		"everyone's line for children":             {[]helpline.Record{checked("a"), checked("b", audience("adults"))}, helpline.Need{Country: "GB", For: "children"}, "a"},
		"no adults' line for children":             {[]helpline.Record{checked("b", audience("adults"))}, helpline.Need{Country: "GB", For: "children"}, ""},
		"no women's line for adults":               {[]helpline.Record{checked("b", audience("women"))}, helpline.Need{Country: "GB", For: "adults"}, ""},
		"a women's line for women":                 {[]helpline.Record{checked("a"), checked("b", audience("women"))}, helpline.Need{Country: "GB", For: "women"}, "b"},
		"Europe's last, for children":              {[]helpline.Record{checked("a", country("EU"), audience("children")), checked("b", country("FR"))}, helpline.Need{Country: "FR", For: "children"}, "b"},
		"Europe's alone, for children":             {[]helpline.Record{checked("a", country("EU"), audience("children"))}, helpline.Need{Country: "FR", For: "children"}, "a"},
		"not Europe's for everyone":                {[]helpline.Record{checked("a", country("EU"), audience("children")), checked("b", country("EU"))}, helpline.Need{Country: "FR"}, ""},
		"not Europe's outside of it":               {[]helpline.Record{checked("a", country("EU"), audience("children"))}, helpline.Need{Country: "GB", For: "children"}, ""},
		"Europe's where a post asks for it":        {[]helpline.Record{checked("a", country("EU"), audience("children"))}, helpline.Need{Country: "EU", For: "children"}, "a"},
		"of two alike the first by its id":         {[]helpline.Record{checked("b"), checked("a")}, helpline.Need{Country: "GB"}, "a"},
		"a reporting line is no support":           {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Purpose = campaign.Reporting })}, helpline.Need{Country: "GB"}, ""},
		"an invented one in the sandbox":           {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Invented = true })}, helpline.Need{Country: "GB", Sandbox: true}, "a"},
		"an invented one stays there":              {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Invented = true })}, helpline.Need{Country: "GB"}, ""},
		"one whose check is over by then":          {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Last.Until = noon })}, helpline.Need{Country: "GB"}, ""},
		"one that nobody checked":                  {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Last = nil })}, helpline.Need{Country: "GB"}, ""},
		"one that changed since":                   {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Version = 2 })}, helpline.Need{Country: "GB"}, ""},
		"one that is dead":                         {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Last.Result = helpline.Dead })}, helpline.Need{Country: "GB"}, ""},
		"one that is out of use":                   {[]helpline.Record{checked("a", func(r *helpline.Record) { r.Retired = true })}, helpline.Need{Country: "GB"}, ""},
		"for somebody the catalogue does not know": {[]helpline.Record{checked("a")}, helpline.Need{Country: "GB", For: "pets"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.need.At = noon
			got, ok := helpline.Choose(tt.all, tt.need)
			if got.ID != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %t; want %q", got.ID, ok, tt.want)
			}
		})
	}
}

func anyRecord(t *rapid.T) helpline.Record {
	r := helpline.Record{
		Helpline: campaign.Helpline{
			ID:      rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "id"),
			Country: rapid.SampledFrom([]string{"GB", "FR", "EU", "CO"}).Draw(t, "country"), Phone: "119", Name: "x",
			For:       rapid.SampledFrom(campaign.HelplineAudiences).Draw(t, "for"),
			Purpose:   rapid.SampledFrom([]string{campaign.Support, campaign.Reporting}).Draw(t, "purpose"),
			Languages: rapid.SliceOfN(rapid.SampledFrom([]string{"en", "fr", "es-CO"}), 0, 2).Draw(t, "languages"),
			Invented:  rapid.Bool().Draw(t, "invented"), Interpret: rapid.Bool().Draw(t, "interpreters"),
		},
		Version: rapid.IntRange(1, 2).Draw(t, "version"), Retired: rapid.Bool().Draw(t, "retired"),
	}
	if rapid.Bool().Draw(t, "looked") {
		r.Last = &helpline.Check{
			Version: rapid.IntRange(1, 2).Draw(t, "checked version"),
			Result:  rapid.SampledFrom([]helpline.Result{helpline.Works, helpline.Changed, helpline.Dead}).Draw(t, "result"),
			Until:   noon.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "until")) * time.Hour),
		}
	}
	return r
}

func TestNoChoiceBreaksAPromise(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(anyRecord), 0, 12).Draw(t, "all")
		need := helpline.Need{
			Country:  rapid.SampledFrom([]string{"", "GB", "FR", "EU", "CO", "SN"}).Draw(t, "needed country"),
			Language: rapid.SampledFrom([]string{"", "en", "fr-CA", "es"}).Draw(t, "language"),
			For:      rapid.SampledFrom(append([]string{""}, campaign.HelplineAudiences...)).Draw(t, "needed for"),
			Sandbox:  rapid.Bool().Draw(t, "sandbox"), At: noon,
		}
		got, ok := helpline.Choose(all, need)
		again, _ := helpline.Choose(rapid.Permutation(all).Draw(t, "in another order"), need)
		if ok && again.ID != got.ID {
			t.Fatalf("chose %s, and %s in another order", got.ID, again.ID)
		}
		if !ok {
			for _, r := range all {
				if r.Purpose == campaign.Support && r.Holds(noon) && !r.Invented && r.Country == need.Country && r.For == "everyone" {
					t.Fatalf("%+v was overlooked", r)
				}
			}
			return
		}
		switch {
		case got.Purpose != campaign.Support || got.Retired || !got.Holds(need.At):
			t.Fatalf("chose %+v", got)
		case got.Invented && !need.Sandbox:
			t.Fatalf("an invented helpline left the sandbox: %+v", got)
		case got.Country != need.Country && (got.Country != "EU" || need.For != "children" || need.Country != "FR"):
			t.Fatalf("a helpline of %s was chosen for %q", got.Country, need.Country)
		case need.For == "" && (got.For == "women" || got.For == "children"):
			t.Fatalf("everybody is sent to a line for %s", got.For)
		}
	})
}

func TestChecksAreDueSoonestFirst(t *testing.T) {
	t.Parallel()
	until := func(d time.Duration) func(*helpline.Record) {
		return func(r *helpline.Record) { r.Last.Until = noon.Add(d) }
	}
	all := []helpline.Record{
		checked("far", until(8*day)),
		checked("soon", until(2*day)),
		checked("tomorrow", until(day)),
		checked("just now", until(0)),
		checked("never", func(r *helpline.Record) { r.Last = nil }),
		checked("dead", func(r *helpline.Record) { r.Last.Result, r.Last.Until = helpline.Dead, noon }),
		checked("moved", func(r *helpline.Record) { r.Last.Result, r.Last.Saw = helpline.Changed, "The number ends with 9 now" }),
		checked("edited", func(r *helpline.Record) { r.Version = 2 }),
		checked("police", func(r *helpline.Record) { r.Purpose, r.Last = campaign.Reporting, nil }),
		checked("gone", func(r *helpline.Record) { r.Retired = true }),
	}
	var ids []string
	for _, d := range helpline.Due(all, noon, 7*day) {
		ids = append(ids, d.Record.ID)
		if d.Why == "" || d.By.Before(noon) {
			t.Errorf("%s: %+v", d.Record.ID, d)
		}
	}
	if want := []string{"dead", "edited", "just now", "moved", "never", "tomorrow", "soon"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

func TestWhatStandsInAPost(t *testing.T) {
	t.Parallel()
	r := checked("a", func(r *helpline.Record) {
		r.Name, r.Phone, r.Short = "Hope Line", "020 7946 0123", map[string]string{"en": "UK: 020 7946 0123", "pt": "Reino Unido: 020 7946 0123", "ar": "بريطانيا: 020 7946 0123"}
	})
	chat := checked("b", func(r *helpline.Record) { r.Name, r.Phone, r.Chat = "Hope Line", "", "https://hope.example/chat" })
	write := checked("c", func(r *helpline.Record) {
		r.Name, r.Phone, r.Message, r.Short = "Hope Line", "", "60 777", map[string]string{"en": "Text 60 777"}
	})
	bare := checked("d", func(r *helpline.Record) { r.Name, r.Phone, r.Message = "Hope Line", "", "60 777" })
	for _, tt := range []struct {
		r              helpline.Record
		language, want string
	}{
		{r, "en", "UK: 020 7946 0123"},
		{r, "en-GB", "UK: 020 7946 0123"},
		{r, "pt-BR", "Reino Unido: 020 7946 0123"},
		{r, "fr", "Hope Line: 020 7946 0123"},
		{r, "ar", "بريطانيا: 020\u00a07946\u00a00123"},
		{r, "fa", "Hope Line: 020\u00a07946\u00a00123"},
		{chat, "fr", "Hope Line: https://hope.example/chat"},
		{write, "fr", "Text 60 777"},
		{bare, "fr", "Hope Line: 60 777"},
	} {
		if got := tt.r.Say(tt.language); got != tt.want {
			t.Errorf("%s in %s: got %q, want %q", tt.r.ID, tt.language, got, tt.want)
		}
	}
	for _, language := range []string{"en", "fr-CA", "es", "ar"} {
		if s, ok := helpline.Emergency(language); !ok || s == "" {
			t.Errorf("there is no emergency sentence in %s", language)
		}
	}
	if _, ok := helpline.Emergency("de"); ok {
		t.Error("there is an emergency sentence in German")
	}
}

func TestTheHelplinesOfACountry(t *testing.T) {
	t.Parallel()
	all := []helpline.Record{checked("gb"), checked("fr", func(r *helpline.Record) { r.Country = "FR" }), checked("eu", func(r *helpline.Record) { r.Country = "EU" })}
	for country, want := range map[string][]string{"": {"gb", "fr", "eu"}, "GB": {"gb"}, "FR": {"fr", "eu"}, "EU": {"eu"}, "SN": nil} {
		var ids []string
		for _, r := range helpline.In(all, country) {
			ids = append(ids, r.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%q: got %v, want %v", country, ids, want)
		}
	}
}
