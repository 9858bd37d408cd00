package journey

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"daymark/internal/core/campaign"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	flowcampaign "daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/chromedp/chromedp"
)

// TestAnEditorPlansAYear walks from the year to an edition's plan, marks a task as done, sets the theme, and answers the words
// that the changed file has for a post that the editor wrote anew.
func TestAnEditorPlansAYear(t *testing.T) {
	t.Parallel()
	for _, size := range []screen{phone, desk} {
		t.Run(fmt.Sprintf("%d px", size.width), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, appSettings())
			h.furnish()
			edited := changeFile(h)
			h.serve("This is a walk through Daymark.")

			ed := visit(t, size)
			ed.logIn(h, "editor@daymark.example", password)
			ed.follow("#door-calendar")
			ed.follow("#view-year")
			ed.reads("#year-title", "The year 2027")
			ed.check("year")
			keep(ed, "year")
			ed.follow("#show-ours")
			ed.check("year, only ours")
			ed.follow("a.year-plan")
			ed.reads("h1", "2027")
			ed.reads("#tasks", "Confirm the theme of the year.", "Late")
			ed.reads("#posts .odd", "Worth a look", "theme")
			ed.check("plan")
			keep(ed, "plan")
			ed.follow("#tasks button")
			ed.reads("#flash", "Done: Confirm the theme of the year.")
			ed.reads("#tasks", "Ed,")
			ed.reads("#theme-back", "sends none back")
			ed.fill("#theme", "لا تترك أحدا خلف الركب")
			ed.follow("#set-theme")
			ed.reads("#flash", "The theme is kept.")
			ed.check("plan with a theme")
			ed.follow("a.offer")
			ed.reads("main", "Ours", "The file's", "Two weeks from today")
			ed.check("offer")
			keep(ed, "offer")
			ed.follow("#accept")
			ed.reads("#flash", "has the file's words now")
			ed.check("post with the file's words")

			p, err := book.FindPost(t.Context(), h.app.DB, edited)
			h.must(err)
			if got := p.Source.Parts[0].Texts["en"]; got != "Two weeks from today we stand together. {{link}}" {
				t.Errorf("the post says %q", got)
			}
			e, err := book.EditionByID(t.Context(), h.app.DB, h.edition.ID)
			h.must(err)
			if e.Theme == "" {
				t.Error("the edition has no theme")
			}
		})
	}
}

// changeFile has the editor write the first post anew, and then loads a campaign file that changed it too and has tasks. It
// returns the post.
func changeFile(h *house) int64 {
	h.t.Helper()
	ctx, editor := h.t.Context(), h.byRole(people.RoleEditor)
	p, err := book.FindPost(ctx, h.app.DB, h.first()[0].Post)
	h.must(err)
	source := p.Source
	texts := map[string]string{}
	for code, text := range source.Parts[0].Texts {
		texts[code] = text
	}
	texts["en"] = "Two weeks to go. {{theme}}: here is how you can help. {{link}}"
	source.Parts = append([]post.SourcePart{{Texts: texts, Pictures: source.Parts[0].Pictures}}, source.Parts[1:]...)
	h.must(h.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		_, err := book.Revise(ctx, tx, p.ID, p.Version, source, editor.ID)
		return err
	}))
	loaded, err := flowcampaign.LoadShipped("july-30")
	h.must(err)
	loaded.Campaign.Tasks = []campaign.Task{
		{ID: "theme", Offset: campaign.Offset{Days: -60}, Who: "communications", What: "Confirm the theme of the year."},
		{ID: "partners", Offset: campaign.Offset{Days: -3}, Who: "Sam", What: "Ask the partners to share."},
	}
	for _, m := range loaded.Campaign.Posts {
		if m.ID == p.Message {
			m.Texts["en"] = "Two weeks from today we stand together. {{link}}"
			m.Texts["ar"] = "بعد أسبوعين نقف معا. {{link}}"
		}
	}
	_, err = h.app.Load(ctx, loaded, editor)
	h.must(err)
	_, err = plan.Make(ctx, h.app.DB, "july-30", 2027, plan.Options{By: editor, Now: h.app.Clock.Now()})
	h.must(err)
	return p.ID
}

// keep takes a picture of what the walk shows, for people who change pages, where DAYMARK_SCREENSHOTS names a folder.
func keep(v *visitor, name string) {
	v.t.Helper()
	folder := os.Getenv("DAYMARK_SCREENSHOTS")
	if folder == "" {
		return
	}
	v.do("make the window high", chromedp.EmulateViewport(v.width, 2400, chromedp.EmulateScale(1)))
	for _, scheme := range []string{"dark", "light"} {
		v.scheme(scheme)
		v.shoot(filepath.Join(folder, "all", fmt.Sprintf("%s-%d-%s.png", name, v.width, scheme)))
	}
}
