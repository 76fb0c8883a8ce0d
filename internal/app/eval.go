package app

// evalCmd measures on labelled data how good screening is.
type evalCmd struct {
	Fraud evalFraudCmd `cmd:"" help:"Learn risk from customs declarations and measure it on later ones. Files are CSV, plain or gzip."`
}
