package mastodon

import (
	"daymark/internal/sandbox/mastodon/api"
	"daymark/internal/sandbox/mastodon/oauth"
)

// The endpoints about applications, tokens and the server itself only hand on.

func (s *Server) registerApp(c *api.Call) (any, error) { return s.desk.Register(c.P) }

func (s *Server) verifyApp(c *api.Call) (any, error) { return s.desk.App(c.Token) }

func (s *Server) exchange(c *api.Call) (any, error) { return s.desk.Exchange(c.R, c.P) }

func (s *Server) revoke(c *api.Call) (any, error) { return s.desk.Revoke(c.R, c.P) }

func (s *Server) ask(c *api.Call) (any, error) { return nil, s.desk.Ask(c.W, c.P) }

func (s *Server) decide(c *api.Call) (any, error) { return nil, s.desk.Decide(c.W, c.R, c.P) }

func (s *Server) discovery(c *api.Call) (any, error) { return oauth.Discovery(c.Base), nil }

func (s *Server) instance(c *api.Call) (any, error) {
	return c.Instance(s.api.Rules, s.opts.Title), nil
}

func (s *Server) instanceV1(c *api.Call) (any, error) {
	return c.InstanceV1(s.api.Rules, s.opts.Title), nil
}

func (s *Server) nodeInfo(c *api.Call) (any, error) { return c.NodeInfo(), nil }

func (s *Server) nodeInfoLink(c *api.Call) (any, error) {
	return map[string]any{"links": []any{map[string]string{
		"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": c.Base + "/nodeinfo/2.0",
	}}}, nil
}

func (s *Server) verifyAccount(c *api.Call) (any, error) { return c.Own(c.Owner), nil }
