package apachetest

import (
	_ "embed"
	"path"
	"path/filepath"
	"strings"
)

// pinned lists the jars, one a line: SHA-256, then the path in a Maven repository.
//
//go:embed jars.txt
var pinned string

// jar is one of Kafka's jars, or of those it needs.
type jar struct {
	sum  string // SHA-256 in hexadecimal
	path string // in a Maven repository
}

func (j jar) name() string { return path.Base(j.path) }

// parseJars reads lines of sum and path; a line that begins with # is a comment.
func parseJars(list string) []jar {
	var all []jar
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) == 2 {
			all = append(all, jar{sum: fields[0], path: fields[1]})
		}
	}
	return all
}

// version is Kafka's, by its jars.
func version(jars []jar) string {
	for _, j := range jars {
		if number, is := strings.CutPrefix(j.name(), "kafka-clients-"); is {
			return strings.TrimSuffix(number, ".jar")
		}
	}
	return "unknown"
}

// classPath is what java is given to find the jars in dir.
func classPath(dir string, jars []jar) string {
	var all []string
	for _, j := range jars {
		all = append(all, filepath.Join(dir, j.name()))
	}
	return strings.Join(all, string(filepath.ListSeparator))
}
