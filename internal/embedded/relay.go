package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// relay stands between the library that fetches programs and the repository it fetches from. The
// library waits without end, hides why a request failed and shrugs off a missing checksum; through
// the relay a download ends with its context, and the first failure is kept and told.
type relay struct {
	server   *http.Server
	listener net.Listener
	served   sync.WaitGroup

	mu    sync.Mutex
	cause error
}

// startRelay serves upstream on a free port of 127.0.0.1 until stop is called.
func startRelay(ctx context.Context, upstream string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: listener}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = 30 * time.Second
	client := &http.Client{Transport: transport}
	r.server = &http.Server{
		BaseContext: func(net.Listener) context.Context { return ctx },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if err := forward(w, request, client, upstream+request.URL.Path); err != nil {
				r.fail(err)
				panic(http.ErrAbortHandler) // a cut-off answer must not pass for a whole one
			}
		}),
	}
	r.served.Go(func() {
		_ = r.server.Serve(listener) // ends with http.ErrServerClosed
		transport.CloseIdleConnections()
	})
	return r, nil
}

// forward answers a request with what the repository answers.
func forward(w http.ResponseWriter, request *http.Request, client *http.Client, address string) error {
	outgoing, err := http.NewRequestWithContext(request.Context(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(outgoing)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %s", address, response.Status)
	}
	if response.ContentLength >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("get %s: %w", address, err)
	}
	return nil
}

func (r *relay) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cause == nil {
		r.cause = err
	}
}

func (r *relay) url() string { return "http://" + r.listener.Addr().String() }

// stop ends the relay and returns the first failure.
func (r *relay) stop() error {
	err := r.server.Close()
	r.served.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.cause, err)
}
