package session

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"daymark/internal/platform"
	"daymark/internal/wire"
)

// What several calls have to say to a person.
const (
	SayUnknown = "X did not say whether the post is out. Daymark looks on the account before it tries again."
	SayNotX    = "The answer is not X's. Something between Daymark and X answered in its place, or the address is not that of X's API."

	sayNoAnswer = "X did not answer. Daymark tries again; if it goes on, look at X's status page."
	sayTrouble  = "X has trouble of its own. Daymark tries again; if it goes on, look at X's status page."
	sayConnect  = "X does not accept the keys of this account any more. Make new ones in X's developer console and connect the account again."
)

// Codes of permanent refusals that others ask for by name.
const (
	CodeReply     = "reply_refused" // X lets nobody reply there by its API
	CodeForbidden = "forbidden"     // X does not say why
	CodeAccess    = "access_level"  // the application's access level lacks this call
	CodeCredits   = "no_credits"    // nothing is left to pay with
)

// broken classifies a call to which no whole answer came. Only a call that can leave something public behind can be unknown;
// any other may simply be repeated.
func (s *Session) broken(c *Call, err error, sent wire.Failure) error {
	clean := wire.Clean(err, s.Keys.Secrets()...)
	if b, ok := errors.AsType[*wire.BlockedError](err); ok {
		return &platform.Permanent{
			Code: "address_refused",
			Say:  fmt.Sprintf("Daymark does not connect to %s: %s. If this is your own server, the operator of Daymark can allow its host.", b.Host, b.Why),
			Err:  clean,
		}
	}
	if r, ok := errors.AsType[*wire.RedirectError](err); ok {
		return &platform.Permanent{Code: "moved", Say: fmt.Sprintf("X's API sent Daymark on to %s, and Daymark did not go. Ask the operator of Daymark to look at the address.", r.To), Err: clean}
	}
	switch {
	case c.Effect == Irreversible && (c.Status != 0 || sent == wire.MaybeSent):
		return &platform.Unknown{Say: SayUnknown, Err: clean}
	case c.Status != 0: // the answer broke off, or is not what it should be
		return &platform.Transient{Say: SayNotX, Err: clean}
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		return &platform.Transient{Say: "X's API is not found by its name. Look at this machine's connection; Daymark tries again.", Err: clean}
	}
	return &platform.Transient{Say: sayNoAnswer, Err: clean}
}

// refused classifies a whole answer that is not a success.
func (s *Session) refused(c *Call, err error) error {
	t, ours := ReadTrouble(c.body)
	for i := range t.Said {
		t.Said[i] = wire.CleanText(t.Said[i], s.Keys.Secrets()...)
	}
	clean := wire.Clean(errors.Join(fmt.Errorf("status %d: %w", c.Status, t), err), s.Keys.Secrets()...)
	switch st := c.Status; {
	case st >= 500 && c.Effect == Irreversible:
		return &platform.Unknown{Say: SayUnknown, Err: clean}
	case st >= 500:
		return &platform.Transient{Say: sayTrouble, Err: clean}
	case st < 400:
		return &platform.Permanent{Code: "moved", Say: "X's API sends Daymark to another address. Ask the operator of Daymark to look at the address.", Err: clean}
	case st == http.StatusRequestTimeout, st == http.StatusTooEarly:
		return &platform.Transient{Say: sayNoAnswer, Err: clean} // neither was carried out (RFC 9110 15.5.9, RFC 8470 5.2)
	case st == http.StatusTooManyRequests && t.is("usage-capped"), st == http.StatusPaymentRequired:
		return &platform.Permanent{Code: CodeCredits, Say: "The credits of your X application are used up, or its monthly limit is reached. Add credits in X's developer console and publish again." + quote(t), Err: clean}
	case st == http.StatusTooManyRequests, t.code(88):
		return s.tooMany(c, clean)
	case st == http.StatusUnauthorized:
		return s.unauthorized(c, t, clean)
	case !ours && st != http.StatusNotFound && st != http.StatusRequestEntityTooLarge:
		return &platform.Transient{Say: SayNotX, Err: clean} // a proxy's page with a definite no
	}
	return s.byWords(c, t, clean)
}

// byWords classifies a refusal by what X says. The codes are those of
// https://docs.x.com/x-api/fundamentals/response-codes-and-errors; sentences without a code were seen where noted.
func (s *Session) byWords(c *Call, t Trouble, clean error) error {
	refused := func(code, say string) error {
		return &platform.Permanent{Code: code, Say: say + quote(t), Err: clean}
	}
	switch st := c.Status; {
	case t.code(135):
		return s.unauthorized(c, t, clean)
	case t.code(187) || t.has("duplicate content"): // the sentence of version 2: akrherz/iembot#163
		return &platform.Duplicate{Say: "X says that this text is on the account already, or was a short time ago. Daymark looks; if it is not there, change the text.", Err: clean}
	case t.code(185, 344):
		until := s.Now().Add(time.Hour).UTC()
		return &platform.RateLimited{Until: until, Say: "The account has reached X's limit of posts for now. Daymark tries again in an hour.", Err: clean}
	case t.code(64, 63) || t.has("suspended"):
		return refused("suspended", "X has suspended this account. Log in on X and look for a notice; nothing can be published until it is lifted.")
	case t.code(326) || t.has("temporarily locked"):
		return refused("locked", "X has locked this account for now. Log in on X, do what it asks for, and publish again.")
	case t.code(261) || t.is("oauth1-permissions") || t.has("oauth1 app permissions"):
		return &platform.AuthExpired{Say: "The keys may only read. Set “Read and write” for the application in X's developer console, make a new access token and connect the account again.", Err: clean}
	case t.code(453) || t.is("client-forbidden", "client-not-enrolled", "unsupported-authentication"):
		return refused(CodeAccess, "The access level of your X application does not allow this. If the channel is set to version 1.1, switch it to version 2; else look at the application in X's developer console.")
	case t.is("usage-capped", "credits"):
		return refused(CodeCredits, "The credits of your X application are used up, or its monthly limit is reached. Add credits in X's developer console and publish again.")
	case t.code(186) || t.has("too long", "a bit shorter"):
		return refused("too_long", "The text is longer than X takes. Shorten it and have it approved again.")
	case t.code(324, 325) || t.has("media ids are invalid", "media id"):
		return &platform.Transient{Say: "X does not have a picture of this post any more. Daymark uploads it again.", Err: clean, PrepareAgain: true}
	case t.code(385) || t.has("attempted to reply to a"):
		return refused("reply_gone", "The post that this one answers is not there any more. Publish it on its own or take the thread down.")
	case t.code(433) || t.has("reply to this conversation", "not allowed to reply"):
		return refused(CodeReply, "X does not let applications reply to this post.")
	case t.code(226) || t.has("looks like it might be automated"):
		return refused("automated", "X took this for spam and did not publish it. Log in on X, look for a notice, and give the account X's label for automated accounts.")
	case t.has("cashtag"):
		return refused("cashtags", "X takes at most one cashtag, such as $GO, in a post. Remove the others.")
	case t.has("media type unrecognized", "file size", "too large") || st == http.StatusRequestEntityTooLarge:
		return refused("picture_refused", "X does not take a picture of this post. Use a JPEG or PNG of less than 5 MB.")
	case t.code(34, 144) || st == http.StatusNotFound, st == http.StatusGone:
		return refused("not_found", "X does not have what Daymark asked for. It may be deleted.")
	case st == http.StatusForbidden:
		return refused(CodeForbidden, "X did not allow this and does not say why. It may be the text, the account or the application: read X's words, log in on X and look for a notice.")
	}
	return refused("refused", "X refused this as it is. Change what it complains about and have it approved again.")
}

// unauthorized classifies a 401: the keys, or this machine's clock, which is part of what is signed.
func (s *Session) unauthorized(c *Call, t Trouble, clean error) error {
	skew := s.Wall().Sub(c.Date)
	if !t.code(135) && !t.has("timestamp") {
		return &platform.AuthExpired{Say: sayConnect + quote(t), Err: clean}
	}
	say := "The clock of the machine that Daymark runs on is wrong, so X refuses its signature. Set the clock; Daymark tries again."
	if direction := "ahead"; !c.Date.IsZero() && skew.Abs() >= time.Minute {
		if skew < 0 {
			direction = "behind"
		}
		say = fmt.Sprintf("The clock of the machine that Daymark runs on is %d minutes %s, so X refuses its signature. Set the clock; Daymark tries again.", int(skew.Abs().Round(time.Minute).Minutes()), direction)
	}
	return &platform.Transient{Say: say, Err: clean}
}

// tooMany reads until when a 429 holds: the reset of the limit that is used up, of which an answer may name several, else a
// quarter of an hour, which is X's interval. Nothing beyond a day is believed, so that a wrong clock cannot silence a
// channel for longer.
func (s *Session) tooMany(c *Call, clean error) error {
	now := s.Now()
	until := c.Rate.Reset
	for _, name := range []string{"x-app-limit-24hour", "x-user-limit-24hour"} {
		if reset := unix(c.header.Get(name + "-reset")); c.header.Get(name+"-remaining") == "0" && reset.After(until) {
			until = reset
		}
	}
	switch limit := now.Add(24 * time.Hour); {
	case until.IsZero():
		until = now.Add(15 * time.Minute)
	case !until.After(now):
		until = now.Add(time.Second)
	case until.After(limit):
		until = limit
	}
	until = until.UTC()
	return &platform.RateLimited{
		Until: until,
		Say:   "X takes no more calls from this account until " + until.Format("2 January 15:04:05") + " UTC. Daymark waits until then.",
		Err:   clean,
	}
}

// quote returns X's own words, cut to a readable length.
func quote(t Trouble) string {
	words := strings.Join(t.Said, " ")
	if words == "" {
		return ""
	}
	if r := []rune(words); len(r) > 200 {
		words = string(r[:200]) + "…"
	}
	return " X says: “" + words + "”"
}
