package x

import (
	"time"

	"daymark/internal/sandbox/x/meter"
)

// Limit allows so many requests in each stretch of product time.
type Limit = meter.Limit

// Limits are the rate limits of an account by endpoint; an endpoint that is not listed has none.
type Limits map[string]Limit

// DefaultLimits returns X's limits (https://docs.x.com/x-api/fundamentals/rate-limits, seen in August 2026).
func DefaultLimits() Limits {
	quarter := 15 * time.Minute
	return Limits{
		"POST /2/tweets":                     {Requests: 100, Per: quarter},
		"DELETE /2/tweets/{id}":              {Requests: 50, Per: quarter},
		"GET /2/tweets":                      {Requests: 5000, Per: quarter},
		"GET /2/tweets/{id}":                 {Requests: 900, Per: quarter},
		"GET /2/users/me":                    {Requests: 75, Per: quarter},
		"GET /2/users/{id}/tweets":           {Requests: 900, Per: quarter},
		"POST /2/media/upload":               {Requests: 500, Per: quarter},
		"POST /2/media/upload/initialize":    {Requests: 1875, Per: quarter},
		"POST /2/media/upload/{id}/append":   {Requests: 1875, Per: quarter},
		"POST /2/media/upload/{id}/finalize": {Requests: 1875, Per: quarter},
		"GET /2/media/upload":                {Requests: 1000, Per: quarter},
		"POST /2/media/metadata":             {Requests: 500, Per: quarter},
		"POST /1.1/statuses/update.json":     {Requests: 300, Per: 3 * time.Hour},
	}
}
