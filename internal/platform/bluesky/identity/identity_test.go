package identity_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/identity"
	"daymark/internal/platform/bluesky/xrpc"

	"github.com/google/go-cmp/cmp"
)

const (
	did   = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
	other = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"
)

// world answers by whole addresses; what it does not have is 404.
type world map[string]string

func (w world) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	address := r.URL.String()
	body, ok := w[address]
	switch {
	case body == "down":
		return nil, errors.New("no route")
	case strings.HasPrefix(body, "400 "):
		rec.WriteHeader(http.StatusBadRequest)
		body = body[4:]
	case !ok:
		rec.WriteHeader(http.StatusNotFound)
	}
	_, _ = io.WriteString(rec, body)
	resp := rec.Result()
	resp.Request = r
	return resp, nil
}

// names are TXT records.
type names map[string][]string

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) { return n[name], nil }

// doc is a DID document.
func doc(id, handle, server string) string {
	return `{"id":"` + id + `","alsoKnownAs":["at://` + handle + `"],"service":[{"id":"#other","type":"X","serviceEndpoint":{"a":1}},
		{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"` + server + `"}]}`
}

const (
	plc     = "https://plc.directory/"
	resolve = "https://public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle="
)

func TestAHandleLeadsToItsServer(t *testing.T) {
	t.Parallel()
	good := identity.Person{DID: did, Handle: "hope.org", Server: "https://pds.hope.org"}
	for name, tt := range map[string]struct {
		typed string
		world world
		dns   names
		want  identity.Person
		kind  platform.Kind
		says  string
	}{
		"by the domain's name server": {"hope.org", world{plc + did: doc(did, "hope.org", "https://pds.hope.org/")}, names{"_atproto.hope.org": {"x", "did=" + did}}, good, platform.KindDone, ""},
		"by the domain's web server":  {"@Hope.ORG", world{plc + did: doc(did, "Hope.org", "https://pds.hope.org"), "https://hope.org/.well-known/atproto-did": did + "\n"}, nil, good, platform.KindDone, ""},
		"by the entry":                {"hope.org", world{plc + did: doc(did, "hope.org", "https://pds.hope.org"), resolve + "hope.org": `{"did":"` + did + `"}`}, nil, good, platform.KindDone, ""},
		"by the entry, the web server giving a page": {"hope.org", world{
			plc + did: doc(did, "hope.org", "https://pds.hope.org"), resolve + "hope.org": `{"did":"` + did + `"}`, "https://hope.org/.well-known/atproto-did": "<html>",
		}, nil, good, platform.KindDone, ""},
		"a name below Bluesky's own": {"hope", world{plc + did: doc(did, "hope.bsky.social", "https://a.host.bsky.network"), resolve + "hope.bsky.social": `{"did":"` + did + `"}`}, nil, identity.Person{DID: did, Handle: "hope.bsky.social", Server: "https://a.host.bsky.network"}, platform.KindDone, ""},
		"did:web":                    {"did:web:hope.org", world{"https://hope.org/.well-known/did.json": doc("did:web:hope.org", "hope.org", "https://pds.hope.org")}, nil, identity.Person{DID: "did:web:hope.org", Handle: "hope.org", Server: "https://pds.hope.org"}, platform.KindDone, ""},
		"nobody":                     {"nobody.org", world{resolve + "nobody.org": `400 {"error":"InvalidRequest"}`}, nil, identity.Person{}, platform.KindPermanent, "Nobody"},
		"a handle that another account points to": {"hope.org", world{plc + did: doc(did, "other.org", "https://pds.hope.org"), resolve + "hope.org": `{"did":"` + did + `"}`}, nil, identity.Person{}, platform.KindPermanent, "does not use it"},
		"another account's document":              {"hope.org", world{plc + did: doc(other, "hope.org", "https://pds.hope.org"), resolve + "hope.org": `{"did":"` + did + `"}`}, nil, identity.Person{}, platform.KindTransient, "something else"},
		"a closed account":                        {"hope.org", world{resolve + "hope.org": `{"did":"` + did + `"}`}, nil, identity.Person{}, platform.KindPermanent, "any more"},
		"no server":                               {"hope.org", world{plc + did: `{"id":"` + did + `","alsoKnownAs":["at://hope.org"]}`, resolve + "hope.org": `{"did":"` + did + `"}`}, nil, identity.Person{}, platform.KindPermanent, "no server"},
		"a server that is no address":             {"hope.org", world{plc + did: doc(did, "hope.org", "ftp://x"), resolve + "hope.org": `{"did":"` + did + `"}`}, nil, identity.Person{}, platform.KindPermanent, "no server"},
		"a DID with a way out":                    {"did:web:hope.org%2f..", nil, nil, identity.Person{}, platform.KindPermanent, "not the identifier"},
		"a directory that is down":                {did, world{plc + did: "down"}, nil, identity.Person{}, platform.KindTransient, "Try again"},
		"an entry that is down":                   {"hope.org", world{resolve + "hope.org": "down"}, nil, identity.Person{}, platform.KindTransient, "did not answer"},
		"a document without end":                  {did, world{plc + did: strings.Repeat("x", 300<<10)}, nil, identity.Person{}, platform.KindTransient, "Try again"},
		"nothing":                                 {"", nil, nil, identity.Person{}, platform.KindPermanent, "Nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &identity.Finder{Options: xrpc.Options{HTTP: &http.Client{Transport: tt.world}, Now: func() time.Time { return time.Unix(0, 0) }}}
			if tt.dns != nil {
				f.DNS = tt.dns
			}
			got, err := f.Find(t.Context(), tt.typed)
			if platform.Outcome(err) != tt.kind || !strings.Contains(platform.Say(err), tt.says) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	f.Add(doc(did, "hope.org", "https://pds.hope.org"))
	f.Add(`{"id":"` + did + `","service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","serviceEndpoint":"https://a:b@c/d"}],"alsoKnownAs":["at://"]}`)
	f.Fuzz(func(t *testing.T, body string) {
		finder := &identity.Finder{Options: xrpc.Options{HTTP: &http.Client{Transport: world{plc + did: body}}, Now: func() time.Time { return time.Unix(0, 0) }}}
		p, err := finder.Find(t.Context(), did)
		if err == nil && (p.DID != did || !strings.HasPrefix(p.Server, "http") || strings.Contains(p.Server, "@")) || err != nil && platform.Say(err) == "" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add(" @Hope\u202a.org ")
	f.Add("https://bsky.app/profile/hope/post/x")
	f.Fuzz(func(t *testing.T, typed string) {
		if got := identity.Clean(typed); identity.Clean(got) != got && !strings.ContainsAny(got, "@/") {
			t.Errorf("%q becomes %q and then %q", typed, got, identity.Clean(got))
		}
	})
}
