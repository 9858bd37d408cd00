// Package smtp hands letters to a mail server.
//
// The connection is encrypted: by STARTTLS, which is required and not merely tried, or by TLS from the first byte (RFC 8314). Only to
// this machine itself may it be plain. The package keeps nothing and tries once; internal/org/notify keeps and tries again.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notify"

	gomail "github.com/wneessen/go-mail"
)

// Security says how the connection to the server is encrypted.
type Security string

// The ways to encrypt.
const (
	StartTLS Security = "starttls" // the default, port 587
	TLS      Security = "tls"      // from the first byte, port 465
	Plain    Security = "plain"    // not at all, port 25: only to this machine
)

// timeout bounds one attempt. RFC 5321, section 4.5.3.2, allows servers minutes; nobody waits that long for ours, and an attempt that
// ended too early is made again.
const timeout = 30 * time.Second

// Settings say which server takes our mail, and who we are to it.
type Settings struct {
	Host     string
	Port     int      // 0 is that of the security
	Security Security // empty is StartTLS
	User     string   // empty is without logging in
	Password string
	From     string         // such as "Daymark <daymark@example.org>"
	Roots    *x509.CertPool // whom to believe about the server's name; nil is the system's
	Timeout  time.Duration  // of one attempt; 0 is 30 s
	Now      func() time.Time
}

// Sender sends mail by a server.
type Sender struct {
	set    Settings
	from   *mail.Address
	domain string
}

var ports = map[Security]int{StartTLS: 587, TLS: 465, Plain: 25} // RFC 6409, RFC 8314, RFC 5321

// New returns a sender, or says which setting is wrong. It connects to nothing.
func New(s Settings) (*Sender, error) {
	if s.Security == "" {
		s.Security = StartTLS
	}
	if s.Timeout == 0 {
		s.Timeout = timeout
	}
	if ports[s.Security] == 0 {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_SECURITY is %q; use starttls, tls, or plain for a server on this machine.", s.Security)
	}
	if s.Port == 0 {
		s.Port = ports[s.Security]
	}
	if s.Host == "" || strings.ContainsAny(s.Host, " /@") {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_HOST is %q; give the name of the mail server, such as smtp.example.org.", s.Host)
	}
	if s.Port < 1 || s.Port > 65535 {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_PORT is %d; a port is a number from 1 to 65535.", s.Port)
	}
	if s.Security == Plain && !loopback(s.Host) {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_SECURITY is plain, and %s is not this machine: anybody between would read the mail. Use starttls or tls.", s.Host)
	}
	from, err := mail.ParseAddress(s.From)
	if err == nil {
		err = notify.CheckAddress(from.Address)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_FROM is %q; give an address, such as Daymark <daymark@example.org>.", s.From)
	}
	if (s.User == "") != (s.Password == "") {
		return nil, fault.New(fault.Invalid, "DAYMARK_SMTP_USER and DAYMARK_SMTP_PASSWORD go together; set both or neither.")
	}
	from.Name = notify.OneLine(from.Name)
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Sender{set: s, from: from, domain: domain}, nil
}

// loopback reports whether a host is this machine, without asking anybody.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands a letter to the server.
func (s *Sender) Send(ctx context.Context, l notify.Letter) error {
	m, err := s.message(l)
	if err != nil {
		return &notify.RefusedError{Say: err.Error()}
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() { // what fails after the server took it is not the letter's matter
		return nil
	}
	return s.judge(err)
}

// Check connects to the server, encrypts and logs in as for a letter, and sends nothing.
func (s *Sender) Check(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return s.hide(err)
	}
	if err := client.Close(); err != nil {
		return s.hide(err)
	}
	return nil
}

// client prepares a connection to the server.
func (s *Sender) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.set.Port), gomail.WithTimeout(s.set.Timeout),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.set.Host, RootCAs: s.set.Roots, MinVersion: tls.VersionTLS12}), // RFC 8996 ended what is older
	}
	switch s.set.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.set.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.set.User), gomail.WithPassword(s.set.Password))
	}
	client, err := gomail.NewClient(s.set.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare the mail server: %w", err)
	}
	return client, nil
}

// judge says whether trying again is of use. Codes are RFC 5321's, section 4.2.1; enhanced ones RFC 3463's: X.1 and X.2 are about the
// address and its mailbox, X.7 about whether we may send at all, which an admin mends.
func (s *Sender) judge(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) || failed.IsTemp() || failed.ErrorCode() < 500 {
		return s.hide(err)
	}
	enhanced := failed.EnhancedStatusCode()
	say := s.hide(err).Error()
	switch failed.Reason {
	case gomail.ErrSMTPRcptTo:
		address := strings.HasPrefix(enhanced, "5.1.") || strings.HasPrefix(enhanced, "5.2.")
		switch failed.ErrorCode() {
		case 550, 551, 553, 556: // no such mailbox, moved, not a name, takes no mail (RFC 7504)
			address = address || enhanced == "" || enhanced == "5.0.0"
		}
		if address {
			return &notify.RefusedError{Address: true, Say: say}
		}
	case gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return &notify.RefusedError{Say: say}
	}
	return s.hide(err) // the server does not want us: its settings or ours are wrong, and the letter waits
}

// hide makes an error one line in which the password does not stand, whatever a server repeats.
func (s *Sender) hide(err error) error {
	say := notify.OneLine(err.Error())
	if s.set.Password != "" {
		say = strings.ReplaceAll(say, s.set.Password, "[secret]")
	}
	return errors.New(say)
}

// message writes a letter as RFC 5322 wants it. Subjects and names that are not ASCII are encoded as RFC 2047 says.
func (s *Sender) message(l notify.Letter) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(l.To)
	if err == nil {
		err = notify.CheckAddress(l.To)
	}
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(s.from)
	m.ToMailAddress(to)
	m.Subject(notify.OneLine(l.Subject))
	m.SetMessageIDWithValue(l.ID + "@" + s.domain)
	m.SetDateWithValue(s.set.Now())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5: no out-of-office replies, please
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF")  // the same to Exchange: MS-OXCMAIL, section 2.1.3.2.23
	if l.Unsubscribe != "" {
		m.SetListUnsubscribe(l.Unsubscribe) // RFC 2369; a page that asks, so not the one click of RFC 8058
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return m, nil
}
