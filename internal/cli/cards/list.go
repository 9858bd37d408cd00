package cards

import (
	"fmt"
	"strings"

	"daymark/internal/cli/command"
	"daymark/internal/media/card"
	"daymark/internal/media/card/words"
)

// list prints what there is to choose from.
func (c *Card) list(r *command.Run) error {
	templates, err := card.Templates()
	if err != nil {
		return err
	}
	formats, err := card.Formats()
	if err != nil {
		return err
	}
	palettes, err := card.Palettes()
	if err != nil {
		return err
	}
	return r.Table("WHAT\tNAME\tABOUT\t", func(row func(...any)) {
		for _, t := range templates {
			row("template", t.Name, "needs "+strings.Join(t.Needs, ", "))
		}
		for _, f := range formats {
			row("format", f.Name, fmt.Sprintf("%d × %d", f.Width, f.Height))
		}
		for _, p := range palettes {
			row("palette", p.Name, "")
		}
		for _, tag := range words.Tags() {
			if l, err := words.In(tag); err == nil {
				row("language", tag, l.Name)
			}
		}
	})
}
