package api

import (
	"errors"
	"fmt"
	"time"
)

// Config is what an operator may set about the door.
type Config struct {
	RatePerSecond int           `env:"RATE_LIMIT" default:"50000" help:"Parcels an account may post a second, 0 for no limit."`
	Waits         int           `env:"MAX_WAITS" default:"100" help:"Long polls an account may have open."`
	Posts         int           `env:"MAX_POSTS" default:"1000" help:"Posts of orders an account may have under way; a stream counts for 10."`
	Work          int64         `env:"INTAKE_WORK" default:"4194304" help:"Bytes of orders worked on at a time, in all; an account among several has a sixteenth."`
	BodyMemory    int64         `env:"BODY_MEMORY" default:"268435456" help:"Bytes of request bodies held at a time, in all."`
	Patience      time.Duration `env:"REQUEST_TIMEOUT" default:"30s" help:"Patience with a client that neither sends nor reads."`
}

// Validate tells everything that is wrong with the settings.
func (c Config) Validate() error {
	var wrong []error
	if c.RatePerSecond < 0 {
		wrong = append(wrong, fmt.Errorf("RATE_LIMIT is %d: parcels a second, 0 for no limit", c.RatePerSecond))
	}
	if c.Waits < 1 {
		wrong = append(wrong, fmt.Errorf("MAX_WAITS is %d: at least 1 is needed", c.Waits))
	}
	if c.Posts < streamCounts {
		wrong = append(wrong, fmt.Errorf("MAX_POSTS is %d: at least %d are needed, which is one stream", c.Posts, streamCounts))
	}
	if c.Work < 1<<20 {
		wrong = append(wrong, fmt.Errorf("INTAKE_WORK is %d: at least 1048576 bytes are needed", c.Work))
	}
	if c.BodyMemory < maxBatchBody {
		wrong = append(wrong, fmt.Errorf("BODY_MEMORY is %d: at least one batch of %d bytes must fit", c.BodyMemory, maxBatchBody))
	}
	if c.Patience < time.Second {
		wrong = append(wrong, fmt.Errorf("REQUEST_TIMEOUT is %s: at least 1s is needed", c.Patience))
	}
	return errors.Join(wrong...)
}

// withDefaults fills what a caller leaves empty; a rate of 0 is no limit.
func (c Config) withDefaults() Config {
	if c.Waits == 0 {
		c.Waits = 100
	}
	if c.Posts == 0 {
		c.Posts = 1000
	}
	if c.Work == 0 {
		c.Work = 4 << 20
	}
	if c.BodyMemory == 0 {
		c.BodyMemory = 256 << 20
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	return c
}
