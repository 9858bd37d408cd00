package linked

import (
	"net/http"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/judged/reading"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/link"
)

// parse reads what was sent.
func parse(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	return nil
}

func (s Site) approve(w http.ResponseWriter, r *http.Request) error {
	return s.say(w, r, review.Word{Verdict: review.Approve})
}

func (s Site) changes(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	return s.say(w, r, review.Word{Verdict: review.Changes, Comment: r.PostForm.Get("comment"), Remarks: reading.Remarked(r.PostForm)})
}

func (s Site) hold(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	return s.say(w, r, review.Word{Verdict: review.Hold, Comment: r.PostForm.Get("why")})
}

// say takes a verdict, or shows again what could not be taken of it.
func (s Site) say(w http.ResponseWriter, r *http.Request, word review.Word) error {
	_, err := link.Say(r.Context(), s.DB, r.PathValue("token"), s.pass(r), word, s.Clock.Now())
	if err == nil {
		back(w, r, "")
		return nil
	}
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	p, again := s.page(r)
	if again != nil {
		return again
	}
	wrong := &p.Comment
	if word.Verdict == review.Hold {
		wrong = &p.Why
	}
	wrong.Value = word.Comment
	for _, problem := range s.spoken(r).Words().Problems(err) { // of a remark, too
		wrong.Problem = problem.Message
	}
	p.Remarks.Keep(r.PostForm)
	p.Mend = append(p.Mend, *wrong)
	return s.write(w, http.StatusUnprocessableEntity, p)
}

// answer takes the answer to a question of the rules.
func (s Site) answer(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	named := r.PostForm.Get("about")
	about, ok := written.Asks(r.PostForm.Get("rule"), named)
	reply := link.Reply{About: about, Answer: r.PostForm.Get("answer"), Comment: r.PostForm.Get("comment")}
	if !ok {
		reply.About.Rule = "" // nothing that anybody asks
	}
	err := link.Answer(r.Context(), s.DB, s.Rules, r.PathValue("token"), s.pass(r), reply, s.Clock.Now())
	if err == nil {
		back(w, r, "#questions")
		return nil
	}
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	p, again := s.page(r)
	if again != nil {
		return again
	}
	for _, list := range [][]written.Question{p.Open, p.Answered} {
		if at := slices.IndexFunc(list, func(q written.Question) bool { return q.Rule == about.Rule && q.About == named }); at >= 0 {
			note := &list[at].Note
			for _, problem := range s.spoken(r).Words().Problems(err) {
				note.Problem = problem.Message
			}
			note.Value = reply.Comment
			p.Mend = append(p.Mend, page.Field{ID: note.ID, Label: note.Label, Problem: note.Problem})
		}
	}
	return s.write(w, http.StatusUnprocessableEntity, p)
}
