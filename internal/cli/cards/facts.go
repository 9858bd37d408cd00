package cards

import (
	"fmt"
	"os"
	"path/filepath"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/campaign"
	shipped "daymark/internal/flow/campaign"
	"daymark/internal/org/fact"
	"daymark/internal/postgres/private/place"
)

// facts returns the facts as people of the charity have edited and checked them, where there is a database, and those that Daymark ships
// where there is none; a line on standard error says which.
func facts(r *command.Run) (map[string]campaign.Fact, error) {
	if !hasDatabase(r.Set) {
		_, _ = fmt.Fprintln(r.Err, "Facts are those that Daymark ships: there is no database here.")
		return shipped.ShippedFacts()
	}
	var all map[string]campaign.Fact
	err := r.Open(func(a *app.App) (err error) {
		all, err = fact.All(r.Ctx, a.DB)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		_, _ = fmt.Fprintln(r.Err, "Facts are those that Daymark ships: the database has none yet.")
		return shipped.ShippedFacts()
	}
	_, _ = fmt.Fprintln(r.Err, "Facts are those of the database.")
	return all, nil
}

// hasDatabase reports whether somebody has begun to use Daymark here. Drawing a card makes no database.
func hasDatabase(set command.Settings) bool {
	if set.DatabaseURL != "" {
		return true
	}
	_, err := os.Stat(filepath.Join(set.Data, place.StartLock)) // which lies there wherever the cluster does
	return err == nil
}
