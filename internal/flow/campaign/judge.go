package campaign

import (
	"slices"

	"daymark/internal/core/campaign"
	"daymark/internal/core/observance"
	"daymark/internal/flow/campaign/form"
	"daymark/internal/flow/campaign/read"
)

// Ground is what a campaign that is kept in a database stands on, where [Load] has files.
type Ground struct {
	Observance observance.Observance
	Facts      map[string]campaign.Fact // by id
	Pictures   map[string]string        // the SHA-256 of each picture by its path, in hex
}

// Judge returns the campaign that a file with the fields would be, and everything that is wrong with it, just as [Load] does. One
// thing is let pass: a campaign that is being made has no message at first. It cannot be exported before it has one.
func Judge(f form.Campaign, on Ground) (campaign.Campaign, []Problem, error) {
	src, err := Write(f)
	if err != nil {
		return campaign.Campaign{}, nil, err
	}
	r, problems := read.Campaign(f.ID, src)
	if len(f.Posts) == 0 {
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Field == "posts" })
	}
	c := r.Campaign
	problems = append(problems, checkFacts(r, on.Facts)...)
	problems = append(problems, checkSeries(c, on.Observance, r)...)
	for name, at := range r.Files {
		if on.Pictures[name] == "" {
			problems = append(problems, at.Problem("there is no picture %q", name))
		}
	}
	if c.Posts == nil {
		c.Posts = []campaign.Message{} // a list in JSON, too
	}
	hash(c, on.Pictures)
	return c, problems, nil
}

// hash gives the pictures of a campaign the hashes of their files.
func hash(c campaign.Campaign, sums map[string]string) {
	of := func(media []campaign.Media) []campaign.Media {
		media = slices.Clone(media)
		for j := range media {
			media[j].SHA256 = sums[media[j].File]
		}
		return media
	}
	for i := range c.Posts {
		m := &c.Posts[i]
		m.Media = of(m.Media)
		for j := range m.Thread {
			m.Thread[j].Media = of(m.Thread[j].Media)
		}
	}
}
