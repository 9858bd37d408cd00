package request

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Refusal is an answer that says no. X has two shapes for it: the older errors with a code, and problems (RFC 9457), whose
// type begins with api.twitter.com in most answers and with api.x.com in some.
type Refusal struct {
	Status int
	Body   any
}

// Error returns the body as JSON.
func (r *Refusal) Error() string {
	b, err := json.Marshal(r.Body)
	return fmt.Sprintf("%d %s %v", r.Status, b, err)
}

// Write answers with the refusal.
func (r *Refusal) Write(w http.ResponseWriter) {
	kind := "application/problem+json"
	if _, old := r.Body.(oldErrors); old {
		kind = "application/json; charset=utf-8"
	}
	write(w, r.Status, kind, r.Body)
}

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	write(w, status, "application/json; charset=utf-8", v)
}

func write(w http.ResponseWriter, status int, kind string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(b) // a reader that has gone needs no answer
}

// oldErrors is the older shape.
type oldErrors struct {
	Errors []oldError `json:"errors"`
}

type oldError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Old returns a refusal with a code, as https://docs.x.com/x-api/fundamentals/response-codes-and-errors lists them.
func Old(status, code int, message string) *Refusal {
	return &Refusal{Status: status, Body: oldErrors{[]oldError{{code, message}}}}
}

// problem is the newer shape.
type problem struct {
	Title  string   `json:"title"`
	Detail string   `json:"detail"`
	Type   string   `json:"type"`
	Status int      `json:"status,omitempty"`
	Errors []detail `json:"errors,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// detail says which parameter is wrong.
type detail struct {
	Parameters map[string][]string `json:"parameters"`
	Message    string              `json:"message"`
}

// Missing is a problem in an answer that is otherwise a success.
type Missing struct {
	Value        string `json:"value"`
	Detail       string `json:"detail"`
	Title        string `json:"title"`
	ResourceType string `json:"resource_type"`
	Parameter    string `json:"parameter"`
	ResourceID   string `json:"resource_id"`
	Type         string `json:"type"`
}

const problems = "https://api.twitter.com/2/problems/"

// Plain returns a problem of no special type, such as most refusals with 403.
func Plain(status int, text string) *Refusal {
	return &Refusal{Status: status, Body: problem{Title: http.StatusText(status), Detail: text, Type: "about:blank", Status: status}}
}

// Invalid says that a parameter is wrong.
func Invalid(name, value, format string, args ...any) *Refusal {
	parameters := map[string][]string{}
	if name != "" {
		parameters[name] = []string{value}
	}
	return &Refusal{Status: http.StatusBadRequest, Body: problem{
		Title: "Invalid Request", Detail: "One or more parameters to your request was invalid.", Type: problems + "invalid-request",
		Errors: []detail{{parameters, fmt.Sprintf(format, args...)}},
	}}
}

// ReadOnly says that the application was not allowed to write when its token was made.
func ReadOnly() *Refusal {
	return &Refusal{Status: http.StatusForbidden, Body: problem{
		Title: "Forbidden", Type: problems + "oauth1-permissions", Status: http.StatusForbidden,
		Detail: "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
	}}
}

// Suspended says that the account was taken off the network.
func Suspended() *Refusal {
	return Old(http.StatusForbidden, 64, "Your account is suspended and is not permitted to access this feature.")
}

// NotFound lists a post that is not there.
func NotFound(parameter, id string) Missing {
	return Missing{
		Value: id, ResourceID: id, Parameter: parameter, ResourceType: "tweet", Title: "Not Found Error",
		Detail: fmt.Sprintf("Could not find tweet with %s: [%s].", parameter, id), Type: problems + "resource-not-found",
	}
}

// NoLegacy is what all self-serve applications get from the old API.
func NoLegacy() *Refusal {
	return Old(http.StatusForbidden, 453, "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints (e.g. media post, oauth) only. "+
		"If you need access to this endpoint, you may need a different access level. You can learn more here: https://developer.x.com/en/portal/product")
}
