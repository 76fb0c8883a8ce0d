package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alataw/alataw/internal/fault"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
	"github.com/alataw/alataw/internal/watchlist"
)

// rulebook is what judges in this process: the rule set in force and those in the shadow, watch lists, and trusted pairs, each as
// it stood at one moment. One goroutine refreshes it.
type rulebook struct {
	store  *postgres.Store
	office string
	log    *slog.Logger

	basis   screening.Basis
	stale   bool   // the basis has changed since rules were made of it
	sets    string // state that the sets were loaded at
	lists   string // versions of the lists
	trusted int64  // changes that the pairs have seen
	learned string // versions of the profiles
	drawn   drawn  // what lanes are topped up by
	rates   string // version of the exchange rates
	shades  atomic.Pointer[[]ruleset.Shade]
}

// drawn names what is drawn so that lanes get the shares that a set expects.
type drawn struct {
	set string // its hash
	id  int64  // of the change that is in force; 0 for none
}

// shadows are the sets that judge beside the one in force.
func (b *rulebook) shadows() []ruleset.Shade {
	if shades := b.shades.Load(); shades != nil {
		return *shades
	}
	return nil
}

// refresh loads what has changed since the last time. Each part is loaded whole or stays as it was, whatever becomes of the others.
func (b *rulebook) refresh(ctx context.Context) error {
	return errors.Join(b.refreshSets(ctx), b.refreshLists(ctx), b.refreshTrusted(ctx), b.refreshProfiles(ctx), b.refreshRates(ctx), b.refreshTopUp(ctx))
}

// whole tells whether there is something of each part: nothing is judged by less.
func (b *rulebook) whole() bool {
	return b.basis.Set != nil && b.basis.Lists != nil && b.basis.Trusted != nil && b.learned != "" && b.basis.Rates != nil &&
		b.drawn.set == b.basis.Set.Hash()
}

// refreshSets loads what was put in force, into the shadow or out of either. A stored set that this program cannot compile is an
// error, and what judged before goes on: rules that two people put in force are not left out in silence.
func (b *rulebook) refreshSets(ctx context.Context) error {
	state, err := b.store.RulesState(ctx)
	if err != nil || state == b.sets && b.basis.Set != nil {
		return err
	}
	loaded, err := b.store.Rules(ctx)
	if err != nil {
		return err
	}
	sets, err := loaded.Compile(b.office, screening.Export)
	if sets.Active == nil {
		return err
	}
	if broken, ok := errors.AsType[*ruleset.BrokenError](err); ok { // in the shadow: it decides nothing
		b.log.ErrorContext(ctx, "rule set in the shadow cannot be compiled any more", "ruleset", broken.Set.ID.String(), "error", err.Error())
	}
	b.sets, b.basis.Set, b.stale = loaded.State, sets.Active, true
	b.shades.Store(&sets.Shadow)
	return nil
}

func (b *rulebook) refreshLists(ctx context.Context) error {
	versions, err := b.store.ListVersions(ctx)
	if err != nil || versions == b.lists && b.basis.Lists != nil {
		return err
	}
	lists, err := b.store.Lists(ctx)
	if err != nil {
		return err
	}
	b.lists, b.basis.Lists, b.stale = versions, watchlist.NewIndex(lists), true
	return nil
}

func (b *rulebook) refreshTrusted(ctx context.Context) error {
	changes, err := b.store.TrustedChanges(ctx)
	if err != nil || changes == b.trusted && b.basis.Trusted != nil {
		return err
	}
	trusted, err := b.store.Trusted(ctx)
	if err != nil {
		return err
	}
	b.trusted, b.basis.Trusted, b.stale = changes, trusted, true
	return nil
}

// refreshProfiles loads what was learned last. What this program cannot read does not hold up anything: what judged before goes on, and
// without any nothing is known of prices and risk.
func (b *rulebook) refreshProfiles(ctx context.Context) error {
	state, err := b.store.ProfilesState(ctx)
	if err != nil || state == b.learned {
		return err
	}
	profiles, err := profilesInForce(ctx, b.store)
	if fault.KindOf(err) == fault.Malformed {
		b.log.ErrorContext(ctx, "profiles cannot be read, those before stay in force", "error", err.Error())
		b.learned = state
		return nil
	}
	if err != nil {
		return err
	}
	b.learned, b.basis.Profiles, b.stale = state, profiles, true
	return nil
}

// refreshTopUp loads what is drawn so that lanes get the shares that the set in force expects. It comes after refreshSets: what is drawn
// for one set is not for another.
func (b *rulebook) refreshTopUp(ctx context.Context) error {
	set := b.basis.Set
	if set == nil {
		return nil
	}
	topUp := postgres.LaneTopUp{}
	if len(set.Document().Sampling.Expect) > 0 {
		var err error
		if topUp, err = b.store.LaneTopUpInForce(ctx, set.Hash()); err != nil {
			return err
		}
	}
	if now := (drawn{set.Hash(), topUp.ID}); now != b.drawn {
		b.drawn, b.basis.TopUp, b.stale = now, topUp.TopUp, true
	}
	return nil
}

// refreshRates adds what was imported since to the rates in force.
func (b *rulebook) refreshRates(ctx context.Context) error {
	version, err := b.store.RatesVersion(ctx)
	if err != nil || version == b.rates && b.basis.Rates != nil {
		return err
	}
	table, err := b.store.Rates(ctx, b.basis.Rates)
	if err != nil {
		return err
	}
	b.rates, b.basis.Rates, b.stale = table.Version(), table, true
	return nil
}

const rulesEvery = time.Second

// refreshRules puts what has changed in force, each batch being judged by one basis whole.
func (h *house) refreshRules(ctx context.Context) error {
	for ctx.Err() == nil {
		switch err := h.loadRules(ctx); {
		case err == nil || ctx.Err() != nil:
		case h.rules.Load() == nil:
			h.log.ErrorContext(ctx, "no rules are in force in this process: it judges nothing, orders wait", "error", err.Error())
		default:
			h.log.WarnContext(ctx, "rules not refreshed, those before stay in force", "error", err.Error())
		}
		h.warnOfOldRates(ctx)
		wait(ctx, rulesEvery)
	}
	return nil
}

// loadRules makes rules of what has changed. What they are made of is stored before they judge.
func (h *house) loadRules(ctx context.Context) error {
	failed := h.book.refresh(ctx)
	if !h.book.whole() || !h.book.stale {
		return failed
	}
	rules := screening.NewRules(h.cfg.Screening, h.book.basis)
	record, err := json.Marshal(rules.Record(readBuild().String()))
	if err != nil {
		return err
	}
	if err := h.store.SaveBasis(ctx, rules.Version(), record); err != nil {
		return err
	}
	h.rules.Store(rules)
	h.book.stale = false
	h.log.InfoContext(ctx, "rules in force", "version", rules.Version(), "lists", h.book.lists, "profiles", h.book.learned, "rates", h.book.rates)
	return failed
}
