package look

import (
	"fmt"
	"slices"

	"daymark/internal/core/lint"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/book/judge"
)

// found writes what rules say of a language. What was asked of a language before it, as about the picture that all of them show, is not
// asked again.
func (a Asked) found(w written.Writer, j judge.Judged, asked map[answer.About]bool, one *Tongue) {
	action := ""
	if a.Saved && one.Code == a.Language {
		one.Unfolds = a.Unfolds
	}
	if one.Unfolds == Found {
		action = fmt.Sprintf("/posts/%d/waivers?edit=%s", a.Post.ID, one.Code) // and back to the editor
	}
	one.Findings, one.Errors = w.Findings(j.Findings, one.Code, "found-"+one.Code, action), len(j.Stops())
	one.Waives = a.Saved && action == "" && slices.ContainsFunc(j.Findings, func(f judge.Found) bool { return !f.Fixed && f.Waiver == nil && f.Severity != lint.Note })
	var fresh []judge.Asked
	for _, q := range j.Questions {
		if asked[q.Asks()] {
			continue
		}
		asked[q.Asks()], fresh = true, append(fresh, q)
		if q.Open {
			one.Asked++
		}
	}
	if !a.Saved {
		return
	}
	here := one.Unfolds == Questions
	one.Open, one.Answered = w.Questions(fresh, one.Code, one.releases(), "question-"+one.Code, fmt.Sprintf("/posts/%d/answers?edit=%s", a.Post.ID, one.Code), here)
	if !here {
		one.Answers, one.Answered = len(fresh) > 0, nil
	}
}

// releases returns the pictures that are shown, with what is said of them.
func (t Tongue) releases() []written.Release {
	var list []written.Release
	for _, s := range t.Shown {
		for _, part := range s.Parts {
			list = append(list, written.Release{Parts: []written.Part{{Pictures: part.Pictures}}})
		}
	}
	return list
}
