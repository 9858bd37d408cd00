package review_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/review"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// line is a helpline of Ghana for everyone, whose check holds for the days given.
func line(id string, days int) campaign.Helpline {
	return campaign.Helpline{
		ID: id, Country: "GH", Name: "Hope Line", Phone: "0800 111 222", For: "everyone", Purpose: campaign.Support, CheckDays: days,
		Short: map[string]string{"en": "Hope Line: 0800 111 222, day and night."},
	}
}

// addLine adds a helpline that Ana called at the instant; a zero instant is never.
func (d *desk) addLine(t tb, h campaign.Helpline, called time.Time) {
	t.Helper()
	d.inTx(t, func(tx *postgres.Tx) error {
		if _, err := helpline.Add(d.ctx, tx, h, d.boss, now.AddDate(0, -6, 0)); err != nil || called.IsZero() {
			return err
		}
		_, err := helpline.AddCheck(d.ctx, tx, h.ID, helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "A woman answered at once."}, d.ana, called)
		return err
	})
}

// addFact adds a fact that holds until 2030.
func (d *desk) addFact(t tb, id string, texts map[string]string) {
	t.Helper()
	f := campaign.Fact{
		ID: id, Texts: texts, Value: "38%", Kind: campaign.Detected, Scope: "world, 2022", Cite: "UNODC, Global Report 2024",
		Source: observance.Source{ID: "S-1", Name: "A report", URL: "https://example.org/report", Year: 2024},
		Year:   2024, DataYear: 2022, Confidence: "A", Status: campaign.Current, ReviewBy: civil.Date{Year: 2030, Month: time.January, Day: 1},
	}
	d.inTx(t, func(tx *postgres.Tx) error {
		_, err := fact.Change(d.ctx, tx, f, 0, d.boss, now)
		return err
	})
}

// inGhana says that the channels' readers are in Ghana.
func (d *desk) inGhana(t tb) {
	t.Helper()
	var n int
	d.get(t, &n, `WITH set AS (UPDATE channels SET country = 'GH' RETURNING id) SELECT count(*) FROM set`)
}

// said submits a post with the helpline's token and returns what it says with the number and without.
func (d *desk) said(t tb) (submission int64, with, without string) {
	t.Helper()
	submission = d.submitOne(t, d.write(t, d.wren, source("en: In danger? {{helpline}}"), d.accra))
	final := d.card(t, submission, d.ana).Groups[0].Final
	if len(final.Without) > 0 {
		without = final.Without[0].Text
	}
	return submission, final.Parts[0].Text, without
}

const (
	numbered  = "In danger? Hope Line: 0800 111 222, day and night."
	emergency = "In danger? If someone is in danger now, call the local emergency number."
)

func TestANumberStandsInAPostOnlyWhenAPersonCheckedItForItsReaders(t *testing.T) {
	t.Parallel()
	fresh := now.Add(-time.Hour)
	reporting, invented, children, french := line("police", 90), line("drawn", 90), line("young", 90), line("france", 90)
	reporting.Purpose, invented.Invented, children.For, french.Country = campaign.Reporting, true, "children", "FR"
	for _, tt := range []struct {
		name          string
		prepare       func(t *testing.T, d *desk)
		with, without string
	}{
		{"checked", func(t *testing.T, d *desk) { d.addLine(t, line("hope", 90), fresh) }, numbered, emergency},
		{"never checked", func(t *testing.T, d *desk) { d.addLine(t, line("hope", 90), time.Time{}) }, emergency, ""},
		{"checked too long ago", func(t *testing.T, d *desk) { d.addLine(t, line("hope", 30), now.AddDate(0, -2, 0)) }, emergency, ""},
		{"a line for tips", func(t *testing.T, d *desk) { d.addLine(t, reporting, fresh) }, emergency, ""},
		{"a line of another country", func(t *testing.T, d *desk) { d.addLine(t, french, fresh) }, emergency, ""},
		{"a line for children, for everybody", func(t *testing.T, d *desk) { d.addLine(t, children, fresh) }, emergency, ""},
		{"an invented line in the sandbox", func(t *testing.T, d *desk) { d.addLine(t, invented, fresh) }, numbered, emergency},
		{"changed since the check", func(t *testing.T, d *desk) {
			d.addLine(t, line("hope", 90), fresh)
			other := line("hope", 90)
			other.Phone, other.Short = "0800 333 444", nil
			d.inTx(t, func(tx *postgres.Tx) error { _, err := helpline.Change(d.ctx, tx, other, d.boss, now); return err })
		}, emergency, ""},
		{"one that holds until then before one that does not", func(t *testing.T, d *desk) {
			d.addLine(t, line("a-short", 1), fresh)
			later := line("b-long", 90)
			later.Phone = "0800 555 666"
			later.Short = map[string]string{"en": "The other line: 0800 555 666."}
			d.addLine(t, later, fresh)
		}, "In danger? The other line: 0800 555 666.", emergency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := ruled(t, unchecked)
			d.inGhana(t)
			tt.prepare(t, d)
			submission, with, without := d.said(t)
			if with != tt.with || without != tt.without {
				t.Errorf("it says %q and without a number %q; want %q and %q", with, without, tt.with, tt.without)
			}
			var shown []string
			if err := d.db.SelectContext(d.ctx, &shown, `SELECT n.helpline_id || ' ' || n.version FROM release_helplines n JOIN releases r ON r.id = n.release_id WHERE r.submission_id = $1`, submission); err != nil {
				t.Fatal(err)
			}
			if (len(shown) == 1) != (tt.without != "") {
				t.Errorf("the release shows %v", shown)
			}
			if found := d.card(t, submission, d.ana).Findings; len(found) != 0 {
				t.Errorf("found %+v", found)
			}
		})
	}
}

func TestAChannelWithoutACountryShowsNoNumber(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	d.addLine(t, line("hope", 90), now)
	if _, with, _ := d.said(t); with != emergency {
		t.Errorf("it says %q", with)
	}
	s := source("en: In danger? {{helpline}}")
	s.Helpline = "GH"
	card := d.card(t, d.submitOne(t, d.write(t, d.wren, s, d.lima)), d.ana)
	if got := card.Groups[0].Final.Parts[0].Text; got != numbered {
		t.Errorf("a post for Ghana says %q", got)
	}
}

func TestACheckThatRunsOutBeforeThePostIsAWarningAndOnTheLastDayAnError(t *testing.T) {
	t.Parallel()
	d := ruled(t, unchecked)
	d.inGhana(t)
	d.addLine(t, line("hope", 1), now.Add(-time.Hour)) // until 23 hours from now; everything is due in 48
	submission, with, without := d.said(t)
	if with != numbered || without != emergency {
		t.Errorf("it says %q and without the number %q", with, without)
	}
	card := d.card(t, submission, d.ana)
	if len(card.Findings) != 1 || card.Findings[0].Severity != lint.Warning || card.Findings[0].Rule != "SAFE-002" ||
		!strings.Contains(card.Findings[0].Message, "runs out on 29 July 2027 at 08:00 UTC") {
		t.Fatalf("found %+v", card.Findings)
	}
	if out := d.say(t, submission, d.ana, review.Approve); out.Scheduled != 1 {
		t.Errorf("approved with a warning: %+v", out)
	}

	id := d.write(t, d.wren, source("en: {{helpline}}"))
	soon := now.Add(23*time.Hour + 30*time.Minute)
	d.Deliver(booktest.Delivery{Post: id, Channel: d.accra, Due: soon})
	out := d.submit(t, id)
	if len(out.Submissions) != 0 || len(out.Waiting) != 1 || !strings.Contains(out.Waiting[0], "“Hope Line”: The check of this helpline runs out") {
		t.Errorf("a day before it is due: %+v", out)
	}
	d.inTx(t, func(tx *postgres.Tx) error {
		_, err := helpline.AddCheck(d.ctx, tx, "hope", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Again."}, d.ana, now)
		return err
	})
	if out := d.submit(t, id); len(out.Submissions) != 1 {
		t.Errorf("checked again: %+v", out)
	}
}

func TestBothTextsHaveToFitTheirNetwork(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	d.inGhana(t)
	d.addLine(t, line("hope", 90), now)
	id := d.write(t, d.wren, source("en: In danger? {{helpline}}"), d.accra)
	limit := len(numbered)
	short := networks(func(c platform.Content) []platform.Issue {
		if len(c.Parts[0].Text) > limit {
			return []platform.Issue{{Message: "The text is too long."}}
		}
		return nil
	})
	for _, want := range []string{", in the text without the helpline's number: The text is too long.", ": The text is too long."} {
		out, err := review.Submit(d.ctx, d.db, review.Checks{Networks: short, Rules: d.checks.Rules}, id, d.wren, now)
		if err != nil || len(out.Submissions) != 0 || len(out.Waiting) != 1 || !strings.HasSuffix(out.Waiting[0], "@127.0.0.1"+want) {
			t.Errorf("submitted %+v, %v; want a reason that ends in %q", out, err, want)
		}
		limit = 10
	}
}

func TestANumberTypedByHandIsJudgedAsOneThatWasChosen(t *testing.T) {
	t.Parallel()
	d := ruled(t, unchecked)
	d.addLine(t, line("hope", 90), time.Time{})
	for words, want := range map[string]int{
		"Call 0800 111 222.":            1,
		"Call (0800) 111-222 now":       1,
		"Call +233 800 111 222.":        1,
		"اتصلوا ٠٨٠٠ ١١١ ٢٢٢":           1,
		"The hope line is there":        1,
		"0800 111 2223 is another":      0,
		"In 2027, 0800 people and more": 0,
		"Hope lines the streets":        0,
	} {
		j := d.judged(t, d.write(t, d.wren, source("en: "+words), d.accra), "en")
		if len(j.Findings) != want {
			t.Errorf("%q: found %+v, want %d", words, j.Findings, want)
		}
	}
	d.inTx(t, func(tx *postgres.Tx) error {
		_, err := helpline.AddCheck(d.ctx, tx, "hope", helpline.NewCheck{How: helpline.Called, Result: helpline.Works, Saw: "Yes."}, d.ana, now)
		return err
	})
	if j := d.judged(t, d.write(t, d.wren, source("en: Call 0800 111 222."), d.accra), "en"); len(j.Findings) != 0 {
		t.Errorf("after a check: %+v", j.Findings)
	}
}

func TestAHelplineThatChangesWhileAPostIsSubmittedIsAConflict(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	d.inGhana(t)
	d.addLine(t, line("hope", 90), now)
	id := d.write(t, d.wren, source("en: In danger? {{helpline}}"), d.accra)
	meanwhile := networks(func(platform.Content) []platform.Issue {
		d.inTx(t, func(tx *postgres.Tx) error {
			_, err := helpline.AddCheck(d.ctx, tx, "hope", helpline.NewCheck{How: helpline.Called, Result: helpline.Dead, Saw: "Nobody answers."}, d.ana, now)
			return err
		})
		return nil
	})
	if out, err := review.Submit(d.ctx, d.db, review.Checks{Networks: meanwhile, Rules: d.checks.Rules}, id, d.wren, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("submitted %+v, %v", out, err)
	}
}

func TestTheDatabaseRefusesReleasesWithHelplinesThatAreNotOffered(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	reporting, invented := line("police", 90), line("drawn", 90)
	reporting.Purpose, invented.Invented = campaign.Reporting, true
	for _, h := range []campaign.Helpline{reporting, invented, line("hope", 90)} {
		d.addLine(t, h, now)
	}
	real := d.Channel(booktest.Channel{})
	// A real channel cannot be made of a sandbox one by the application, so the owner's word is what this channel has from birth.
	var open int64
	d.get(t, &open, `INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
SELECT platform, 'https://social.example', '@real@social.example', 'real', 'Real', zone, languages, false, sealed, key_id FROM channels WHERE id = $1 RETURNING id`, real)
	id := d.write(t, d.wren, source("en: Remember"), open, d.accra)
	submission := d.submitOne(t, id)
	releases, err := book.ReleasesOf(d.ctx, d.db, submission)
	if err != nil || len(releases) != 2 {
		t.Fatalf("%d releases, %v", len(releases), err)
	}
	add := `INSERT INTO release_helplines (release_id, helpline_id, version) VALUES ($1, $2, $3)`
	for _, r := range releases {
		for _, tt := range []struct {
			line    string
			version int
			want    string
		}{
			{"police", 1, "offered_as_support"},
			{"hope", 2, "offered_as_support"},
			{"drawn", 1, map[bool]string{true: "invented_stays", false: ""}[r.Final.Channel == open]},
			{"hope", 1, ""},
		} {
			if _, err := d.db.ExecContext(d.ctx, add, r.ID, tt.line, tt.version); postgres.Constraint(err) != tt.want {
				t.Errorf("%s at version %d on %s: %v, want refused by %q", tt.line, tt.version, r.Final.Account, err, tt.want)
			}
		}
	}
}

func TestAReleaseSaysItsFactsAndWaitsForThoseThatNobodyWroteInItsLanguage(t *testing.T) {
	t.Parallel()
	d := ruled(t)
	d.addFact(t, "F02", map[string]string{"en": "38% of detected victims are children."})
	s := source("en: {{fact:F02}}", "fr: {{fact:F02}} {{fact:F99}}")
	out := d.submit(t, d.write(t, d.wren, s, d.accra))
	want := []string{
		"French waits: {{fact:F02}} is not known yet: the fact F02 has no sentence in French.",
		`French waits: {{fact:F99}} states a fact that nobody has written down: there is no fact "F99".`,
	}
	if diff := cmp.Diff(want, out.Waiting); diff != "" || len(out.Submissions) != 1 {
		t.Fatalf("submitted %v, waiting (-want +got):\n%s", out.Submissions, diff)
	}
	final := d.card(t, out.Submissions[0], d.ana).Groups[0].Final
	if diff := cmp.Diff([]string{"F02"}, final.Facts); diff != "" || final.Parts[0].Text != "38% of detected victims are children (UNODC, Global Report 2024)." {
		t.Errorf("it says %q and states (-want +got):\n%s", final.Parts[0].Text, diff)
	}
}

// Where a place is a day ahead, a fact may hold no longer there. As long as somebody can still check it, that is a warning.
func TestAFactIsJudgedForTheDayOnWhichThePostGoesOut(t *testing.T) {
	t.Parallel()
	d := ruled(t, lint.Rule{
		ID: "STAT-002", How: lint.Automatic, Severity: lint.Error, Check: "stale_fact", Message: "The fact is outdated.", Suggestion: "Check it again.",
	})
	d.addFact(t, "F02", map[string]string{"en": "38% of detected victims are children."})
	until := func(day int) {
		d.inTx(t, func(tx *postgres.Tx) error {
			r, err := fact.Find(d.ctx, tx, "F02")
			if err != nil {
				return err
			}
			r.ReviewBy = civil.Date{Year: 2027, Month: time.July, Day: day}
			_, err = fact.Change(d.ctx, tx, r.Fact, r.Version, d.boss, now)
			return err
		})
	}
	ahead := d.Channel(booktest.Channel{Handle: "@kiritimati@127.0.0.1", Zone: "Pacific/Kiritimati"})
	id := d.write(t, d.wren, source("en: {{fact:F02}}"))
	for _, channel := range []int64{d.accra, ahead} {
		d.Deliver(booktest.Delivery{Post: id, Channel: channel, Due: booktest.Due.Add(2 * time.Hour)})
	}
	until(30)
	found := d.card(t, d.submitOne(t, id), d.ana).Findings
	if len(found) != 1 || found[0].Severity != lint.Warning || len(found[0].Places) != 1 || found[0].Places[0] != "@kiritimati@127.0.0.1" {
		t.Errorf("reviewers are shown %+v, want a warning for the place that is a day ahead", found)
	}
	until(27) // yesterday
	out := d.submit(t, id)
	if len(out.Submissions) != 0 || len(out.Waiting) != 2 || !strings.Contains(out.Waiting[0]+out.Waiting[1], "holds until 2027-07-27") {
		t.Errorf("submitted %+v", out)
	}
}
