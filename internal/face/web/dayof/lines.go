package dayof

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/dispatch/readback"
)

const (
	hour   = time.Hour
	laters = 12 // lines of what goes out later
	risks  = 10
)

// group is some places of one post.
type group []view.Stand

// gather puts places together that have the same key, in their order.
func gather(list []view.Stand, key func(view.Stand) string) []group {
	at := map[string]int{}
	var all []group
	for _, s := range list {
		k := key(s)
		i, known := at[k]
		if !known {
			i = len(all)
			at[k], all = i, append(all, nil)
		}
		all[i] = append(all[i], s)
	}
	return all
}

func byPost(s view.Stand) string { return fmt.Sprint(s.Post) }

func byMoment(s view.Stand) string { return fmt.Sprint(s.Post, s.DueAt.UnixNano()) }

// lines sorts the places of a day into what is next, going out, out, and not out.
func (v watcher) lines(ctx context.Context, w *Watched, stands []view.Stand) error {
	var soon, later, sending, out, wrong []view.Stand
	places := map[int64]int{} // of each post
	for _, s := range stands {
		places[s.Post]++
		switch s.State {
		case post.Published, post.Removed:
			out = append(out, s)
		case post.Failed, post.Missed, post.Unknown:
			wrong = append(wrong, s)
		case post.Sending:
			sending = append(sending, s)
		case post.Held, post.Scheduled:
			switch {
			case s.Hold == post.ForDecision || s.Hold == post.ForOverdue || s.DueAt.Before(v.Now.Add(-time.Minute)) && s.State == post.Held:
				wrong = append(wrong, s)
			case !s.DueAt.After(v.Now):
				sending = append(sending, s) // due this moment, and about to be taken
			case s.DueAt.Before(v.Now.Add(hour)):
				soon = append(soon, s)
			default:
				later = append(later, s)
			}
		case post.Cancelled:
		}
	}
	shown, err := readback.Of(ctx, v.db, deliveries(out))
	if err != nil {
		return err
	}
	for _, g := range gather(soon, byMoment) {
		w.Soon = append(w.Soon, v.soon(g))
	}
	for _, g := range gather(later, byMoment) {
		if len(w.Later) == laters {
			w.More++
			continue
		}
		w.Later = append(w.Later, v.line("later", g, len(g)))
	}
	for _, g := range gather(sending, byPost) {
		w.Sending = append(w.Sending, v.line("sending", g, places[g[0].Post]))
	}
	for _, g := range gather(wrong, byPost) {
		one := v.line("wrong", g, places[g[0].Post])
		one.Said = v.Words.T("day.said.wrong", one.Name, len(g), places[g[0].Post])
		for _, s := range g {
			if s.Problem != "" {
				one.Problem = v.Words.InEnglish(s.Problem)
				break
			}
		}
		w.Wrong = append(w.Wrong, one)
	}
	for _, g := range gather(out, byPost) {
		w.Out = append(w.Out, v.out(g, places[g[0].Post], shown))
	}
	slices.Reverse(w.Out)
	w.Risks = v.risks(append(soon, later...))
	return nil
}

func deliveries(list []view.Stand) []int64 {
	ids := make([]int64, len(list))
	for i, s := range list {
		ids[i] = s.Delivery
	}
	return ids
}

// line writes a group as one line; all is how many places its post has on the day.
func (v watcher) line(what string, g group, all int) line {
	first := g[0]
	var languages []string
	for _, s := range g {
		if code := strings.ToUpper(s.Language); !slices.Contains(languages, code) {
			languages = append(languages, code)
		}
	}
	slices.Sort(languages)
	return line{
		ID: fmt.Sprintf("%s-%d-%d", what, first.Post, first.Delivery), URL: fmt.Sprintf("/posts/%d", first.Post), Name: page.Heading(first.Message, first.Kind),
		Languages: strings.Join(languages, " · "), When: v.Words.Moment(first.DueAt, v.Zone), Mark: v.Tally(g)[0].Mark,
		Places: v.Words.T("day.places", all, len(g)),
	}
}

// soon writes what goes out within the hour, with how many minutes are left.
func (v watcher) soon(g group) line {
	one := v.line("soon", g, len(g))
	one.In = v.Words.T("day.now")
	if minutes := int(g[0].DueAt.Sub(v.Now).Round(time.Minute) / time.Minute); minutes > 0 {
		one.In = v.Words.T("day.in", minutes)
	}
	return one
}

// out writes what went out, with what the networks show of it.
func (v watcher) out(g group, all int, shown map[int64][]readback.Seen) line {
	one := v.line("out", g, all)
	one.ID = fmt.Sprintf("out-%d", g[0].Post)
	one.Said = v.Words.T("day.said.sent", one.Name, len(g), all)
	same, changed, gone := 0, 0, 0
	for _, s := range g {
		state := ""
		for _, part := range shown[s.Delivery] {
			if state == "" || state == readback.Same {
				state = part.State
			}
		}
		switch state {
		case readback.Same:
			same++
		case readback.Changed:
			changed++
		case readback.Gone:
			gone++
		}
	}
	one.Well = same == all
	for _, tick := range []struct {
		n    int
		text string
	}{
		{same, v.Words.T("day.ticks", len(g), same)},
		{changed, v.Words.T("day.tick.changed", changed)},
		{gone, v.Words.T("day.tick.gone", gone)},
	} {
		if tick.n > 0 {
			one.Ticks = append(one.Ticks, tick.text)
		}
	}
	return one
}

// risks lists what of the rest of the day may not go out, one line for each post.
func (v watcher) risks(rest []view.Stand) []page.Look {
	mark := page.Mark{ID: "risk", Icon: "triangle-alert", Word: v.Words.T("ahead.mark"), Tone: "look"}
	var out []page.Look
	for _, g := range gather(slices.DeleteFunc(slices.Clone(rest), func(s view.Stand) bool { return len(s.Risks) == 0 }), byPost) {
		if len(out) == risks {
			break
		}
		first := g[0]
		text := v.Words.T("home.look.why", v.Words.T("home.look", page.Heading(first.Message, first.Kind), first.Handle), v.Words.InEnglish(first.Risks[0].Say))
		out = append(out, page.Look{Mark: mark, Text: text, URL: fmt.Sprintf("/posts/%d", first.Post)})
	}
	return out
}
