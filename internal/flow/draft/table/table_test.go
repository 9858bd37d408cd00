package table_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/sheet"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/table"
	"daymark/internal/flow/draft/table/cell"
	"daymark/internal/org/channel"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	today   = time.Date(2027, 6, 1, 8, 0, 0, 0, time.UTC)
	picture = strings.Repeat("ab", 32)
)

// house is three accounts: two of one name on two servers, and one that speaks no English.
func house() table.Ground {
	return table.Ground{Now: today, Pictures: map[string]bool{picture: true}, Channels: []channel.Channel{
		{ID: 1, Platform: "mastodon", Address: "https://a.example", Handle: "hope", Name: "Hope Leeds", Zone: "Europe/London", Languages: []string{"en", "fr"}},
		{ID: 2, Platform: "mastodon", Address: "https://b.example", Handle: "hope", Name: "Hope York", Zone: "Asia/Kathmandu", Languages: []string{"en", "ar"}},
		{ID: 3, Platform: "bluesky", Address: "https://bsky.example", Handle: "hope.example", Name: "Sky", Zone: "America/Bogota", Languages: []string{"es", "pt-BR"}},
	}}
}

// read reads a file as a person would who changes nothing.
func read(t testing.TB, file string, opt table.Options) []table.Draft {
	t.Helper()
	f, err := table.Open([]byte(file), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := table.Read(f, table.Guess(f.Header), opt, house())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// problems writes what is wrong, a line for each.
func problems(list []table.Draft) []string {
	var out []string
	for _, d := range list {
		for _, p := range d.Problems {
			out = append(out, fmt.Sprintf("%d %s: %s", p.Row, p.Column, fault.Say(p.Err)))
		}
	}
	return out
}

func TestATableAsPeopleMakeItBecomesPosts(t *testing.T) {
	t.Parallel()
	got := read(t, "Nom;Langue;Texte;Date;Heure;Comptes;Sensible;Mots-dièse\r\n"+
		"Cœur;Français;\"Bonjour;\nà tous\";30/07/2027;9h30;Hope Leeds;oui;#Espoir, Liberté\r\n"+
		"Cœur;en;Hello;30/07/2027;9h30;Hope York;oui;#Espoir, Liberté\r\n"+
		"Autre;es;Hola;1er août 2027;18h;all;;\r\n;;;;;;;\r\n", table.Options{})
	if wrong := problems(got); wrong != nil {
		t.Fatal(wrong)
	}
	want := []table.Draft{
		{Rows: []int{2, 3}, Change: edit.Change{
			Source: post.Source{
				Message: "Cœur", Parts: []post.SourcePart{{Texts: map[string]string{"fr": "Bonjour;\nà tous", "en": "Hello"}}}, Sensitive: true, Hashtags: []string{"#Espoir", "#Liberté"},
				When: post.When{Date: "2027-07-30", Clock: "09:30"},
			},
			Places: []edit.Place{{Channel: 1, Language: "fr"}, {Channel: 2, Language: "en"}},
		}},
		{Rows: []int{4}, Change: edit.Change{
			Source: post.Source{Message: "Autre", Parts: []post.SourcePart{{Texts: map[string]string{"es": "Hola"}}}, When: post.When{Date: "2027-08-01", Clock: "18:00"}},
			Places: []edit.Place{{Channel: 3, Language: "es"}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
}

func TestHeadersInFourLanguagesAreKnown(t *testing.T) {
	t.Parallel()
	want := table.Mapping{table.Text, table.Language, table.Date, table.Time, table.Accounts, table.Alt, ""}
	for _, header := range [][]string{
		{"Text", "Language", "Date", "Time", "Accounts", "Alt_text", "Budget"},
		{"Texte", "LANGUE", "Date", "Heure", "Comptes", "Texte alternatif", "Budget"},
		{"Texto", "Idioma", "Fecha", "Hora", "Cuentas", "Texto alternativo", "Presupuesto"},
		{"النص", "اللغة", "التاريخ", "الوقت", "الحسابات", "النص البديل", "الميزانية"},
	} {
		if diff := cmp.Diff(want, table.Guess(header)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", header, diff)
		}
	}
}

func TestEachProblemIsSaidByItsRowAndColumn(t *testing.T) {
	t.Parallel()
	const head = "post,language,text,date,time,zone,accounts,part,network,sensitive,picture,alt text,window,content note,hashtags,link\n"
	for name, tt := range map[string]struct {
		rows string
		opt  table.Options
		want []string
	}{
		"a day that could be two":       {"a,en,A,03/04/2028,09:00,,all,,,,,,,,,", table.Options{}, []string{"2 date: “03/04/2028” could be two days; say whether the day or the month comes first"}},
		"the same, said":                {"a,en,A,03/04/2028,09:00,,all,,,,,,,,,", table.Options{Order: cell.DayFirst}, nil},
		"no accounts":                   {"a,en,A,2027-07-30,09:00,,,,,,,,,,,", table.Options{}, []string{"2 accounts: is missing; name accounts, or write “all” or “none”"}},
		"no accounts, all allowed":      {"a,en,A,2027-07-30,09:00,,,,,,,,,,,", table.Options{Everyone: true}, nil},
		"an account of two":             {"a,en,A,2027-07-30,09:00,,@hope,,,,,,,,,", table.Options{}, []string{"2 accounts: several accounts are called “@hope”; write it as mastodon:@hope (a.example)"}},
		"an unknown account":            {"a,en,A,2027-07-30,09:00,,Hope Bath,,,,,,,,,", table.Options{}, []string{"2 accounts: there is no account “Hope Bath”"}},
		"another language":              {"a,en,A,2027-07-30,09:00,,Sky,,,,,,,,,", table.Options{}, []string{"2 accounts: “Sky” does not speak this language, or is out of use"}},
		"an unknown language":           {"a,Klingon,A,2027-07-30,09:00,,all,,,,,,,,,", table.Options{}, []string{"2 language: “Klingon” is no language; write it as en, fr, es or ar"}},
		"no time":                       {"a,en,A,2027-07-30,,,all,,,,,,,,,", table.Options{}, []string{"2 time: is missing; write it as 09:00"}},
		"a zone that is none":           {"a,en,A,2027-07-30,09:00,Mars/Base,all,,,,,,,,,", table.Options{}, []string{"2 zone: there is no time zone “Mars/Base”; write it as Europe/London, or “local” for each account's own"}},
		"no text":                       {"a,en, ,2027-07-30,09:00,,all,,,,,,,,,", table.Options{}, []string{"2 text: is missing", "2 text: write the text in at least one language"}[:1]},
		"a time that has passed":        {"a,en,A,2027-05-30,09:00,,Hope Leeds,,,,,,,,,", table.Options{}, []string{"2 date: that time has passed at Hope Leeds; choose a later one"}},
		"a text that hides":             {"a,en,A\u202eB,2027-07-30,09:00,,all,,,,,,,,,", table.Options{}, []string{"2 text: has a character that cannot be seen, U+202E at character 2; take it out"}},
		"rows that differ":              {"a,en,A,2027-07-30,09:00,,all,,,,,,,,,\na,fr,B,2027-07-31,09:00,,all,,,,,,,,,", table.Options{}, []string{"3 date: is another than in row 2, which is of the same post"}},
		"a text twice":                  {"a,en,A,2027-07-30,09:00,,all,,,,,,,,,\na,en,B,2027-07-30,09:00,,all,,,,,,,,,", table.Options{}, []string{"3 text: row 2 has a text of this post in this language already"}},
		"a thread with a hole":          {"a,en,A,2027-07-30,09:00,,all,1,,,,,,,,\na,en,B,2027-07-30,09:00,,,3,,,,,,,,", table.Options{}, []string{"2 part: part 2 of the post has no text"}},
		"a network that is none":        {"a,en,A,2027-07-30,09:00,,all,,,,,,,,,\na,en,B,2027-07-30,09:00,,,1,orkut,,,,,,,", table.Options{}, []string{"3 network: “orkut” is no network; write it as mastodon, bluesky or x"}},
		"a picture from nowhere":        {"a,en,A,2027-07-30,09:00,,all,,,,photo.jpg,,,,,", table.Options{}, []string{"2 picture: there is no such picture in Daymark; add pictures in the editor, and leave this cell empty"}},
		"an alt text without one":       {"a,en,A,2027-07-30,09:00,,all,,,,,a heart,,,,", table.Options{}, []string{"2 alt text: there is no picture beside it"}},
		"perhaps sensitive":             {"a,en,A,2027-07-30,09:00,,all,,,maybe,,,,,,", table.Options{}, []string{"2 sensitive: write yes or no"}},
		"a window of words":             {"a,en,A,2027-07-30,09:00,,all,,,,,,soon,,,", table.Options{}, []string{"2 window: is no number of minutes"}},
		"a link that runs":              {"a,en,A,2027-07-30,09:00,,all,,,,,,,,,javascript:alert(1)", table.Options{}, []string{"2 link: is no address of a page; it begins with https://"}},
		"an instant and another zone":   {"a,en,A,2027-07-30T09:00:00Z,,Europe/London,all,,,,,,,,,", table.Options{}, []string{"2 zone: the day says its distance from UTC already; leave the zone out"}},
		"rows without a name are alone": {",en,A,2027-07-30,09:00,,all,,,,,,,,,\n,en,B,2027-07-31,09:00,,all,,,,,,,,,", table.Options{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, problems(read(t, head+tt.rows, tt.opt))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFileThatIsNoTableIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ file, want string }{
		"nothing":           {"", "no rows"},
		"a header alone":    {"text,date\n\n", "no rows"},
		"too many rows":     {"text,date\n" + strings.Repeat("a,b\n", 2001), "more than 2000 rows"},
		"empty lines":       {strings.Repeat("\n", 200_000), "more than 2000 rows"},
		"too many columns":  {strings.Repeat(",", 61) + "\na\n", "more than 60 columns"},
		"too large":         {strings.Repeat("a", table.MaxBytes+1), "larger than 2 MB"},
		"a cell too many":   {"text,date\na,b,c\n", "Row 2 has more cells"},
		"an open quotation": {"text,date\n\"a,b\n", "Line 2"},
		"a workbook":        {"PK\x03\x04\x14\x00\x06\x00", "no CSV file"},
	} {
		if _, err := table.Open([]byte(tt.file), ""); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Say(err), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	f, err := table.Open([]byte("a,b\nc,d\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []table.Mapping{nil, {"", ""}, {table.Text, table.Text}, {table.Text, ""}, {table.Text, "x"}} {
		if _, err := table.Read(f, m, table.Options{}, house()); err == nil {
			t.Errorf("%v was taken", m)
		}
	}
}

// drawn draws a post that a table can hold whole.
func drawn(t *rapid.T, n int) edit.Change {
	words := rapid.StringMatching(`[=+@'", ;A-Za-zéاب#\-\t]{0,8}[A-Za-zéاب][=+@'",;\n A-Za-zé]{0,12}[a-z]`)
	line := rapid.StringMatching(`[=+@'",;A-Zéاب\-]{0,3}[a-zا][a-z,;'"é ]{0,10}[a-z]`)
	house := house()
	languages := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"en", "fr", "es", "ar", "pt-BR"}), 1, 4, rapid.ID[string]).Draw(t, "languages")
	slices.Sort(languages)
	c := edit.Change{Source: post.Source{
		Message: fmt.Sprintf("%s %d", line.Draw(t, "name"), n), Sensitive: rapid.Bool().Draw(t, "sensitive"),
		When: post.When{
			Date:  fmt.Sprintf("2027-%02d-%02d", rapid.IntRange(7, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")),
			Clock: fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")), Zone: rapid.SampledFrom([]string{"", "Europe/London", "Etc/UTC"}).Draw(t, "zone"),
		},
		Link: rapid.SampledFrom([]string{"", "https://example.org/a,b;c"}).Draw(t, "link"),
	}}
	c.Window = time.Duration(rapid.SampledFrom([]int{0, 60, 90}).Draw(t, "window")) * time.Minute
	if rapid.Bool().Draw(t, "tags") {
		c.Source.Hashtags = []string{"#Hope", "#Espoir"}
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "parts") {
		part := post.SourcePart{Texts: map[string]string{}}
		if rapid.Bool().Draw(t, "picture") {
			part.Pictures = []post.SourcePicture{{SHA256: picture, Alt: map[string]string{}}}
		}
		for _, language := range languages {
			part.Texts[language] = words.Draw(t, "text")
			if len(part.Pictures) > 0 && rapid.Bool().Draw(t, "described") {
				part.Pictures[0].Alt[language] = line.Draw(t, "alt")
			}
			if i == 0 && rapid.Bool().Draw(t, "noted") {
				if c.Source.ContentNote == nil {
					c.Source.ContentNote = map[string]string{}
				}
				c.Source.ContentNote[language] = line.Draw(t, "note")
			}
			if rapid.Bool().Draw(t, "variant") {
				c.Source.Variants = append(c.Source.Variants, post.Variant{Part: i + 1, Language: language, Network: "x", Text: words.Draw(t, "own text")})
			}
		}
		c.Source.Parts = append(c.Source.Parts, part)
	}
	for _, language := range languages {
		for _, one := range house.Channels {
			if slices.Contains(one.Languages, language) && rapid.Bool().Draw(t, "goes there") {
				c.Places = append(c.Places, edit.Place{Channel: one.ID, Language: language})
			}
		}
	}
	return c
}

func TestWhatIsWrittenIsReadAgainUnchanged(t *testing.T) {
	t.Parallel()
	house := house()
	rapid.Check(t, func(t *rapid.T) {
		var want []edit.Change
		for n := range rapid.IntRange(1, 4).Draw(t, "posts") {
			want = append(want, drawn(t, n))
		}
		file := table.Write(want, house.Channels)
		f, err := table.Open([]byte(file), "")
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		drafts, err := table.Read(f, table.Guess(f.Header), table.Options{}, house)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := problems(drafts); wrong != nil {
			t.Fatalf("%v\n%s", wrong, file)
		}
		var got []edit.Change
		for _, d := range drafts {
			got = append(got, d.Change)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("posts (-want +got):\n%s\n%s", diff, file)
		}
		if again := table.Write(got, house.Channels); again != file {
			t.Fatalf("the file changed:\n%s\n%s", file, again)
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("post,language,text,date,time,accounts\na,en,Hello,2027-07-30,09:00,all\n"))
	f.Add([]byte("Texte;Date\r\n\"a\nb\";30/07/2027 9h\r\n"))
	f.Add([]byte("\xff\xfet\x00e\x00x\x00t\x00;\x00d\x00a\x00t\x00e\x00\n\x00a\x00"))
	f.Add([]byte("text,date\n\xe9,03/04/2027"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := table.Open(src, "")
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Say(err) == "" {
				t.Errorf("a problem of another kind: %v", err)
			}
			return
		}
		drafts, err := table.Read(file, table.Guess(file.Header), table.Options{Everyone: true, Language: "en", Order: cell.DayFirst}, house())
		if err != nil {
			return
		}
		var good []edit.Change
		for _, d := range drafts {
			for _, p := range d.Problems {
				if fault.Say(p.Err) == "" || p.Row < 2 {
					t.Errorf("a problem that says nothing: %+v", p)
				}
			}
			if d.Good() && d.Change.Source.Message != "" {
				good = append(good, d.Change)
			}
		}
		written := table.Write(good, house().Channels)
		for _, record := range strings.Split(written, "\r\n\"") {
			if strings.HasPrefix(strings.TrimPrefix(record, `"`), "=") {
				t.Errorf("a spreadsheet would run %q", record)
			}
		}
		if _, err := sheet.Read(written); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}
