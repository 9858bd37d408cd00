// Package identity finds out who a Bluesky handle belongs to and which server keeps the account: handle, DID, DID document, server
// (https://atproto.com/specs/handle, https://atproto.com/specs/did).
//
// The way is walked in both directions: the document must name the handle too, or anybody could claim it. The package holds no
// credentials and keeps nothing.
package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/xrpc"
)

// Where identities are looked up unless the operator says otherwise.
const (
	DefaultDirectory = "https://plc.directory"              // of did:plc
	DefaultEntry     = "https://public.api.bsky.app"        // knows the handles of all accounts it has seen
	maxNote          = 2 << 10                              // bytes of /.well-known/atproto-did
	maxDocument      = 256 << 10                            // bytes of a DID document
	wellKnown        = "/.well-known/atproto-did"           // https://atproto.com/specs/handle#handle-resolution
	resolveMethod    = "com.atproto.identity.resolveHandle" // likewise
)

// TXT looks up the TXT records of a name. [net.Resolver] is one.
type TXT interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Finder looks identities up.
type Finder struct {
	xrpc.Options
	Directory string // base URL; empty is [DefaultDirectory]
	Entry     string // base URL; empty is [DefaultEntry]
	DNS       TXT    // nil asks no name server
}

// Person is who a handle belongs to.
type Person struct {
	DID    string
	Handle string // without a sign
	Server string // base URL of the server that keeps the account
}

var (
	handleForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
	plcForm    = regexp.MustCompile(`^did:plc:[a-z2-7]{24}$`)
	webForm    = regexp.MustCompile(`^did:web:([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// Clean returns what a person typed or pasted as a handle: without a sign, spaces, invisible characters, a profile's address around
// it, and in lower case. A name without a dot is taken for one below bsky.social.
func Clean(typed string) string {
	s := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, typed))
	if _, rest, ok := strings.Cut(s, "/profile/"); ok {
		s, _, _ = strings.Cut(rest, "/")
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "at://"), "@")
	if s != "" && !strings.ContainsAny(s, ".:") {
		s += ".bsky.social"
	}
	return s
}

// Find returns the person that a handle, or a DID, belongs to.
func (f *Finder) Find(ctx context.Context, who string) (Person, error) {
	who = Clean(who)
	did := who
	if !strings.HasPrefix(who, "did:") {
		var err error
		if did, err = f.DID(ctx, who); err != nil {
			return Person{}, err
		}
		if did == "" {
			return Person{}, &platform.Permanent{Code: "no_such_handle", Say: fmt.Sprintf("Nobody on Bluesky is called %q. Write the handle as it stands below the name on the profile, such as charity.bsky.social.", who)}
		}
	}
	doc, err := f.document(ctx, did)
	if err != nil {
		return Person{}, err
	}
	p := Person{DID: did, Handle: doc.handle(), Server: doc.server()}
	if p.Server == "" {
		return Person{}, &platform.Permanent{Code: "no_server", Say: fmt.Sprintf("The account %q names no server that keeps its posts. Log in to Bluesky and look whether the account is still there.", who)}
	}
	if !strings.HasPrefix(who, "did:") && !doc.claims(who) {
		return Person{}, &platform.Permanent{Code: "handle_not_claimed", Say: fmt.Sprintf("The handle %q points to an account that does not use it. Write the handle as it stands on the profile.", who)}
	}
	if p.Handle == "" {
		p.Handle = did
	}
	return p, nil
}

// DID returns who a handle belongs to, empty when nobody. The handle's own domain is asked first.
func (f *Finder) DID(ctx context.Context, handle string) (string, error) {
	if handle = Clean(handle); len(handle) > 253 || !handleForm.MatchString(handle) {
		return "", nil
	}
	if f.DNS != nil {
		records, _ := f.DNS.LookupTXT(ctx, "_atproto."+handle) // no answer is no record: the other ways are tried
		for _, r := range records {
			if did, ok := strings.CutPrefix(r, "did="); ok && valid(did) {
				return did, nil
			}
		}
	}
	if !reserved(handle) {
		if note, err := f.get(ctx, "https://"+handle+wellKnown, maxNote); err == nil {
			if did := strings.TrimSpace(string(note)); valid(did) {
				return did, nil
			}
		}
	}
	var answer struct {
		DID string `json:"did"`
	}
	entry := &xrpc.Client{Options: f.Options, Address: or(f.Entry, DefaultEntry)}
	call := &xrpc.Call{Name: resolveMethod, Query: url.Values{"handle": {handle}}, Bare: true, Out: &answer}
	err := entry.Do(ctx, call)
	switch {
	case err == nil && valid(answer.DID):
		return answer.DID, nil
	case err == nil || call.Status == http.StatusBadRequest || call.Status == http.StatusNotFound:
		return "", nil
	}
	return "", err
}

// reserved reports whether a handle is below a name that is never on the public internet (RFC 6761), so that its own domain cannot
// be asked.
func reserved(handle string) bool {
	top := handle[strings.LastIndexByte(handle, '.')+1:]
	return slices.Contains([]string{"test", "example", "invalid", "localhost", "local", "internal"}, top)
}

// valid reports whether a DID is of a method that accounts have.
func valid(did string) bool { return plcForm.MatchString(did) || webForm.MatchString(did) }

// document reads the DID document of an account.
func (f *Finder) document(ctx context.Context, did string) (document, error) {
	var address string
	switch host, isWeb := strings.CutPrefix(did, "did:web:"); {
	case !valid(did):
		return document{}, &platform.Permanent{Code: "bad_did", Say: fmt.Sprintf("%q is not the identifier of a Bluesky account. Write the handle as it stands on the profile.", did)}
	case isWeb:
		address = "https://" + host + "/.well-known/did.json"
	default:
		address = strings.TrimSuffix(or(f.Directory, DefaultDirectory), "/") + "/" + did
	}
	b, err := f.get(ctx, address, maxDocument)
	if err != nil {
		return document{}, err
	}
	return read(b, did)
}

// read reads a DID document, which must be that of the DID.
func read(b []byte, did string) (document, error) {
	var doc document
	if err := json.Unmarshal(b, &doc); err != nil || doc.ID != did {
		return document{}, &platform.Transient{Say: "The directory of accounts answered with something else than the account. Daymark tries again.", Err: err}
	}
	return doc, nil
}

// errMissing says that there is nothing at an address.
var errMissing = errors.New("nothing is there")

// get reads an address.
func (f *Finder) get(ctx context.Context, address string, most int64) ([]byte, error) {
	trouble := func(err error) error {
		return &platform.Transient{Say: "The directory of Bluesky's accounts did not answer. Try again in a minute.", Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, trouble(err)
	}
	req.Header.Set("User-Agent", f.UserAgent)
	resp, err := f.HTTP.Do(req)
	if err != nil {
		return nil, trouble(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone {
		return nil, &platform.Permanent{Code: "no_such_account", Say: "The directory of Bluesky's accounts does not have this account (any more). Write the handle as it stands on the profile.", Err: errMissing}
	}
	if resp.StatusCode != http.StatusOK {
		return nil, trouble(fmt.Errorf("it answered %d", resp.StatusCode))
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, trouble(err)
	}
	if int64(len(b)) > most {
		return nil, trouble(errors.New("the answer is too long"))
	}
	return b, nil
}

// document is what we read of a DID document (https://www.w3.org/TR/did-1.0/#core-properties).
type document struct {
	ID      string    `json:"id"`
	Names   []string  `json:"alsoKnownAs"`
	Service []service `json:"service"`
}

// service is where something of an account is to be found.
type service struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Endpoint any    `json:"serviceEndpoint"`
}

// handle returns the first name that is a handle.
func (d document) handle() string {
	for _, name := range d.Names {
		if h, ok := strings.CutPrefix(name, "at://"); ok && handleForm.MatchString(strings.ToLower(h)) {
			return strings.ToLower(h)
		}
	}
	return ""
}

// claims reports whether the account uses a handle.
func (d document) claims(handle string) bool {
	return slices.ContainsFunc(d.Names, func(n string) bool { return strings.EqualFold(n, "at://"+handle) })
}

// server returns the base URL of the account's server, empty when it names none or something that is no address.
func (d document) server() string {
	for _, s := range d.Service {
		if s.ID != "#atproto_pds" && s.ID != d.ID+"#atproto_pds" || s.Type != "AtprotoPersonalDataServer" {
			continue
		}
		endpoint, _ := s.Endpoint.(string)
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return ""
		}
		return u.Scheme + "://" + u.Host
	}
	return ""
}

// or returns the first text that is not empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
