package signature_test

import (
	"strings"
	"testing"

	"daymark/internal/sandbox/x/signature"
)

// The request and what comes of it are the worked example of
// https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature.
const example = `OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", ` +
	`oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318622958", ` +
	`oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", oauth_version="1.0"`

var request = signature.Request{
	Method: "post", Scheme: "https", Host: "api.twitter.com", Path: "/1.1/statuses/update.json", Query: "include_entities=true",
	Form: "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21",
}

const (
	consumerSecret = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"
	tokenSecret    = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"
)

func TestTheExampleOfTheNetworksOwnPage(t *testing.T) {
	t.Parallel()
	h, err := signature.Parse(example)
	if err != nil {
		t.Fatal(err)
	}
	base, err := h.BaseString(request)
	if err != nil {
		t.Fatal(err)
	}
	want := "POST&https%3A%2F%2Fapi.twitter.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue%26oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog%26" +
		"oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958%26" +
		"oauth_token%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0%26" +
		"status%3DHello%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520request%2521"
	if base != want {
		t.Errorf("base string\n%s\nwant\n%s", base, want)
	}
	if !h.Verify(request, consumerSecret, tokenSecret) {
		t.Error("the signature of the example is refused")
	}
	for name, change := range map[string]func(r *signature.Request, consumer, token *string){
		"another text":            func(r *signature.Request, _, _ *string) { r.Form = "status=Hello" },
		"another query":           func(r *signature.Request, _, _ *string) { r.Query = "" },
		"another method":          func(r *signature.Request, _, _ *string) { r.Method = "PUT" },
		"another path":            func(r *signature.Request, _, _ *string) { r.Path += "x" },
		"another host":            func(r *signature.Request, _, _ *string) { r.Host = "api.x.com" },
		"another scheme":          func(r *signature.Request, _, _ *string) { r.Scheme = "http" },
		"another consumer secret": func(_ *signature.Request, c, _ *string) { *c = "k" },
		"another token secret":    func(_ *signature.Request, _, k *string) { *k = "k" },
	} {
		r, c, k := request, consumerSecret, tokenSecret
		change(&r, &c, &k)
		if h.Verify(r, c, k) {
			t.Errorf("%s: the signature is accepted", name)
		}
	}
	r := request
	r.Host = "API.twitter.com:443"
	if !h.Verify(r, consumerSecret, tokenSecret) {
		t.Error("case and the scheme's own port matter, and must not")
	}
}

// The request is the example of RFC 5849 section 3.4.1.1; its base string there was corrected by erratum 2550.
func TestTheExampleOfTheStandard(t *testing.T) {
	t.Parallel()
	h, err := signature.Parse(`OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", ` +
		`oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"`)
	if err != nil {
		t.Fatal(err)
	}
	base, err := h.BaseString(signature.Request{
		Method: "POST", Scheme: "http", Host: "EXAMPLE.COM:80", Path: "/request", Query: "b5=%3D%253D&a3=a&c%40=&a2=r%20b", Form: "c2&a3=2+q",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26" +
		"oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if base != want {
		t.Errorf("base string\n%s\nwant\n%s", base, want)
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"nothing":              "",
		"another scheme":       "Bearer abc",
		"a missing nonce":      strings.Replace(example, "oauth_nonce", "realm", 1),
		"another method":       strings.Replace(example, "HMAC-SHA1", "PLAINTEXT", 1),
		"another version":      strings.Replace(example, `"1.0"`, `"2.0"`, 1),
		"no quotes":            strings.Replace(example, `"1.0"`, `1.0`, 1),
		"a bad escape":         strings.Replace(example, "%3D", "%3", 1),
		"a word for a time":    strings.Replace(example, "1318622958", "now", 1),
		"a parameter twice":    example + `, oauth_version="1.0"`,
		"an unknown parameter": example + `, oauth_shoe="9"`,
	} {
		if _, err := signature.Parse(header); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example, "a=b&c", "status=x+y%21")
	f.Add("OAuth a=\"b\"", "%", "&&")
	f.Fuzz(func(t *testing.T, header, query, form string) {
		h, err := signature.Parse(header)
		if err != nil {
			return
		}
		r := signature.Request{Method: "POST", Scheme: "https", Host: "api.x.com", Path: "/2/tweets", Query: query, Form: form}
		base, err := h.BaseString(r)
		if err != nil {
			if h.Verify(r, "a", "b") {
				t.Error("verified without a base string")
			}
			return
		}
		if strings.Count(base, "&") != 2 {
			t.Errorf("a base string has three parts: %q", base)
		}
		for part := range strings.SplitSeq(base, "&") {
			decoded, err := signature.Decode(part)
			if err != nil || signature.Encode(decoded) != part {
				t.Errorf("part %q is not encoded once", part)
			}
		}
	})
}
