package campaign

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/flow/campaign/facts"
	"daymark/internal/flow/campaign/read"
)

// factsName is the name of a file of facts.
const factsName = "facts.yaml"

// ReadFacts reads the text of a file of facts, in its order. Facts that come with problems must not be used.
func ReadFacts(name string, src []byte) ([]campaign.Fact, []Problem) { return facts.Read(name, src) }

// ShippedFacts returns the facts that come with Daymark, by id.
func ShippedFacts() (map[string]campaign.Fact, error) {
	src, err := fs.ReadFile(campaigns.Files, factsName)
	if err != nil {
		return nil, fmt.Errorf("read the shipped facts: %w", err)
	}
	all, problems := ReadFacts("campaigns/"+factsName, src)
	if len(problems) > 0 {
		return nil, problemsError("campaigns/"+factsName, problems)
	}
	return byID(all), nil
}

func byID(all []campaign.Fact) map[string]campaign.Fact {
	known := make(map[string]campaign.Fact, len(all))
	for _, f := range all {
		known[f.ID] = f
	}
	return known
}

// factsFor returns the facts that a campaign in the folder may state: its own, which win, and those that Daymark ships. Its own
// are returned by themselves, too.
func factsFor(fsys fs.FS, dir string) (known map[string]campaign.Fact, own []campaign.Fact, problems []Problem, err error) {
	if known, err = ShippedFacts(); err != nil {
		return nil, nil, nil, err
	}
	file, src, err := beside(fsys, dir, factsName)
	if err != nil || file == "" {
		return known, nil, nil, err
	}
	own, problems = ReadFacts(file, src)
	maps.Copy(known, byID(own))
	return known, own, problems, nil
}

// checkFacts returns a problem for each place that names a fact nobody knows, or states one in a language it has no sentence in.
func checkFacts(r *read.File, known map[string]campaign.Fact) []Problem {
	var problems []Problem
	var ids []string
	for id, places := range r.Facts {
		fact, ok := known[id]
		if ok {
			problems = append(problems, checkSaid(fact, places)...)
			continue
		}
		if id == "" {
			continue
		}
		if ids == nil {
			ids = slices.Sorted(maps.Keys(known))
		}
		hint := nearest(id, ids, factsName)
		for _, v := range places {
			problems = append(problems, v.Problem("no fact has the id %q%s", id, hint))
		}
	}
	return problems
}

func checkSaid(fact campaign.Fact, places []read.Cited) []Problem {
	var problems []Problem
	for _, v := range places {
		if _, ok := fact.Say(v.Language); !ok && v.Language != "" {
			problems = append(problems, v.Problem("the fact %s has no sentence in %q: add one to %s, or state it in words of your own and name its source", fact.ID, v.Language, factsName))
		}
	}
	return problems
}
