// Package library writes the campaigns of a database back as files, tells campaigns of one's own from those that come with Daymark, and
// keeps files from writing over what was changed in the browser. It reads no files: internal/flow/campaign does.
package library

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/postgres"
)

// Exported is a campaign of the database as files, by their names in its folder.
type Exported struct {
	Files map[string][]byte
	// OwnObservance is the id of its observance where Daymark ships none like it and the files do not have it either: its calendar has
	// to lie beside the folder.
	OwnObservance string
	// OwnFacts are the ids of facts it states that Daymark does not ship: its facts.yaml has to lie beside the folder, or in it.
	OwnFacts []string
}

// Export returns a campaign of the database as the files that would load it: loading them changes nothing.
func Export(ctx context.Context, q postgres.Querier, id string) (Exported, error) {
	kept, err := book.FindCampaign(ctx, q, id)
	if err != nil {
		return Exported{}, err
	}
	var c core.Campaign
	if err := json.Unmarshal(kept.Body, &c); err != nil {
		return Exported{}, fmt.Errorf("read campaign %s: %w", id, err)
	}
	file, err := campaign.Export(c)
	if err != nil {
		return Exported{}, err
	}
	out := Exported{Files: map[string][]byte{campaign.FileName: file}}
	for _, m := range c.Posts {
		for i := range m.Parts() {
			for _, picture := range m.PartMedia(i) {
				if _, have := out.Files[picture.File]; have {
					continue
				}
				blob, err := book.FindBlob(ctx, q, picture.SHA256)
				if err != nil {
					return Exported{}, fmt.Errorf("picture %s of %s: %w", picture.File, id, err)
				}
				out.Files[picture.File] = blob.Bytes
			}
		}
	}
	known, err := campaign.ShippedFacts()
	if err != nil {
		return Exported{}, err
	}
	for _, m := range c.Posts {
		for _, f := range m.Facts {
			if _, ok := known[f]; !ok && !slices.Contains(out.OwnFacts, f) {
				out.OwnFacts = append(out.OwnFacts, f)
			}
		}
	}
	if shipped, err := isShipped(kept.Observance); err != nil || shipped {
		return out, err
	}
	var o observance.Observance
	if err := json.Unmarshal(kept.Observance, &o); err != nil {
		return Exported{}, fmt.Errorf("read the observance of %s: %w", id, err)
	}
	calendar, whole, err := campaign.ExportObservance(o)
	if err != nil {
		return Exported{}, err
	}
	if whole {
		out.Files[observances] = calendar
	} else {
		out.OwnObservance = c.Observance
	}
	return out, nil
}

// observances is the name of the calendar in a campaign's folder.
const observances = "observances.yaml"

// Zip returns the files as one, in a folder of the campaign's name. The same files make the same archive.
func (e Exported) Zip(folder string) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(e.Files)) {
		to, err := w.Create(path.Join(folder, name))
		if err == nil {
			_, err = to.Write(e.Files[name])
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack %s: %w", folder, err)
	}
	return b.Bytes(), nil
}

// isShipped reports whether an observance, as the database has it, is one that Daymark ships.
func isShipped(kept []byte) (bool, error) {
	var own observance.Observance
	if err := json.Unmarshal(kept, &own); err != nil {
		return false, fmt.Errorf("read an observance: %w", err)
	}
	all, err := campaign.ShippedObservances()
	if err != nil {
		return false, err
	}
	mine, err := json.Marshal(own)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.ID != own.ID {
			continue
		}
		theirs, err := json.Marshal(o)
		return string(mine) == string(theirs), err
	}
	return false, nil
}
