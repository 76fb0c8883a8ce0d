package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/alataw/alataw/internal/fault"
)

const (
	checkPatience = 2 * time.Second
	checkedFor    = 500 * time.Millisecond // probes in between get the last answer: anybody may ask
)

// Health tells whether the process can do its job.
type Health struct {
	Status string                  `json:"status" enums:"ok,late,unavailable" example:"ok"` // late: the job is done, later than usual
	Checks map[string]HealthResult `json:"checks,omitempty"`
} //	@name	Health

// HealthResult is what one dependency answered.
type HealthResult struct {
	Status string `json:"status" enums:"ok,failed" example:"ok"`
	Detail string `json:"detail,omitempty"`
} //	@name	HealthResult

func (h Health) status() int {
	if h.Status == "unavailable" {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// alive says that the process answers.
//
//	@Summary	Tell whether the process lives
//	@Tags		service
//	@Success	200	{object}	Health
//	@Router		/healthz [get]
func (d *door) alive(*gin.Context) (any, error) { return Health{Status: "ok"}, nil }

// ready asks every dependency. Only what is needed makes it 503.
//
//	@Summary		Tell whether it can do its job
//	@Description	Asks every dependency. 503 only when a needed one fails.
//	@Tags			service
//	@Success		200	{object}	Health
//	@Failure		503	{object}	Health
//	@Router			/readyz [get]
func (d *door) ready(c *gin.Context) (any, error) {
	return d.health.ask(c.Request.Context()), nil
}

// metrics serves Prometheus.
//
//	@Summary	Metrics
//	@Tags		service
//	@Produce	plain
//	@Success	200	{string}	string	"Prometheus text format"
//	@Router		/metrics [get]
func (d *door) metrics(c *gin.Context) (any, error) {
	serve := promhttp.HandlerFor(d.deps.Metrics, promhttp.HandlerOpts{EnableOpenMetrics: true}) // which is what has room for exemplars
	return streamed(func(w http.ResponseWriter) error {
		serve.ServeHTTP(w, c.Request)
		return nil
	}), nil
}

// health asks the dependencies, not more often than needed.
type health struct {
	checks []Check
	now    func() time.Time
	mu     sync.Mutex
	asked  time.Time
	last   Health
}

func (h *health) ask(ctx context.Context) Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := h.now(); h.asked.IsZero() || now.Sub(h.asked) >= checkedFor {
		// The answer is for every probe that comes meanwhile, so it does not end with this one.
		h.last = askAll(context.WithoutCancel(ctx), h.checks)
		h.asked = now
	}
	return h.last
}

func askAll(ctx context.Context, checks []Check) Health {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	errs := make([]error, len(checks))
	var asking sync.WaitGroup
	for i, check := range checks {
		asking.Go(func() { errs[i] = check.Ask(ctx) })
	}
	asking.Wait()
	answer := Health{Status: "ok", Checks: make(map[string]HealthResult, len(checks))}
	for i, check := range checks {
		answer.add(check, errs[i])
	}
	return answer
}

func (h *Health) add(check Check, err error) {
	if err == nil {
		h.Checks[check.Name] = HealthResult{Status: "ok"}
		return
	}
	detail := "it does not answer as it should"
	if f, ok := errors.AsType[*fault.Error](err); ok {
		detail = f.Detail // written for callers; other errors are not
	}
	h.Checks[check.Name] = HealthResult{Status: "failed", Detail: detail}
	switch {
	case check.Needed:
		h.Status = "unavailable"
	case h.Status == "ok":
		h.Status = "late"
	}
}
