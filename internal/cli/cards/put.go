package cards

import (
	"os"

	"daymark/internal/app"
	"daymark/internal/app/carding"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/media/card/lettering"
)

// put puts the cards of a campaign on the posts of its edition of the year, one after the other, and says how far it is.
func (c *Card) put(r *command.Run) error {
	switch {
	case c.Campaign == "":
		return fault.BadField("--campaign", "name the campaign whose posts get their cards")
	case len(c.Format) != 1 || c.Format[0] == "all":
		return fault.BadField("--format", "a post shows its card in one format: name one, such as 1:1")
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		edition, err := book.FindEdition(r.Ctx, a.DB, c.Campaign, c.Year, false)
		if err != nil {
			return err
		}
		posts, pictures := 0, 0
		fonts := lettering.NewFonts(os.DirFS(c.Fonts))
		err = carding.PutAll(r.Ctx, a.DB, edition, c.Format[0], fonts, by, a.Clock.Now(), func(d carding.Done) {
			if d.Why != nil {
				r.Printf("%s: no card: %s\n", d.Message, fault.Say(d.Why))
				return
			}
			posts++
			pictures += d.Drawn
			r.Printf("%s: %s in %s\n", d.Message, d.Card, command.Count(d.Drawn, "language"))
		})
		if err != nil {
			return err
		}
		r.Printf("%s on %s\n", command.Count(pictures, "card"), command.Count(posts, "post"))
		return nil
	})
}
