package report

import (
	"bytes"
	"context"
	"fmt"

	"daymark/internal/flow/reach"
	"daymark/internal/flow/reach/handout"
	"daymark/internal/media/card/lettering"
	"daymark/internal/postgres"
)

// Format is a kind of file.
type Format string

// The formats. The last two have the names of their fields in English, whatever the language of the report: programs read them.
const (
	AsPDF  Format = "pdf"
	AsPNG  Format = "png"
	AsCSV  Format = "csv"
	AsJSON Format = "json"
)

// types are what browsers are told of files.
var types = map[Format]string{
	AsPDF: "application/pdf", AsPNG: "image/png", AsCSV: "text/csv; charset=utf-8; header=present", AsJSON: "application/json",
}

// File is a report as a file.
type File struct {
	Name string
	Type string
	Body []byte
}

// Make reads an edition and writes its report as a file.
func Make(ctx context.Context, q postgres.Querier, edition int64, as Format, o Options, fonts *lettering.Fonts) (File, error) {
	if as == AsCSV || as == AsJSON {
		r, err := reach.Summarise(ctx, q, edition)
		if err != nil {
			return File{}, err
		}
		write := reach.WriteCSV
		if as == AsJSON {
			write = reach.WriteJSON
		}
		var b bytes.Buffer
		err = write(&b, r)
		return named(r, as, "", b.Bytes()), err
	}
	h, err := handout.Read(ctx, q, edition, o.Now, o.Zone)
	if err != nil {
		return File{}, err
	}
	draw := PDF
	if as == AsPNG {
		draw = PNG
	}
	data, err := draw(Write(h, o), o, fonts)
	if err != nil {
		return File{}, fmt.Errorf("write the report of edition %d: %w", edition, err)
	}
	return named(h.Report, as, "-"+o.Words.Lang, data), nil
}

func named(r reach.Report, as Format, lang string, body []byte) File {
	return File{Name: fmt.Sprintf("%s-%d%s.%s", r.Edition.Campaign, r.Edition.Year, lang, as), Type: types[as], Body: body}
}
