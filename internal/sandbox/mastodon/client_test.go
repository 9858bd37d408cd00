package mastodon_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	gomastodon "github.com/mattn/go-mastodon"
)

// The client here was written by others from Mastodon's own documentation, so that the server and our connector cannot
// agree on a misreading.
func TestAClientNotOursCanDoTheWholeWay(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	ctx := t.Context()
	app, err := gomastodon.RegisterApp(ctx, &gomastodon.AppConfig{
		Server: b.BaseURL(), ClientName: "Elsewhere", Scopes: "read write", Website: "https://elsewhere.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	ask, _ := url.Parse(app.AuthURI)
	if a := b.do(http.MethodGet, ask.RequestURI(), "", "", ""); a.code != 200 || !strings.Contains(a.body, "Allow Elsewhere") {
		t.Fatalf("consent: %+v", a)
	}
	form := ask.Query()
	form.Set("account", "hope")
	_, rest, found := strings.Cut(b.do(http.MethodPost, "/oauth/authorize", "", formType, form.Encode()).body, `<output id="code">`)
	code, _, _ := strings.Cut(rest, "<")
	if !found {
		t.Fatal("no code")
	}
	client := gomastodon.NewClient(&gomastodon.Config{Server: b.BaseURL(), ClientID: app.ClientID, ClientSecret: app.ClientSecret})
	client.Transport = b.client.Transport
	if err := client.GetUserAccessToken(ctx, code, app.RedirectURI); err != nil {
		t.Fatal(err)
	}
	if err := client.GetUserAccessToken(ctx, code, app.RedirectURI); err == nil {
		t.Error("a code worked twice")
	}
	me, err := client.GetAccountCurrentUser(ctx)
	if err != nil || me.Username != "hope" {
		t.Fatalf("who am I: %+v, %v", me, err)
	}
	server, err := client.GetInstance(ctx)
	if err != nil || server.Configuration == nil {
		t.Fatalf("instance: %+v, %v", server, err)
	}
	media, err := client.UploadMediaFromMedia(ctx, &gomastodon.Media{File: bytes.NewReader(picture(t, 4, 2)), Description: "A blue heart", Focus: "0.5,-0.25"})
	if err != nil || media.Description != "A blue heart" || media.Meta.Original.Width != 4 || media.Meta.Focus.Y != -0.25 {
		t.Fatalf("media: %+v, %v", media, err)
	}
	text := "30 July. Learn more: https://hope.example/help #EndHumanTrafficking"
	made, err := client.PostStatus(ctx, &gomastodon.Toot{
		Status: text, MediaIDs: []gomastodon.ID{media.ID}, Language: "en", Visibility: "public", SpoilerText: "Trafficking", Sensitive: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := client.PostStatus(ctx, &gomastodon.Toot{Status: "Part two", InReplyToID: made.ID, Language: "en"})
	if err != nil || reply.InReplyToID != string(made.ID) {
		t.Fatalf("reply: %+v, %v", reply, err)
	}
	for name, act := range map[string]func() (*gomastodon.Status, error){
		"favourite": func() (*gomastodon.Status, error) { return client.Favourite(ctx, made.ID) },
		"reblog":    func() (*gomastodon.Status, error) { return client.Reblog(ctx, made.ID) },
	} {
		if _, err := act(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := client.GetStatus(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.FavouritesCount != 1 || got.ReblogsCount != 1 || got.RepliesCount != 1 || got.Language != "en" || got.SpoilerText != "Trafficking" ||
		!got.Sensitive || !got.CreatedAt.Equal(start) || len(got.Tags) != 1 || got.MediaAttachments[0].ID != media.ID {
		t.Errorf("read back: %+v", got)
	}
	if !strings.Contains(got.Content, `href="https://hope.example/help"`) || !strings.Contains(got.Content, "/tags/EndHumanTrafficking") {
		t.Errorf("content: %s", got.Content)
	}
	if source, err := client.GetStatusSource(ctx, made.ID); err != nil || source.Text != text || source.SpoilerText != "Trafficking" {
		t.Errorf("source: %+v, %v", source, err)
	}
	if list, err := client.GetAccountStatuses(ctx, me.ID, &gomastodon.Pagination{Limit: 40}); err != nil || len(list) != 3 {
		t.Errorf("own statuses: %d, %v", len(list), err)
	}
	if _, err := client.Unreblog(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if err := client.DeleteStatus(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if _, err := client.GetStatus(ctx, made.ID); err == nil {
		t.Error("a deleted status is still there")
	}
}

func TestPKCEIsChecked(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	back := "https://hope.example/back?x=1"
	app := b.do(http.MethodPost, "/api/v1/apps", "", "application/json", `{"client_name":"A","redirect_uris":["`+back+`"],"scopes":"read write:statuses"}`)
	sum := sha256.Sum256([]byte("the verifier"))
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for verifier, want := range map[string]int{"the verifier": 200, "another": 400, "": 400} {
		form := url.Values{
			"client_id": {app.field("client_id")}, "redirect_uri": {back}, "response_type": {"code"}, "scope": {"write:statuses"}, "state": {"s 1"},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}, "account": {"hope"},
		}
		a := b.do(http.MethodPost, "/oauth/authorize", "", formType, form.Encode())
		to, err := url.Parse(a.header.Get("Location"))
		if err != nil || a.code != 302 || to.Query().Get("state") != "s 1" || to.Query().Get("x") != "1" {
			t.Fatalf("consent: %+v", a)
		}
		form = url.Values{
			"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back},
			"client_id": {app.field("client_id")}, "client_secret": {app.field("client_secret")},
		}
		if verifier != "" {
			form.Set("code_verifier", verifier)
		}
		token := b.do(http.MethodPost, "/oauth/token", "", formType, form.Encode())
		if token.code != want {
			t.Errorf("verifier %q: %+v", verifier, token)
		}
		if want != 200 {
			continue
		}
		form = url.Values{"token": {token.field("access_token")}, "client_id": {app.field("client_id")}, "client_secret": {app.field("client_secret")}}
		if a := b.do(http.MethodPost, "/oauth/revoke", "", formType, form.Encode()); a.code != 200 {
			t.Errorf("revoke: %+v", a)
		}
		if a := b.do(http.MethodGet, "/api/v1/apps/verify_credentials", token.field("access_token"), "", ""); a.code != 401 {
			t.Errorf("after revocation: %+v", a)
		}
	}
}
