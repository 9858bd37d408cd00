// Package campaigns carries the calendar, the facts and the campaigns that Daymark ships, as the files they are.
//
// It only embeds them; internal/flow/campaign reads them. docs/campaign-files.md explains the format.
package campaigns

import "embed"

// Files has observances.yaml, facts.yaml, helplines.yaml, lint.yaml and one folder for each campaign, with its campaign.yaml, its cards.yaml and
// its pictures.
//
//go:embed observances.yaml facts.yaml helplines.yaml lint.yaml */campaign.yaml */cards.yaml */*.png
var Files embed.FS

// Schemas has the JSON Schemas of campaign files, calendars, facts and helplines, for editors, such as campaign.schema.json.
//
//go:embed *.schema.json
var Schemas embed.FS
