// Package mailing runs what tells people things: it lets internal/flow/duties say what is theirs to do, internal/org/notify/matter write
// letters, and internal/org/notify send them by the mail server of the settings. It decides nothing itself.
package mailing

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"daymark/internal/app/machine"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/face/report/letter"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/duties"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/notify/smtp"
	"daymark/internal/org/people/reset"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Settings say by which server mail is sent. Without a host there is none.
type Settings struct {
	smtp.Settings
	PasswordFile string // holds the password
	CAFile       string // whom to believe about the server's name, in place of the system's, in PEM
}

// Post writes and sends letters.
type Post struct {
	office *notify.Office
	writer *matter.Writer
	clock  clock.Clock
	sends  bool
}

// New returns what writes and sends letters, with links to public. Without a mail server nobody is written to of what the pages show
// anyway, and letters that people ask for wait in the outbox until they expire.
func New(db *postgres.DB, keys seal.Keys, at clock.Clock, log *slog.Logger, s Settings, public string) (*Post, error) {
	p := &Post{
		office: &notify.Office{DB: db, Keys: keys, Clock: at, Log: log, Senders: map[string]notify.Sender{}},
		writer: &matter.Writer{DB: db, Keys: keys, PublicURL: strings.TrimRight(public, "/")},
		clock:  at,
	}
	if s.Host == "" {
		return p, nil
	}
	sender, err := s.sender()
	if err != nil {
		return nil, err
	}
	p.office.Senders[notify.ByMail], p.sends = sender, true
	return p, nil
}

// sender returns what sends mail, with what stands in files.
func (s Settings) sender() (*smtp.Sender, error) {
	set := s.Settings
	set.Now = machine.Now
	if s.PasswordFile != "" {
		if set.Password != "" {
			return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_PASSWORD and DAYMARK_SMTP_PASSWORD_FILE are both set; keep one.")
		}
		text, err := os.ReadFile(s.PasswordFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file of DAYMARK_SMTP_PASSWORD_FILE, %s, cannot be read.", s.PasswordFile)
		}
		set.Password = strings.TrimRight(string(text), "\r\n")
	}
	if s.CAFile != "" {
		text, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file of DAYMARK_SMTP_CA_FILE, %s, cannot be read.", s.CAFile)
		}
		set.Roots = x509.NewCertPool()
		if !set.Roots.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "The file of DAYMARK_SMTP_CA_FILE, %s, holds no certificate in PEM.", s.CAFile)
		}
	}
	return smtp.New(set)
}

const sqlFast = `
SELECT EXISTS (SELECT 1 FROM fast_clock)`

// Round writes letters of what is new and to who forgot their password, and sends what waits. In a rehearsal only letters that people asked for are sent: a year of
// notices passes in minutes.
func (p *Post) Round(ctx context.Context) error {
	now := machine.Now()
	var fast bool
	if err := p.office.DB.GetContext(ctx, &fast, sqlFast); err != nil {
		return err
	}
	var err error
	if fast || !p.sends {
		err = matter.Skip(ctx, p.office.DB)
	} else if _, err = matter.Spread(ctx, p.office.DB); err == nil {
		_, err = p.writer.Write(ctx, now)
	}
	_, asked := reset.Send(ctx, p.office.DB, p.office.Keys[0], reset.Base(p.writer.PublicURL, "/reset/"))
	_, sent := p.office.Round(ctx, machine.Now())
	return errors.Join(err, asked, sent)
}

// Figures writes letters of how things went to those who want them. In a rehearsal, and without a mail server, nobody is written to.
func (p *Post) Figures(ctx context.Context) error {
	var fast bool
	if err := p.office.DB.GetContext(ctx, &fast, sqlFast); err != nil || fast || !p.sends {
		return err
	}
	_, err := letter.Writer{DB: p.office.DB, Key: p.office.Keys[0], PublicURL: p.writer.PublicURL}.Write(ctx, machine.Now())
	return err
}

// Duties tells people what is theirs to do by a day.
func (p *Post) Duties(ctx context.Context) error {
	db, now := p.office.DB, p.clock.Now()
	is, err := profile.Get(ctx, db)
	if fault.Is(err, fault.NotFound) {
		return nil // nobody works here yet
	}
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(is.Zone)
	if err != nil {
		zone = time.UTC
	}
	due, err := draft.DueFacts(ctx, db, now, duties.ChecksAhead)
	if err != nil {
		return err
	}
	facts := make([]duties.Fact, 0, len(due))
	for _, f := range due {
		facts = append(facts, duties.Fact{ID: f.Fact.ID, Why: f.Why, Day: f.Day})
	}
	_, err = duties.Look(ctx, db, now, zone, facts)
	return err
}

// Test sends one letter to an address at once, past the outbox and without a database, and says what the server answered.
func Test(ctx context.Context, s Settings, to string) error {
	if s.Host == "" {
		return fault.New(fault.Invalid, "There is no mail server: set DAYMARK_SMTP_HOST and DAYMARK_SMTP_FROM.")
	}
	if err := notify.CheckAddress(to); err != nil {
		return err
	}
	sender, err := s.sender()
	if err != nil {
		return err
	}
	sheet := letterhead.Sheet{
		Heading: "Mail from Daymark works", Words: []string{"Somebody asked Daymark for this letter, with “daymark mail test”."},
		Foot: []string{"Nothing else is sent to this address because of it."},
	}
	text, html, err := letterhead.Write(sheet)
	if err != nil {
		return err
	}
	err = sender.Send(ctx, notify.Letter{ID: notify.NewID(), To: to, Kind: "test", Subject: sheet.Heading, Text: text, HTML: html})
	if refused := (*notify.RefusedError)(nil); errors.As(err, &refused) {
		return fault.Wrap(fault.Invalid, err, "The mail server %s refused the letter: %s", s.Host, refused.Say)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The letter could not be sent by %s: %s", s.Host, err)
	}
	return nil
}

// Check connects to the mail server, encrypts and logs in as for a letter, and sends none. It says what is wrong.
func Check(ctx context.Context, s Settings) error {
	if s.Host == "" {
		return fault.New(fault.Invalid, "There is no mail server: set DAYMARK_SMTP_HOST and DAYMARK_SMTP_FROM.")
	}
	sender, err := s.sender()
	if err != nil {
		return err
	}
	if err := sender.Check(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, err, "%s took no connection as the settings have it: %s", s.Host, err)
	}
	return nil
}
