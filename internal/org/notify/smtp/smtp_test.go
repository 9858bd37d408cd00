package smtp_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/smtp"
	"daymark/internal/org/notify/smtp/smtptest"

	server "github.com/emersion/go-smtp"
)

const from = "Daymark för alla <daymark@example.org>"

var letter = notify.Letter{
	ID: "AAAABBBBCCCCDDDDEEEEFFFFGG", To: "ana@example.org", Kind: "digest", Subject: "اليوم العالمي لمكافحة الاتجار بالأشخاص — 30",
	Text: "Two things wait.\n", HTML: "<p>Two things wait.</p>", Unsubscribe: "https://daymark.example.org/you/mail",
}

func settings(s *smtptest.Server, how smtp.Security) smtp.Settings {
	return smtp.Settings{
		Host: smtptest.Host, Port: s.Port, Security: how, From: from, Roots: s.Roots, User: s.User, Password: s.Password,
		Timeout: 10 * time.Second, Now: time.Now,
	}
}

func sender(t *testing.T, set smtp.Settings) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(set)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALetterArrivesEncryptedFromWhoLoggedIn(t *testing.T) {
	t.Parallel()
	for _, how := range []smtp.Security{smtp.StartTLS, smtp.TLS} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			s := smtptest.New(t, string(how))
			s.User, s.Password = "daymark", "a long secret"
			if err := sender(t, settings(s, how)).Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
			got := s.Letters()
			if len(got) != 1 || !got[0].Encrypted || got[0].User != "daymark" || got[0].To != letter.To || got[0].From != "daymark@example.org" {
				t.Fatalf("arrived: %+v", got)
			}
			read(t, got[0].Data)
		})
	}
}

// read holds a letter as it arrived against the one that was sent.
func read(t *testing.T, data []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if raw := m.Header.Get("Subject"); strings.ContainsFunc(raw, func(r rune) bool { return r > 127 }) {
		t.Errorf("the subject is not encoded: %q", raw)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"Message-ID": "<" + letter.ID + "@example.org>", "Auto-Submitted": "auto-generated", "List-Unsubscribe": "<" + letter.Unsubscribe + ">", "To": "<ana@example.org>",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a, err := mail.ParseAddress(m.Header.Get("From")); err != nil || a.Name != "Daymark för alla" {
		t.Errorf("from %v, %v", a, err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ kind, words string }{{"text/plain", letter.Text}, {"text/html", letter.HTML}} { // the best comes last: RFC 2046, section 5.1.4
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		words, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil || !strings.HasPrefix(part.Header.Get("Content-Type"), want.kind) || strings.TrimSpace(string(words)) != strings.TrimSpace(want.words) {
			t.Errorf("part %q: %q, %v", part.Header.Get("Content-Type"), words, err)
		}
	}
}

func TestNothingIsSentOverALineThatIsNotEncrypted(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.Plain) // offers no STARTTLS, as after somebody on the way took the offer out
	s.User, s.Password = "daymark", "a long secret"
	err := sender(t, settings(s, smtp.StartTLS)).Send(t.Context(), letter)
	if err == nil || errors.As(err, new(*notify.RefusedError)) || len(s.Letters()) != 0 {
		t.Errorf("sent %d, %v", len(s.Letters()), err)
	}
	good := smtptest.New(t, smtptest.StartTLS)
	set := settings(good, smtp.StartTLS)
	set.Roots = nil // a certificate that nobody believes
	if err := sender(t, set).Send(t.Context(), letter); err == nil || len(good.Letters()) != 0 {
		t.Errorf("a server that is not who it says got %d letters, %v", len(good.Letters()), err)
	}
}

func TestPlainIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.Plain)
	if err := sender(t, settings(s, smtp.Plain)).Send(t.Context(), letter); err != nil || len(s.Letters()) != 1 {
		t.Errorf("sent %d, %v", len(s.Letters()), err)
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	code := func(code int, enhanced server.EnhancedCode) error {
		return &server.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no, says a long secret"}
	}
	for _, c := range []struct {
		name                    string
		rcpt, data              error
		refused, address, drops bool
	}{
		{"no such mailbox", code(550, server.EnhancedCode{5, 1, 1}), nil, true, true, false},
		{"no such mailbox, said the old way", code(550, server.NoEnhancedCode), nil, true, true, false},
		{"a mailbox that is closed", code(550, server.EnhancedCode{5, 2, 1}), nil, true, true, false},
		{"a domain that takes no mail", code(556, server.EnhancedCode{5, 1, 10}), nil, true, true, false},
		{"we may not relay", code(550, server.EnhancedCode{5, 7, 1}), nil, false, false, false},
		{"a full mailbox", code(452, server.EnhancedCode{4, 2, 2}), nil, false, false, false},
		{"greylisting", code(451, server.EnhancedCode{4, 7, 1}), nil, false, false, false},
		{"taken for spam", nil, code(554, server.EnhancedCode{5, 7, 1}), true, false, false},
		{"busy after the words", nil, code(451, server.EnhancedCode{4, 3, 0}), false, false, false},
		{"hung up after the words", nil, nil, false, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := smtptest.New(t, smtptest.StartTLS)
			s.User, s.Password = "daymark", "a long secret"
			s.Refuse = func(string) error { return c.rcpt }
			s.Judge = func([]byte) error { return c.data }
			s.Drop = func() bool { return c.drops }
			err := sender(t, settings(s, smtp.StartTLS)).Send(t.Context(), letter)
			if err == nil {
				t.Fatal("it was sent")
			}
			refused := (*notify.RefusedError)(nil)
			if got := errors.As(err, &refused); got != c.refused || got && refused.Address != c.address {
				t.Errorf("%v (refused %t)", err, got)
			}
			if strings.Contains(err.Error(), s.Password) || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error shows the password, or is no line: %q", err)
			}
		})
	}
}

func TestAWrongPasswordIsNotTheRecipientsFault(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.StartTLS)
	s.User, s.Password = "daymark", "right"
	set := settings(s, smtp.StartTLS)
	set.Password = "wrong password"
	err := sender(t, set).Send(t.Context(), letter)
	if err == nil || errors.As(err, new(*notify.RefusedError)) || strings.Contains(err.Error(), set.Password) {
		t.Errorf("got %v", err)
	}
}

func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.StartTLS)
	s.Wait = make(chan struct{})
	set := settings(s, smtp.StartTLS)
	set.Timeout = 300 * time.Millisecond
	began := time.Now()
	err := sender(t, set).Send(t.Context(), letter)
	close(s.Wait)
	if err == nil || errors.As(err, new(*notify.RefusedError)) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestNothingAddsAHeaderOrARecipient(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.StartTLS)
	mailer := sender(t, settings(s, smtp.StartTLS))
	for _, to := range []string{
		"ana@example.org\r\nBcc: eve@example.org", "ana@example.org,eve@example.org", "Ana <ana@example.org>", "ana@example.org>\r\nRCPT TO:<eve@example.org",
		"\"ana\r\nBcc: eve\"@example.org", "ana@example.org ", "ana@exa mple.org", "",
	} {
		l := letter
		l.To = to
		if err := mailer.Send(t.Context(), l); !errors.As(err, new(*notify.RefusedError)) {
			t.Errorf("%q: %v", to, err)
		}
	}
	if n := len(s.Letters()); n != 0 {
		t.Fatalf("%d letters went out", n)
	}
	l := letter
	l.Subject = "Hello\r\nBcc: eve@example.org\r\n\r\nother words\u2028and more"
	l.Text = "One line\r\n.\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n"
	if err := mailer.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	got := s.Letters()
	if len(got) != 1 || got[0].To != "ana@example.org" {
		t.Fatalf("arrived: %d", len(got))
	}
	m, err := mail.ReadMessage(bytes.NewReader(got[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || len(m.Header["Subject"]) != 1 || !strings.Contains(m.Header.Get("Subject"), "Bcc: eve") {
		t.Errorf("the headers are %v", m.Header)
	}
}

func TestSettingsThatCannotWorkAreNamed(t *testing.T) {
	t.Parallel()
	good := smtp.Settings{Host: "smtp.example.org", From: from, Now: time.Now}
	for _, c := range []struct {
		name string
		do   func(*smtp.Settings)
		want string
	}{
		{"nothing is wrong", func(*smtp.Settings) {}, ""},
		{"no name of a server", func(s *smtp.Settings) { s.Host = "smtp example" }, "DAYMARK_SMTP_HOST"},
		{"a port that is none", func(s *smtp.Settings) { s.Port = 70000 }, "DAYMARK_SMTP_PORT"},
		{"an unknown security", func(s *smtp.Settings) { s.Security = "some" }, "DAYMARK_SMTP_SECURITY"},
		{"plain to another machine", func(s *smtp.Settings) { s.Security = smtp.Plain }, "not this machine"},
		{"plain to what looks like this machine", func(s *smtp.Settings) { s.Security, s.Host = smtp.Plain, "localhost.example.org" }, "not this machine"},
		{"nobody to be from", func(s *smtp.Settings) { s.From = "" }, "DAYMARK_SMTP_FROM"},
		{"two to be from", func(s *smtp.Settings) { s.From = "a@example.org, b@example.org" }, "DAYMARK_SMTP_FROM"},
		{"a name without a password", func(s *smtp.Settings) { s.User = "daymark" }, "DAYMARK_SMTP_PASSWORD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			set := good
			c.do(&set)
			_, err := smtp.New(set)
			if c.want == "" && err != nil || c.want != "" && !strings.Contains(fault.Say(err), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheSettingsAreTriedWithoutALetter(t *testing.T) {
	t.Parallel()
	s := smtptest.New(t, smtptest.StartTLS)
	s.User, s.Password = "daymark", "a long secret"
	good := settings(s, smtp.StartTLS)
	if err := sender(t, good).Check(t.Context()); err != nil || len(s.Letters()) != 0 {
		t.Errorf("%v, %d letters", err, len(s.Letters()))
	}
	unbelieved, wrong, nowhere := good, good, good
	unbelieved.Roots = nil
	wrong.Password = "another secret"
	nowhere.Port = 1
	for name, bad := range map[string]smtp.Settings{"a certificate that nobody believes": unbelieved, "a wrong password": wrong, "nobody listens": nowhere} {
		if err := sender(t, bad).Check(t.Context()); err == nil || strings.Contains(err.Error(), bad.Password) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
