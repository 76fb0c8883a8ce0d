package api

import (
	"bufio"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"github.com/alataw/alataw/internal/consignment"
	"github.com/alataw/alataw/internal/fault"
)

// Manifest lists what a unit carries, for the carrier and for customs.
type Manifest struct {
	Consignment Consignment    `json:"consignment"`
	Parcels     []ManifestLine `json:"parcels"`
} //	@name	Manifest

// ManifestLine is one parcel on a manifest.
type ManifestLine struct {
	Place       int          `json:"place" example:"1"`
	ParcelID    string       `json:"parcel_id" example:"pcl_cbmqkhnqktt3tcu3ejcy3stofu"`
	LoadedAt    string       `json:"loaded_at" format:"date-time" example:"2026-11-21T21:00:00Z"`
	OrderNo     string       `json:"order_no" example:"536365-1"`
	TrackingNo  string       `json:"tracking_no" example:"LX474724577CN"`
	Declaration *Declaration `json:"declaration" extensions:"x-nullable"` // null once it is not kept any longer
} //	@name	ManifestLine

const typeCSV = "text/csv"

// getManifest writes a unit's manifest, as JSON or as CSV, line by line as the database gives it.
//
//	@Summary		Get a manifest
//	@Description	JSON, or CSV by `Accept: text/csv`. Cells that a spreadsheet would take for a formula begin with an apostrophe.
//	@Tags			consignments
//	@Security		bearer
//	@Produce		json,text/csv
//	@Param			id	path		string	true	"id of the consignment"
//	@Success		200	{object}	Manifest
//	@Failure		404	{object}	Problem
//	@Failure		406	{object}	Problem
//	@Failure		503	{object}	Problem
//	@Router			/v1/consignments/{id}/manifest [get]
func (d *door) getManifest(c *gin.Context) (any, error) {
	media, err := acceptable(c.Request.Header.Values("Accept"), typeJSON, typeCSV)
	if err != nil {
		return nil, err
	}
	unit, err := d.consignmentAt(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	lines := func(line func(consignment.ManifestLine) error) error {
		return d.deps.Consignments.Manifest(ctx, unit.ID, line)
	}
	return streamed(func(w http.ResponseWriter) error {
		w.Header().Set("Vary", "Accept, Authorization")
		out := &slowWriter{w: w, control: http.NewResponseController(w), patience: d.cfg.Patience, now: d.deps.Now}
		if media == typeCSV {
			return writeCSVManifest(out, unit, lines)
		}
		return writeJSONManifest(out, unit, lines)
	}), nil
}

// slowWriter gives the client the door's patience for each write, so that a long answer may take long.
type slowWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	now      func() time.Time
}

// Write writes, with a new deadline.
func (s *slowWriter) Write(p []byte) (int, error) {
	_ = s.control.SetWriteDeadline(s.now().Add(s.patience))
	return s.w.Write(p)
}

type manifestLines func(line func(consignment.ManifestLine) error) error

func writeJSONManifest(out *slowWriter, unit consignment.Consignment, lines manifestLines) error {
	head, err := json.Marshal(consignmentOf(unit), answerOptions)
	if err != nil {
		return fmt.Errorf("encode consignment: %w", err)
	}
	out.w.Header().Set("Content-Type", typeJSON)
	w := bufio.NewWriterSize(out, 32<<10)
	fmt.Fprintf(w, `{"consignment":%s,"parcels":[`, head)
	first := true
	err = lines(func(l consignment.ManifestLine) error {
		d, err := document(l.Parcel, l.Document)
		if err != nil {
			return err
		}
		if !first {
			_ = w.WriteByte(',') // its error comes with the next flush
		}
		first = false
		line := ManifestLine{
			Place: l.Place, ParcelID: l.Parcel.String(), LoadedAt: instant(l.LoadedAt), OrderNo: l.OrderNo, TrackingNo: l.TrackingNo,
			Declaration: declarationOrNull(d),
		}
		return json.MarshalWrite(w, line, answerOptions)
	})
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	_, _ = w.WriteString("]}") // the same
	return w.Flush()
}

// acceptable picks the first of the types on offer that RFC 9110's Accept allows with the highest weight.
func acceptable(headers []string, offers ...string) (string, error) {
	accept := strings.Join(headers, ",")
	if strings.TrimSpace(accept) == "" {
		return offers[0], nil
	}
	best, bestWeight := "", 0.0
	for _, offer := range offers {
		if w := weightOf(accept, offer); w > bestWeight {
			best, bestWeight = offer, w
		}
	}
	if best == "" {
		return "", statusError{http.StatusNotAcceptable, fault.New(fault.Unsupported, "not_acceptable", "this can be had as %s", strings.Join(offers, " or "))}
	}
	return best, nil
}

// weightOf gives the weight of the most specific range that covers a type.
func weightOf(accept, offer string) float64 {
	weight, specific := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(part)
		rank := rangeRank(name, offer)
		if err != nil || rank <= specific {
			continue
		}
		specific, weight = rank, 1
		if q, given := params["q"]; given {
			weight, err = strconv.ParseFloat(q, 64)
			if err != nil || weight < 0 || weight > 1 {
				weight = 0
			}
		}
	}
	return weight
}

// rangeRank tells how specifically a media range covers a type; -1 when it does not.
func rangeRank(name, offer string) int {
	family, _, _ := strings.Cut(offer, "/")
	switch name {
	case offer:
		return 2
	case family + "/*":
		return 1
	case "*/*":
		return 0
	}
	return -1
}
