package session

import (
	"encoding/json"
	"regexp"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
)

// The two versions of X's API that an account may have.
const (
	V2     = "v2"
	Legacy = "v1.1"
)

// Credentials is what the secret of an account holds: the four keys of OAuth 1.0a, which X does not let expire.
type Credentials struct {
	API            string `json:"api,omitempty"` // V2 when empty
	ConsumerKey    string `json:"consumer_key"`
	ConsumerSecret string `json:"consumer_secret"`
	AccessToken    string `json:"access_token"`
	AccessSecret   string `json:"access_secret"`
}

// Secret returns the credentials as an account keeps them.
func (c Credentials) Secret() platform.Secret {
	b, _ := json.Marshal(c) // strings always encode
	return b
}

// Secrets returns what must never be shown. The two keys that are no secrets are among them: they name an account.
func (c Credentials) Secrets() []string {
	return []string{c.ConsumerKey, c.ConsumerSecret, c.AccessToken, c.AccessSecret}
}

var (
	keyLetters  = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	accessToken = regexp.MustCompile(`^[0-9]+-[A-Za-z0-9_-]+$`)
)

// Clean returns the credentials without the white space that copying brings along, or the first thing that is wrong with
// them. It knows what X's keys look like and which are mistaken for each other; whether they are good only X knows.
func (c Credentials) Clean() (Credentials, error) {
	fields := []struct {
		name, words string
		value       *string
	}{
		{"consumer_key", "API key (consumer key)", &c.ConsumerKey},
		{"consumer_secret", "API key secret (consumer secret)", &c.ConsumerSecret},
		{"access_token", "access token", &c.AccessToken},
		{"access_secret", "access token secret", &c.AccessSecret},
	}
	seen := map[string]string{}
	for _, f := range fields {
		*f.value = strings.TrimSpace(*f.value)
		switch v := *f.value; {
		case v == "":
			return c, fault.BadField(f.name, "The %s is missing. X shows it in the developer console under “Keys and tokens”.", f.words)
		case strings.Contains(v, "%") || strings.HasPrefix(v, "AAAAAAAAAA"):
			return c, fault.BadField(f.name, "This is the bearer token, which cannot post. Copy the %s instead.", f.words)
		case !keyLetters.MatchString(v):
			return c, fault.BadField(f.name, "The %s has characters that X's keys do not have. Copy it again, whole and without quotes.", f.words)
		case seen[v] != "":
			return c, fault.BadField(f.name, "The %s is the same as the %s. Copy each of the four keys to its own field.", f.words, seen[v])
		}
		seen[*f.value] = f.words
	}
	if accessToken.MatchString(c.ConsumerKey) {
		return c, fault.BadField("consumer_key", "This is an access token, not the API key. Put it into the field for the access token.")
	}
	if !accessToken.MatchString(c.AccessToken) {
		return c, fault.BadField("access_token", "An access token begins with the account's number and a hyphen. Copy it from “Access token and secret” in X's developer console.")
	}
	switch c.API {
	case "", V2, Legacy:
	default:
		return c, fault.BadField("api", "The version of X's API is %q. Write v2, or v1.1 for an application that still has it.", c.API)
	}
	return c, nil
}

// ReadCredentials reads what the secret of an account holds.
func ReadCredentials(secret platform.Secret) (Credentials, error) {
	var c Credentials
	if err := json.Unmarshal(secret.Reveal(), &c); err != nil || c.ConsumerKey == "" || c.ConsumerSecret == "" || c.AccessToken == "" || c.AccessSecret == "" {
		return Credentials{}, &platform.AuthExpired{Say: "The keys of this account are missing or unreadable. Connect the account again."}
	}
	return c, nil
}
