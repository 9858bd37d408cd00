package attack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"daymark/internal/core/civil"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

// system returns Daymark itself, which plans what people loaded.
func (s *stage) system() people.Person {
	s.t.Helper()
	p, err := people.System(s.t.Context(), s.app.DB)
	s.must(err)
	return p
}

// follows loads words into the file as somebody and lets Daymark plan them.
func (s *stage) follows(words, by string) {
	s.t.Helper()
	s.load(words, s.people[by])
	s.plan(s.system())
}

// sent lets the editor send the post under attack for review.
func (s *stage) sent() int64 {
	s.t.Helper()
	s.as("ed").sends(fmt.Sprintf("/posts/%d/submit", s.posts["words"]), nil)
	return s.posts["words"]
}

// says changes the sentence of the fact that the post states.
func (s *stage) says(sentence, by string) {
	s.t.Helper()
	f, err := fact.Find(s.t.Context(), s.app.DB, "F03")
	s.must(err)
	f.Fact.Texts["en"] = sentence
	_, err = draft.SaveFact(s.t.Context(), s.app.DB, f.Fact, f.Version, s.people[by], s.app.Clock.Now())
	s.must(err)
}

// loadBoth takes the campaign into the database with these words and these of its second post.
func (s *stage) loadBoth(words, witness, by string) {
	s.t.Helper()
	body := strings.ReplaceAll(file(words), "Nobody touches these words.", witness)
	loaded, err := campaign.Load(fstest.MapFS{"vigil/campaign.yaml": {Data: []byte(body)}}, "vigil")
	s.must(err)
	_, err = s.app.Load(s.t.Context(), loaded, s.people[by])
	s.must(err)
}

// hands are the ways in which somebody's words come into a post of which they wrote no version.
var hands = []own{
	{"an admin loads the file and Daymark plans it", func(s *stage) (int64, string) {
		s.follows("Words of an admin.", "ada")
		return s.sent(), "ada"
	}, "campaign"},
	{"an admin loads the file, and a colleague loads it again with other words elsewhere", func(s *stage) (int64, string) {
		s.loadBoth("Words of an admin.", "Nobody touches these words.", "ada")
		s.loadBoth("Words of an admin.", "Other words.", "bea")
		s.plan(s.system())
		return s.sent(), "ada"
	}, "campaign"},
	{"an admin's words in the file are taken by a colleague", func(s *stage) (int64, string) {
		s.edit("Edited.")
		s.follows("Words of an admin.", "ada")
		s.as("ed").sends(fmt.Sprintf("/offers/%d/accept", s.offer()), nil)
		return s.sent(), "ada"
	}, "campaign"},
	{"an admin sets the theme before anything is sent", func(s *stage) (int64, string) {
		s.as("ada").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {"My own words"}})
		return s.sent(), "ada"
	}, "theme"},
	{"an admin sets the theme while the post is before reviewers", func(s *stage) (int64, string) {
		s.submit(s.posts["words"])
		s.as("ada").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {"My own words"}})
		return s.sent(), "ada"
	}, "theme"},
	{"an admin sets the theme and a colleague puts a comma into it", func(s *stage) (int64, string) {
		s.as("ada").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {"My own words"}})
		s.as("bea").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {"My own, words"}})
		return s.sent(), "ada"
	}, "theme"},
	{"an admin writes the fact that the post states", func(s *stage) (int64, string) {
		s.says("Two in five are girls, I say.", "ada")
		return s.sent(), "ada"
	}, "fact"},
	{"an admin writes the fact while the post is before reviewers", func(s *stage) (int64, string) {
		s.submit(s.posts["words"])
		s.says("Two in five are girls, I say.", "ada")
		return s.sent(), "ada"
	}, "fact"},
	{"an admin writes the fact and a colleague looks at its source", func(s *stage) (int64, string) {
		s.says("Two in five are girls, I say.", "ada")
		f, err := fact.Find(s.t.Context(), s.app.DB, "F03")
		s.must(err)
		s.must(draft.RenewFact(s.t.Context(), s.app.DB, "F03", civil.Date{Year: 2028, Month: 6, Day: 1}, f.Version, s.people["ed"], s.app.Clock.Now()))
		return s.sent(), "ada"
	}, "fact"},
	{"an admin writes how the helpline is named", func(s *stage) (int64, string) {
		h, err := helpline.Find(s.t.Context(), s.app.DB, "gb-msh")
		s.must(err)
		h.Short["en"] = "Call us: 08000 121 700"
		_, _, err = draft.SaveHelpline(s.t.Context(), s.app.DB, h.Helpline, s.people["ada"], s.app.Clock.Now())
		s.must(err)
		return s.sent(), "ada"
	}, "helpline"},
	{"an admin changes the organisation's link while the post is before reviewers", func(s *stage) (int64, string) {
		s.submit(s.posts["words"])
		p, err := profile.Get(s.t.Context(), s.app.DB)
		s.must(err)
		p.Link = "https://another.example"
		_, err = draft.SaveProfile(s.t.Context(), s.app.DB, p, s.people["ada"])
		s.must(err)
		return s.sent(), "ada"
	}, "organisation"},
	{"an admin changes the link, and a colleague the theme", func(s *stage) (int64, string) {
		s.submit(s.posts["words"])
		p, err := profile.Get(s.t.Context(), s.app.DB)
		s.must(err)
		p.Link = "https://another.example"
		_, err = draft.SaveProfile(s.t.Context(), s.app.DB, p, s.people["ada"])
		s.must(err)
		s.as("ed").sends(fmt.Sprintf("/editions/%d/theme", s.edition), url.Values{"theme": {"Another voice"}})
		return s.sent(), "ada"
	}, "organisation"},
	{"an admin moves the account to another country while the post is before reviewers", func(s *stage) (int64, string) {
		s.submit(s.posts["words"])
		s.as("ada").sends(fmt.Sprintf("/channels/%d/country", s.channel), url.Values{"country": {"FR"}})
		return s.sent(), "ada"
	}, "country"},
}

// Whoever set the charity up in an evening must be able to approve what others write with it.
func TestWhatNobodyWroteKeepsNobodyFromApproving(t *testing.T) {
	t.Parallel()
	for _, free := range []struct {
		name string
		by   string // of those who did something before
		do   func(s *stage)
	}{
		{"the admin who wrote the profile, connected the account and said where its readers are", "ada", func(*stage) {}},
		{"an admin who looked at the source of the fact", "ada", func(s *stage) {
			f, err := fact.Find(s.t.Context(), s.app.DB, "F03")
			s.must(err)
			s.must(draft.RenewFact(s.t.Context(), s.app.DB, "F03", civil.Date{Year: 2028, Month: 6, Day: 1}, f.Version, s.people["ada"], s.app.Clock.Now()))
		}},
		{"the reviewer who called the helpline", "rosa", func(*stage) {}},
		{"an admin who loaded other words of the same file", "ada", func(s *stage) {
			s.loadBoth(words, "Words of an admin.", "ada")
			s.plan(s.system())
		}},
		{"an admin who changed a fact that the post does not state", "ada", func(s *stage) {
			f, err := fact.Find(s.t.Context(), s.app.DB, "F04")
			s.must(err)
			f.Fact.Note = "Seen."
			f.Fact.Cite += ", table 1"
			_, err = draft.SaveFact(s.t.Context(), s.app.DB, f.Fact, f.Version, s.people["ada"], s.app.Clock.Now())
			s.must(err)
		}},
		{"an admin who loaded a campaign as it comes with Daymark", "ada", func(s *stage) {
			loaded, err := campaign.LoadShipped("july-30")
			s.must(err)
			_, err = s.app.Load(s.t.Context(), loaded, s.people["ada"])
			s.must(err)
			if n := s.count(`SELECT count(*) FROM writers WHERE kind = 'campaign' AND subject = 'july-30'`); n != 0 {
				s.t.Errorf("%d messages that nobody here wrote have a writer", n)
			}
		}},
	} {
		t.Run(free.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			free.do(s)
			submission := s.waiting(s.sent())
			if status, body, _ := s.as(free.by).post(fmt.Sprintf("/review/%d/approve", submission), nil); status != http.StatusSeeOther {
				t.Errorf("%s may not approve: %d, %s", free.by, status, fault(body))
			}
		})
	}
}

// A link lends nobody the approval of their own words.
func TestWhoLoadedTheWordsGainsNothingByALink(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.follows("Words of an admin.", "ada")
	submission := s.waiting(s.sent())
	s.exec(`INSERT INTO people (email, name, role, languages) VALUES ('pat@partner.example', 'Pat', 'outside', '{en}'), ('ada+proof@daymark.example', 'Ada', 'outside', '{en}')`)
	outside := func(email string) string {
		return fmt.Sprint(s.count(`SELECT id FROM people WHERE email = $1`, email))
	}
	for _, tt := range []struct {
		what, maker, reviewer string
		want                  int
	}{
		{"whoever loaded the words makes a link", "ada", "pat@partner.example", http.StatusForbidden},
		{"a link leads to the mailbox of whoever loaded the words", "bea", "ada+proof@daymark.example", http.StatusUnprocessableEntity},
		{"somebody else makes a link", "bea", "pat@partner.example", http.StatusOK},
	} {
		form := url.Values{"reviewer": {outside(tt.reviewer)}, "hours": {"72"}}
		if status, body, _ := s.as(tt.maker).post(fmt.Sprintf("/review/%d/links", submission), form); status != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.what, status, tt.want, fault(body))
		}
	}
	s.unscheduled(s.posts["words"])
}
