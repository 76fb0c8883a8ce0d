package app

import (
	"fmt"
	"io"
	"path/filepath"
)

// greet tells a person at the terminal what runs where, and three calls to try.
func (s *service) greet(w io.Writer) {
	fmt.Fprintf(w, "Alataw serves %s  (roles: %v)\n", s.url, s.cfg.Roles)
	fmt.Fprintf(w, "  API description  %s/docs/\n", s.url)
	if !s.own {
		return
	}
	keys := filepath.Join(s.cfg.DataDir, keysName)
	fmt.Fprintf(w, "  EVALUATION MODE  embedded queue and database in %s, one machine, not for production\n", s.cfg.DataDir)
	fmt.Fprintf(w, "  keys             %s\n", keys)
	for _, line := range curls(s.url, s.cfg.DataDir) {
		fmt.Fprintf(w, "\n%s\n", line)
	}
}

// curls are three calls that work against a fresh service as well as against what a demo has left.
func curls(url, dir string) []string {
	key := func(role string) string {
		return fmt.Sprintf(`-H "Authorization: Bearer $(sed -n 's/.*"%s": "\(.*\)".*/\1/p' %s)"`, role, filepath.Join(dir, keysName))
	}
	return []string{
		fmt.Sprintf("curl -s %s '%s/v1/receipts?limit=3'", key("platform"), url),
		fmt.Sprintf("curl -s %s '%s/v1/reviews?limit=1'", key("officer"), url),
		fmt.Sprintf("curl -s %s '%s/v1/consignments?limit=2'", key("carrier"), url),
	}
}
