package apachetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// oldestJava is what brokers of Kafka 4 need.
const oldestJava = 17

var errNoJava = errors.New("no Java for Apache Kafka found")

// findJava gives the java program: JAVA_HOME's, else the one in PATH.
func findJava(ctx context.Context) (string, error) {
	program := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		program = filepath.Join(home, "bin", "java")
	}
	said, err := exec.CommandContext(ctx, program, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %w; %s", errNoJava, err, javaAdvice())
	}
	if number := javaVersion(string(said)); number < oldestJava {
		return "", fmt.Errorf("%w: %s is version %d, brokers need %d or later; %s", errNoJava, program, number, oldestJava, javaAdvice())
	}
	return program, nil
}

var quotedVersion = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

// javaVersion reads the major version from what java -version says; 0 when it says something else.
func javaVersion(said string) int {
	match := quotedVersion.FindStringSubmatch(said)
	if match == nil {
		return 0
	}
	number, _ := strconv.Atoi(match[1]) // digits, by the expression
	return number
}

// javaAdvice says how to install one.
func javaAdvice() string {
	managers := []struct{ program, command string }{
		{"apt-get", "sudo apt-get install -y openjdk-17-jre-headless"},
		{"dnf", "sudo dnf install -y java-17-openjdk-headless"},
		{"zypper", "sudo zypper install -y java-17-openjdk-headless"},
		{"apk", "sudo apk add openjdk17-jre-headless"},
		{"pacman", "sudo pacman -S jre17-openjdk-headless"},
		{"brew", "brew install openjdk@17, and set JAVA_HOME to what brew --prefix openjdk@17 prints"},
	}
	for _, manager := range managers {
		if _, err := exec.LookPath(manager.program); err == nil {
			return "install it with: " + manager.command
		}
	}
	return "install Java 17 or later, or set JAVA_HOME to where it is"
}
