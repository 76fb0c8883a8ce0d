package api

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/alataw/alataw/internal/ruleset"
	"github.com/alataw/alataw/internal/screening"
)

// NamedListHead is a version of a named list without its items.
type NamedListHead struct {
	Name      string `json:"name" example:"hs.watched"`
	Kind      string `json:"kind" enums:"values,prefixes,keywords" example:"prefixes"`
	Version   int    `json:"version" example:"2"`
	Count     int    `json:"count" example:"2"` // of its items
	ChangedBy string `json:"changed_by" example:"customs-1"`
	ChangedAt string `json:"changed_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
} //	@name	NamedListHead

// NamedList is a list that rules ask by its name, maintained apart from them.
type NamedList struct {
	Name      string          `json:"name" example:"hs.watched"`
	Kind      string          `json:"kind" enums:"values,prefixes,keywords" example:"prefixes"`
	Version   int             `json:"version" example:"2"`
	Count     int             `json:"count" example:"2"`
	ChangedBy string          `json:"changed_by" example:"customs-1"`
	ChangedAt string          `json:"changed_at" format:"date-time" example:"2026-11-22T08:00:01Z"`
	Items     []string        `json:"items" example:"8507,8506"`
	Versions  []NamedListHead `json:"versions"` // the newest hundred, the newest first
} //	@name	NamedList

// NamedListRequest is the whole of a list. Values are asked as a whole, prefixes are what an HS or postal code begins with, keywords
// are whole words of a description.
type NamedListRequest struct {
	Kind  string   `json:"kind" binding:"required" enums:"values,prefixes,keywords" example:"prefixes"`
	Items []string `json:"items" binding:"required" maxItems:"100000" example:"8507,8506"` // each of 1 to 250 bytes
} //	@name	NamedListRequest

func namedListHeadOf(l ruleset.NamedList) NamedListHead {
	return NamedListHead{
		Name: l.Name, Kind: string(l.Kind), Version: l.Version, Count: l.Count, ChangedBy: l.Changed.By, ChangedAt: instant(l.Changed.At),
	}
}

// versionsTold is how many versions of a list are told of.
const versionsTold = 100

func (d *door) namedListOf(ctx context.Context, l ruleset.NamedList) (NamedList, error) {
	versions, err := d.deps.RuleSets.NamedVersions(ctx, l.Name, versionsTold)
	if err != nil {
		return NamedList{}, err
	}
	h, items := namedListHeadOf(l), l.Items
	if items == nil {
		items = []string{}
	}
	return NamedList{
		Name: h.Name, Kind: h.Kind, Version: h.Version, Count: h.Count, ChangedBy: h.ChangedBy, ChangedAt: h.ChangedAt,
		Items: items, Versions: convert(versions, namedListHeadOf),
	}, nil
}

// listNamedLists lists the named lists in force.
//
//	@Summary	List the named lists
//	@Tags		rulesets
//	@Security	bearer
//	@Param		cursor	query		string	false	"next_cursor of the page before"
//	@Param		limit	query		int		false	"most on a page"	minimum(1)	maximum(500)	default(100)
//	@Success	200		{object}	Page[NamedListHead]
//	@Failure	400		{object}	Problem
//	@Failure	503		{object}	Problem
//	@Router		/v1/named-lists [get]
func (d *door) listNamedLists(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL, "cursor", "limit")
	want := ruleset.NamedQuery{Limit: q.limit()}
	if err := q.err(); err != nil {
		return nil, err
	}
	l := listOf("named-lists", caller(c).ID, q)
	if cursor := q.get("cursor"); cursor != "" {
		var err error
		if want.After, err = l.place(cursor); err != nil {
			return nil, err
		}
	}
	limit := want.Limit
	want.Limit++ // one more tells whether this is the last page
	lists, err := d.deps.RuleSets.NamedHeads(c.Request.Context(), want)
	if err != nil {
		return nil, err
	}
	lists, next := cut(l, lists, limit, func(l ruleset.NamedList) string { return l.Name })
	return Page[NamedListHead]{Data: convert(lists, namedListHeadOf), NextCursor: next}, nil
}

// getNamedList answers with one list.
//
//	@Summary	Get a named list
//	@Tags		rulesets
//	@Security	bearer
//	@Param		name			path		string	true	"name of the list"
//	@Param		version			query		int		false	"a version; that in force when it is not given"	minimum(1)
//	@Param		If-None-Match	header		string	false	"ETag of the answer you have"
//	@Success	200				{object}	NamedList
//	@Header		200				{string}	ETag	"names these bytes; send it as If-None-Match, or as If-Match to change them"
//	@Success	304				"you have it"
//	@Failure	400				{object}	Problem
//	@Failure	404				{object}	Problem
//	@Failure	503				{object}	Problem
//	@Router		/v1/named-lists/{name} [get]
func (d *door) getNamedList(c *gin.Context) (any, error) {
	q := readQuery(c.Request.URL, "version")
	version := q.whole("version", 1, 1<<31-1, 0)
	if err := q.err(); err != nil {
		return nil, err
	}
	name := c.Param("name")
	if !storable(name) {
		return nil, noSuch("list")
	}
	found, err := d.deps.RuleSets.NamedList(c.Request.Context(), name, version)
	if err != nil {
		return nil, err
	}
	return d.namedListOf(c.Request.Context(), found)
}

// putNamedList keeps a list as its next version.
//
//	@Summary		Put a named list
//	@Description	The whole of it, as the next version, in force within seconds; putting what is in force changes nothing. A list keeps its kind: 409. With If-Match a list that somebody changed meanwhile is 412.
//	@Tags			rulesets
//	@Security		bearer
//	@Param			name		path		string				true	"name of the list: words of small letters, digits and _ with dots between"
//	@Param			If-Match	header		string				false	"ETag of the answer that you changed"
//	@Param			list		body		NamedListRequest	true	"the list"
//	@Success		200			{object}	NamedList
//	@Header			200			{string}	ETag	"to be sent as If-Match"
//	@Failure		400			{object}	Problem
//	@Failure		404			{object}	Problem
//	@Failure		409			{object}	Problem
//	@Failure		412			{object}	Problem
//	@Failure		413			{object}	Problem
//	@Failure		415			{object}	Problem
//	@Failure		422			{object}	Problem
//	@Failure		503			{object}	Problem
//	@Router			/v1/named-lists/{name} [put]
func (d *door) putNamedList(c *gin.Context) (any, error) {
	request, err := readRules[NamedListRequest](d, c)
	if err != nil {
		return nil, err
	}
	name := c.Param("name")
	seen, err := d.versionSeen(c, name)
	if err != nil {
		return nil, err
	}
	list := screening.NamedList{Name: name, Kind: screening.ListKind(request.Kind), Items: request.Items}
	put, err := d.deps.Rules.PutList(c.Request.Context(), list, seen, person(c))
	if err != nil {
		return nil, staleOr(err)
	}
	return d.namedListOf(c.Request.Context(), put)
}

// versionSeen gives the version of the list that If-Match names; 0 without one.
func (d *door) versionSeen(c *gin.Context, name string) (int, error) {
	if c.GetHeader("If-Match") == "" || !storable(name) {
		return 0, nil
	}
	found, err := d.deps.RuleSets.NamedList(c.Request.Context(), name, 0)
	if err != nil {
		return 0, err
	}
	current, err := d.namedListOf(c.Request.Context(), found)
	if err != nil {
		return 0, err
	}
	return found.Version, requireMatch(c, current, "list_changed", "the list is not what you read: it has version "+strconv.Itoa(found.Version)+" now")
}
