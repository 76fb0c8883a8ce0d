package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/alataw/alataw/internal/fault"
)

const (
	identity          = "identity"
	codeEncoding      = "unsupported_encoding"
	acceptedEncodings = "gzip, zstd, identity"
	zstdWindow        = 8 << 20 // RFC 8878 §3.1.1.1.2 asks decoders to take 8 MB; more would let a small body claim much memory
)

// incoming is a request's body on its way in: as sent, and decoded.
type incoming struct {
	encoding string
	most     int64
	length   int64 // as announced; -1 when it was not
	sent     *capped
	decoded  *capped
	close    func()
}

// Read reads decoded bytes.
func (in *incoming) Read(p []byte) (int, error) { return in.decoded.Read(p) }

// Close gives the decoder back.
func (in *incoming) Close() { in.close() }

// size is how much room the body needs, as far as that is known: one byte more than it has, so that its end is seen.
func (in *incoming) size() int64 {
	if in.encoding == identity && in.length > 0 {
		return in.length + 1
	}
	return firstRoom
}

// drained tells whether the body has been read to its end as sent. What an encoding leaves unread, such as the last chunk of
// none, is read away; what a client still has to send is not waited for long.
func (in *incoming) drained() bool {
	_, err := io.CopyN(io.Discard, in.sent.r, serverReads)
	return errors.Is(err, io.EOF)
}

// openBody opens a request's body. packed limits what is sent when it is encoded, most what comes out.
func openBody(r *http.Request, packed, most int64) (*incoming, error) {
	encoding, err := contentEncoding(r)
	if err != nil {
		return nil, err
	}
	limit := most
	if encoding != identity {
		limit = packed
	}
	if r.ContentLength > limit {
		return nil, tooLarge(most)
	}
	in := &incoming{encoding: encoding, most: most, length: r.ContentLength, sent: &capped{r: r.Body, left: limit}, close: func() {}}
	decoder, err := in.decoder()
	if err != nil {
		in.decoded = &capped{}
		return nil, in.explain(err)
	}
	in.decoded = &capped{r: decoder, left: most}
	return in, nil
}

func contentEncoding(r *http.Request) (string, error) {
	values := r.Header.Values("Content-Encoding")
	switch encoding := strings.ToLower(strings.TrimSpace(strings.Join(values, ","))); encoding {
	case "", identity:
		return identity, nil
	case "gzip", "x-gzip":
		return "gzip", nil
	case "zstd":
		return encoding, nil
	}
	return "", fault.New(fault.Unsupported, codeEncoding, "a body may be encoded with gzip or with zstd, once")
}

func (in *incoming) decoder() (io.Reader, error) {
	switch in.encoding {
	case "gzip":
		return in.gzip()
	case "zstd":
		return in.zstd()
	}
	return in.sent, nil
}

var gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}

func (in *incoming) gzip() (io.Reader, error) {
	z := gzipReaders.Get().(*gzip.Reader)
	if err := z.Reset(in.sent); err != nil {
		gzipReaders.Put(z)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // an empty body is no gzip file
		}
		return nil, err
	}
	in.close = func() { gzipReaders.Put(z) }
	return z, nil
}

var zstdReaders = sync.Pool{New: func() any {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		panic(err) // the options are constants
	}
	return z
}}

func (in *incoming) zstd() (io.Reader, error) {
	z := zstdReaders.Get().(*zstd.Decoder)
	if err := z.Reset(in.sent); err != nil {
		return nil, err
	}
	in.close = func() {
		_ = z.Reset(nil) // lets go of the request's body; it cannot fail
		zstdReaders.Put(z)
	}
	return z, nil
}

// tooDemanding tells an encoded body that asks for more memory than we lend.
func (in *incoming) tooDemanding(err error) bool {
	return errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded)
}

const (
	typeJSON   = "application/json"
	typeNDJSON = "application/x-ndjson"
)

// mediaType gives the type of a request's body. One that is not named is taken for JSON.
func mediaType(r *http.Request, taken ...string) (string, error) {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return typeJSON, nil
	}
	name, params, err := mime.ParseMediaType(header)
	if name == "application/ndjson" {
		name = typeNDJSON
	}
	if err != nil || !slices.Contains(taken, name) {
		return "", fault.New(fault.Unsupported, "unsupported_media_type", "send Content-Type: %s", strings.Join(taken, " or "))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return "", fault.New(fault.Unsupported, "unsupported_media_type", "JSON is UTF-8 (RFC 8259), not %q", charset)
	}
	return name, nil
}
