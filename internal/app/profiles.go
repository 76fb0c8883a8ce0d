package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/risk"
	"github.com/alataw/alataw/internal/screening"
)

const (
	profilesLead  = "profiles"
	profilesLook  = 10 * time.Second // whether it is time to learn: somebody else may have
	profilesRetry = 10 * time.Second // after trouble, and while too little is stored; twice as long each time, up to the usual interval
	profilesFirst = 1000             // cleared parcels that are worth learning prices from for the first time

	// A young system knows few goods. Until so many prices have been learned it looks more often, and learns again each time that it has
	// cleared some times as many parcels as when it learned last.
	profilesYoung     = 100_000
	profilesYoungLook = 2 * time.Second
	profilesGrowth    = 4
)

// learnProfiles learns prices and risk anew from time to time: one process at a time does, the others stand by.
func (h *house) learnProfiles(ctx context.Context) error {
	if h.cfg.ProfilesEvery == 0 {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		if _, err := h.store.Lead(ctx, profilesLead, h.keepLearning); err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "profiles are not learned, trying again", "error", err.Error())
		}
		wait(ctx, min(profilesLook, h.cfg.ProfilesEvery))
	}
	return nil
}

// keepLearning learns when the last profile is older than the interval, and sooner while the system is young.
func (h *house) keepLearning(ctx context.Context) error {
	every, retry := h.cfg.ProfilesEvery, min(profilesRetry, h.cfg.ProfilesEvery)
	next := jittered(every)
	var notBefore time.Time
	for ctx.Err() == nil {
		when, err := h.profilesDue(ctx, next)
		if err != nil {
			return err
		}
		if when.due && !h.now().Before(notBefore) {
			l := &learner{store: h.store, now: h.now, pause: h.restBetween}
			if when.young {
				l.pause = wait // being behind is no reason to know nothing
			}
			switch learned, err := h.learnOnce(ctx, l); {
			case ctx.Err() != nil:
				return nil //nolint:nilerr // told to stop
			case err != nil || !learned:
				notBefore, retry = h.now().Add(retry), min(2*retry, every)
			default:
				next, retry = jittered(every), min(profilesRetry, every)
			}
		}
		wait(ctx, min(when.look, every))
	}
	return nil
}

func jittered(d time.Duration) time.Duration {
	return d - d/10 + time.Duration(rand.Int64N(int64(d/5)+1))
}

// lessonTime says whether it is time to learn.
type lessonTime struct {
	due, young bool
	look       time.Duration // until the next look
}

// profilesDue tells whether it is time to learn: age is how old profiles may be. What was cleared is counted only while there is little
// of it.
func (h *house) profilesDue(ctx context.Context, age time.Duration) (lessonTime, error) {
	now := h.now()
	learned, samples, err := h.store.ProfileLearned(ctx, postgres.PricesProfile)
	if err != nil {
		return lessonTime{}, err
	}
	due := !learned.IsZero() && now.Sub(learned) >= age
	if samples >= profilesYoung {
		return lessonTime{due: due, look: profilesLook}, nil
	}
	if !due {
		due, err = h.clearedManyMore(ctx, learned, now)
	}
	return lessonTime{due: due, young: true, look: profilesYoungLook}, err
}

// clearedManyMore tells whether there is much more to learn from than when it was learned; learned is zero when it never was.
func (h *house) clearedManyMore(ctx context.Context, learned, now time.Time) (bool, error) {
	cleared, err := h.store.CountCleared(ctx, now.Add(-pricesPeriod), now)
	if err != nil || cleared < profilesFirst || learned.IsZero() {
		return err == nil && cleared >= profilesFirst, err
	}
	then, err := h.store.CountCleared(ctx, learned.Add(-pricesPeriod), learned)
	return err == nil && cleared >= profilesGrowth*max(then, profilesFirst), err
}

// learnOnce learns both kinds, and tells in the log what came of it. What fails leaves the profile before in force.
func (h *house) learnOnce(ctx context.Context, l *learner) (learned bool, err error) {
	began := h.now()
	report, err := l.learn(ctx)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		h.log.WarnContext(ctx, "profiles not learned, those before stay in force", "error", err.Error())
		return false, err
	}
	h.log.InfoContext(ctx, "profiles learned", "prices", report.prices.String(), "risk", report.risk.String(), "took", h.now().Sub(began).String())
	return report.prices.saved, nil
}

// restBetween leaves the database to others: as long again as the last piece of work took, and while screening is behind.
func (h *house) restBetween(ctx context.Context, worked time.Duration) {
	wait(ctx, worked)
	for h.behind() && ctx.Err() == nil {
		wait(ctx, watchEvery)
	}
}

// profilesInForce loads the profiles that were learned last.
func profilesInForce(ctx context.Context, store *postgres.Store) (screening.Profiles, error) {
	return loadProfiles(func(kind string) (*postgres.Profile, error) { return store.ProfileInForce(ctx, kind) })
}

// profilesOf loads the profiles that versions name.
func profilesOf(ctx context.Context, store *postgres.Store, versions screening.ProfileVersions) (screening.Profiles, error) {
	return loadProfiles(func(kind string) (*postgres.Profile, error) {
		version := versions.Prices
		if kind == postgres.RiskProfile {
			version = versions.Risk
		}
		if version == "" {
			return nil, nil //nolint:nilnil // none was in force
		}
		return store.ProfileOf(ctx, kind, version)
	})
}

func loadProfiles(load func(kind string) (*postgres.Profile, error)) (p screening.Profiles, err error) {
	stored, err := load(postgres.PricesProfile)
	if err != nil {
		return p, err
	}
	if stored != nil {
		if p.Prices, err = risk.DecodePrices(stored.Data); err != nil {
			return p, fmt.Errorf("profile of prices %s: %w", stored.Version, err)
		}
	}
	if stored, err = load(postgres.RiskProfile); err != nil {
		return p, err
	}
	if stored != nil {
		if p.Risk, err = risk.DecodeModel(stored.Data); err != nil {
			return p, fmt.Errorf("profile of risk %s: %w", stored.Version, err)
		}
	}
	return p, nil
}
