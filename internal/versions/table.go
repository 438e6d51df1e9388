package main

import (
	"fmt"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/grafanix/eks-karpenter/internal/policy"
)

// table is the needs as a table: a row for each, a column for each version.
func table(all []need) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 1, ' ', 0)
	row := func(head string, cell func(policy.Version) string) {
		cells := []string{head}
		for _, v := range policy.Versions() {
			cells = append(cells, cell(v))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	row("Karpenter", policy.Version.String)
	part := ""
	for _, n := range all {
		if n.part != part {
			part = n.part
			row(part, func(policy.Version) string { return "" })
		}
		row("  "+n.what, func(v policy.Version) string {
			if v >= n.since {
				return "✓"
			}
			return "·"
		})
	}
	w.Flush()
	return regexp.MustCompile(` +\n`).ReplaceAllString(out.String(), "\n")
}
