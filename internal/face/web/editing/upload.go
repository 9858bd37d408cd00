package editing

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/editing/sheet"
	"daymark/internal/face/web/gallery/keep"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/org/picture"
)

// upload puts a picture that is sent with the form into the library and into the part that follows a colon.
const upload = "upload"

// inMemory is how much of a form is held: all that face/web lets through, so that no file is written to a disk before it is cleaned.
const inMemory = 32 << 20

// whole reads the form, with the files where it has some.
func whole(r ask.Request) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return r.Form()
	}
	err := r.ParseMultipartForm(inMemory)
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return fault.Wrap(fault.Invalid, err, "The picture is too large to be sent with the post. Upload it to the library of pictures first.")
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	return nil
}

// upload answers with the form, and the picture in it; what is wrong with the file is said at its field.
func (d Desk) upload(r ask.Request, s sheet.Subject, c edit.Change, do string) (ask.Answer, error) {
	_, rest, _ := strings.Cut(do, ":")
	no, err := strconv.Atoi(rest)
	if err != nil || no < 1 || no > len(c.Source.Parts) {
		return ask.Answer{}, fault.New(fault.Invalid, "The form could not be read. Try again.")
	}
	sum, wrong := d.stored(r, no)
	if wrong != nil && !invalid(wrong) {
		return ask.Answer{}, wrong
	}
	if wrong == nil {
		one, err := picture.Find(r.Context(), d.db, sum, r.Person)
		if err != nil {
			return ask.Answer{}, err
		}
		part := &c.Source.Parts[no-1]
		if !slices.ContainsFunc(part.Pictures, func(p post.SourcePicture) bool { return p.SHA256 == sum }) {
			part.Pictures = append(slices.Clone(part.Pictures), one.Source())
		}
	}
	p, err := d.maker().Page(r, s, c)
	if err != nil {
		return ask.Answer{}, err
	}
	p.Base, p.Focus = c.Read, fields.Sent(no)
	if wrong == nil {
		return ask.Shown(p), nil
	}
	p.Pictures[no-1].Problem, p.Pictures[no-1].Open = r.Words.Say(wrong), true
	return ask.Again(p), nil
}

// stored puts the file of a part into the library.
func (d Desk) stored(r ask.Request, no int) (string, error) {
	file, _, err := r.FormFile(fields.Sent(no))
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "Choose a picture.")
	}
	defer func() { _ = file.Close() }()
	_, added, err := keep.Store(r.Context(), d.db, file, "", r.Person)
	return added.SHA256, err
}
