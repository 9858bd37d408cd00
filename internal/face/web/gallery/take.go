package gallery

import (
	"errors"
	"io"
	"mime/multipart"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/gallery/keep"
	"daymark/internal/face/web/page"
	"daymark/internal/media/fetch"
	"daymark/internal/media/intake"
)

// taken is what became of one file.
type taken struct {
	Name    string // as the person knows the file; nothing keeps it
	URL     string
	Small   string
	SHA256  string
	Size    string
	Removed []string // what lay beside the picture, a word each
	There   bool
	Problem string
}

// takenPage says what became of files.
type takenPage struct {
	page.Frame
	Files []taken
	Good  int
}

// sent is what a form with files sends: the files in order, and the fields before them.
type sent struct {
	fields map[string]string
	files  []taken
}

// Upload takes the files of a form, each by itself: one that cannot be used keeps no other out.
func (d Desk) Upload(r ask.Request) (ask.Answer, error) {
	s, err := d.read(r)
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			return d.again422(r, err)
		}
		return ask.Answer{}, err
	}
	return d.say(r, s)
}

// say answers with what became of files; a single one that is in leads to its page, where what it shows is said.
func (d Desk) say(r ask.Request, s sent) (ask.Answer, error) {
	good := 0
	for _, f := range s.files {
		if f.Problem == "" {
			good++
		}
	}
	if len(s.files) == 1 && good == 1 {
		f := s.files[0]
		said := r.Words.T("pictures.taken.one")
		if f.There {
			said = r.Words.T("pictures.taken.there")
		}
		var looks []string
		if len(f.Removed) > 0 {
			looks = []string{r.Words.T("pictures.removed", r.Words.Joined(f.Removed))}
		}
		return ask.Answer{To: f.URL, Said: said, Looks: looks}, nil
	}
	p := &takenPage{Frame: page.Frame{Template: "pictures_taken", Title: r.Words.T("pictures.taken.title"), Door: "pictures"}, Files: s.files, Good: good}
	if good < len(s.files) {
		return ask.Again(p), nil
	}
	return ask.Shown(p), nil
}

// read reads a form part by part as it arrives: no file is written to a disk, where what the camera wrote into it would lie.
func (d Desk) read(r ask.Request) (sent, error) {
	s := sent{fields: map[string]string{}}
	parts, err := r.MultipartReader()
	if err != nil {
		return s, fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, keep.Unread(err)
		}
		if part.FileName() == "" {
			value, err := io.ReadAll(io.LimitReader(part, 4<<10))
			if err != nil {
				return s, keep.Unread(err)
			}
			s.fields[part.FormName()] = string(value)
			continue
		}
		if len(s.files) == MaxFiles {
			return s, fault.New(fault.Invalid, "Choose %d pictures at most at once.", MaxFiles)
		}
		one, err := d.file(r, s, part)
		if err != nil {
			return s, err
		}
		s.files = append(s.files, one)
	}
	if len(s.files) == 0 {
		return s, fault.New(fault.Invalid, "Choose a picture.")
	}
	return s, nil
}

// file takes one file. What is wrong with it is said of it; other errors end the form.
func (d Desk) file(r ask.Request, s sent, part *multipart.Part) (taken, error) {
	terms := ""
	if s.fields["logo"] != "" {
		if s.fields["confirm"] == "" {
			return taken{}, fault.New(fault.Invalid, "Confirm that you have read the owner's terms and may use the logo.")
		}
		if terms = strings.TrimSpace(s.fields["terms"]); terms == "" {
			return taken{}, fault.New(fault.Invalid, "Say where the owner's terms stand, such as the address of their page.")
		}
	}
	return d.take(r, keep.Name(part.FileName()), part, terms)
}

// take stores a picture, without anything that lay beside it.
func (d Desk) take(r ask.Request, name string, from io.Reader, terms string) (taken, error) {
	one := taken{Name: name}
	p, added, err := keep.Store(r.Context(), d.db, from, terms, r.Person)
	if fault.Is(err, fault.Invalid) {
		one.Problem = r.Words.Say(err)
		return one, nil
	}
	if err != nil {
		return one, err
	}
	one.SHA256, one.There, one.URL, one.Small = added.SHA256, added.There, URL(added.SHA256), small(added.SHA256)
	one.Size = r.Words.T("pictures.size", p.Width, p.Height)
	one.Removed = removed(r, p.Notes)
	return one, nil
}

// removed names what lay beside a picture; what was merely done to it is left out.
func removed(r ask.Request, notes []intake.Note) []string {
	var list []string
	for _, n := range notes {
		if key := "pictures.note." + string(n); r.Words.Has(key) {
			list = append(list, r.Words.T(key))
		}
	}
	return list
}

// Fetch takes a picture from an address.
func (d Desk) Fetch(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	one, err := d.fetched(r, r.PostForm.Get("url"))
	if fault.Is(err, fault.Invalid) {
		return d.again422(r, err)
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if one.Problem != "" {
		return d.problem(r, one.Problem, "url")
	}
	return d.say(r, sent{files: []taken{one}})
}

func (d Desk) fetched(r ask.Request, address string) (taken, error) {
	body, err := fetch.Get(r.Context(), d.client, agent, address)
	if err != nil {
		return taken{}, err
	}
	defer func() { _ = body.Close() }()
	return d.take(r, "", body, "")
}
