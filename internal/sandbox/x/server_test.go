package x_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/sandbox/mischief"
	"daymark/internal/sandbox/x"
)

func TestAPostIsKeptAndShownAsXShowsIt(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	up := b.upload(picture(t, 4, 2), "media_category", "tweet_image")
	id := up.data("id")
	if up.code != 200 || id == "" || !strings.Contains(up.body, `"expires_after_secs":86400`) {
		t.Fatalf("%+v", up)
	}
	if a := b.do(http.MethodPost, "/2/media/metadata", jsonType, `{"id":"`+id+`","metadata":{"alt_text":{"text":"A blue heart"}}}`); a.code != 200 {
		t.Fatalf("%+v", a)
	}
	a := b.do(http.MethodPost, "/2/tweets", jsonType, `{"text":"A & B: https://hope.example/x <3 #Tag hope.org/y.","media":{"media_ids":["`+id+`"]}}`)
	if a.code != 201 || a.data("id") == "" || !strings.Contains(a.data("text"), "https://t.co/") {
		t.Fatalf("%+v", a)
	}
	one := b.do(http.MethodGet, "/2/tweets/"+a.data("id")+"?tweet.fields=entities,created_at,attachments,public_metrics&expansions=attachments.media_keys&media.fields=alt_text", "", "")
	var got struct {
		Data struct {
			Text      string    `json:"text"`
			CreatedAt time.Time `json:"created_at"`
			Entities  struct {
				URLs []struct {
					Start, End int
					URL        string
					Expanded   string `json:"expanded_url"`
					Key        string `json:"media_key"`
				} `json:"urls"`
			} `json:"entities"`
			Lang *string `json:"lang"`
		} `json:"data"`
		Includes struct {
			Media []struct {
				Alt string `json:"alt_text"`
			} `json:"media"`
		} `json:"includes"`
	}
	if err := json.Unmarshal([]byte(one.body), &got); err != nil {
		t.Fatal(err)
	}
	urls := got.Data.Entities.URLs
	// There is no top-level domain "example", so X makes no link of the first, scheme or not.
	if !strings.HasPrefix(got.Data.Text, "A &amp; B: https://hope.example/x &lt;3 #Tag https://t.co/") || len(urls) != 2 || urls[0].Expanded != "http://hope.org/y" || urls[1].Key == "" {
		t.Errorf("%+v", got)
	}
	if !got.Data.CreatedAt.Equal(start) || got.Data.Lang != nil || len(got.Includes.Media) != 1 || got.Includes.Media[0].Alt != "A blue heart" {
		t.Errorf("%+v", got)
	}
	page := b.send(http.MethodGet, "/hope/status/"+a.data("id"), "", "", "")
	for _, want := range []string{"A &amp; B: https://hope.example/x &lt;3 #Tag", `href="http://hope.org/y"`, `alt="A blue heart"`, "This is a sandbox"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if a := b.do(http.MethodDelete, "/2/tweets/"+a.data("id"), "", ""); !strings.Contains(a.body, `"deleted":true`) {
		t.Errorf("%+v", a)
	}
	if a := b.do(http.MethodGet, "/2/tweets?ids="+a.data("id"), "", ""); !strings.Contains(a.body, "problems/resource-not-found") || a.code != 200 {
		t.Errorf("%+v", a)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *x.Options) { o.Limits = &x.Limits{} })
	if a := b.post("Once."); a.code != 201 {
		t.Fatalf("%+v", a)
	}
	hope := b.keys
	b.keys = b.keysOf("other", false)
	foreign := b.upload(picture(t, 2, 2), "media_category", "tweet_image").data("id")
	theirs := b.post("Theirs.").data("id")
	b.keys = hope
	own := b.upload(picture(t, 2, 2), "media_category", "tweet_image").data("id")
	if err := b.Faults().Add(mischief.Fault{Kind: mischief.MediaPending, Endpoint: "POST /2/media/upload", Polls: -1}); err != nil {
		t.Fatal(err)
	}
	unready := b.upload(picture(t, 2, 2), "media_category", "tweet_image").data("id")
	tweet := func(body string) func() answer {
		return func() answer { return b.do(http.MethodPost, "/2/tweets", jsonType, body) }
	}
	get := func(path string) func() answer {
		return func() answer { return b.do(http.MethodGet, path, "", "") }
	}
	media := func(ids string) func() answer { return tweet(`{"text":"x","media":{"media_ids":[` + ids + `]}}`) }
	for name, tt := range map[string]struct {
		do   func() answer
		code int
		says string
	}{
		"an unknown field":            {tweet(`{"text":"x","status":"y"}`), 400, "unknown field"},
		"a field of the older API":    {tweet(`{"status":"x"}`), 400, "invalid-request"},
		"no JSON":                     {tweet(`text=x`), 400, "invalid-request"},
		"two values":                  {tweet(`{"text":"a"} {"text":"b"}`), 400, "more than one"},
		"a form":                      {func() answer { return b.do(http.MethodPost, "/2/tweets", formType, "text=x") }, 400, "application/json"},
		"nothing":                     {tweet(`{"text":""}`), 400, "required"},
		"281 characters":              {tweet(`{"text":"` + strings.Repeat("x", 281) + `"}`), 400, "too long"},
		"141 that count two":          {tweet(`{"text":"` + strings.Repeat("日", 141) + `"}`), 400, "too long"},
		"the same again":              {tweet(`{"text":" Once. "}`), 403, "duplicate content"},
		"two cashtags":                {tweet(`{"text":"$GO $GOAL"}`), 403, "cashtag"},
		"no such picture":             {media(`"12"`), 400, "media IDs are invalid"},
		"another's picture":           {media(`"` + foreign + `"`), 400, "media IDs are invalid"},
		"a picture that is not ready": {media(`"` + unready + `"`), 400, "media IDs are invalid"},
		"a picture twice":             {media(`"` + own + `","` + own + `"`), 400, "media IDs are invalid"},
		"five pictures":               {media(`"1","2","3","4","5"`), 400, "maximum of 4"},
		"a reply to nothing":          {tweet(`{"text":"x","reply":{"in_reply_to_tweet_id":"12"}}`), 403, "deleted or not visible"},
		"a reply nobody asked for":    {tweet(`{"text":"x","reply":{"in_reply_to_tweet_id":"` + theirs + `"}}`), 403, "not been mentioned"},
		"a reply without a number":    {tweet(`{"text":"x","reply":{"in_reply_to_tweet_id":"abc"}}`), 400, "regex"},
		"another's post taken down":   {func() answer { return b.do(http.MethodDelete, "/2/tweets/"+theirs, "", "") }, 403, "not authorized"},
		"a post that is not there":    {func() answer { return b.do(http.MethodDelete, "/2/tweets/12", "", "") }, 404, "resource-not-found"},
		"an unknown query parameter":  {get("/2/users/me?fields=id"), 400, "not one of"},
		"an unknown field to read":    {get("/2/tweets?ids=1&tweet.fields=bogus"), 400, "not one of"},
		"too many to read":            {get("/2/tweets?ids=" + strings.Repeat("1,", 100) + "1"), 400, "100"},
		"a page too large":            {get("/2/users/" + x.Account{Handle: "hope"}.ID() + "/tweets?max_results=101"), 400, "between 5 and 100"},
		"an alt text too long": {func() answer {
			return b.do(http.MethodPost, "/2/media/metadata", jsonType, `{"id":"`+own+`","metadata":{"alt_text":{"text":"`+strings.Repeat("x", 1001)+`"}}}`)
		}, 400, "1000"},
		"the alt text of another's": {func() answer {
			return b.do(http.MethodPost, "/2/media/metadata", jsonType, `{"id":"`+foreign+`","metadata":{"alt_text":{"text":"x"}}}`)
		}, 400, "Invalid media id"},
		"a text as picture":             {func() answer { return b.upload([]byte("hello"), "media_category", "tweet_image") }, 400, "unrecognized"},
		"half a picture":                {func() answer { return b.upload(picture(t, 40, 40)[:60], "media_category", "tweet_image") }, 400, "unrecognized"},
		"a picture without a category":  {func() answer { return b.upload(picture(t, 2, 2)) }, 400, "media_category"},
		"a picture of six megabytes":    {func() answer { return b.upload(make([]byte, 6<<20), "media_category", "tweet_image") }, 413, "too large"},
		"an unknown field of an upload": {func() answer { return b.upload(picture(t, 2, 2), "media_category", "tweet_image", "alt", "x") }, 400, "unknown property"},
		"an unknown path":               {get("/2/nothing"), 404, "does not exist"},
		"version 1.1":                   {func() answer { return b.do(http.MethodPost, "/1.1/statuses/update.json", formType, "status=Hello") }, 403, `"code":453`},
	} {
		a := tt.do()
		if a.code != tt.code || !strings.Contains(a.body, tt.says) {
			t.Errorf("%s: %d %s (%v)", name, a.code, a.body, a.err)
		}
	}
	b.clock.Add(25 * time.Hour)
	if a := media(`"` + own + `"`)(); a.code != 400 {
		t.Errorf("an expired picture: %+v", a)
	}
	if a := b.post("Once."); a.code != 201 {
		t.Errorf("the same text a day later: %+v", a)
	}
	if n := len(b.State().Posts); n != 3 {
		t.Errorf("%d posts", n)
	}
}

func TestASignatureIsRecomputed(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	readOnly, k := b.keysOf("hope", true), b.keys
	wrongToken, wrongConsumer, mixed := k, k, k
	wrongToken.AccessSecret += "x"
	wrongConsumer.ConsumerSecret += "x"
	mixed.AccessToken, mixed.AccessSecret = readOnly.AccessToken, readOnly.AccessSecret
	now := b.clock.Now()
	body := `{"text":"Hello."}`
	signed := func(k x.Keys, at time.Time, nonce, path string) string {
		return sign(http.MethodPost, b.BaseURL()+path, nil, k, at, nonce)
	}
	for name, tt := range map[string]struct {
		header string
		code   int
		says   string
	}{
		"none":                      {"", 401, "Unauthorized"},
		"a bearer token":            {"Bearer abc", 401, "Unauthorized"},
		"another token secret":      {signed(wrongToken, now, "a1", "/2/tweets"), 401, "Unauthorized"},
		"another consumer secret":   {signed(wrongConsumer, now, "a2", "/2/tweets"), 401, "Unauthorized"},
		"another application":       {signed(mixed, now, "a3", "/2/tweets"), 401, "Unauthorized"},
		"another path":              {signed(k, now, "a4", "/2/users/me"), 401, "Unauthorized"},
		"a clock six minutes slow":  {signed(k, now.Add(-6*time.Minute), "a5", "/2/tweets"), 401, `"code":135`},
		"a clock six minutes quick": {signed(k, now.Add(6*time.Minute), "a6", "/2/tweets"), 401, `"code":135`},
		"keys that may only read":   {signed(readOnly, now, "a7", "/2/tweets"), 403, "oauth1-permissions"},
	} {
		if a := b.send(http.MethodPost, "/2/tweets", jsonType, body, tt.header); a.code != tt.code || !strings.Contains(a.body, tt.says) {
			t.Errorf("%s: %d %s", name, a.code, a.body)
		}
	}
	b.fixed = "the same"
	if a := b.post("Hello."); a.code != 201 {
		t.Fatalf("%+v", a)
	}
	if a := b.post("Hello again."); a.code != 401 {
		t.Errorf("a nonce was taken twice: %+v", a)
	}
	b.fixed = ""
	if a := b.do(http.MethodGet, "/2/users/me", "", ""); a.data("username") != "hope" {
		t.Errorf("%+v", a)
	}
	if err := b.Suspend("hope", true); err != nil {
		t.Fatal(err)
	}
	if a := b.post("Suspended."); a.code != 403 || !strings.Contains(a.body, `"code":64`) {
		t.Errorf("%+v", a)
	}
	if err := b.Suspend("hope", false); err != nil {
		t.Fatal(err)
	}
	if err := b.Revoke("hope"); err != nil {
		t.Fatal(err)
	}
	if a := b.post("Revoked."); a.code != 401 || !strings.Contains(a.body, `"code":89`) {
		t.Errorf("%+v", a)
	}
	if n := len(b.State().Posts); n != 1 {
		t.Errorf("%d posts", n)
	}
}

func TestRepliesAreLetThroughWhereSomebodyAskedForThemOrASwitchSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	first := b.post("One.").data("id")
	reply := func(text, to string) answer {
		return b.do(http.MethodPost, "/2/tweets", jsonType, fmt.Sprintf(`{"text":%q,"reply":{"in_reply_to_tweet_id":%q}}`, text, to))
	}
	if a := reply("Two.", first); a.code != 403 {
		t.Errorf("a reply to oneself: %+v", a)
	}
	b.Turn(x.Switches{Replies: true})
	if a := reply("Two.", first); a.code != 201 {
		t.Errorf("with the switch: %+v", a)
	}
	b.Turn(x.Switches{})
	summons := b.post("What do you say, @Other?").data("id")
	b.keys = b.keysOf("other", false)
	if a := reply("This.", summons); a.code != 201 {
		t.Errorf("summoned: %+v", a)
	}
}

func TestRateLimitsAreCountedAndTold(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *x.Options) { o.Limits = &x.Limits{"POST /2/tweets": {Requests: 2, Per: time.Hour}} })
	for i := range 3 {
		a := b.post(fmt.Sprintf("Number %d.", i))
		if want := []int{201, 201, 429}[i]; a.code != want || a.header.Get("x-rate-limit-reset") != fmt.Sprint(start.Add(time.Hour).Unix()) {
			t.Errorf("%d: %+v", i, a)
		}
	}
	b.clock.Add(time.Hour)
	if a := b.post("Later."); a.code != 201 || a.header.Get("x-rate-limit-remaining") != "1" {
		t.Errorf("%+v", a)
	}
}

func TestATimelineHasPages(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for i := range 12 {
		b.clock.Add(time.Minute)
		if a := b.post(fmt.Sprintf("Number %d.", i)); a.code != 201 {
			t.Fatalf("%+v", a)
		}
	}
	path := "/2/users/" + x.Account{Handle: "hope"}.ID() + "/tweets?max_results=5&tweet.fields=created_at"
	var all []string
	for next, pages := "", 0; pages < 5; pages++ {
		a := b.do(http.MethodGet, path+next, "", "")
		var got struct {
			Data []struct {
				Text string `json:"text"`
			} `json:"data"`
			Meta struct {
				Count int    `json:"result_count"`
				Next  string `json:"next_token"`
			} `json:"meta"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Meta.Count != len(got.Data) {
			t.Fatalf("%+v", a)
		}
		for _, p := range got.Data {
			all = append(all, p.Text)
		}
		if next = "&pagination_token=" + got.Meta.Next; got.Meta.Next == "" {
			break
		}
	}
	if len(all) != 12 || all[0] != "Number 11." || all[11] != "Number 0." {
		t.Errorf("%q", all)
	}
	since := b.do(http.MethodGet, path+"&start_time="+start.Add(11*time.Minute).Format(time.RFC3339), "", "")
	if strings.Count(since.body, "Number") != 2 || !strings.Contains(since.body, `"result_count":2`) {
		t.Errorf("%+v", since)
	}
	if none := b.do(http.MethodGet, path+"&start_time=2028-01-01T00:00:00Z", "", ""); none.body != `{"meta":{"result_count":0}}` {
		t.Errorf("%+v", none)
	}
}

func TestAServerStartedAgainKnowsAllItConfirmed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	change := func(o *x.Options) { o.Folder = folder }
	b := setup(t, change)
	id := b.upload(picture(t, 3, 3), "media_category", "tweet_image").data("id")
	first := b.post("Kept.").data("id")
	if a := b.do(http.MethodDelete, "/2/tweets/"+b.post("Taken down.").data("id"), "", ""); a.code != 200 {
		t.Fatalf("%+v", a)
	}
	keys := b.keys
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := setup(t, change)
	if again.keys != keys {
		t.Error("the keys changed")
	}
	if posts := again.State().Posts; len(posts) != 1 || posts[0].ID != first {
		t.Errorf("%+v", posts)
	}
	again.clock.Add(time.Second)
	if a := again.do(http.MethodPost, "/2/tweets", jsonType, `{"text":"With the picture.","media":{"media_ids":["`+id+`"]}}`); a.code != 201 || a.data("id") <= first {
		t.Errorf("%+v", a)
	}
	if a := again.send(http.MethodGet, "/media/"+id, "", "", ""); a.code != 200 || a.body != string(picture(t, 3, 3)) {
		t.Errorf("the picture: %d", a.code)
	}
}

func TestAnAudienceReactsAsTimePasses(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *x.Options) { o.Quiet = false; o.Seed = 4 })
	id := b.post("For everybody.").data("id")
	before := b.State().Posts[0]
	b.clock.Add(48 * time.Hour)
	after := b.State().Posts[0]
	if before.Likes > after.Likes || after.Likes == 0 {
		t.Errorf("%d likes, then %d", before.Likes, after.Likes)
	}
	if err := b.React(id, x.Reactions{Likes: 5}); err != nil || b.State().Posts[0].Likes != after.Likes+5 {
		t.Errorf("by hand: %v", err)
	}
	if b.React("12", x.Reactions{}) == nil || b.React(id, x.Reactions{Likes: -1}) == nil {
		t.Error("reactions that cannot be")
	}
}

func TestTheSwitchesAnswerThisMachineOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	if a := b.send(http.MethodPost, "/sandbox/switches", jsonType, `{"replies":true}`, ""); a.code != 200 || !b.Switches().Replies || b.Switches().Legacy {
		t.Errorf("%+v", a)
	}
	if a := b.send(http.MethodPost, "/sandbox/switches", jsonType, `{"reply":true}`, ""); a.code != 400 {
		t.Errorf("%+v", a)
	}
	if a := b.send(http.MethodPost, "/sandbox/keys", jsonType, `{"account":"hope"}`, ""); !strings.Contains(a.body, b.keys.AccessToken) {
		t.Errorf("%+v", a)
	}
	if a := b.send(http.MethodPost, "/sandbox/faults", jsonType, `{"kind":"reject_500","endpoint":"POST /2/tweets"}`, ""); a.code != 200 {
		t.Errorf("%+v", a)
	}
	if a := b.post("Fails."); a.code != 500 {
		t.Errorf("%+v", a)
	}
	for header, value := range map[string]string{"Origin": "https://elsewhere.example", "Host": "elsewhere.example"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.BaseURL()+"/sandbox/switches", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header, value)
		if header == "Host" {
			r.Host = value
		}
		resp, err := b.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", header, resp.StatusCode)
		}
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	now := clock.NewFake(start)
	for name, o := range map[string]x.Options{
		"no clock":          {Accounts: []x.Account{{Handle: "hope"}}},
		"no accounts":       {Clock: now},
		"a handle twice":    {Clock: now, Accounts: []x.Account{{Handle: "hope"}, {Handle: "Hope"}}},
		"a long handle":     {Clock: now, Accounts: []x.Account{{Handle: "sixteen_letters_"}}},
		"a reserved handle": {Clock: now, Accounts: []x.Account{{Handle: "oauth"}}},
	} {
		if _, err := x.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	b := setup(t, nil)
	if err := b.Start("0.0.0.0:0"); err == nil {
		t.Error("it listens everywhere")
	}
}
