package content

import (
	"path/filepath"

	"daymark/internal/core/lint"
)

// The part of SARIF 2.1.0 that we write; field names are the standard's
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html). These are the shapes of a file format and no code:
// the library for it brings a JSON Schema engine that nobody has kept since 2019.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string       `json:"id"`
		ShortDescription sarifText    `json:"shortDescription"`
		Help             *sarifText   `json:"help,omitempty"`
		Default          sarifDefault `json:"defaultConfiguration"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID     string           `json:"ruleId"`
		RuleIndex  int              `json:"ruleIndex"`
		Level      string           `json:"level"`
		Message    sarifText        `json:"message"`
		Locations  []sarifLocation  `json:"locations"`
		Properties *sarifProperties `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	// sarifProperties is our own addition, as the standard allows it (3.8): where in the words a finding stands.
	sarifProperties struct {
		Post    string       `json:"post,omitempty"`
		Network string       `json:"network,omitempty"`
		Finding lint.Finding `json:"finding"`
	}
)

// levels are the words of SARIF for our severities (3.27.10).
var levels = map[lint.Severity]string{lint.Error: "error", lint.Warning: "warning", lint.Note: "note"}

// sarifOf returns what was found as a SARIF log, which code hosts and editors show beside the lines.
func sarifOf(set *lint.Set, list []found) sarifLog {
	driver := sarifDriver{Name: "daymark", Rules: []sarifRule{{
		ID: brokenFile, ShortDescription: sarifText{"A file can be read."}, Default: sarifDefault{levels[lint.Error]},
	}}}
	index := map[string]int{brokenFile: 0}
	for _, r := range set.Rules() {
		if r.How != lint.Automatic {
			continue
		}
		rule := sarifRule{ID: r.ID, ShortDescription: sarifText{r.Message}, Default: sarifDefault{levels[r.Severity]}}
		if r.Suggestion != "" {
			rule.Help = &sarifText{r.Suggestion}
		}
		index[r.ID] = len(driver.Rules)
		driver.Rules = append(driver.Rules, rule)
	}
	run := sarifRun{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	for _, f := range list {
		result := sarifResult{
			RuleID: f.Rule, RuleIndex: index[f.Rule], Level: levels[f.Severity], Message: sarifText{f.Message},
			Locations: []sarifLocation{{sarifPhysical{sarifArtifact{filepath.ToSlash(f.File)}, sarifRegion{f.Line, f.Column}}}},
		}
		if f.Finding != nil {
			result.Properties = &sarifProperties{Post: f.Post, Network: f.Network, Finding: *f.Finding}
		}
		run.Results = append(run.Results, result)
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}
