package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// photo is a JPEG of one colour with a stripe.
func photo(t testing.TB, width, height int, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, c)
			if x == y {
				img.Set(x, y, color.White)
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sendFiles sends a form with fields and files, each file by its name.
func (v visitor) sendFiles(path string, fields [][2]string, files ...[2]string) got {
	v.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		v.must(w.WriteField(f[0], f[1]))
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f[0])
		v.must(err)
		_, err = part.Write([]byte(f[1]))
		v.must(err)
	}
	v.must(w.Close())
	return v.body(path, w.FormDataContentType(), b.Bytes())
}

// body sends what a form was made into.
func (v visitor) body(path, kind string, sent []byte) got {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.server.URL+path, bytes.NewReader(sent))
	v.must(err)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := v.client.Do(req)
	v.must(err)
	defer func() { _ = resp.Body.Close() }()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(resp.Body)
	v.must(err)
	return got{resp.StatusCode, resp.Header.Get("Location"), resp.Header, answer.String()}
}

// claimed is a PNG that says another size than it has.
func claimed(t testing.TB, width, height uint32) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	p := b.Bytes()
	binary.BigEndian.PutUint32(p[16:], width)
	binary.BigEndian.PutUint32(p[20:], height)
	binary.BigEndian.PutUint32(p[29:], crc32.ChecksumIEEE(p[12:29]))
	return string(p)
}

func TestAFileThatIsNoPictureIsRefusedAndNothingOfItIsStored(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	before := s.number(`SELECT count(*) FROM blobs`)
	good := string(photo(t, 40, 30, color.Black))
	for name, tt := range map[string]struct{ file, say string }{
		"cut off":                  {good[:len(good)/2], "damaged"},
		"empty":                    {"", "not a picture"},
		"a text called a picture":  {"Not a picture at all", "not a picture"},
		"50,000 pixels each way":   {claimed(t, 50_000, 50_000), "50,000 by 50,000 pixels"},
		"a drawing with a program": {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "SVG"},
		"a page behind a picture":  {good + "<html><script>alert(1)</script></html>", "something else at once"},
		"a film":                   {"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "film"},
		"HEIC":                     {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"},
		"AVIF":                     {"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif", "AVIF"},
	} {
		a := v.sendFiles("/pictures", nil, [2]string{`../../etc/<script>alert("x")</script>.jpg`, tt.file})
		text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(a.body, " ")), " ")
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(text, tt.say) && !strings.Contains(strings.ReplaceAll(text, "50000", "50,000"), tt.say) {
			t.Errorf("%s: %d, want it to say %q:\n%.1500s", name, a.status, tt.say, text)
		}
		if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "etc") {
			t.Errorf("%s: the name of the file runs, or shows a path", name)
		}
	}
	if a := v.sendFiles("/pictures", nil, [2]string{"a\u202egpj.exe.png", "x"}); strings.Contains(a.body, "\u202e") || a.status != http.StatusUnprocessableEntity {
		t.Errorf("a name that turns the direction: %d", a.status)
	}
	if a := v.sendFiles("/pictures", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose a picture") {
		t.Errorf("no file: %d", a.status)
	}
	if a := v.post("/pictures", url.Values{"file": {"x"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a form of another kind: %d", a.status)
	}
	if after := s.number(`SELECT count(*) FROM blobs`); after != before {
		t.Errorf("%d blobs before, %d after", before, after)
	}
}

func TestSeveralPicturesAreTakenEachByItself(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	a := v.sendFiles("/pictures", nil, [2]string{"C:\\Users\\Ann\\one.jpg", string(photo(t, 700, 500, color.Black))}, [2]string{"bad.jpg", "nothing"}, [2]string{"two.jpg", string(photo(t, 30, 40, color.Gray{200}))})
	if a.status != http.StatusUnprocessableEntity || strings.Count(a.body, `class="list-title" href="/pictures/`) != 2 || !strings.Contains(a.body, "bad.jpg") || strings.Contains(a.body, "Users") {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	sum := regexp.MustCompile(`/pictures/([0-9a-f]{64})`).FindStringSubmatch(a.body)[1]
	small := v.get("/media/" + sum + "?small")
	if img, err := jpeg.Decode(strings.NewReader(small.body)); err != nil || img.Bounds().Dx() > 700 || small.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the small copy: %v, %v", small.header, err)
	}
	again := v.sendFiles("/pictures", nil, [2]string{"again.jpg", string(photo(t, 30, 40, color.Gray{200}))})
	if again.status != http.StatusSeeOther || s.number(`SELECT count(*) FROM pictures WHERE uploaded_by IS NOT NULL`) != 2 {
		t.Errorf("the same picture again: %d", again.status)
	}
	for _, role := range []string{"reviewer", "moderator", "manager"} {
		if a := s.as(role).sendFiles("/pictures", nil, [2]string{"x.jpg", string(photo(t, 9, 9, color.Black))}); a.status != http.StatusForbidden {
			t.Errorf("a %s uploads: %d", role, a.status)
		}
	}
}

// uploaded uploads a picture and returns its hash.
func (v visitor) uploaded(width, height int, c color.Color) string {
	v.t.Helper()
	a := v.sendFiles("/pictures", nil, [2]string{"x.jpg", string(photo(v.t, width, height, c))})
	sum, ok := strings.CutPrefix(a.to, "/pictures/")
	if a.status != http.StatusSeeOther || !ok {
		v.t.Fatalf("upload: %d\n%s", a.status, a.body)
	}
	return sum
}

// seen is the version that a form of a picture's page has before its person's eyes.
func (v visitor) seen(sum string) string {
	v.t.Helper()
	return regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(v.get("/pictures/" + sum).body)[1]
}

func TestAPictureIsDescribedFoundAndTakenOut(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	sum := v.uploaded(60, 40, color.Black)
	at := "/pictures/" + sum
	about := url.Values{"seen": {v.seen(sum)}, "alt-en": {"Image of a café at night."}, "alt-ar": {"مقهى ليلًا."}, "tags": {"Night, #café, night"}, "person": {"yes"}}
	if a := v.post(at, about); a.status != http.StatusSeeOther {
		t.Fatalf("describe: %d\n%s", a.status, a.body)
	}
	if a := v.post(at, about); a.status != http.StatusConflict || !strings.Contains(a.body, "meanwhile") {
		t.Errorf("an old version is written over: %d", a.status)
	}
	page := v.get(at).body
	for _, want := range []string{"Screen readers say", "café", "Shows or quotes a person", "مقهى"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	if a := v.post(at, url.Values{"seen": {v.seen(sum)}, "alt-en": {"a\u202eb"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an override of direction is kept: %d", a.status)
	}
	for query, want := range map[string]bool{"q=CAFE": true, "q=boat": false, "tag=night": true, "tag=day": false, "use=unused": true, "use=used": false, "use=logos": false, "campaign=july-30": false} {
		if got := strings.Contains(v.get("/pictures?"+query).body, sum); got != want {
			t.Errorf("%s: found %t, want %t", query, got, want)
		}
	}
	for path, status := range map[string]int{"/pictures?from=99999999999999999999&by=x&q=%00%ff": 200, "/pictures/" + strings.ToUpper(sum): 404, "/pictures/xyz": 404} {
		if a := v.get(path); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	if a := v.post(at+"/remove", nil); a.status != http.StatusSeeOther || s.number(`SELECT count(*) FROM blobs WHERE encode(sha256, 'hex') = '`+sum+`'`) != 0 {
		t.Errorf("taken out: %d, and its bytes are there", a.status)
	}
	if a := v.get(at); a.status != http.StatusNotFound {
		t.Errorf("a picture that is gone: %d", a.status)
	}
}

// showing makes a post show a picture.
func (s *site) showing(id int64, sum string) {
	s.t.Helper()
	s.inTx(func(ctx context.Context, tx *postgres.Tx) error {
		locked, err := book.Lock(ctx, tx, id)
		if err != nil {
			return err
		}
		source := locked.Source
		source.Parts = slices.Clone(source.Parts)
		source.Parts[0].Pictures = []post.SourcePicture{{SHA256: sum, Alt: map[string]string{"en": "A night.", "fr": "Une nuit.", "es": "Una noche.", "ar": "ليل."}}}
		_, err = book.Revise(ctx, tx, id, locked.Version, source, s.person("editor").ID)
		return err
	})
}

func TestAPictureIsReplacedWhereItWaitsAndAskedAboutAgain(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	v := s.as("editor")
	old, fresh := v.uploaded(60, 40, color.Black), v.uploaded(90, 20, color.Gray{90})
	s.showing(p.ID, old)
	a := v.post(fmt.Sprintf("/posts/%d/submit", p.ID), nil)
	if a.status != http.StatusSeeOther || s.number(`SELECT count(*) FROM submissions`) == 0 {
		t.Fatalf("submit: %d\n%s", a.status, a.body)
	}
	asked := s.number(`SELECT count(*) FROM submissions`)
	if a := v.get("/pictures/" + old + "/replace"); a.status != http.StatusOK || !strings.Contains(a.body, "1 post waits with this picture") {
		t.Errorf("the cost is not said first: %d", a.status)
	}
	if a := v.post("/pictures/"+old+"/remove", nil); a.status != http.StatusConflict || !strings.Contains(a.body, fmt.Sprintf("/posts/%d", p.ID)) {
		t.Errorf("a picture in use is taken out: %d", a.status)
	}
	if a := v.post("/pictures/"+old+"/replace", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing was chosen: %d", a.status)
	}
	if a := v.post("/pictures/"+old+"/replace", url.Values{"by": {fresh}, "keep": {"yes"}}); a.status != http.StatusSeeOther || a.to != "/pictures/"+fresh {
		t.Fatalf("replace: %d\n%s", a.status, a.body)
	}
	now, err := book.FindPost(t.Context(), s.db, p.ID)
	s.must(err)
	if shown := now.Source.Parts[0].Pictures; len(shown) != 1 || shown[0].SHA256 != fresh || shown[0].Alt["en"] != "A night." {
		t.Errorf("the post shows %+v", shown)
	}
	if n := s.number(`SELECT count(*) FROM submissions`); n <= asked {
		t.Errorf("%d submissions before, %d after: nobody is asked again", asked, n)
	}
	page := v.get("/pictures/" + fresh).body
	if !strings.Contains(page, "1 post waits") {
		t.Error("what a new point costs is not said")
	}
	if a := v.post("/pictures/"+fresh+"/focus", url.Values{"seen": {v.seen(fresh)}, "focus-x": {"90"}, "focus-y": {"50"}}); a.status != http.StatusSeeOther {
		t.Fatalf("focus: %d\n%s", a.status, a.body)
	}
	now, err = book.FindPost(t.Context(), s.db, p.ID)
	s.must(err)
	if shown := now.Source.Parts[0].Pictures[0]; shown.Focus == nil || *shown.Focus != (post.Focus{X: 90, Y: 50}) {
		t.Errorf("the post keeps the point %+v", shown.Focus)
	}
	if n := s.number(`SELECT count(*) FROM releases WHERE convert_from(body, 'UTF8')::jsonb #>> '{parts,0,pictures,0,focus,x}' = '90'`); n == 0 {
		t.Error("no release has the point")
	}
	for _, bad := range []string{"101", "-1", "x", "1e2"} {
		if a := v.post("/pictures/"+fresh+"/focus", url.Values{"seen": {v.seen(fresh)}, "focus-x": {bad}, "focus-y": {"1"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("the point %q: %d", bad, a.status)
		}
	}
	if a := v.post("/pictures/"+old+"/remove", nil); a.status != http.StatusSeeOther || s.number(`SELECT count(*) FROM blobs WHERE encode(sha256, 'hex') = '`+old+`'`) != 1 {
		t.Errorf("what an earlier version shows went: %d", a.status)
	}
}

func TestAnOfficialLogoIsKeptWholeAndOutOfFundraising(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	v := s.as("editor")
	file := [2]string{"logo.jpg", string(photo(t, 50, 50, color.Black))}
	for name, fields := range map[string][][2]string{
		"without a word of the terms":  {{"logo", "yes"}, {"confirm", "yes"}, {"terms", " "}},
		"without their being accepted": {{"logo", "yes"}, {"terms", "https://example.org/terms"}},
	} {
		if a := v.sendFiles("/pictures", fields, file); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	a := v.sendFiles("/pictures", [][2]string{{"logo", "yes"}, {"terms", "https://example.org/terms"}, {"confirm", "yes"}}, file)
	sum, ok := strings.CutPrefix(a.to, "/pictures/")
	if !ok {
		t.Fatalf("%d\n%s", a.status, a.body)
	}
	one, err := picture.Find(t.Context(), s.db, sum, s.person("editor"))
	s.must(err)
	if !one.Logo || one.Terms != "https://example.org/terms" || one.TermsBy != s.person("editor").Name || one.TermsAt.IsZero() {
		t.Errorf("kept: %+v", one)
	}
	page := v.get("/pictures/" + sum).body
	if strings.Contains(page, "focus-x") || !strings.Contains(page, "shown whole everywhere") {
		t.Error("the page offers to crop a logo")
	}
	if a := v.post("/pictures/"+sum+"/focus", url.Values{"seen": {v.seen(sum)}, "focus-x": {"1"}, "focus-y": {"1"}}); a.status != http.StatusConflict {
		t.Errorf("a logo is cropped: %d", a.status)
	}
	s.rewrite(p, "Donate now. Your gift helps.")
	s.showing(p.ID, sum)
	v.post(fmt.Sprintf("/posts/%d/submit", p.ID), nil)
	if n := s.number(`SELECT count(*) FROM submissions WHERE language = 'en'`); n != 0 {
		t.Error("a post that asks for money beside a logo is before reviewers")
	}
	if body := v.get(fmt.Sprintf("/posts/%d", p.ID)).body; !strings.Contains(body, "official logo") {
		t.Error("the post does not say why it waits")
	}
}

func TestAPictureComesFromThePublicWebOnly(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	s.plan()
	v := s.as("editor")
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(photo(t, 9, 9, color.Black)) }))
	t.Cleanup(inside.Close)
	before := s.number(`SELECT count(*) FROM blobs`)
	for address, say := range map[string]string{
		inside.URL: "https only", strings.Replace(inside.URL, "http:", "https:", 1): "not on the public internet", "https://169.254.169.254/latest": "not on the public internet",
		"file:///etc/passwd": "no address of a picture", "": "no address of a picture", "javascript:alert(1)": "no address of a picture",
	} {
		if a := v.post("/pictures/fetch", url.Values{"url": {address}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, say) {
			t.Errorf("%q: %d, want %q", address, a.status, say)
		}
	}
	if after := s.number(`SELECT count(*) FROM blobs`); after != before {
		t.Errorf("%d blobs before, %d after", before, after)
	}
}

func TestWhoIsLimitedSeesTheirOwnPicturesAndThoseOfTheirPosts(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	v := s.as("editor")
	others, shared := v.uploaded(30, 30, color.Black), v.uploaded(31, 31, color.Black)
	s.showing(p.ID, shared)
	s.owned(`UPDATE people SET campaigns = '{july-30}' WHERE email = 'translator@example.org'`)
	w := s.as("translator")
	list := w.get("/pictures").body
	if strings.Contains(list, others) || !strings.Contains(list, shared) {
		t.Error("the list is not within the limits")
	}
	if a := w.get("/pictures/" + others); a.status != http.StatusNotFound {
		t.Errorf("a picture outside of the limits: %d", a.status)
	}
	if a := w.post("/pictures/"+others, url.Values{"seen": {"1"}, "alt-en": {"x"}}); a.status != http.StatusNotFound {
		t.Errorf("a picture outside of the limits is described: %d", a.status)
	}
	own := w.uploaded(32, 32, color.Black)
	if a := w.get("/pictures/" + own); a.status != http.StatusOK {
		t.Errorf("one's own picture: %d", a.status)
	}
}

func TestAPictureIsUploadedInTheEditor(t *testing.T) {
	t.Parallel()
	s := newTeam(t)
	p := s.first(s.plan())
	v := s.as("editor")
	at := fmt.Sprintf("/posts/%d/edit", p.ID)
	form := s.formOf(v.get(at).body)
	send := func(file []byte) got {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, values := range form {
			for _, value := range values {
				if name != "do" && !strings.HasPrefix(name, "send-") {
					s.must(w.WriteField(name, value))
				}
			}
		}
		s.must(w.WriteField("do", "upload:1"))
		part, err := w.CreateFormFile("send-1", "../x.jpg")
		s.must(err)
		_, err = part.Write(file)
		s.must(err)
		s.must(w.Close())
		return v.body(at, w.FormDataContentType(), b.Bytes())
	}
	before := s.number(`SELECT count(*) FROM blobs`)
	if a := send([]byte("nothing")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="send-1-problem"`) || s.number(`SELECT count(*) FROM blobs`) != before {
		t.Errorf("what is no picture: %d", a.status)
	}
	a := send(photo(t, 60, 60, color.Black))
	if a.status != http.StatusOK || s.number(`SELECT count(*) FROM blobs`) != before+1 {
		t.Fatalf("upload: %d\n%.2000s", a.status, a.body)
	}
	saved := s.formOf(a.body)
	saved.Set("do", "save")
	if a := v.post(at, saved); a.status != http.StatusSeeOther {
		t.Fatalf("save: %d\n%.3000s", a.status, a.body)
	}
	now, err := book.FindPost(t.Context(), s.db, p.ID)
	s.must(err)
	if n := len(now.Source.Parts[0].Pictures); n != len(p.Source.Parts[0].Pictures)+1 {
		t.Errorf("the post shows %d pictures", n)
	}
}
