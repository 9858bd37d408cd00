package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	library "daymark/internal/org/picture"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/bluesky"
	"daymark/internal/sandbox/mastodon"
	"daymark/internal/sandbox/x"

	"github.com/chromedp/chromedp"
)

// onePost is a campaign of one post in one language.
const onePost = `daymark: 1
id: photo
observance: un-trafficking-day
title: {en: "A photo"}
languages: [en]
hashtags: ["#BlueHeart"]
posts:
  - id: photo
    offset: D0
    time: "09:00"
    text: {en: "Blue lights on the bridge tonight. Read how you can help. {{link}}"}
`

// takenSomewhere writes a photo with all that a telephone and a program write beside it, and returns its path. It is three times as wide as high.
func takenSomewhere(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 900, 300))
	for y := range 300 {
		for x := range 900 {
			img.Set(x, y, color.RGBA{uint8(x / 4), uint8(y / 2), 160, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "IMG_2031 SECRET.jpg")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "exiftool", "-q", "-overwrite_original", "-GPSLatitude=36.8121", "-GPSLatitudeRef=S", "-GPSLongitude=174.7633",
		"-GPSLongitudeRef=E", "-EXIF:Artist=SECRET artist", "-EXIF:SerialNumber=SECRET number", "-EXIF:DateTimeOriginal=2026:07:30 10:00:00", "-XMP-dc:Creator=SECRET person",
		"-IPTC:Caption-Abstract=SECRET story", "-Comment=SECRET comment", path).CombinedOutput()
	if err != nil {
		t.Fatalf("exiftool, which scripts/setup --test installs: %v\n%s", err, out)
	}
	if left := beside(t, read(t, path)); len(left) < 8 {
		t.Fatalf("the photo has only %v beside it", left)
	}
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// beside returns what exiftool finds in a picture that neither its pixels need nor the program says of the file itself.
func beside(t *testing.T, b []byte) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "exiftool", "-json", "-G", "-a", "-u", "-")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("exiftool: %v\n%s", err, out)
	}
	var files []map[string]any
	if err := json.Unmarshal(out, &files); err != nil || len(files) != 1 {
		t.Fatalf("exiftool: %v\n%s", err, out)
	}
	var found []string
	for key := range files[0] {
		group, name, _ := strings.Cut(key, ":")
		if !slices.Contains([]string{"SourceFile", "ExifTool", "File", "Composite", "JFIF", "PNG"}, group) || name == "Comment" || strings.HasPrefix(name, "GPS") {
			found = append(found, key)
		}
	}
	slices.Sort(found)
	return found
}

func TestAPhotoGoesOutToThreeNetworksWithoutThePlaceWhereItWasTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, appSettings())
	h.furnish()
	toots, skies, posts := h.threeNetworks()
	loaded, err := campaign.Load(fstest.MapFS{"photo/campaign.yaml": {Data: []byte(onePost)}}, "photo")
	h.must(err)
	editor := h.byRole(people.RoleEditor)
	_, err = h.app.Load(t.Context(), loaded, editor)
	h.must(err)
	made, err := plan.Make(t.Context(), h.app.DB, "photo", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	h.serve("")
	v := visit(t, phone)
	v.logIn(h, "editor@daymark.example", password)
	v.open(h.url + "/pictures")
	v.check("the library of pictures")
	v.do("choose the photo", chromedp.SetUploadFiles("#files", []string{takenSomewhere(t)}))
	v.follow("#upload-send")
	v.reads("#flash", "the place where it was taken")
	v.check("a picture, new")
	v.fill("#alt-en", "Blue lights on a bridge at night.")
	v.follow("#about-send")
	v.reads("#says", "Blue lights on a bridge at night.")
	v.do("look at the left of it", click("[data-point]"))
	v.becomes("the point", `document.querySelector("#focus-x").value !== "" && document.querySelector("#focus-y").value !== ""`)
	v.do("move the point", chromedp.SetValue("#focus-x", "10"), chromedp.SetValue("#focus-y", "40"))
	v.follow("#focus-send")
	v.check("a picture, described")
	at, err := url.Parse(v.where())
	h.must(err)
	sum := strings.TrimPrefix(at.Path, "/pictures/")
	h.shows(made.Edition, sum, editor)
	h.approved(made.Edition, editor)
	entries, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{Edition: made.Edition})
	h.must(err)
	h.at(entries[0].DueAt)
	h.waitFor("the photo to be out", func() bool {
		now, err := book.Entries(t.Context(), h.app.DB, book.EntryFilter{Edition: made.Edition})
		h.must(err)
		return !slices.ContainsFunc(now, func(e book.Entry) bool { return e.State != post.Published })
	})
	for network, address := range map[string]string{"mastodon": onMastodon(t, toots), "bluesky": onBluesky(t, skies), "x": onX(t, posts)} {
		got := h.download(address)
		if left := beside(t, got); len(left) > 0 || bytes.Contains(got, []byte("SECRET")) {
			t.Errorf("on %s the photo has beside it: %v", network, left)
		}
		shape, _, err := image.DecodeConfig(bytes.NewReader(got))
		h.must(err)
		if cut := shape.Width == 2*shape.Height; cut != (network != "mastodon") {
			t.Errorf("on %s it is %d by %d pixels", network, shape.Width, shape.Height)
		}
	}
	kept, err := book.FindBlob(t.Context(), h.app.DB, sum)
	h.must(err)
	if left := beside(t, kept.Bytes); len(left) > 0 {
		t.Errorf("the database keeps %v beside the photo", left)
	}
	v.open(h.url + "/pictures/" + sum)
	v.reads("#removes", "1 post shows this picture")
}

// shows makes every post of an edition show a picture of the library.
func (h *house) shows(edition int64, sum string, by people.Person) {
	h.t.Helper()
	entries, err := book.Entries(h.t.Context(), h.app.DB, book.EntryFilter{Edition: edition})
	h.must(err)
	h.must(h.app.DB.InTx(h.t.Context(), func(tx *postgres.Tx) error {
		one, err := library.Find(h.t.Context(), tx, sum, by)
		if err != nil {
			return err
		}
		locked, err := book.Lock(h.t.Context(), tx, entries[0].Post)
		if err != nil {
			return err
		}
		source := locked.Source
		source.Parts[0].Pictures = []post.SourcePicture{one.Source()}
		_, err = book.Revise(h.t.Context(), tx, entries[0].Post, locked.Version, source, by.ID)
		return err
	}))
}

// approved puts the post of an edition before reviewers and approves it.
func (h *house) approved(edition int64, by people.Person) {
	h.t.Helper()
	entries, err := book.Entries(h.t.Context(), h.app.DB, book.EntryFilter{Edition: edition})
	h.must(err)
	sent, err := review.Submit(h.t.Context(), h.app.DB, h.app.Checks(), entries[0].Post, by, h.app.Clock.Now())
	h.must(err)
	if len(sent.Waiting) > 0 {
		h.t.Fatalf("cannot be submitted: %v", sent.Waiting)
	}
	h.answered()
	for _, s := range sent.Submissions {
		_, err := review.Say(h.t.Context(), h.app.DB, s, h.byRole(people.RoleReviewer), review.Approve, "", h.app.Clock.Now())
		h.must(err)
	}
}

func (h *house) download(address string) []byte {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	h.must(err)
	resp, err := http.DefaultClient.Do(req)
	h.must(err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	h.must(err)
	if resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s answers %d", address, resp.StatusCode)
	}
	return b
}

// onMastodon, onBluesky and onX return where a network's copy of the one picture lies.
func onMastodon(t *testing.T, server *mastodon.Server) string {
	t.Helper()
	for _, s := range server.State().Statuses {
		if len(s.Media) > 0 {
			m := s.Media[0]
			if m.FocusX == 0 {
				t.Error("Mastodon was not told the point to keep")
			}
			return server.BaseURL() + "/media/" + m.ID + ".jpeg"
		}
	}
	t.Fatal("nothing is on Mastodon")
	return ""
}

func onBluesky(t *testing.T, server *bluesky.Server) string {
	t.Helper()
	for _, p := range server.State().Posts {
		if len(p.Images) > 0 {
			m := p.Images[0]
			did, _, _ := strings.Cut(strings.TrimPrefix(p.URI, "at://"), "/")
			return server.BaseURL() + "/xrpc/com.atproto.sync.getBlob?" + url.Values{"did": {did}, "cid": {m.CID}}.Encode()
		}
	}
	t.Fatal("nothing is on Bluesky")
	return ""
}

func onX(t *testing.T, server *x.Server) string {
	t.Helper()
	for _, p := range server.State().Posts {
		if len(p.Media) > 0 {
			return server.BaseURL() + "/media/" + p.Media[0].ID
		}
	}
	t.Fatal("nothing is on X")
	return ""
}
