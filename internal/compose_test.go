package internal

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// composition is what we hold about docker-compose.yml. Its whole grammar is checked by docker compose, where that is.
type composition struct {
	Services map[string]struct {
		Image       string
		Build       map[string]any
		Ports       []string
		Volumes     []string
		Environment map[string]string
		Healthcheck struct{ Test []string }
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	}
	Volumes map[string]any
}

func TestTheCompositionHoldsTogether(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var c composition
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff([]string{"daymark", "postgres", "proxy"}, slices.Sorted(maps.Keys(c.Services))); diff != "" {
		t.Fatalf("services (-want +got):\n%s", diff)
	}
	for name, s := range c.Services {
		if len(s.Healthcheck.Test) < 2 {
			t.Errorf("%s has no health check", name)
		}
		if published := len(s.Ports) > 0; published != (name == "proxy") {
			t.Errorf("%s: only the proxy publishes ports, or a second replica could not start", name)
		}
		for other, how := range s.DependsOn {
			if _, ok := c.Services[other]; !ok || how.Condition != "service_healthy" {
				t.Errorf("%s waits for %s %q, want a service that is healthy", name, other, how.Condition)
			}
		}
		for _, mounted := range s.Volumes {
			source, _, _ := strings.Cut(mounted, ":")
			_, declared := c.Volumes[source]
			if _, err := os.Stat("../" + source); strings.HasPrefix(source, ".") && err != nil {
				t.Errorf("%s mounts %s: %v", name, source, err)
			} else if !strings.HasPrefix(source, ".") && !declared {
				t.Errorf("%s mounts the volume %s, which is not declared", name, source)
			}
		}
	}
	if image := c.Services["postgres"].Image; image != "postgres:17" {
		t.Errorf("the database is %s, want postgres:17", image)
	}
	if url := c.Services["daymark"].Environment["DATABASE_URL"]; !strings.Contains(url, "sslmode=") {
		t.Errorf("DATABASE_URL does not state sslmode")
	}
	if data := c.Services["daymark"].Volumes; !slices.Contains(data, "data:/data") {
		t.Errorf("replicas do not share the data folder, which holds the key: %q", data)
	}
}
