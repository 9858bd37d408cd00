package app

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"time"

	"daymark/internal/app/machine"
	"daymark/internal/core/fault"
	"daymark/internal/flow/duties"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/notify/smtp"
	"daymark/internal/org/profile"
)

// post is what sends letters, or what says that there is no mail server.
type post struct {
	office *notify.Office
	writer *matter.Writer
	sends  bool
}

// newPost returns what sends letters. Without a mail server those that people ask for wait in the outbox until they expire.
func (a *App) newPost() (*post, error) {
	p := &post{
		office: &notify.Office{DB: a.DB, Keys: a.Keys, Clock: a.Clock, Log: a.Log, Senders: map[string]notify.Sender{}},
		writer: &matter.Writer{DB: a.DB, Keys: a.Keys, PublicURL: strings.TrimRight(a.Settings.PublicURL, "/")},
	}
	if a.Settings.Mail.Host == "" {
		return p, nil
	}
	sender, err := a.Settings.mailer()
	if err != nil {
		return nil, err
	}
	p.office.Senders[notify.ByMail], p.sends = sender, true
	return p, nil
}

// mailer returns what sends mail, with what stands in files.
func (s Settings) mailer() (*smtp.Sender, error) {
	set := s.Mail
	set.Now = machine.Now
	if s.MailPasswordFile != "" {
		if set.Password != "" {
			return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_PASSWORD and DAYMARK_SMTP_PASSWORD_FILE are both set; keep one.")
		}
		text, err := os.ReadFile(s.MailPasswordFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file of DAYMARK_SMTP_PASSWORD_FILE, %s, cannot be read.", s.MailPasswordFile)
		}
		set.Password = strings.TrimRight(string(text), "\r\n")
	}
	if s.MailCAFile != "" {
		text, err := os.ReadFile(s.MailCAFile)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The file of DAYMARK_SMTP_CA_FILE, %s, cannot be read.", s.MailCAFile)
		}
		set.Roots = x509.NewCertPool()
		if !set.Roots.AppendCertsFromPEM(text) {
			return nil, fault.New(fault.Invalid, "The file of DAYMARK_SMTP_CA_FILE, %s, holds no certificate in PEM.", s.MailCAFile)
		}
	}
	return smtp.New(set)
}

const sqlFast = `
SELECT EXISTS (SELECT 1 FROM fast_clock)`

// round writes letters of what is new and sends what waits. In a rehearsal only letters that people asked for are sent: a year of
// notices passes in minutes.
func (p *post) round(ctx context.Context) error {
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
	_, sent := p.office.Round(ctx, machine.Now())
	return errors.Join(err, sent)
}

// duties tells people what is theirs to do by a day.
func (a *App) duties(ctx context.Context) error {
	is, err := profile.Get(ctx, a.DB)
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
	_, err = duties.Look(ctx, a.DB, a.Clock.Now(), zone)
	return err
}

// TestMail sends one letter to an address at once, past the outbox and without a database, and says what the server answered.
func TestMail(ctx context.Context, s Settings, to string) error {
	if s.Mail.Host == "" {
		return fault.New(fault.Invalid, "There is no mail server: set DAYMARK_SMTP_HOST and DAYMARK_SMTP_FROM.")
	}
	if err := notify.CheckAddress(to); err != nil {
		return err
	}
	sender, err := s.mailer()
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
		return fault.Wrap(fault.Invalid, err, "The mail server %s refused the letter: %s", s.Mail.Host, refused.Say)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The letter could not be sent by %s: %s", s.Mail.Host, err)
	}
	return nil
}
