package app

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"github.com/alataw/alataw/api"
	"github.com/alataw/alataw/internal/kafka"
	"github.com/alataw/alataw/internal/postgres"
	"github.com/alataw/alataw/internal/publisher"
	"github.com/alataw/alataw/internal/screening"
)

// Config is composed of what each package asks for. Nothing receives the whole.
type Config struct {
	DataDir       string        `env:"ALATAW_DATA_DIR" default:".alataw" help:"Where the embedded queue and database keep their data."`
	Listen        string        `env:"ALATAW_LISTEN" default:"127.0.0.1:8080" help:"Address of the API."`
	AdminListen   string        `env:"ALATAW_ADMIN_LISTEN" default:"" help:"Address of pprof, for people on this machine only; empty for none."`
	Roles         []string      `env:"ALATAW_ROLES" default:"api,screen,bundle,dispatch,notify" help:"Roles this process runs."`
	Office        string        `env:"ALATAW_OFFICE" default:"" help:"Customs office whose rule sets judge; empty takes the last one put in force, of whichever office."`
	ProfilesEvery time.Duration `env:"PROFILES_EVERY" default:"6h" help:"How often prices and risk are learned anew from what has passed, a tenth sooner or later; 0: never."`
	LogLevel      string        `env:"ALATAW_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least level of log lines: debug, info, warn or error."`
	Grace         time.Duration `env:"ALATAW_GRACE" default:"25s" help:"How long a stopping process may take to finish what it began."`
	QueueSync     bool          `env:"ALATAW_QUEUE_SYNC" default:"true" negatable:"" help:"Embedded queue: fsync before an order is answered for."`
	QueuePort     int           `env:"ALATAW_QUEUE_PORT" default:"0" help:"Embedded queue: port on 127.0.0.1, 0 for any."`
	PostgresBin   string        `env:"ALATAW_POSTGRES_BIN" default:"" help:"Embedded database: directory of postgres and initdb; empty looks for them."`

	RescreenDays int `env:"ALATAW_RESCREEN_DAYS" default:"60" help:"How many days back parcels are looked at again when a watch list has new names."`

	RatesMaxAge time.Duration `env:"RATES_MAX_AGE" default:"1080h" help:"How old exchange rates of EUR and USD may be before the log and the doctor warn of it."`

	Database  postgres.Config  `embed:"" prefix:"database-"`
	Kafka     kafka.Config     `embed:"" prefix:"kafka-"`
	API       api.Config       `embed:"" prefix:"api-"`
	Screening screening.Config `embed:"" prefix:"screening-"`
	Lists     publisher.Config `embed:"" prefix:"lists-"`
}

var roles = []string{roleAPI, roleScreen, roleBundle, roleDispatch, roleNotify}

// The roles of a process; docs/architecture.md says what each does.
const (
	roleAPI      = "api"
	roleScreen   = "screen"
	roleBundle   = "bundle"
	roleDispatch = "dispatch"
	roleNotify   = "notify"
)

// Validate tells everything that is wrong, of all packages.
func (c *Config) Validate() error {
	var wrong []error
	if c.DataDir == "" {
		wrong = append(wrong, errors.New("ALATAW_DATA_DIR: a directory is needed"))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		wrong = append(wrong, fmt.Errorf("ALATAW_LISTEN %q: host:port is needed", c.Listen))
	}
	if len(c.Roles) == 0 {
		wrong = append(wrong, errors.New("ALATAW_ROLES: at least one role is needed"))
	}
	for _, role := range c.Roles {
		if !slices.Contains(roles, role) {
			wrong = append(wrong, fmt.Errorf("ALATAW_ROLES: %q is no role; the roles are %s", role, strings.Join(roles, ", ")))
		}
	}
	if c.RescreenDays < 1 {
		wrong = append(wrong, errors.New("ALATAW_RESCREEN_DAYS must be at least 1"))
	}
	if c.Grace < time.Second {
		wrong = append(wrong, errors.New("ALATAW_GRACE must be at least 1s"))
	}
	if c.RatesMaxAge < 24*time.Hour {
		wrong = append(wrong, errors.New("RATES_MAX_AGE must be at least 24h"))
	}
	if c.ProfilesEvery != 0 && c.ProfilesEvery < time.Second {
		wrong = append(wrong, errors.New("PROFILES_EVERY must be 0 or at least 1s"))
	}
	wrong = append(wrong, c.Database.Validate(), c.API.Validate(), c.Screening.Validate(), c.Lists.Validate())
	if len(c.Kafka.Brokers) > 0 { // otherwise its addresses are not known before the embedded one runs
		wrong = append(wrong, c.Kafka.Validate())
	}
	return errors.Join(wrong...)
}

// complaints tells everything that is wrong with the environment when one of its values cannot be read: the command line's parser
// ends at the first. It is nil when every value can be.
func (c *Config) complaints(settings []*kong.Flag) error {
	var wrong []error
	for _, setting := range settings {
		err := setting.Reset()
		if err == nil {
			continue
		}
		wrong = append(wrong, err)
		if setting.HasDefault { // what cannot be read is not complained of twice
			_ = setting.Parse(kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: setting.Default}), setting.Target)
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.Join(append(wrong, c.Validate())...)
}

func (c *Config) has(role string) bool { return slices.Contains(c.Roles, role) }

// configCmd prints the configuration in force.
type configCmd struct{}

// Run prints every setting as its environment variable, secrets masked, and fails when something is wrong.
func (configCmd) Run(cfg *Config, to *console, model *kong.Application) error {
	w := tabwriter.NewWriter(to.out, 0, 4, 2, ' ', 0)
	for _, flag := range model.Flags {
		if len(flag.Envs) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s=%s\t# --%s  %s\n", flag.Envs[0], shown(flag), flag.Name, flag.Help)
	}
	return errors.Join(w.Flush(), cfg.Validate())
}

// passwords finds them in a connection's URL, before the host and among the parameters, and in a list of key=value.
var passwords = regexp.MustCompile(`(?i)(://[^/@\s:]*:|password\s*=\s*)('[^']*'|[^@&\s]+)`)

// shown is a setting's value as it may be printed.
func shown(flag *kong.Flag) string {
	value := fmt.Sprint(flag.Target.Interface()) // a kafka.Secret masks itself
	switch {
	case flag.Tag.Get("secret") == "url" && value != "":
		return passwords.ReplaceAllString(value, "${1}***")
	case flag.Tag.Get("secret") != "" && value != "":
		return "***"
	case strings.HasPrefix(value, "["):
		return strings.ReplaceAll(strings.Trim(value, "[]"), " ", ",")
	}
	return value
}
