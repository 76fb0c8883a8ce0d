package screening

import (
	"errors"
	"fmt"
)

// Config is what an office may set of the built-in rules.
type Config struct {
	TicketFen         int64  `env:"SCREENING_TICKET_FEN" default:"500000" help:"The most a ticket's goods may be worth without a full declaration, in fen."`     // the most a ticket's goods may be worth without a full declaration, in hundredths of a yuan
	SplitParcels      int    `env:"SCREENING_SPLIT_PARCELS" default:"20" help:"How many parcels a consignee may be sent within 24 hours; the next one is held."` // how many parcels a consignee may be sent within Window; the next one is held
	RandomBasisPoints int    `env:"SCREENING_RANDOM_BASIS_POINTS" default:"50" help:"How many of 10,000 parcels are drawn for a look, whatever they declare."`   // how many of 10,000 parcels are drawn for a look, whatever they declare; 0 for none
	SampleKey         string `env:"SCREENING_SAMPLE_KEY" secret:"plain" help:"A secret of the office: nobody without it can compute which orders are drawn."`    // a secret of the office, so that nobody can compute which order numbers will be drawn
}

// DefaultConfig is what the rules are set to when nobody says otherwise. 5,000 yuan is the ticket limit of 9710 and 9810 in the list
// route (GACC announcement 2020 No. 75 as customs apply it), and customary for 9610.
func DefaultConfig() Config {
	return Config{TicketFen: 5_000_00, SplitParcels: 20, RandomBasisPoints: 50}
}

// Validate gives all that is wrong with the configuration, joined.
func (c Config) Validate() error {
	var wrong []error
	if c.TicketFen <= 0 || c.TicketFen > maxFen {
		wrong = append(wrong, fmt.Errorf("ticket value limit %d fen: 1 to %d", c.TicketFen, maxFen))
	}
	if c.SplitParcels < 1 {
		wrong = append(wrong, fmt.Errorf("parcels per consignee %d: at least 1", c.SplitParcels))
	}
	if c.RandomBasisPoints < 0 || c.RandomBasisPoints > 10_000 {
		wrong = append(wrong, fmt.Errorf("random sample %d basis points: 0 to 10000", c.RandomBasisPoints))
	}
	if len(c.SampleKey) > maxSampleKey {
		wrong = append(wrong, fmt.Errorf("sample key: at most %d bytes", maxSampleKey))
	}
	return errors.Join(wrong...)
}
