package session

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// What several calls have to say to a person.
const (
	SayUnknown     = "The server did not say whether the post is out. Daymark looks on the account before it tries again."
	SayNoServer    = "There is no server by this name. Check the address of the account; if it is right, Daymark tries again."
	sayNoAnswer    = "The server did not answer. Daymark tries again; if it goes on, look whether the server is up."
	sayTrouble     = "The server has trouble of its own. Daymark tries again; if it goes on, ask the server's administrators."
	SayNotMastodon = "The server answered with something other than Mastodon's data. Check that the address is that of a Mastodon server, not of a web page."
	sayConnect     = "The server does not accept the access token any more. Connect the account again."
	sayScopes      = "The access token may not do this. Connect the account again and allow reading, posting and uploading."
)

// classify turns an error of a call into one of the contract's kinds. Only errors of an irreversible call can be Unknown;
// any other call may simply be repeated.
func (s *Session) classify(err error, c *Call, sent wire.Failure, e Effect) error {
	clean := wire.Clean(err, s.secrets...)
	if t, ok := errors.AsType[*tooManyError](err); ok {
		return &platform.RateLimited{
			Until: t.until,
			Say:   "The server takes no more calls from this account until " + t.until.Format("15:04:05") + " UTC. Daymark waits until then.",
			Err:   clean,
		}
	}
	if b, ok := errors.AsType[*wire.BlockedError](err); ok {
		return &platform.Permanent{
			Code: "address_refused",
			Say:  fmt.Sprintf("Daymark does not connect to %s: %s. If this is your own server, the operator of Daymark can allow its host.", b.Host, b.Why),
			Err:  clean,
		}
	}
	if r, ok := errors.AsType[*wire.RedirectError](err); ok {
		return &platform.Permanent{Code: "moved", Say: fmt.Sprintf("The server sent Daymark on to %s. Connect the account with the server's own address.", r.To), Err: clean}
	}
	if a, ok := errors.AsType[*gomastodon.APIError](err); ok {
		return s.byStatus(a, clean, e)
	}
	switch {
	case e == Irreversible && (c.Status != 0 || sent == wire.MaybeSent):
		return &platform.Unknown{Say: SayUnknown, Err: clean}
	case c.Status != 0: // the answer broke off, or is not what it should be
		return &platform.Transient{Say: SayNotMastodon, Err: clean}
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		return &platform.Transient{Say: SayNoServer, Err: clean}
	}
	return &platform.Transient{Say: sayNoAnswer, Err: clean}
}

// byStatus classifies a complete answer that is not a success. The meanings are those of
// https://docs.joinmastodon.org/entities/Error/ and of the servers' sources; what differs by server is noted.
func (s *Session) byStatus(a *gomastodon.APIError, clean error, e Effect) error {
	said := wire.CleanText(a.Message, s.secrets...)
	low := strings.ToLower(said)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(low, w) {
				return true
			}
		}
		return false
	}
	refused := func(code, say string) error {
		return &platform.Permanent{Code: code, Say: say + quote(said), Err: clean}
	}
	switch st := a.StatusCode; {
	case st >= 500 || st < 300: // on a repeated key Mastodon answered 500 with the post out (mastodon/mastodon#40399)
		if e == Irreversible {
			return &platform.Unknown{Say: SayUnknown, Err: clean}
		}
		return &platform.Transient{Say: sayTrouble, Err: clean}
	case st < 400:
		return refused("moved", "The server sends Daymark to another address. Connect the account with the server's own address.")
	case st == http.StatusUnauthorized:
		return &platform.AuthExpired{Say: sayConnect, Err: clean}
	case st == http.StatusForbidden && has("scope"):
		return &platform.AuthExpired{Say: sayScopes, Err: clean}
	case st == http.StatusForbidden && has("credential", "token"): // Pleroma and Akkoma answer a bad token so
		return &platform.AuthExpired{Say: sayConnect, Err: clean}
	case st == http.StatusForbidden:
		return refused("forbidden", "The server does not let this account do that; it may be suspended or limited. Log in on the server and look for a notice.")
	case st == http.StatusRequestTimeout, st == http.StatusTooEarly:
		return &platform.Transient{Say: sayNoAnswer, Err: clean} // neither was carried out (RFC 9110 15.5.9, RFC 8470 5.2)
	case e == Irreversible && (st == http.StatusConflict || has("idempotency")):
		// Pleroma: the first request with this key still runs. Pixelfed: the key was used, whatever came of it.
		return &platform.Unknown{Say: SayUnknown, Err: clean}
	case st == http.StatusRequestEntityTooLarge:
		return refused("too_large", "A picture is larger than the server takes. Use a smaller one.")
	case has("not finished processing"):
		return &platform.Transient{Say: "The server still works on a picture. Daymark tries again.", Err: clean}
	case has("character limit", "too long", "exceeds the character"):
		return refused("too_long", "The text is longer than the server takes. Shorten it and have it approved again.")
	case has("reply"):
		return refused("reply_gone", "The post that this one answers is not there any more. Publish it on its own or take the thread down.")
	case st == http.StatusNotFound, st == http.StatusGone:
		return refused("not_found", "The server does not have what Daymark asked for. It may be deleted, or the server may not be one that Daymark knows.")
	case st == http.StatusMethodNotAllowed:
		return refused("not_supported", "The server cannot do this.")
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
