package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

func (p *Postgres) logPath() string { return filepath.Join(p.site.dir, logName) }

// maxLog is the size in bytes at which a start puts the log aside, over the one before it.
const maxLog = 16 << 20

func (p *Postgres) openLog() (*os.File, error) {
	if info, err := os.Stat(p.logPath()); err == nil && info.Size() > maxLog {
		if err := os.Rename(p.logPath(), p.logPath()+".1"); err != nil {
			return nil, err
		}
	}
	log, err := os.OpenFile(p.logPath(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := log.Stat()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	p.logFrom = info.Size()
	return log, nil
}

// logSince is the end of what the server logged since it was started.
func (p *Postgres) logSince() string {
	text, err := os.ReadFile(p.logPath())
	if err != nil || int64(len(text)) < p.logFrom {
		return ""
	}
	return strings.ToValidUTF8(string(text[p.logFrom:]), "?")
}
