package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
	"daymark/internal/platform/x/session"
	"daymark/internal/wire"
)

var now = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

var keys = session.Credentials{ConsumerKey: "consumerkey1", ConsumerSecret: "consumersecret2", AccessToken: "123-accesstoken3", AccessSecret: "accesssecret4"}

// answering returns a session whose server always gives one answer.
func answering(t *testing.T, status int, body string, headers ...string) *session.Session {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, body)
	}))
	client := wire.NewClient(wire.Options{Allow: []string{srv.Listener.Addr().String()}})
	t.Cleanup(func() {
		client.CloseIdleConnections()
		srv.Close()
	})
	o := session.Options{HTTP: client, Now: func() time.Time { return now }, UserAgent: "Daymark test"}
	s, err := session.Open(o, platform.Account{Address: srv.URL, Secret: keys.Secret()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const problems = `https://api.twitter.com/2/problems/`

// The bodies are X's own, from its documentation, from issues of libraries that quote them and from what the network said in
// 2025 and 2026; docs/networks-x.md names the sources.
func TestRefusalsOfBothShapes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status  int
		body    string
		headers []string
		kind    platform.Kind
		code    string
		says    string
	}{
		"a duplicate, version 2":   {403, `{"detail":"You are not allowed to create a Tweet with duplicate content.","type":"about:blank","title":"Forbidden","status":403}`, nil, platform.KindDuplicate, "", "change the text"},
		"a duplicate, version 1.1": {403, `{"errors":[{"code":187,"message":"Status is a duplicate."}]}`, nil, platform.KindDuplicate, "", "change the text"},
		"suspended, by code":       {403, `{"errors":[{"code":64,"message":"Your account is suspended and is not permitted to access this feature."}]}`, nil, platform.KindPermanent, "suspended", "suspended"},
		"suspended, by words":      {403, `{"title":"Forbidden","type":"about:blank","status":403,"detail":"Your account is suspended and is not permitted to access this feature."}`, nil, platform.KindPermanent, "suspended", "suspended"},
		"locked":                   {403, `{"errors":[{"code":326,"message":"To protect our users from spam, this account is temporarily locked."}]}`, nil, platform.KindPermanent, "locked", "locked"},
		"no access to version 1.1": {403, `{"errors":[{"message":"You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints (e.g. media post, oauth) only.","code":453}]}`, nil, platform.KindPermanent, "access_level", "switch it to version 2"},
		"not enrolled":             {403, `{"client_id":"1","detail":"When authenticating requests, you must use keys from a developer App attached to a Project.","reason":"client-not-enrolled","title":"Client Forbidden","type":"` + problems + `client-forbidden"}`, nil, platform.KindPermanent, "access_level", "access level"},
		"the other host in type":   {403, `{"title":"Client Forbidden","detail":"no","type":"https://api.x.com/2/problems/client-forbidden"}`, nil, platform.KindPermanent, "access_level", "access level"},
		"keys that may only read":  {403, `{"title":"Forbidden","status":403,"detail":"Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.","type":"` + problems + `oauth1-permissions"}`, nil, platform.KindAuthExpired, "", "Read and write"},
		"too long, version 1.1":    {403, `{"errors":[{"code":186,"message":"Tweet needs to be a bit shorter."}]}`, nil, platform.KindPermanent, "too_long", "Shorten"},
		"too long, version 2":      {400, `{"errors":[{"parameters":{},"message":"Your Tweet text is too long."}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"` + problems + `invalid-request"}`, nil, platform.KindPermanent, "too_long", "Shorten"},
		"media that is gone":       {400, `{"errors":[{"parameters":{"media.media_ids":["1"]},"message":"Your media IDs are invalid."}],"title":"Invalid Request","detail":"One or more parameters to your request was invalid.","type":"` + problems + `invalid-request"}`, nil, platform.KindTransient, "again", "uploads it again"},
		"a reply nobody asked for": {403, `{"detail":"Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.","title":"Forbidden","status":403,"type":"about:blank"}`, nil, platform.KindPermanent, "reply_refused", "reply"},
		"no reason":                {403, `{"detail":"You are not permitted to perform this action.","title":"Forbidden","status":403,"type":"about:blank"}`, nil, platform.KindPermanent, "forbidden", "You are not permitted to perform this action."},
		"taken for spam":           {403, `{"errors":[{"code":226,"message":"This request looks like it might be automated."}]}`, nil, platform.KindPermanent, "automated", "label"},
		"the daily limit":          {403, `{"errors":[{"code":344,"message":"You have reached your daily limit for sending Tweets and messages."}]}`, nil, platform.KindRateLimited, "", "in an hour"},
		"out of credits":           {402, `{"title":"CreditsDepleted","detail":"Your enrolled account does not have any credits to fulfill this request.","type":"https://api.twitter.com/2/problems/credits"}`, nil, platform.KindPermanent, "no_credits", "credits"},
		"usage capped":             {429, `{"title":"UsageCapExceeded","detail":"Usage cap exceeded: Monthly product cap","period":"Monthly","scope":"Product","type":"` + problems + `usage-capped"}`, nil, platform.KindPermanent, "no_credits", "monthly limit"},
		"too many calls":           {429, `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`, []string{"x-rate-limit-limit", "100", "x-rate-limit-remaining", "0", "x-rate-limit-reset", fmt.Sprint(now.Add(90 * time.Second).Unix())}, platform.KindRateLimited, "", "30 July 09:01:30 UTC"},
		"too many, by code":        {429, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`, nil, platform.KindRateLimited, "", "09:15:00"},
		"too many for the day":     {429, `{"title":"Too Many Requests"}`, []string{"x-rate-limit-limit", "100", "x-rate-limit-reset", fmt.Sprint(now.Add(time.Minute).Unix()), "x-user-limit-24hour-remaining", "0", "x-user-limit-24hour-reset", fmt.Sprint(now.Add(7 * time.Hour).Unix())}, platform.KindRateLimited, "", "16:00:00"},
		"a reset a year away":      {429, `{}`, []string{"x-rate-limit-limit", "1", "x-rate-limit-reset", fmt.Sprint(now.Add(9000 * time.Hour).Unix())}, platform.KindRateLimited, "", "31 July"},
		"a reset that has passed":  {429, `{}`, []string{"x-rate-limit-limit", "1", "x-rate-limit-reset", "1"}, platform.KindRateLimited, "", "09:00:01"},
		"keys that are not good":   {401, `{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}`, nil, platform.KindAuthExpired, "", "connect the account again"},
		"a revoked token":          {401, `{"errors":[{"code":89,"message":"Invalid or expired token."}]}`, nil, platform.KindAuthExpired, "", "connect the account again"},
		"a wrong clock":            {401, `{"errors":[{"code":135,"message":"Timestamp out of bounds."}]}`, []string{"Date", "Fri, 30 Jul 2027 10:00:00 GMT"}, platform.KindTransient, "", "60 minutes behind"},
		"a clock a bit off":        {403, `{"errors":[{"code":135,"message":"Could not authenticate you: Timestamp out of bounds."}]}`, []string{"Date", "Fri, 30 Jul 2027 08:54:00 GMT"}, platform.KindTransient, "", "6 minutes ahead"},
		"not there":                {404, `{"errors":[{"code":34,"message":"Sorry, that page does not exist."}]}`, nil, platform.KindPermanent, "not_found", "deleted"},
		"a proxy's no":             {403, `<html>Attention required</html>`, nil, platform.KindTransient, "", "between Daymark and X"},
		"a picture too large":      {413, ``, nil, platform.KindPermanent, "picture_refused", "JPEG"},
		"errors as a text":         {400, `{"errors":"Something is wrong."}`, nil, platform.KindPermanent, "refused", "Something is wrong."},
		"an unknown refusal":       {400, `{"title":"Invalid Request","detail":"One or more parameters to your request was invalid."}`, nil, platform.KindPermanent, "refused", "complains"},
		"led elsewhere":            {307, ``, []string{"Location", "https://elsewhere.example/"}, platform.KindPermanent, "moved", "another address"},
		"trouble":                  {503, `{"title":"Service Unavailable"}`, nil, platform.KindUnknown, "", "looks on the account"},
		"trouble by a proxy":       {502, `<html>`, nil, platform.KindUnknown, "", "looks on the account"},
		"a success that is a page": {200, `<html>`, nil, platform.KindUnknown, "", "looks on the account"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := answering(t, tt.status, tt.body, tt.headers...)
			var out struct{}
			err := s.Post(t.Context(), &session.Call{Effect: session.Irreversible}, "/2/tweets", struct{}{}, &out)
			if got := platform.Outcome(err); got != tt.kind {
				t.Errorf("kind %v, want %v: %v", got, tt.kind, err)
			}
			if !strings.Contains(platform.Say(err), tt.says) {
				t.Errorf("says %q, want %q in it", platform.Say(err), tt.says)
			}
			switch e := err.(type) { //nolint:errorlint // returned bare
			case *platform.Permanent:
				if e.Code != tt.code {
					t.Errorf("code %q, want %q", e.Code, tt.code)
				}
			case *platform.Transient:
				if e.PrepareAgain != (tt.code == "again") {
					t.Errorf("PrepareAgain %v", e.PrepareAgain)
				}
			}
		})
	}
}

func TestAHarmlessCallIsNeverUnknown(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{500: `{}`, 503: `<html>`, 200: `nonsense`} {
		var out struct{}
		err := answering(t, status, body).Get(t.Context(), &session.Call{}, "/2/users/me", nil, &out)
		if platform.Outcome(err) != platform.KindTransient || platform.Say(err) == "" {
			t.Errorf("%d %s: %v", status, body, err)
		}
	}
}

func TestNoSecretShowsEvenWhenXRepeatsIt(t *testing.T) {
	t.Parallel()
	s := answering(t, 400, `{"detail":"bad `+keys.AccessSecret+` and `+keys.ConsumerSecret+`"}`)
	var out struct{}
	err := s.Get(t.Context(), &session.Call{}, "/2/tweets", nil, &out)
	for _, secret := range keys.Secrets() {
		if strings.Contains(fmt.Sprintf("%v %s", err, platform.Say(err)), secret) {
			t.Errorf("%q shows in %v", secret, err)
		}
	}
}

func TestTheKeysThatPeopleCopy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(c *session.Credentials)
		field  string
	}{
		"good":                               {func(*session.Credentials) {}, ""},
		"white space around":                 {func(c *session.Credentials) { c.AccessToken = " 123-accesstoken3\n" }, ""},
		"version 1.1":                        {func(c *session.Credentials) { c.API = "v1.1" }, ""},
		"another version":                    {func(c *session.Credentials) { c.API = "v3" }, "api"},
		"one missing":                        {func(c *session.Credentials) { c.ConsumerSecret = " " }, "consumer_secret"},
		"the bearer token":                   {func(c *session.Credentials) { c.AccessToken = "AAAAAAAAAAAAAAAAAAAAA%3Dxyz" }, "access_token"},
		"quotes":                             {func(c *session.Credentials) { c.AccessSecret = `"accesssecret4"` }, "access_secret"},
		"the same twice":                     {func(c *session.Credentials) { c.AccessSecret = c.ConsumerSecret }, "access_secret"},
		"application and account mixed up":   {func(c *session.Credentials) { c.ConsumerKey, c.AccessToken = c.AccessToken, c.ConsumerKey }, "consumer_key"},
		"an access token without its number": {func(c *session.Credentials) { c.AccessToken = "accesstoken3" }, "access_token"},
	} {
		c := keys
		tt.change(&c)
		got, err := c.Clean()
		if tt.field == "" {
			if err != nil || got.AccessToken != keys.AccessToken {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			continue
		}
		if p := fault.Problems(err); len(p) != 1 || p[0].Field != tt.field {
			t.Errorf("%s: %v, want field %s", name, err, tt.field)
		}
	}
	for name, secret := range map[string]string{"nothing": "", "no JSON": "x", "keys missing": `{"consumer_key":"a"}`} {
		_, err := session.Open(session.Options{}, platform.Account{Secret: platform.Secret(secret)})
		if platform.Outcome(err) != platform.KindAuthExpired {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadTrouble(f *testing.F) {
	f.Add([]byte(`{"errors":[{"code":187,"message":"Status is a duplicate."}]}`))
	f.Add([]byte(`{"title":"Forbidden","detail":"no","type":"https://api.x.com/2/problems/client-forbidden","errors":[{"message":"x"}]}`))
	f.Add([]byte(`{"errors":"text","code":"12"}`))
	f.Add([]byte(`{"errors":[1,null,{"code":1e9}],"code":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		trouble, ok := session.ReadTrouble(body)
		if !ok && len(trouble.Codes)+len(trouble.Kinds)+len(trouble.Said) > 0 {
			t.Errorf("not ours, but it says %+v", trouble)
		}
		_ = trouble.Error()
	})
}
