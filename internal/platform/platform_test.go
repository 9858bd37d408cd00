package platform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/platform"
)

func TestOutcomeTellsTheKindsApart(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	tests := map[string]struct {
		err  error
		want platform.Kind
		say  string
	}{
		"no error is done":                          {nil, platform.KindDone, ""},
		"an error nobody classified may be posted":  {cause, platform.KindUnknown, ""},
		"a bare cancellation may be posted":         {context.Canceled, platform.KindUnknown, ""},
		"permanent":                                 {&platform.Permanent{Code: "too_long", Say: "Shorten it.", Err: cause}, platform.KindPermanent, "Shorten it."},
		"transient":                                 {&platform.Transient{Say: "Later.", Err: cause}, platform.KindTransient, "Later."},
		"unknown":                                   {&platform.Unknown{Say: "Look.", Err: cause}, platform.KindUnknown, "Look."},
		"rate limited":                              {&platform.RateLimited{Until: time.Unix(0, 0), Say: "Wait."}, platform.KindRateLimited, "Wait."},
		"credentials not accepted":                  {&platform.AuthExpired{Say: "Connect again."}, platform.KindAuthExpired, "Connect again."},
		"duplicate":                                 {&platform.Duplicate{Say: "It is out."}, platform.KindDuplicate, "It is out."},
		"a wrapped refusal is still a refusal":      {fmt.Errorf("part 2: %w", &platform.Permanent{Say: "No."}), platform.KindPermanent, "No."},
		"unknown wins when two kinds were combined": {errors.Join(&platform.Transient{Say: "Later."}, &platform.Unknown{Say: "Look."}), platform.KindUnknown, "Look."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := platform.Outcome(tt.err); got != tt.want {
				t.Errorf("Outcome = %v, want %v", got, tt.want)
			}
			if got := platform.Say(tt.err); got != tt.say {
				t.Errorf("Say = %q, want %q", got, tt.say)
			}
		})
	}
}

func TestSecretNeverPrintsItself(t *testing.T) {
	t.Parallel()
	account := platform.Account{Handle: "@charity", Secret: platform.Secret(`{"access_token":"hunter2"}`)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", account, &account, account.Secret)
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("connected", "account", account, "secret", account.Secret)
	slog.New(slog.NewTextHandler(&out, nil)).Info("connected", "account", account, "secret", account.Secret)
	b, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, leak := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), "104 117 110"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the secret shows as %q in:\n%s", leak, out.String())
		}
	}
	if got := string(account.Secret.Reveal()); got != `{"access_token":"hunter2"}` {
		t.Errorf("Reveal = %q", got)
	}
}

func TestHandlesAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	type row struct{ H platform.Handles }
	var r row
	if err := json.Unmarshal([]byte(`{"H":{"a":[1,2]}}`), &r); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), `{"H":{"a":[1,2]}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if b, err = json.Marshal(row{}); err != nil || string(b) != `{"H":null}` {
		t.Errorf("no handles: %s, %v", b, err)
	}
}

func TestRegistryNamesWhatItKnowsWhenItDoesNotKnow(t *testing.T) {
	t.Parallel()
	r := platform.New(map[platform.Network]platform.Connector{platform.Mastodon: nil})
	if _, err := r.Get(platform.Mastodon); err != nil {
		t.Errorf("Get(mastodon): %v", err)
	}
	_, err := r.Get("myspace")
	if !fault.Is(err, fault.NotFound) || !strings.Contains(fault.Say(err), "mastodon") {
		t.Errorf("Get(myspace) = %v", err)
	}
}
