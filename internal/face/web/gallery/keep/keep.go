// Package keep puts a file that somebody sent into the library of pictures, cleaned, with a small copy for lists.
//
// The library's pages and the editor of a post share it. What is wrong with a file is said as an Invalid fault, and then nothing of it is
// stored. The package answers no request and keeps no name of a file.
package keep

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/media"
	"daymark/internal/media/intake"
	"daymark/internal/org/people"
	"daymark/internal/org/picture"
	"daymark/internal/postgres"
)

// What the small copy of a picture has at most.
const (
	smallBytes = 40_000
	smallSide  = 480
)

// Store cleans a picture and puts it into the library. Terms make it an official logo. What cannot be used is Invalid, and nothing of it
// is stored.
func Store(ctx context.Context, db *postgres.DB, from io.Reader, terms string, by people.Person) (intake.Picture, picture.Added, error) {
	var added picture.Added
	p, err := intake.Take(from, intake.Limits{})
	if err != nil {
		return p, added, Unread(err)
	}
	u := picture.Upload{Bytes: p.Bytes, MIME: p.Type, Width: p.Width, Height: p.Height, Animated: p.Animated, Terms: terms}
	if len(p.Bytes) > smallBytes {
		reduced, err := media.Fit(p.Bytes, media.Limits{Bytes: smallBytes, Side: smallSide})
		if err != nil {
			return p, added, fault.Wrap(fault.Invalid, err, "The picture is damaged and cannot be read. Save it again and add it anew.")
		}
		u.Small = reduced.Bytes
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		added, err = picture.Add(ctx, tx, u, by)
		return err
	})
	return p, added, err
}

// Name returns a file's name to be shown to who chose it: without a path, without characters that cannot be seen, and not too long.
func Name(given string) string {
	name := path.Base(strings.ReplaceAll(strings.ToValidUTF8(given, ""), "\\", "/"))
	if name == "." || name == "/" {
		return ""
	}
	for {
		r, at, unsafe := text.FirstUnsafe(name)
		if !unsafe {
			break
		}
		name = name[:at] + strings.Replace(name[at:], string(r), "", 1)
	}
	runes := []rune(name)
	return string(runes[:min(len(runes), 60)])
}

// Unread says why a form could not be read to its end.
func Unread(err error) error {
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return fault.Wrap(fault.Invalid, err, "These are too many megabytes at once. Upload fewer pictures at a time.")
	}
	if fault.Is(err, fault.Invalid) {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
}
