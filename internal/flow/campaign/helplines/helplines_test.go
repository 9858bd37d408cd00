package helplines_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/flow/campaign/source"
)

const good = `daymark: 1
helplines:
  - id: gb-hope
    country: GB
    name: "Hope Line"
    phone: "020 7946 0123"
    text: "60 777"
    chat: "https://hope.example/chat"
    web: "https://hope.example"
    hours: "24/7"
    languages: [en, cy]
    interpreters: true
    for: everyone
    purpose: support
    short: {en: "UK: 020 7946 0123", fr: "Royaume-Uni : 020 7946 0123"}
    sources: [S-1]
    read: operator
    check_days: 14
    note: "Ask for Jo."
directories:
  - name: "A list"
    url: "https://list.example"
    country: GB
    sources: [S-1]
sources:
  - id: S-1
    name: "Hope Line"
    url: "https://hope.example"
    level: operator
`

func TestAFileOfHelplinesIsRead(t *testing.T) {
	t.Parallel()
	got, problems := helplines.Read("f", []byte(good))
	if len(problems) > 0 {
		t.Fatal(source.Text(problems))
	}
	page := []observance.Source{{ID: "S-1", Name: "Hope Line", URL: "https://hope.example", Level: "operator"}}
	want := helplines.File{
		Helplines: []campaign.Helpline{{
			ID: "gb-hope", Country: "GB", Name: "Hope Line", Phone: "020 7946 0123", Message: "60 777", Chat: "https://hope.example/chat",
			Web: "https://hope.example", Hours: "24/7", Languages: []string{"en", "cy"}, Interpret: true, For: "everyone", Purpose: "support",
			Short:   map[string]string{"en": "UK: 020 7946 0123", "fr": "Royaume-Uni : 020 7946 0123"},
			Sources: page, Read: "operator", CheckDays: 14, Note: "Ask for Jo.",
		}},
		Directories: []helplines.Directory{{Name: "A list", URL: "https://list.example", Country: "GB", Sources: page}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	short, problems := helplines.Read("f", []byte(strings.Replace(good, "    check_days: 14\n", "", 1)))
	if len(problems) > 0 || short.Helplines[0].CheckDays != 30 {
		t.Errorf("a check holds for %d days: %s", short.Helplines[0].CheckDays, source.Text(problems))
	}
}

func TestEveryMistakeIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ old, new, want string }{
		"letters":                {`phone: "020 7946 0123"`, `phone: "0800 HOPE"`, `f:6:12: helplines[0].phone: "0800 HOPE" has letters in it`},
		"two numbers":            {`phone: "020 7946 0123"`, `phone: "112 or 1098"`, `f:6:12: helplines[0].phone: "112 or 1098" has letters in it`},
		"too short":              {`phone: "020 7946 0123"`, `phone: "12"`, `f:6:12: helplines[0].phone: "12" has 2 digits`},
		"too long":               {`phone: "020 7946 0123"`, `phone: "0800 123 456 789 0123"`, `f:6:12: helplines[0].phone: "0800 123 456 789 0123" has 17 digits`},
		"not grouped":            {`phone: "020 7946 0123"`, `phone: "02079460123"`, `f:6:12: helplines[0].phone: "02079460123" has 11 digits in a row`},
		"a code that begins 0":   {`phone: "020 7946 0123"`, `phone: "+0 20 7946 0123"`, `f:6:12: helplines[0].phone: "+0 20 7946 0123" has a 0 after the +`},
		"a code and no number":   {`phone: "020 7946 0123"`, `phone: "+44 12"`, `f:6:12: helplines[0].phone: "+44 12" has 4 digits`},
		"foreign digits":         {`phone: "020 7946 0123"`, `phone: "٠٢٠ ٧٩٤٦"`, `f:6:12: helplines[0].phone: "٠٢٠ ٧٩٤٦" has the sign '٠' in it`},
		"signs":                  {`phone: "020 7946 0123"`, `phone: "020/7946"`, `f:6:12: helplines[0].phone: "020/7946" has the sign '/' in it`},
		"loose signs":            {`phone: "020 7946 0123"`, `phone: "020 - 7946"`, `f:6:12: helplines[0].phone: "020 - 7946" is not grouped`},
		"a text number":          {`text: "60 777"`, `text: "HELP"`, `f:7:11: helplines[0].text: "HELP" has letters`},
		"an unknown country":     {"country: GB\n    name", "country: XX\n    name", `f:4:14: helplines[0].country: "XX" is no country`},
		"a country by its habit": {"country: GB\n    name", "country: UK\n    name", `did you mean GB?`},
		"a continent":            {"country: GB\n    name", "country: \"150\"\n    name", `f:4:14: helplines[0].country: "150" is no country`},
		"an unknown audience":    {"for: everyone", "for: childern", `f:13:10: helplines[0].for: "childern" is none of everyone, adults, children, women; did you mean`},
		"an unknown purpose":     {"purpose: support", "purpose: help", `f:14:14: helplines[0].purpose: "help" is none of support, reporting`},
		"a chat in the open":     {`chat: "https://`, `chat: "http://`, `f:8:11: helplines[0].chat: is not encrypted`},
		"a page in the open":     {`web: "https://`, `web: "http://`, `f:9:10: helplines[0].web: is not encrypted`},
		"no address":             {`chat: "https://hope.example/chat"`, `chat: "hope.example"`, `f:8:11: helplines[0].chat: "hope.example" is no web address`},
		"another scheme":         {`chat: "https://hope.example/chat"`, `chat: "tel:+442079460123"`, `f:8:11: helplines[0].chat:`},
		"a password":             {`chat: "https://hope`, `chat: "https://a:b@hope`, `f:8:11: helplines[0].chat: has a user name or password in it`},
		"no source":              {"    sources: [S-1]\n    read", "    read", `f:3:5: helplines[0]: the field "sources" is missing`},
		"an empty source":        {"sources: [S-1]\n    read", "sources: []\n    read", `f:16:14: helplines[0].sources: no source is named`},
		"an unknown source":      {"sources: [S-1]\n    read", "sources: [S-11]\n    read", `f:16:15: helplines[0].sources[0]: no source in this file has the id "S-11"; did you mean "S-1"?`},
		"no short text":          {"    short: {en: \"UK: 020 7946 0123\", fr: \"Royaume-Uni : 020 7946 0123\"}\n", "", `f:3:5: helplines[0]: the field "short" is missing`},
		"none in English":        {"en: \"UK: 020 7946 0123\", ", "", `f:15:12: helplines[0].short: the words in "en" are missing`},
		"an empty short text":    {`fr: "Royaume-Uni : 020 7946 0123"`, `fr: " "`, `the words are missing after the colon`},
		"another number":         {`en: "UK: 020 7946 0123"`, `en: "UK: 020 7946 0124"`, `f:15:12: helplines[0].short: has the number 020 7946 0124, which is neither`},
		"another address":        {`en: "UK: 020 7946 0123"`, `en: "UK: https://other.example"`, `has the address https://other.example, which is neither`},
		"no language":            {"languages: [en, cy]", "languages: [english!]", `f:11:16: helplines[0].languages: "english!" is no language`},
		"days":                   {"check_days: 14", "check_days: 0", `f:18:17: helplines[0].check_days: 0 is outside 1 to 365`},
		"where it was read":      {"read: operator", "read: internet", `f:17:11: helplines[0].read: "internet" is none of`},
		"an id":                  {"id: gb-hope", "id: GB Hope", `f:3:9: helplines[0].id: "GB Hope" is no id`},
		"an unknown field":       {"    hours:", "    hour:", `f:10:5: helplines[0].hour: there is no field "hour" here; did you mean "hours"?`},
		"it calls itself real":   {"    note: ", "    invented: true\n    note: ", `there is no field "invented" here`},
		"a list without address": {`url: "https://list.example"`, `url: "list"`, `directories[0].url: "list" is no web address`},
		"a list of nowhere":      {"country: GB\n    sources", "country: England\n    sources", `directories[0].country: "England" is no country`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(good, tt.old, tt.new, 1)
			if src == good {
				t.Fatalf("%q is not in the file", tt.old)
			}
			if _, problems := helplines.Read("f", []byte(src)); !strings.Contains(source.Text(problems), tt.want) {
				t.Errorf("want %q in\n%s", tt.want, source.Text(problems))
			}
		})
	}
}

func TestAHelplineNobodyCanReachIsRefused(t *testing.T) {
	t.Parallel()
	src := good
	for _, line := range []string{"    phone: \"020 7946 0123\"\n", "    text: \"60 777\"\n", "    chat: \"https://hope.example/chat\"\n"} {
		src = strings.Replace(src, line, "", 1)
	}
	src = strings.Replace(src, "{en: \"UK: 020 7946 0123\", fr: \"Royaume-Uni : 020 7946 0123\"}", "{en: \"UK: Hope Line\"}", 1)
	if _, problems := helplines.Read("f", []byte(src)); len(problems) != 1 || !strings.Contains(problems[0].String(), "f:3:5: helplines[0]: nobody can reach it") {
		t.Errorf("got %s", source.Text(problems))
	}
}

func TestAnIdIsGivenOnce(t *testing.T) {
	t.Parallel()
	_, body, _ := strings.Cut(good, "helplines:\n")
	one, _, _ := strings.Cut(body, "directories:")
	_, problems := helplines.Read("f", []byte(strings.Replace(good, "directories:", one+"directories:", 1)))
	if len(problems) != 1 || !strings.Contains(problems[0].String(), `f:20:5: helplines[1]: another helpline has the id "gb-hope" already`) {
		t.Errorf("got %s", source.Text(problems))
	}
}

// What Daymark ships must be worth a check, and must not offer the police as support.
func TestTheShippedHelplinesAreWhatTheySay(t *testing.T) {
	t.Parallel()
	all, err := helplines.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 40 {
		t.Errorf("only %d helplines are there", len(all))
	}
	purpose, whom := map[string]string{}, map[string]string{}
	for _, h := range all {
		purpose[h.ID], whom[h.ID] = h.Purpose, h.For
		if h.Invented {
			t.Errorf("%s is invented", h.ID)
		}
		if (h.Read == "unverified") != (h.Sources[len(h.Sources)-1].ID == "S-GK") {
			t.Errorf("%s was read on %s and says %s", h.ID, h.Sources[0].Name, h.Read)
		}
		if h.Country == "EU" && h.For != "children" {
			t.Errorf("%s is a European number that is not for children", h.ID)
		}
	}
	for _, id := range []string{"us-hsi-tips", "ie-crimestoppers", "nl-anon", "es-policia", "au-afp", "ar-145", "br-100", "ie-garda"} {
		if purpose[id] != campaign.Reporting {
			t.Errorf("%s is for %s", id, purpose[id])
		}
	}
	for id, want := range map[string]string{"eu-116000": "children", "de-116016": "women", "fr-119": "children", "gb-msh": "everyone", "in-1098": "children"} {
		if whom[id] != want {
			t.Errorf("%s is for %q, want %q", id, whom[id], want)
		}
	}
	lists, err := helplines.Directories()
	if err != nil || len(lists) < 5 {
		t.Errorf("got %d lists, %v", len(lists), err)
	}
}

func TestTheFileOnThePageForPeopleIsRead(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../../docs/helplines.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if f, problems := helplines.Read("example", []byte(example)); !found || len(problems) > 0 || len(f.Helplines) != 1 || len(f.Directories) != 1 {
		t.Errorf("the example has mistakes: %s", source.Text(problems))
	}
}

func FuzzParseHelplines(f *testing.F) {
	for _, s := range []string{
		good, "", "~", "daymark: 1", "daymark: 1\nhelplines: [[]]\nsources: {}", "daymark: 1\nhelplines: [{id: a, phone: [1], short: {en: 1}}]", "a: &a [*a]",
		"daymark: 1\nhelplines: [~, ~]\nsources: [~]\ndirectories: [~]", "\ufeffdaymark: 1", strings.Replace(good, "020 7946 0123", "(02) 1343", -1),
		strings.Replace(good, "020 7946 0123", "+44 (0)20 7946", -1), strings.Replace(good, "country: GB", "country: EU", 1),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		all, problems := helplines.Read("f", src)
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" || p.File != "f" {
				t.Fatalf("a problem without a place: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		ids := map[string]bool{}
		for _, h := range all.Helplines {
			if h.ID == "" || ids[h.ID] || h.Phone+h.Message+h.Chat == "" || h.Short["en"] == "" || len(h.Sources) == 0 || h.For == "" ||
				h.Purpose == "" || h.Country == "" || h.CheckDays < 1 || h.Invented {
				t.Fatalf("an incomplete helpline without a problem: %+v", h)
			}
			ids[h.ID] = true
		}
	})
}
