package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"

	"pgregory.net/rapid"
)

func offset(t *testing.T, s string) campaign.Offset {
	t.Helper()
	o, err := campaign.ParseOffset(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var january = civil.Range{Start: civil.Date{Year: 2027, Month: 1, Day: 1}, End: civil.Date{Year: 2027, Month: 1, Day: 31}}

func TestASeriesComesOnTheDaysOfItsExpression(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ cron, from, to, want string }{
		{"0 12 * * MON", "start", "end", "2027-01-04 12:00, 2027-01-11 12:00, 2027-01-18 12:00, 2027-01-25 12:00"},
		{"30 9 1,15 * *", "start", "end", "2027-01-01 09:30, 2027-01-15 09:30"},
		{"0 0 * * *", "D0", "D+1", "2027-01-01 00:00, 2027-01-02 00:00"},
		{"59 23 * * *", "end", "end", "2027-01-31 23:59"},
		{"0 8,20 24 12 *", "D-14", "D-1", "2026-12-24 08:00, 2026-12-24 20:00"},
		// As in cron, a day of the month or a day of the week is enough when both are named.
		{"0 12 13 * FRI", "D+9", "D+14", "2027-01-13 12:00, 2027-01-15 12:00"},
	} {
		s := campaign.Series{Cron: tt.cron, From: offset(t, tt.from), To: offset(t, tt.to)}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		all, err := s.On(january)
		var got []string
		for _, at := range all {
			got = append(got, at.Date.String()+" "+at.Time.String())
		}
		if strings.Join(got, ", ") != tt.want || err != nil {
			t.Errorf("%s: got %s, %v; want %s", tt.cron, strings.Join(got, ", "), err, tt.want)
		}
	}
}

func TestASeriesThatNeverComesIsRefused(t *testing.T) {
	t.Parallel()
	for _, cron := range []string{"", "0 12 30 2 *", "0 12 31 4,6,9,11 *", "* * * *", "0 0 12 * * MON", "@daily", "TZ=Europe/Vienna 0 12 * * *", "TZ=0", "CRON_TZ=UTC 0 12 * * MON", "60 12 * * *", "0 12 * * MOON", "0 12 */0 * *", "0 12 9-3 * *", strings.Repeat("1,", 150) + "1 12 * * *"} {
		if err := (campaign.Series{Cron: cron}).Check(); err == nil {
			t.Errorf("%q was taken", cron)
		}
	}
	if err := (campaign.Series{Cron: "0 12 29 2 *"}).Check(); err != nil {
		t.Errorf("29 February comes in leap years: %v", err)
	}
	for name, s := range map[string]campaign.Series{
		"no such day in the range": {Cron: "0 12 * * MON", From: offset(t, "D0"), To: offset(t, "D+2")},
		"every minute":             {Cron: "* * * * *", From: offset(t, "D0"), To: offset(t, "D+2")},
		"turned round":             {Cron: "0 12 * * *", From: offset(t, "end"), To: offset(t, "start")},
	} {
		if all, err := s.On(january); err == nil {
			t.Errorf("%s: %v", name, all)
		}
	}
}

func TestASeriesIsAMessageForEachOfItsTimes(t *testing.T) {
	t.Parallel()
	m := campaign.Message{ID: "help", Texts: map[string]string{"en": "hello"}, Series: &campaign.Series{Cron: "0 12 * * MON", From: offset(t, "start"), To: offset(t, "end")}}
	all, err := m.Expand(january)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range all {
		got = append(got, fmt.Sprintf("%s %s %s %t", one.ID, one.Offset, one.Time, one.Series == nil && one.Texts["en"] == "hello"))
	}
	if want := "help#1 D+3 12:00 true, help#2 D+10 12:00 true, help#3 D+17 12:00 true, help#4 D+24 12:00 true"; strings.Join(got, ", ") != want {
		t.Errorf("got %s", strings.Join(got, ", "))
	}
}

func TestEveryTimeOfASeriesLiesInItsRangeAndOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := civil.Date{Year: rapid.IntRange(1900, 2200).Draw(t, "year"), Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 364).Draw(t, "day"))
		days := civil.Range{Start: first, End: first.AddDays(rapid.IntRange(0, 40).Draw(t, "length"))}
		minute, hour := rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 23).Draw(t, "hour")
		s := campaign.Series{Cron: fmt.Sprintf("%d %d * * *", minute, hour), To: campaign.Offset{FromEnd: true}}
		all, err := s.On(days)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != days.Days() {
			t.Fatalf("%d times in %d days", len(all), days.Days())
		}
		for i, at := range all {
			if at.Date != first.AddDays(i) || at.Time.Hour != hour || at.Time.Minute != minute {
				t.Fatalf("time %d is %v", i, at)
			}
		}
	})
}
