package embedded

import (
	"maps"
	"slices"
	"strconv"
)

// Bounds of shared_buffers, in MiB: a quarter of the memory, but this much at least and at most.
const (
	minBuffers = 256
	maxBuffers = 1024
)

// serverSettings are the server's settings as arguments. They hold for a machine shared with the
// service and its broker, and every commit is on disk before it is acknowledged.
func serverSettings(cfg PostgresConfig, socketDir, walCompression string) []string {
	settings := map[string]string{
		"cluster_name":            "alataw",
		"listen_addresses":        "",
		"port":                    strconv.Itoa(cfg.port()),
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",

		"shared_buffers":            sharedBuffers(machineMemory()),
		"max_wal_size":              "4GB",
		"wal_compression":           walCompression,
		"checkpoint_timeout":        "15min",
		"max_connections":           "100",
		"max_locks_per_transaction": "256",
		"synchronous_commit":        "on",
		"fsync":                     "on",
		"timezone":                  "UTC",

		// The log is a file beside the data. Values of rows and parameters, which name people,
		// stay out of it.
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_timezone":            "UTC",
		"log_error_verbosity":     "terse",
		"log_min_error_statement": "panic",
	}
	if cfg.Port != 0 {
		settings["listen_addresses"] = "127.0.0.1"
	}
	maps.Copy(settings, cfg.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// sharedBuffers takes a quarter of memory, given in bytes, within bounds.
func sharedBuffers(memory uint64) string {
	quarter := memory >> 22
	return strconv.FormatUint(min(max(quarter, minBuffers), maxBuffers), 10) + "MB"
}
