package kafka

// Sent names the requests that brokers are asked to understand.
func Sent() (names []string) {
	for key := range ours {
		names = append(names, name(key))
	}
	return names
}
