package guard

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"daymark/internal/org/audit"
)

// Visit is how a request came.
type Visit struct {
	Address netip.Addr // the visitor's; behind trusted proxies the nearest address that is none of theirs
	Secure  bool       // over https, by our own connection or a trusted proxy's word
	Plain   bool       // over plain http, by a trusted proxy's word
	Proxied bool       // through a trusted proxy
	Local   bool       // from this machine, and no proxy says otherwise
}

// maxHops bounds how many proxies a request is believed to have come through.
const maxHops = 16

// Visit reads how a request came. What proxies say counts only when the connection is from a trusted one: X-Forwarded-For is read
// from its end, where the nearest proxy wrote, to the first address that is not itself a trusted proxy's; what stands before that
// the visitor may have written. X-Forwarded-Host and Forwarded are never read.
func (g Guard) Visit(r *http.Request) Visit {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return Visit{}
	}
	v := Visit{Address: peer.Addr().Unmap().WithZone(""), Secure: r.TLS != nil}
	proto := strings.ToLower(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","))
	if !g.trusts(v.Address) {
		// A proxy on this machine that nobody named is not believed, but when it says that passwords came openly, that is heeded.
		v.Local = v.Address.IsLoopback() && !hasPlain(proto)
		return v
	}
	v.Proxied = true
	v.Plain = hasPlain(proto)
	v.Secure = v.Secure || proto != "" && !v.Plain
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && i >= len(hops)-maxHops; i-- {
		hop, ok := address(hops[i])
		if !ok {
			break
		}
		v.Address = hop
		if !g.trusts(hop) {
			break
		}
	}
	return v
}

// hasPlain reports whether any of the proxies' words is another than https.
func hasPlain(proto string) bool {
	if proto == "" {
		return false
	}
	for word := range strings.SplitSeq(proto, ",") {
		if strings.TrimSpace(word) != "https" {
			return true
		}
	}
	return false
}

// address reads one entry of X-Forwarded-For, with or without a port.
func address(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if pair, err := netip.ParseAddrPort(hop); err == nil {
		return pair.Addr().Unmap().WithZone(""), true
	}
	one, err := netip.ParseAddr(trimBrackets(hop))
	return one.Unmap().WithZone(""), err == nil
}

func (g Guard) trusts(a netip.Addr) bool {
	for _, p := range g.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// visitKey is the key of a Visit in a context.
type visitKey struct{}

// Admit lets through what was asked of a name that is ours, and hands the rest to strange. It notes how the request came, for
// [From] and for the audit log, and leads who came over plain http to https.
func (g Guard) Admit(next, strange http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := g.Visit(r)
		from := audit.From{Via: audit.ByBrowser}
		if v.Address.IsValid() {
			from.Address = v.Address.String()
		}
		r = r.WithContext(audit.Within(context.WithValue(r.Context(), visitKey{}, v), from))
		if !g.Answers(r) {
			strange.ServeHTTP(w, r)
			return
		}
		if to, ok := g.Upgrade(r); ok {
			http.Redirect(w, r, to, http.StatusPermanentRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// From returns how the request of a context came, by [Guard.Admit].
func From(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}
