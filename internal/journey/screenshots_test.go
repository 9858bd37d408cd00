package journey

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/demo"

	"github.com/chromedp/chromedp"
)

// picture is one screen of the demo to be shown: who looks at what.
type picture struct {
	name  string
	who   string            // whose log-in, by the name before the @; empty for nobody
	path  string            // on the pages, or behind "timeline:" at the sandbox; with the month of an edition
	gives [2]string         // a field for a file, with what the file says
	steps []string          // selectors to follow from there
	tall  int64             // how much higher than usual the window is, where what matters lies further down
	shown map[string]string // the names under which documents show it, by window and look
}

var pictures = []picture{
	{name: "login", path: "/login"},
	{name: "home", who: "rosa", path: "/", shown: map[string]string{"desk light": "home"}},
	{name: "home-editor", who: "ed", path: "/", shown: map[string]string{"desk light": "home-editor"}},
	{name: "home-manager", who: "mina", path: "/"},
	{name: "calendar", who: "ed", path: "/calendar?month={coming}", tall: 520, shown: map[string]string{"desk light": "calendar", "desk arabic": "calendar-arabic"}},
	{name: "calendar-week", who: "ed", path: "/calendar?month={coming}&view=week", tall: 300},
	{name: "year", who: "ed", path: "/year"},
	{name: "editor-new", who: "ed", path: "/new/post", tall: 900},
	{name: "editor", who: "ed", path: "/calendar?month={coming}", steps: []string{"a.entry", "#edit"}, tall: 900, shown: map[string]string{"desk light": "editor", "phone arabic": "editor-arabic"}},
	{name: "calendar-list", who: "ed", path: "/calendar?month={coming}&view=list"},
	{name: "campaigns", who: "ed", path: "/campaigns"},
	{name: "campaign", who: "ed", path: "/campaigns/july-30", tall: 500},
	{name: "campaign-message", who: "ed", path: "/campaigns/july-30", steps: []string{"#messages a.list-title"}, tall: 900},
	{name: "campaign-basics", who: "ed", path: "/campaigns/july-30/basics", tall: 900},
	{name: "campaign-new", who: "ed", path: "/new-campaign", tall: 700},
	{name: "move", who: "ed", path: "/calendar?month={coming}", steps: []string{"a.mv"}, tall: 300},
	{name: "versions", who: "ed", path: "/calendar?month={coming}", steps: []string{"a.entry", "#edit", "#versions"}},
	{name: "review", who: "rosa", path: "/review"},
	{name: "card", who: "rosa", path: "/review", steps: []string{"#queue a.list-title"}, tall: 400, shown: map[string]string{"phone light": "card", "phone arabic": "card-arabic"}},
	{name: "post", who: "ed", path: "/calendar?month={past}", steps: []string{"a.entry[data-state=published]"}, tall: 300, shown: map[string]string{"desk light": "post"}},
	{name: "published", who: "ed", path: "/published"},
	{name: "reach", who: "mina", path: "/reach", shown: map[string]string{"desk light": "reach", "desk dark": "reach-dark", "phone arabic": "reach-arabic"}},
	{name: "reach-year", who: "mina", path: "/reach", steps: []string{"#whole-year"}},
	{name: "report", who: "mina", path: "/reach", steps: []string{"#open-report"}, shown: map[string]string{"desk light": "report"}},
	{name: "digests", who: "mina", path: "/you/digests"},
	{name: "pictures", who: "ed", path: "/pictures", shown: map[string]string{"desk light": "pictures"}},
	{name: "picture", who: "ed", path: "/pictures", steps: []string{"#pictures a"}},
	{name: "consents", who: "omar", path: "/consents", shown: map[string]string{"desk light": "consents"}},
	{name: "consent-new", who: "omar", path: "/consents", steps: []string{"#new-consent"}, tall: 600},
	{name: "cards-of-post", who: "ed", path: "/calendar?month={coming}", steps: []string{"a.entry", "#edit", "#cards"}, tall: 500, shown: map[string]string{"desk light": "cards-of-post"}},
	{name: "channels", who: "ada", path: "/channels"},
	{name: "facts", who: "ed", path: "/facts"},
	{name: "fact", who: "ed", path: "/facts/F02", tall: 500},
	{name: "helplines", who: "rosa", path: "/helplines"},
	{name: "helpline", who: "rosa", path: "/helplines/demo-gb", tall: 700},
	{name: "organisation", who: "ada", path: "/organisation", tall: 300},
	{name: "rules", who: "mina", path: "/rules"},
	{name: "notices", who: "ed", path: "/notices"},
	{name: "day", who: "ed", path: "/day", shown: map[string]string{"phone light": "day"}},
	{name: "search", who: "ed", path: "/search?q=blue+heart"},
	{name: "more", who: "ada", path: "/more"},
	{name: "account", who: "ed", path: "/account"},
	{name: "sign-in", who: "ed", path: "/sign-in"},
	{name: "feeds", who: "ed", path: "/account/feeds"},
	{name: "import", who: "ed", path: "/import"},
	{name: "import-posts", who: "ed", path: "/import", gives: [2]string{"#posts-file", "Name,Date,Time,Language,Text,Account\nthanks,2027-08-02,10:00,en,Thank you for wearing the blue heart.,nobody\n"}, steps: []string{"#posts-send"}, tall: 500},
	{name: "import-days", who: "ed", path: "/import", gives: [2]string{"#days-file", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//partner//days//EN\r\nBEGIN:VEVENT\r\nUID:day-1@partner.example\r\nDTSTAMP:20270101T000000Z\r\nDTSTART;VALUE=DATE:20270923\r\nSUMMARY:Day of partners\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"}, steps: []string{"#days-send"}, tall: 300},
	{name: "outside", who: "ada", path: "/outside"},
	{name: "mail", who: "ada", path: "/you/mail"},
	{name: "policy", who: "ada", path: "/policy"},
	{name: "compose", who: "ed", path: "/compose", tall: 600},
	{name: "audit", who: "ada", path: "/audit"},
	{name: "punctuality", who: "mina", path: "/punctuality", tall: 300},
	{name: "pause", who: "ed", path: "/pause"},
	{name: "decisions", who: "ed", path: "/decisions"},
	{name: "members", who: "ada", path: "/people"},
	{name: "timeline", path: "timeline:/"},
	{name: "timeline-arabic", path: "timeline:/@hope_london", tall: 200, shown: map[string]string{"desk light": "timeline"}},
}

// TestScreenshots takes a picture of every screen of the furnished demo into the folder DAYMARK_SCREENSHOTS, on a phone and a
// desk, light, dark and in Arabic. "make screenshots" runs it for docs/images; those that documents show are kept, the others lie in the
// folder all, for people who change pages.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("DAYMARK_SCREENSHOTS")
	if folder == "" {
		t.Skip("no folder for pictures is named in DAYMARK_SCREENSHOTS")
	}
	h := newHouse(t, app.Settings{SandboxAddr: "127.0.0.1:0", DemoFast: 15 * time.Second, SandboxSettling: time.Second})
	h.app.Log = slog.New(slog.DiscardHandler) // what a fast clock publishes is many lines
	d, err := demo.Start(t.Context(), h.app, func(string) {})
	h.must(err)
	h.sandbox = d.Mastodon
	h.serve("This is a demo. The charity and its people are invented, and posts go to a sandbox on this machine only.")
	h.waitFor("the rehearsal to end", func() bool { return !h.app.Clock.Now().Before(d.Ends) })
	months := strings.NewReplacer("{coming}", d.Coming.FirstDay[:7], "{past}", d.Rehearsal.FirstDay[:7])
	for _, size := range []screen{phone, desk} {
		windows := map[string]*visitor{"": visit(t, size)}
		for _, l := range d.Logins {
			who, _, _ := strings.Cut(l.Person.Email, "@")
			if slices.ContainsFunc(pictures, func(p picture) bool { return p.who == who }) {
				windows[who] = visit(t, size)
				windows[who].logIn(h, l.Person.Email, l.Password)
			}
		}
		for _, p := range pictures {
			v := windows[p.who]
			for _, scheme := range []string{"light", "dark", "arabic"} {
				path, there := strings.CutPrefix(p.path, "timeline:")
				if there && scheme == "arabic" {
					continue // the sandbox speaks English only
				}
				v.paint(h, scheme)
				v.do("size the window", chromedp.EmulateViewport(size.width, size.height+p.tall, chromedp.EmulateScale(1)))
				if there {
					v.open(h.sandbox.BaseURL() + path)
				} else {
					v.open(h.url + months.Replace(p.path))
				}
				if p.gives[0] != "" {
					ask[bool](v, fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([%q], "file.csv")); document.querySelector(%q).files = d.files; return true })()`, p.gives[1], p.gives[0]))
				}
				for _, s := range p.steps {
					v.follow(s)
				}
				v.becomes("every picture", `[...document.images].every(i => i.complete || i.loading === "lazy")`)
				v.shoot(filepath.Join(folder, p.file(size, scheme)))
			}
		}
	}
}

// paint asks for light or dark pages in English, or for light ones in Arabic.
func (v *visitor) paint(h *house, look string) {
	v.t.Helper()
	code := "en"
	if look == "arabic" {
		look, code = "light", "ar"
	}
	v.scheme(look)
	if v.speech != code {
		v.open(h.url + "/login") // leads home whoever is logged in; both have the choice at their foot
		v.reach(`.speeches button[value="` + code + `"]`)
		v.speak(code)
		v.speech = code
	}
}

// file returns where a picture goes: beside the documents if they show it, else into a folder that is not kept.
func (p picture) file(size screen, scheme string) string {
	if name, ok := p.shown[size.name+" "+scheme]; ok {
		return name + ".png"
	}
	return filepath.Join("all", p.name+"-"+size.name+"-"+scheme+".png")
}

// shoot writes what the window shows as a PNG of at most 256 colours, which is a third of the size and looks the same.
func (v *visitor) shoot(path string) {
	v.t.Helper()
	raw, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	v.must("take the picture", err)
	full, err := png.Decode(bytes.NewReader(raw))
	v.must("read the picture", err)
	var b bytes.Buffer
	v.must("pack the picture", (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, reduce(full)))
	v.must("make the folder", os.MkdirAll(filepath.Dir(path), 0o755))
	v.must("write the picture", os.WriteFile(path, b.Bytes(), 0o644))
}

// reduce keeps the 256 commonest colours and paints every other with the nearest of them. Screens have few colours; the rest
// are the edges of letters.
func reduce(full image.Image) image.Image {
	count := map[color.RGBA]int{}
	size := full.Bounds()
	rgba := image.NewRGBA(size)
	draw.Draw(rgba, size, full, size.Min, draw.Src)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			count[rgba.RGBAAt(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return int(a.R)<<16 + int(a.G)<<8 + int(a.B) - int(b.R)<<16 - int(b.G)<<8 - int(b.B)
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8, len(colours))
	for _, c := range colours {
		nearest[c] = uint8(palette.Index(c)) //nolint:gosec // a palette has at most 256 colours
	}
	small := image.NewPaletted(size, palette)
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			small.SetColorIndex(x, y, nearest[rgba.RGBAAt(x, y)])
		}
	}
	return small
}
