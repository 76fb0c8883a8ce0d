package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/account"
)

// Who may call a route, beside admins, who may call every one with a role.
var (
	platforms = []account.Role{account.Platform}
	officers  = []account.Role{account.Officer}
	carriers  = []account.Role{account.Carrier, account.Officer}
	scanners  = []account.Role{account.Carrier}
	parcelsTo = []account.Role{account.Platform, account.Officer}
	all       = account.Roles
)

// route is one line of the door's table. A route without roles asks for no key.
type route struct {
	method, path string
	roles        []account.Role
	status       int  // of a good answer that has a body
	tagged       bool // a single resource: it has an ETag and may answer 304
	handle       handler
}

// routes is the whole door on one page.
func (d *door) routes() []route {
	const ok, created, accepted = http.StatusOK, http.StatusCreated, http.StatusAccepted
	return []route{
		{"POST", "/v1/parcels", platforms, accepted, false, d.declare},
		{"POST", "/v1/parcels/batch", platforms, accepted, false, d.declareBatch},
		{"GET", "/v1/parcels", parcelsTo, ok, false, d.listParcels},
		{"GET", "/v1/parcels/:id", parcelsTo, ok, true, d.getParcel},
		{"POST", "/v1/parcels/:id/cancellation", platforms, accepted, false, d.cancelParcel},
		{"POST", "/v1/parcels/:id/information", platforms, accepted, false, d.informAboutParcel},
		{"GET", "/v1/receipts", platforms, ok, false, d.followReceipts},

		{"GET", "/v1/routes", all, ok, false, d.listRoutes},
		{"GET", "/v1/consignments", carriers, ok, false, d.followConsignments},
		{"GET", "/v1/consignments/:id", carriers, ok, true, d.getConsignment},
		{"GET", "/v1/consignments/:id/parcels", carriers, ok, false, d.listConsignmentParcels},
		{"GET", "/v1/consignments/:id/events", carriers, ok, false, d.listConsignmentEvents},
		{"POST", "/v1/consignments/:id/events", scanners, created, false, d.scanConsignment},
		{"GET", "/v1/consignments/:id/manifest", carriers, ok, false, d.getManifest},
		{"POST", "/v1/consignments/:id/holds", carriers, created, false, d.holdConsignment},
		{"DELETE", "/v1/consignments/:id/holds/:hold_id", carriers, ok, false, d.liftHold},
		{"POST", "/v1/consignments/:id/release", officers, ok, false, d.releaseConsignment},

		{"GET", "/v1/departures", carriers, ok, false, d.listDepartures},
		{"POST", "/v1/departures", carriers, created, false, d.addDeparture},
		{"GET", "/v1/departures/:id", carriers, ok, true, d.getDeparture},
		{"POST", "/v1/departures/:id/release", officers, ok, false, d.releaseDeparture},

		{"GET", "/v1/reviews", officers, ok, false, d.listReviews},
		{"POST", "/v1/reviews/next", officers, ok, false, d.claimNextReview},
		{"GET", "/v1/reviews/:id", officers, ok, true, d.getReview},
		{"POST", "/v1/reviews/:id/claim", officers, ok, false, d.claimReview},
		{"POST", "/v1/reviews/:id/release-claim", officers, ok, false, d.giveReviewBack},
		{"POST", "/v1/reviews/:id/decision", officers, ok, false, d.decideReview},
		{"GET", "/v1/sorter/:tracking_no", officers, ok, false, d.sortParcel},

		{"GET", "/v1/lists", officers, ok, false, d.listWatchLists},
		{"GET", "/v1/exchange-rates", officers, ok, false, d.listExchangeRates},
		{"GET", "/v1/trusted-pairs", officers, ok, false, d.listTrustedPairs},
		{"POST", "/v1/trusted-pairs", officers, created, false, d.trustPair},
		{"DELETE", "/v1/trusted-pairs/:id", officers, ok, false, d.endTrustedPair},
		{"GET", "/v1/rulesets", officers, ok, false, d.listRuleSets},
		{"POST", "/v1/rulesets", officers, created, true, d.draftRuleSet},
		{"GET", "/v1/rulesets/:id", officers, ok, true, d.getRuleSet},
		{"PUT", "/v1/rulesets/:id", officers, ok, true, d.changeRuleSet},
		{"POST", "/v1/rulesets/:id/backtest", officers, accepted, false, d.backtestRuleSet},
		{"GET", "/v1/rulesets/:id/backtests/:backtest_id", officers, ok, true, d.getBacktest},
		{"POST", "/v1/rulesets/:id/shadow", officers, ok, false, d.shadowRuleSet},
		{"POST", "/v1/rulesets/:id/activate", officers, ok, false, d.activateRuleSet},
		{"POST", "/v1/rulesets/:id/retire", officers, ok, false, d.retireRuleSet},
		{"GET", "/v1/named-lists", officers, ok, false, d.listNamedLists},
		{"GET", "/v1/named-lists/:name", officers, ok, true, d.getNamedList},
		{"PUT", "/v1/named-lists/:name", officers, ok, true, d.putNamedList},

		{"GET", "/healthz", nil, ok, false, d.alive},
		{"GET", "/readyz", nil, ok, false, d.ready},
		{"GET", "/metrics", nil, ok, false, d.metrics},
		{"GET", "/problems", nil, ok, false, d.listProblems},
		{"GET", "/problems/:code", nil, ok, true, d.getProblem},
		{"GET", "/openapi.json", nil, ok, false, d.description},
		{"GET", "/docs/*file", nil, ok, false, d.browse},
	}
}

// door is the handlers and what they share.
type door struct {
	deps    Deps
	cfg     Config
	limits  *limits
	waits   *waits
	looks   chan struct{} // room for a waiting feed to look
	turns   *turns
	bodies  *bodies
	health  *health
	watched *instruments
}

// New builds the door. The server in front of it should bound the reading of headers and idle connections; the door sets
// the deadlines of bodies and answers itself, so that a long poll or a stream may take longer than a broken client.
func New(deps Deps, cfg Config) http.Handler {
	d := newDoor(deps, cfg)
	return d.engine(d.routes())
}

// NewBare builds a door with one route, POST /v1/parcels, that reads a body and answers 202 without looking at it: what HTTP, keys,
// limits, log and metrics cost by themselves. It is for benchmarks, and no service has it.
func NewBare(deps Deps, cfg Config) http.Handler {
	d := newDoor(deps, cfg)
	return d.engine([]route{{"POST", "/v1/parcels", platforms, http.StatusAccepted, false, d.takeUnread}})
}

func newDoor(deps Deps, cfg Config) *door {
	cfg = cfg.withDefaults()
	return &door{
		deps: deps, cfg: cfg, limits: newLimits(cfg.RatePerSecond), waits: newWaits(cfg.Waits), looks: make(chan struct{}, looksAtOnce),
		turns: newTurns(cfg.Work, deps.Now), bodies: newBodies(cfg.BodyMemory),
		health: &health{checks: deps.Checks, now: deps.Now}, watched: newInstruments(deps.Metrics),
	}
}

// engine serves routes.
func (d *door) engine(routes []route) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.UseRawPath = true          // a tracking number may hold an escaped slash
	_ = engine.SetTrustedProxies(nil) // nil is always taken; a forwarded address is not believed

	engine.Use(d.observe)
	engine.NoRoute(d.run(route{handle: noRoute}))
	engine.NoMethod(d.run(route{handle: noMethod}))
	engine.GET("/docs", func(c *gin.Context) { c.Redirect(http.StatusPermanentRedirect, "/docs/") }) // for those who type it
	for _, r := range routes {
		if d.deps.HealthOnly && r.roles != nil {
			continue
		}
		engine.Handle(r.method, r.path, d.run(r))
		if r.method == http.MethodGet {
			engine.Handle(http.MethodHead, r.path, d.run(r)) // net/http leaves the body out
		}
	}
	return engine
}

// Endpoint is one line of the door's table, as its description tells it.
type Endpoint struct {
	Method, Path string // the path with its parameters in braces
	Roles        []account.Role
}

// Endpoints gives every endpoint of the door.
func Endpoints() []Endpoint {
	var all []Endpoint
	for _, r := range new(door).routes() {
		all = append(all, Endpoint{Method: r.method, Path: braced(r.path), Roles: r.roles})
	}
	return all
}

// braced turns gin's /x/:id into /x/{id}, and cuts a catch-all off.
func braced(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case strings.HasPrefix(s, ":"):
			segments[i] = "{" + s[1:] + "}"
		case strings.HasPrefix(s, "*"):
			segments[i] = ""
		}
	}
	return strings.Join(segments, "/")
}
