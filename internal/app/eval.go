package app

// evalCmd measures on labelled data how good screening is.
type evalCmd struct {
	Names evalNamesCmd `cmd:"" help:"Compare labelled pairs of names, and look for names that are on no list, and for altered listed ones. Files are CSV, plain or gzip."`
	Fraud evalFraudCmd `cmd:"" help:"Learn risk from customs declarations and measure it on later ones. Files are CSV, plain or gzip."`
}
