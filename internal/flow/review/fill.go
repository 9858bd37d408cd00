package review

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/helpline"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// readValues returns the values of the tokens that are the same in every language.
func readValues(ctx context.Context, q postgres.Querier, edition int64) (map[string]string, error) {
	p, err := profile.Get(ctx, q)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(profile.Tokens(p, ""))
	if edition == 0 {
		return values, nil
	}
	e, err := book.EditionByID(ctx, q, edition)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	values["year"] = strconv.Itoa(e.Year)
	if e.Theme != "" {
		values["theme"] = e.Theme
	}
	return values, nil
}

// fill returns the final content of each delivery of a post in one language, and the reasons why it cannot be submitted.
func fill(ctx context.Context, q postgres.Querier, networks Networks, p book.Post, language string, values map[string]string, now time.Time) (map[int64]post.Final, []string, error) {
	finals := map[int64]post.Final{}
	var reasons []string
	for _, e := range p.Entries {
		if e.Language != language || !waitsForApproval(e, now) {
			continue
		}
		final, why := fillWords(p.Source, language, e.Platform, values)
		if len(why) == 0 {
			final.Post, final.Channel, final.Platform, final.Account = p.ID, e.Channel, e.Platform, e.Handle
			final.DueDate, final.DueClock, final.Zone = e.DueDate, e.DueClock, e.Zone
			final.DueAt, final.NotAfter = e.DueAt.UTC(), e.NotAfter.UTC()
			content, err := book.Content(ctx, q, final)
			if err != nil {
				return nil, nil, err
			}
			issues, err := networks.Check(ctx, e.Channel, content)
			if err != nil {
				return nil, nil, err
			}
			for _, issue := range issues {
				if !issue.Warning {
					why = append(why, e.Handle+": "+issue.Message)
				}
			}
		}
		for _, reason := range why {
			if !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		finals[e.Delivery] = final
	}
	return finals, reasons, nil
}

// fillWords fills the tokens of a source in one language on one network; what is missing comes back as sentences.
func fillWords(source post.Source, language, network string, common map[string]string) (post.Final, []string) {
	values := map[string]string{}
	maps.Copy(values, common)
	if sentence, ok := helpline.Emergency(language); ok {
		values["helpline"] = sentence
	}
	if source.Link != "" {
		values["link"] = source.Link
	}
	final := post.Final{Language: language, Visibility: "public", Sensitive: source.Sensitive, ContentNote: source.ContentNote[language]}
	var reasons []string
	if len(source.Parts) > 1 {
		reasons = append(reasons, "it is a thread, and threads cannot be sent yet.")
	}
	if source.Sensitive && final.ContentNote == "" {
		reasons = append(reasons, "a sensitive post needs a content note in this language.")
	}
	for i, part := range source.Parts {
		body, ok := source.Text(i, language, network)
		if !ok || strings.TrimSpace(body) == "" {
			return post.Final{}, []string{"it has no text yet."}
		}
		filled, missing := text.Fill(body, values)
		for _, name := range missing {
			reasons = append(reasons, "{{"+name+"}} is not known yet.")
		}
		if i == 0 {
			filled = text.Compose(strings.Join(append([]string{filled}, source.Mentions[network]...), " "), source.Tags(network))
		}
		made := post.FinalPart{Text: filled}
		for _, picture := range part.Pictures {
			alt, missing := text.Fill(picture.Alt[language], values)
			if strings.TrimSpace(alt) == "" {
				reasons = append(reasons, "its picture has no description (alt text) in this language.")
			}
			for _, name := range missing {
				reasons = append(reasons, "{{"+name+"}} in the picture's description is not known yet.")
			}
			made.Pictures = append(made.Pictures, post.FinalPicture{SHA256: picture.SHA256, Alt: alt})
		}
		final.Parts = append(final.Parts, made)
	}
	return final, reasons
}
