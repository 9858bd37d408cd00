package xrpc

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// What several calls have to say to a person.
const (
	SayUnknown    = "The server did not say whether the post is out. Daymark looks for it before it tries again."
	SayNotBluesky = "The server answered with something other than the AT protocol's data. Check that the address is that of the account's own server, not of a web page."
	SayConnect    = "Bluesky does not accept what this account was connected with any more. Make a new app password in Bluesky's settings and connect the account again."
	sayExpired    = "The session of this account has run out. Daymark renews it; if this goes on, connect the account again."
	sayNoAnswer   = "The server did not answer. Daymark tries again; if it goes on, look whether the server is up."
	sayTrouble    = "The server has trouble of its own. Daymark tries again; if it goes on, look at status.bsky.app or ask the server's administrators."
	saySuspended  = "Bluesky has suspended, taken down or deactivated this account. Log in to Bluesky and look for a notice."
)

// classify turns what went wrong into one of the contract's kinds. Only errors of an irreversible call can be Unknown; any other
// call may simply be repeated.
func (c *Client) classify(err error, call *Call, sent wire.Failure) error {
	clean := wire.Clean(err, append(c.Secrets, c.Token)...)
	if b, ok := errors.AsType[*wire.BlockedError](err); ok {
		return &platform.Permanent{
			Code: "address_refused",
			Say:  fmt.Sprintf("Daymark does not connect to %s: %s. If this is your own server, the operator of Daymark can allow its host.", b.Host, b.Why),
			Err:  clean,
		}
	}
	if r, ok := errors.AsType[*wire.RedirectError](err); ok {
		return &platform.Permanent{Code: "moved", Say: fmt.Sprintf("The server sent Daymark on to %s. Connect the account again, so that Daymark learns its new server.", r.To), Err: clean}
	}
	if r, ok := errors.AsType[*refusedError](err); ok {
		return c.byRefusal(r, clean, call.Effect)
	}
	switch {
	case call.Effect == Irreversible && (call.Status != 0 || sent == wire.MaybeSent):
		return &platform.Unknown{Say: SayUnknown, Err: clean}
	case call.Status != 0: // the answer broke off, or is not what it should be
		return &platform.Transient{Say: SayNotBluesky, Err: clean}
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		return &platform.Transient{Say: "There is no server by this name. Check the address of the account; if it is right, Daymark tries again.", Err: clean}
	}
	return &platform.Transient{Say: sayNoAnswer, Err: clean}
}

// byName are the refusals that mean the same whatever was asked. The names are those of the methods' lexicons and of the
// reference server (packages/pds in https://github.com/bluesky-social/atproto).
var byName = map[string]func(clean error) error{
	"ExpiredToken": func(clean error) error {
		return &platform.AuthExpired{Say: sayExpired, Err: clean, Renewable: true}
	},
	"InvalidToken":           connectAgain,
	"AuthMissing":            connectAgain,
	"AuthenticationRequired": connectAgain,
	"AccountTakedown":        suspended,
	"AccountSuspended":       suspended,
	"AccountDeactivated":     suspended,
	"RepoTakendown":          suspended,
	"RepoSuspended":          suspended,
	"RepoDeactivated":        suspended,
	"BlobNotFound":           pictureLost,
	"BlobTooLarge":           tooLarge,
	"PayloadTooLarge":        tooLarge,
	"RecordNotFound": func(clean error) error {
		return &platform.Permanent{Code: "not_found", Say: "The server does not have this post. It may be deleted.", Err: clean}
	},
}

func connectAgain(clean error) error { return &platform.AuthExpired{Say: SayConnect, Err: clean} }

func suspended(clean error) error {
	return &platform.Permanent{Code: "suspended", Say: saySuspended, Err: clean}
}

func pictureLost(clean error) error {
	return &platform.Transient{Say: "The server does not have a picture of this post any more. Daymark uploads it again.", Err: clean, PrepareAgain: true}
}

func tooLarge(clean error) error {
	return &platform.Permanent{Code: "too_large", Say: "A picture is larger than the server takes. Use a smaller one.", Err: clean}
}

// byRefusal classifies a complete answer that is no success.
func (c *Client) byRefusal(r *refusedError, clean error, e Effect) error {
	said := wire.CleanText(r.said, append(c.Secrets, c.Token)...)
	low := strings.ToLower(said)
	refused := func(code, say string) error {
		return &platform.Permanent{Code: code, Say: say + quote(said), Err: clean}
	}
	known := byName[r.name]
	switch st := r.status; {
	case st == http.StatusTooManyRequests:
		return &platform.RateLimited{
			Until: r.until,
			Say:   "The server takes no more calls from this account until " + r.until.Format("15:04:05") + " UTC. Daymark waits until then.",
			Err:   clean,
		}
	case st == http.StatusNotImplemented && r.name == "MethodNotImplemented":
		return refused("not_supported", "The server cannot do this. Check that the address is that of the account's own server.")
	case st >= 500 || st < 300: // a record key that is in use is answered 500 too, so a 500 proves nothing
		if e == Irreversible {
			return &platform.Unknown{Say: SayUnknown, Err: clean}
		}
		return &platform.Transient{Say: sayTrouble, Err: clean}
	case st < 400:
		return refused("moved", "The server sends Daymark to another address. Connect the account again, so that Daymark learns its new server.")
	case known != nil:
		return known(clean)
	case st == http.StatusUnauthorized:
		return connectAgain(clean)
	case st == http.StatusForbidden:
		return refused("forbidden", "The server does not let this account do that. Make an app password in Bluesky's settings and connect the account again.")
	case st == http.StatusRequestTimeout, st == http.StatusTooEarly:
		return &platform.Transient{Say: sayNoAnswer, Err: clean} // neither was carried out (RFC 9110 15.5.9, RFC 8470 5.2)
	case st == http.StatusRequestEntityTooLarge:
		return tooLarge(clean)
	case strings.Contains(low, "could not find blob"):
		return pictureLost(clean)
	case strings.Contains(low, "could not find repo"):
		return suspended(clean)
	case strings.Contains(low, "grapheme"), strings.Contains(low, "must not be longer"):
		return refused("too_long", "The text is longer than Bluesky takes. Shorten it and have it approved again.")
	case st == http.StatusNotFound, st == http.StatusGone, st == http.StatusMethodNotAllowed:
		return refused("not_found", "The server does not know what Daymark asked for. Check that the address is that of the account's own server.")
	}
	return refused("refused", "The server refused this as it is. Change what it complains about and have it approved again.")
}

// quote returns the server's own words, cut to a readable length.
func quote(said string) string {
	if said == "" {
		return ""
	}
	if r := []rune(said); len(r) > 200 {
		said = string(r[:200]) + "…"
	}
	return " The server says: “" + said + "”"
}
