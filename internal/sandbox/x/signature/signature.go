// Package signature checks OAuth 1.0a signatures by its own reading of RFC 5849 (https://www.rfc-editor.org/rfc/rfc5849).
//
// It is a server's half: it takes an Authorization header apart, builds the signature base string from the request as it
// came in, and computes what the signature must be. It knows HMAC-SHA1 only, which is what X takes
// (https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature). It keeps no keys and no
// nonces, and does not read the clock.
package signature

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 5849 section 3.4.2 says HMAC-SHA1
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Header is what an Authorization header of the scheme OAuth says.
type Header struct {
	ConsumerKey string
	Token       string // empty when a request token is asked for
	Method      string
	Nonce       string
	At          time.Time
	Callback    string
	Verifier    string
	Signature   string

	pairs []pair // all but realm and oauth_signature, decoded
}

// pair is one parameter, decoded.
type pair struct{ name, value string }

// known are the parameters that the protocol has (RFC 5849 sections 2.1, 2.3 and 3.1).
var known = []string{
	"realm", "oauth_consumer_key", "oauth_token", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_version",
	"oauth_signature", "oauth_callback", "oauth_verifier",
}

// Parse reads an Authorization header (RFC 5849 section 3.5.1). It refuses a parameter that is given twice, is unknown or
// is not quoted, and a header that lacks one of those that every request has.
func Parse(header string) (Header, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "OAuth") {
		return Header{}, errors.New("the scheme is not OAuth")
	}
	values := map[string]string{}
	var h Header
	for part := range strings.SplitSeq(rest, ",") {
		name, quoted, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found || len(quoted) < 2 || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
			return Header{}, errors.New("a parameter is not written name=\"value\"")
		}
		name, err := Decode(name)
		if err != nil {
			return Header{}, err
		}
		value, err := Decode(quoted[1 : len(quoted)-1])
		if err != nil {
			return Header{}, err
		}
		if _, twice := values[name]; twice || !slices.Contains(known, name) {
			return Header{}, fmt.Errorf("the parameter %q is unknown or given twice", name)
		}
		values[name] = value
		if name != "realm" && name != "oauth_signature" {
			h.pairs = append(h.pairs, pair{name, value})
		}
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce", "oauth_signature"} {
		if values[name] == "" {
			return Header{}, fmt.Errorf("the parameter %s is missing", name)
		}
	}
	if v, given := values["oauth_version"]; given && v != "1.0" {
		return Header{}, errors.New("oauth_version is not 1.0")
	}
	if values["oauth_signature_method"] != "HMAC-SHA1" {
		return Header{}, errors.New("the signature method is not HMAC-SHA1")
	}
	seconds, err := strconv.ParseInt(values["oauth_timestamp"], 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return Header{}, errors.New("oauth_timestamp is not a number of seconds")
	}
	h.ConsumerKey, h.Token, h.Method = values["oauth_consumer_key"], values["oauth_token"], values["oauth_signature_method"]
	h.Nonce, h.At, h.Signature = values["oauth_nonce"], time.Unix(seconds, 0).UTC(), values["oauth_signature"]
	h.Callback, h.Verifier = values["oauth_callback"], values["oauth_verifier"]
	return h, nil
}

// Request is what else of a request is signed.
type Request struct {
	Method string
	Scheme string
	Host   string // as the Host header has it
	Path   string // escaped, as it was sent
	Query  string // raw
	Form   string // the body when it is application/x-www-form-urlencoded, else empty
}

// BaseString returns the signature base string (RFC 5849 section 3.4.1).
func (h Header) BaseString(r Request) (string, error) {
	pairs := slices.Clone(h.pairs)
	for _, source := range []string{r.Query, r.Form} {
		more, err := parsePairs(source)
		if err != nil {
			return "", err
		}
		for _, p := range more {
			// The standard forbids to send a protocol parameter twice. Clients send the token in header and body when they
			// exchange it, sign it once, and X takes it (plhery/node-twitter-api-v2, login).
			if !strings.HasPrefix(p.name, "oauth_") || !slices.Contains(h.pairs, p) {
				pairs = append(pairs, p)
			}
		}
	}
	for i := range pairs { // first encoded, then sorted: section 3.4.1.3.2
		pairs[i] = pair{Encode(pairs[i].name), Encode(pairs[i].value)}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var params strings.Builder
	for i, p := range pairs {
		if i > 0 {
			params.WriteByte('&')
		}
		params.WriteString(p.name + "=" + p.value)
	}
	return Encode(strings.ToUpper(r.Method)) + "&" + Encode(r.uri()) + "&" + Encode(params.String()), nil
}

// uri returns the base string URI (section 3.4.1.2): lower case, and without the scheme's own port.
func (r Request) uri() string {
	scheme, host := strings.ToLower(r.Scheme), strings.ToLower(r.Host)
	if scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	}
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	path := r.Path
	if path == "" {
		path = "/"
	}
	return scheme + "://" + host + path
}

// Verify reports whether the header's signature is the one that the two secrets make (section 3.4.2).
func (h Header) Verify(r Request, consumerSecret, tokenSecret string) bool {
	base, err := h.BaseString(r)
	if err != nil {
		return false
	}
	mac := hmac.New(sha1.New, []byte(Encode(consumerSecret)+"&"+Encode(tokenSecret)))
	_, _ = mac.Write([]byte(base)) // a hash never fails to be written to
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return subtle.ConstantTimeCompare([]byte(want), []byte(h.Signature)) == 1
}

// parsePairs reads a query or a form (section 3.4.1.3.1): a plus stands for a space, and order and repetition are kept.
func parsePairs(raw string) ([]pair, error) {
	var out []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := Decode(strings.ReplaceAll(name, "+", " "))
		if err != nil {
			return nil, err
		}
		v, err := Decode(strings.ReplaceAll(value, "+", " "))
		if err != nil {
			return nil, err
		}
		out = append(out, pair{n, v})
	}
	return out, nil
}

const upperHex = "0123456789ABCDEF"

// Encode writes a text in percent-encoding with the few characters of section 3.6 left as they are.
func Encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

// Decode undoes percent-encoding. A percent sign without two hexadecimal digits is an error.
func Decode(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("a percent sign stands alone")
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", errors.New("a percent sign is not followed by two digits")
		}
		out = append(out, byte(n))
		i += 2
	}
	return string(out), nil
}
