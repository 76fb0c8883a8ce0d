package api

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// handler does a route's work. It gives the body to answer with, or an error; it never writes. A body of nil is 204.
type handler func(c *gin.Context) (any, error)

// located is a body that says where its resource is.
type located interface{ location() string }

// streamed is a body that is written as it comes. An error before the first byte is answered as a problem; after it, the
// connection is cut, so that nobody takes half an answer for a whole one.
type streamed func(w http.ResponseWriter) error

// page is a body that is not JSON.
type page struct {
	contentType string
	data        []byte
}

// run makes a route's gin handler. Whatever is answered is written here, in write or in refuse.
func (d *door) run(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		d.bound(c)
		body, err := d.enter(c, r)
		if err == nil {
			err = d.write(c, r, body)
		}
		if err != nil {
			d.refuse(c, err)
		}
	}
}

func (d *door) enter(c *gin.Context, r route) (any, error) {
	if len(r.roles) > 0 {
		if err := d.authenticate(c, r.roles); err != nil {
			return nil, err
		}
	}
	return r.handle(c)
}

// answerOptions keep an answer readable whatever stands in it: a text that is no UTF-8 is mended, never a failure.
var answerOptions = jsontext.AllowInvalidUTF8(true)

func (d *door) write(c *gin.Context, r route, body any) error {
	switch b := body.(type) {
	case nil:
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	case streamed:
		return d.writeStream(c, b)
	case page:
		c.Data(r.status, b.contentType, b.data)
		return nil
	}
	data, err := json.Marshal(body, answerOptions)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	if at, ok := body.(located); ok {
		c.Header("Location", at.location())
	}
	status := r.status
	if s, ok := body.(interface{ status() int }); ok {
		status = s.status()
	}
	if r.tagged && d.unchanged(c, data) && (r.method == http.MethodGet || r.method == http.MethodHead) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Data(status, "application/json", data)
	return nil
}

func (d *door) writeStream(c *gin.Context, write streamed) error {
	err := write(c.Writer)
	if err != nil && c.Writer.Written() {
		visitOf(c).err, visitOf(c).code = err, "answer_cut"
		panic(http.ErrAbortHandler)
	}
	return err
}

// tagOf is the strong ETag of an answer: a hash of its bytes.
func tagOf(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}

// unchanged sets the answer's ETag and tells whether the client has these bytes already.
func (d *door) unchanged(c *gin.Context, data []byte) bool {
	tag := tagOf(data)
	c.Header("ETag", tag)
	c.Header("Cache-Control", "private, no-cache") // keep it, and ask each time
	c.Header("Vary", "Authorization")
	for _, line := range c.Request.Header.Values("If-None-Match") {
		for have := range strings.SplitSeq(line, ",") {
			have = strings.TrimSpace(have)
			if have == "*" || strings.TrimPrefix(have, "W/") == tag { // RFC 9110 §13.1.2: the weak comparison
				return true
			}
		}
	}
	return false
}
