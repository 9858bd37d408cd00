// Package places reads the file that names channels for a preview of a plan, so that a campaign can be looked at in every zone
// without a database and before any account is connected.
//
// It knows nothing of real channels; what it returns has no credentials and can publish nothing.
package places

import (
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/flow/campaign/source"

	"golang.org/x/text/language"
)

// Place is a channel that a preview imagines.
type Place struct {
	Name      string
	Network   string
	Zone      string // IANA
	Languages []string
	Labels    []string
}

// Read reads the text of a file of channels. The name is how problems name the file.
func Read(name string, src []byte) ([]Place, []source.Problem) {
	f, root := source.Parse(name, src)
	fields := root.Map("daymark", "channels")
	if v := fields["daymark"]; v.Present() {
		v.Int(1, 1)
	} else {
		root.Fail("needs the version of the format: daymark: 1")
	}
	var places []Place
	if !fields["channels"].Present() {
		root.Fail("needs channels: a list of channels with name, zone and languages")
	}
	for _, v := range fields["channels"].List("channels") {
		p := read(v)
		if slices.ContainsFunc(places, func(q Place) bool { return q.Name == p.Name }) {
			v.Fail("there is a channel %q already; give each a name of its own", p.Name)
		}
		places = append(places, p)
	}
	if problems := f.Problems(); len(problems) > 0 {
		return nil, problems
	}
	return places, nil
}

func read(v source.Value) Place {
	fields := v.Map("name", "network", "zone", "languages", "labels")
	p := Place{Network: "mastodon", Name: fields["name"].String(), Zone: fields["zone"].String()}
	if p.Name == "" && !fields["name"].Present() {
		v.Fail("needs a name")
	}
	if fields["network"].Present() {
		p.Network = fields["network"].OneOf(campaign.Networks...)
	}
	switch _, err := time.LoadLocation(p.Zone); {
	case !fields["zone"].Present():
		v.Fail("needs a zone, such as Europe/London")
	case err != nil || p.Zone == "" || p.Zone == "Local":
		fields["zone"].Fail("there is no time zone %q; write one such as Europe/London or Asia/Kathmandu", p.Zone)
	}
	if !fields["languages"].Present() {
		v.Fail("needs languages, such as [en, fr]")
	} else {
		p.Languages = fields["languages"].Strings("languages")
		for _, tag := range p.Languages {
			if _, err := language.Parse(tag); err != nil {
				fields["languages"].Fail("%q is no language; write tags such as en, fr or pt-BR", tag)
			}
		}
	}
	if fields["labels"].Present() {
		p.Labels = fields["labels"].Strings("labels")
	}
	return p
}
