// Package smtptest runs a mail server on this machine for tests: a real one, which keeps what it took and misbehaves when it is told to.
package smtptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server is a mail server. Set what it does before the first letter.
type Server struct {
	Port     int
	Roots    *x509.CertPool // believe its certificate
	User     string         // who may send; empty is everybody
	Password string
	Refuse   func(to string) error // what it says to a recipient; nil takes it
	Judge    func(letter []byte) error
	Drop     func() bool   // whether it keeps a letter and hangs up without an answer
	Wait     chan struct{} // where set, it answers to a letter only when this is closed

	mu      sync.Mutex
	letters []Letter
}

// Letter is one that the server took.
type Letter struct {
	From      string
	To        string
	Data      []byte
	Encrypted bool
	User      string
}

// Letters returns what the server took, also what it never said that it did.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// How the server encrypts.
const (
	StartTLS = "starttls"
	TLS      = "tls"
	Plain    = "plain"
)

// Host is where every server is reached.
const Host = "127.0.0.1"

// New starts a server that ends with the test.
func New(t testing.TB, security string) *Server {
	t.Helper()
	s := &Server{}
	certificate, roots := certificate(t)
	s.Roots = roots
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	server.Domain, server.ReadTimeout, server.WriteTimeout = Host, time.Minute, time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(Host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Port = listener.Addr().(*net.TCPAddr).Port
	secured := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	switch security {
	case StartTLS:
		server.TLSConfig = secured
	case TLS:
		listener = tls.NewListener(listener, secured)
	case Plain:
		server.AllowInsecureAuth = true
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return s
}

// certificate makes one for this machine that believes itself.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail server of a test"}, IPAddresses: []net.IP{net.ParseIP(Host)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

type session struct {
	server *Server
	conn   *smtp.Conn
	letter Letter
}

// AuthMechanisms says how somebody may log in.
func (s *session) AuthMechanisms() []string {
	if s.server.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks who logs in.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.User || password != s.server.Password {
			return smtp.ErrAuthFailed
		}
		s.letter.User = user
		return nil
	}), nil
}

// Mail begins a letter.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.User != "" && s.letter.User == "" {
		return smtp.ErrAuthRequired
	}
	s.letter.From = from
	_, s.letter.Encrypted = s.conn.TLSConnectionState()
	return nil
}

// Rcpt takes a recipient, or not.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.Refuse != nil {
		if err := s.server.Refuse(to); err != nil {
			return err
		}
	}
	if s.letter.To != "" {
		s.letter.To += ","
	}
	s.letter.To += to
	return nil
}

var errDropped = errors.New("the server hung up")

// Data takes the words.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.Judge != nil {
		if err := s.server.Judge(data); err != nil {
			return err
		}
	}
	s.letter.Data = bytes.Clone(data)
	s.server.mu.Lock()
	s.server.letters = append(s.server.letters, s.letter)
	s.server.mu.Unlock()
	if s.server.Wait != nil {
		<-s.server.Wait
	}
	if s.server.Drop != nil && s.server.Drop() {
		_ = s.conn.Conn().Close()
		return errDropped
	}
	return nil
}

// Reset forgets a letter that was begun.
func (s *session) Reset() { s.letter = Letter{User: s.letter.User} }

// Logout ends the session.
func (s *session) Logout() error { return nil }
