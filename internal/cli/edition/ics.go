package edition

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/cli/command"
	"daymark/internal/core/ics"
)

// calendar prints the plan as iCalendar: an event for each message at each instant at which it goes out, with the accounts beneath. It
// is a copy of this moment; a feed of one's account stays up to date.
func (c *Plan) calendar(r *command.Run, list []planned) error {
	out := ics.Calendar{Name: fmt.Sprintf("%s %d", c.Campaign, c.Year)}
	now := time.Now()
	at := map[string]int{}
	for _, p := range list {
		due, err := time.Parse(time.RFC3339, p.DueAt)
		if err != nil {
			return fmt.Errorf("read when %s is due: %w", p.Message, err)
		}
		key := strings.Join([]string{"plan", c.Campaign, fmt.Sprint(c.Year), p.Message, p.Zone, p.DueAt}, "-")
		i, there := at[key]
		if !there {
			i = len(out.Events)
			at[key] = i
			out.Events = append(out.Events, ics.Event{
				UID: strings.NewReplacer("/", ".", " ", ".", ":", "").Replace(key) + "@daymark.invalid", Summary: p.Message, At: due, Long: 15 * time.Minute,
				Status: ics.Tentative, Changed: now,
			})
		}
		if line := fmt.Sprintf("%s, %s: %s", p.Channel, p.Language, p.State); !slices.Contains(strings.Split(out.Events[i].Text, "\n"), line) {
			out.Events[i].Text = strings.TrimSpace(out.Events[i].Text + "\n" + line)
		}
	}
	b, err := out.Bytes()
	if err != nil {
		return err
	}
	_, err = r.Out.Write(b)
	return err
}
