package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Print writes the report for people: the figures beside their baselines, then the costs by stage.
func (r *Report) Print(out io.Writer) error {
	fmt.Fprintf(out, "%s, %d processors, %s, %s\n\n", r.Machine.System, r.Machine.Processors, r.Machine.Go, r.Machine.At.Format("2006-01-02 15:04 MST"))
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "PART\tFIGURE\tVALUE\tAIM\tBESIDE IT\t\tRATIO\tSERVICE\tALL\tIDLE\tOTHERS")
	for _, f := range r.Figures {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Part, f.Name, quantity(f.Value, f.Unit), dash(f.Aim), beside(f),
			optional(f.Service, 1, "µs"), optional(f.All, 1, "µs"), optional(f.Idle, 100, "%"), optional(f.Others, 100, "%"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nSERVICE and ALL are CPU for each parcel: of the service; of everything the bench runs, itself included.")
	fmt.Fprintln(out, "IDLE and OTHERS are shares of the machine: unused; used by other programs and the system itself. With OTHERS over a few per cent measure again.")
	for _, f := range r.Figures {
		for _, c := range f.Comments {
			fmt.Fprintf(out, "%s, %s: %s\n", f.Part, f.Name, c)
		}
	}
	if err := printCosts(out, "CPU µs A PARCEL", r.Costs); err != nil {
		return err
	}
	return printCosts(out, "µs IN STATEMENTS A PARCEL, WAITING INCLUDED", r.Statements)
}

// unitLatency is the unit of figures that are better the smaller they are.
const unitLatency = "ms"

func beside(f Figure) string {
	if f.Beside == nil {
		return "-\t\t-"
	}
	if f.Unit == unitLatency {
		return fmt.Sprintf("%s\t%s\t%.1f ×", f.Beside.Name, quantity(f.Beside.Value, f.Unit), f.Beside.Ratio)
	}
	return fmt.Sprintf("%s\t%s\t%.0f %%", f.Beside.Name, quantity(f.Beside.Value, f.Unit), 100*f.Beside.Ratio)
}

// printCosts prints each part's costs with their sum.
func printCosts(out io.Writer, title string, costs []Cost) error {
	var parts []string
	for _, c := range costs {
		if !slices.Contains(parts, c.Part) {
			parts = append(parts, c.Part)
		}
	}
	for _, part := range parts {
		w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
		fmt.Fprintf(w, "\n%s: %s\n", part, title)
		var sum float64
		for _, c := range costs {
			if c.Part != part {
				continue
			}
			sum += c.Us
			fmt.Fprintf(w, "%9.2f  %s\t%s\t%s\n", c.Us, c.Owner, c.Stage, c.Work)
		}
		fmt.Fprintf(w, "%9.2f  in all\n", sum)
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func optional(value *float64, by float64, unit string) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprintf("%.0f %s", *value*by, unit)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// quantity prints a value with as many digits as say something, its thousands apart.
func quantity(value float64, unit string) string {
	text := fmt.Sprintf("%.0f", value)
	switch {
	case value < 10:
		text = fmt.Sprintf("%.2f", value)
	case value < 100:
		text = fmt.Sprintf("%.1f", value)
	}
	for i := strings.IndexByte(text+".", '.') - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return strings.TrimSpace(text + " " + unit)
}
