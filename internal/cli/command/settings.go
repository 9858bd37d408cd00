// Package command is what every command of the command line shares: the Settings, the run it is given, and how answers are
// printed. The commands themselves stand in the rooms beside it.
package command

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/https"
	"daymark/internal/app/mailing"
	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
	"daymark/internal/org/notify/smtp"
)

// Settings are what every command may be told. Flags win over the environment.
type Settings struct {
	Data            string        `name:"data" env:"DAYMARK_DATA" default:"./.daymark" help:"Folder of the private database, the key and the licence." placeholder:"DIR"`
	DatabaseURL     string        `name:"database-url" env:"DATABASE_URL" help:"An external PostgreSQL (15 or later) instead of the private one, as its owner." placeholder:"URL"`
	AppDatabaseURL  string        `name:"app-database-url" env:"DAYMARK_APP_DATABASE_URL" help:"The same database as the role daymark_app; default: the owner, acting as that role." placeholder:"URL"`
	Addr            string        `name:"addr" env:"DAYMARK_ADDR" default:"127.0.0.1:8080" help:"Where pages are served." placeholder:"HOST:PORT"`
	PublicURL       string        `name:"public-url" env:"DAYMARK_PUBLIC_URL" help:"How people reach the pages; default: http:// and the address." placeholder:"URL"`
	TLS             string        `name:"tls" env:"DAYMARK_TLS" default:"auto" enum:"auto,acme,off" help:"Whether Daymark gets certificates itself: ${enum}; auto where the public address is https and its port is the one of --addr."`
	HTTPAddr        string        `name:"http-addr" env:"DAYMARK_HTTP_ADDR" default:":80" help:"Where plain http is led to https when Daymark has the certificates; off is nowhere." placeholder:"HOST:PORT"`
	ACMEEmail       string        `name:"acme-email" env:"DAYMARK_ACME_EMAIL" help:"Whom the authority of the certificates may write to." placeholder:"EMAIL"`
	ACMEDirectory   string        `name:"acme-directory" env:"DAYMARK_ACME_DIRECTORY" help:"Another authority than Let's Encrypt." placeholder:"URL"`
	TrustedProxies  string        `name:"trusted-proxies" env:"DAYMARK_TRUSTED_PROXIES" help:"Addresses of proxies in front, or ranges of them, separated by commas." placeholder:"ADDRESSES"`
	OIDCIssuer      string        `name:"oidc-issuer" env:"DAYMARK_OIDC_ISSUER" help:"The address of your identity provider, for log-ins through it; default: none." placeholder:"URL"`
	OIDCClientID    string        `name:"oidc-client-id" env:"DAYMARK_OIDC_CLIENT_ID" help:"What Daymark is called at the provider." placeholder:"ID"`
	OIDCSecret      string        `name:"oidc-client-secret" env:"DAYMARK_OIDC_CLIENT_SECRET" help:"What the provider gave Daymark to prove itself with." placeholder:"SECRET"`
	OIDCRoles       string        `name:"oidc-roles" env:"DAYMARK_OIDC_ROLES" help:"Which group there has which role here, as group=role; group=role. The first that fits holds." placeholder:"GROUPS"`
	OIDCClaim       string        `name:"oidc-claim" env:"DAYMARK_OIDC_CLAIM" default:"groups" help:"The claim of the ID token that lists somebody's groups." placeholder:"NAME"`
	OIDCLabel       string        `name:"oidc-label" env:"DAYMARK_OIDC_LABEL" help:"What people call the provider; default: its host." placeholder:"NAME"`
	Key             string        `name:"key" env:"DAYMARK_KEY" help:"The key that seals credentials; default: the file key in the data folder." placeholder:"BASE64"`
	KeyFile         string        `name:"key-file" env:"DAYMARK_KEY_FILE" help:"A file that holds that key." placeholder:"FILE"`
	Instance        string        `name:"instance" env:"DAYMARK_INSTANCE" help:"A secret that stands for the data folder where replicas share none." placeholder:"SECRET"`
	SandboxAddr     string        `name:"sandbox-addr" env:"DAYMARK_SANDBOX_ADDR" default:"127.0.0.1:8081" help:"Where the demo's sandbox Mastodon listens; Bluesky and X take the two ports after it." placeholder:"HOST:PORT"`
	SandboxSettling time.Duration `name:"sandbox-settling" env:"DAYMARK_SANDBOX_SETTLING" default:"5s" help:"How long a sandbox's \"not found\" proves nothing." hidden:""`
	DemoFast        time.Duration `name:"demo-fast" env:"DAYMARK_DEMO_FAST" default:"2m" help:"How long the demo's rehearsal takes."`
	PlanWeeks       int           `name:"plan-weeks" env:"DAYMARK_PLAN_WEEKS" default:"26" help:"How many weeks ahead the daemon plans editions by itself; 0 is never." placeholder:"N"`
	SMTPHost        string        `name:"smtp-host" env:"DAYMARK_SMTP_HOST" help:"The server that takes our mail; without one no mail is sent." placeholder:"HOST"`
	SMTPPort        int           `name:"smtp-port" env:"DAYMARK_SMTP_PORT" default:"0" help:"Its port; default: 587, 465 with tls, 25 with plain." placeholder:"PORT"`
	SMTPSecurity    string        `name:"smtp-security" env:"DAYMARK_SMTP_SECURITY" default:"starttls" enum:"starttls,tls,plain" help:"How the connection is encrypted: ${enum}; plain only to this machine."`
	SMTPUser        string        `name:"smtp-user" env:"DAYMARK_SMTP_USER" help:"The name to log in with there." placeholder:"NAME"`
	SMTPPassword    string        `name:"smtp-password" env:"DAYMARK_SMTP_PASSWORD" help:"The password to log in with." placeholder:"PASSWORD"`
	SMTPPassFile    string        `name:"smtp-password-file" env:"DAYMARK_SMTP_PASSWORD_FILE" help:"A file that holds that password." placeholder:"FILE"`
	SMTPFrom        string        `name:"smtp-from" env:"DAYMARK_SMTP_FROM" help:"From whom mail comes." placeholder:"\"NAME <EMAIL>\""`
	SMTPCAFile      string        `name:"smtp-ca-file" env:"DAYMARK_SMTP_CA_FILE" help:"Certificates to believe about the server's name, in place of the system's." placeholder:"FILE"`
	LogFormat       string        `name:"log-format" env:"DAYMARK_LOG_FORMAT" default:"text" enum:"text,json" help:"How the log is written: ${enum}."`
	LogLevel        slog.Level    `name:"log-level" env:"DAYMARK_LOG_LEVEL" default:"INFO" help:"What is logged: DEBUG, INFO, WARN or ERROR."`
}

// Logger writes the log as the settings say.
func Logger(s Settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// App returns the settings as internal/app takes them.
func (s Settings) App(version string) app.Settings {
	return app.Settings{
		DataDir: s.Data, DatabaseURL: s.DatabaseURL, AppDatabaseURL: s.AppDatabaseURL, Addr: s.Addr, PublicURL: s.PublicURL,
		TLS: https.Mode(s.TLS), HTTPAddr: s.HTTPAddr, ACMEEmail: s.ACMEEmail, ACMEDirectory: s.ACMEDirectory,
		Key: s.Key, KeyFile: s.KeyFile, Instance: s.Instance, SandboxAddr: s.SandboxAddr, SandboxSettling: s.SandboxSettling,
		DemoFast: s.DemoFast, PlanWeeks: s.PlanWeeks, Version: version,
		Mail: mailing.Settings{Settings: smtp.Settings{
			Host: s.SMTPHost, Port: s.SMTPPort, Security: smtp.Security(s.SMTPSecurity), User: s.SMTPUser, Password: s.SMTPPassword, From: s.SMTPFrom,
		}, PasswordFile: s.SMTPPassFile, CAFile: s.SMTPCAFile},
	}
}

// Address is how people reach the pages.
func (s Settings) Address() string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// HealthAddr is where health can be asked over plain http: the plain port where Daymark has the certificates itself.
func (s Settings) HealthAddr() string {
	if public, err := guard.ParsePublic(s.PublicURL); err == nil && s.HTTPAddr != https.NoPlainPort && https.Ours(https.Mode(s.TLS), public, s.Addr) {
		return s.HTTPAddr
	}
	return s.Addr
}

// Proxies reads the addresses of trusted proxies.
func (s Settings) Proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range strings.FieldsFunc(s.TrustedProxies, func(c rune) bool { return c == ',' || c == ' ' }) {
		prefix, err := netip.ParsePrefix(text)
		if one, oneErr := netip.ParseAddr(text); oneErr == nil {
			prefix, err = netip.PrefixFrom(one, one.BitLen()), nil
		}
		if err != nil {
			return nil, fault.BadField("DAYMARK_TRUSTED_PROXIES", "%q is no address or range of addresses; write one such as 172.16.0.0/12", text)
		}
		if prefix.Bits() == 0 {
			return nil, fault.BadField("DAYMARK_TRUSTED_PROXIES", "%q is everybody; name the addresses of your proxies only", text)
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}
