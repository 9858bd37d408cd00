package app

import (
	"time"

	"daymark/internal/app/https"
	"daymark/internal/app/mailing"
)

// Settings are what a process is told from outside. The zero value of each field is usable or the default named.
type Settings struct {
	DataDir         string           // where the private database, the key and the licence lie
	DatabaseURL     string           // the owner's connection to an external database; empty for the private one
	AppDatabaseURL  string           // the application role's own connection; empty: DatabaseURL with that role
	Addr            string           // where pages are served
	PublicURL       string           // how people reach them; empty: http:// and Addr
	TLS             https.Mode       // whether certificates are our business; empty is https.Off
	HTTPAddr        string           // where plain http is led to https then; "off" is nowhere
	ACMEEmail       string           // whom the authority may write to
	ACMEDirectory   string           // the authority; empty is Let's Encrypt
	Key             string           // the key that seals credentials; empty: KeyFile
	KeyFile         string           // empty: the file "key" in DataDir, made at the first start
	Instance        string           // stands for the data folder where replicas share no folder
	SandboxAddr     string           // where the demo's sandbox listens
	SandboxSettling time.Duration    // how long a sandbox network's "not found" proves nothing; 0 is 5 s
	DemoFast        time.Duration    // how long the demo's rehearsal takes; 0 is 2 min
	PlanWeeks       int              // how many weeks ahead the daemon plans editions by itself; 0 is never
	Mail            mailing.Settings // by which mail is sent; without a host there is none
	Version         string
}
