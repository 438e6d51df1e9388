package verify

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Verdict is what becomes of a request or an event.
type Verdict string

// The verdicts.
const (
	Allowed   Verdict = "allowed"
	Denied    Verdict = "denied"
	Delivered Verdict = "delivered once"
	Kept      Verdict = "kept out"
	// Undecided is a request that the sandbox cannot decide, and NotReceived an
	// event that the controller could not have received.
	Undecided   Verdict = "undecided"
	NotReceived Verdict = "not received"
)

// The stories, in the order in which they are told.
const (
	KarpentersDay    = "Karpenter's day"
	SomebodyElsesDay = "Somebody else's day"
	InterruptionsWay = "An interruption's way"
)

// Row is one thing that must be so.
type Row struct {
	Story string `json:"story"`
	// Why is who does this and what for.
	Why string `json:"why"`
	// Who asks; the controller when empty.
	Who      string  `json:"who,omitempty"`
	Action   string  `json:"action"`
	Resource string  `json:"resource,omitempty"`
	Expected Verdict `json:"expected"`
	Got      Verdict `json:"got"`
	// By is what decided: a statement, the condition that failed, a rule.
	By string `json:"by"`
	// Also are other statements that nearly allow what is denied.
	Also []string `json:"also,omitempty"`
	OK   bool     `json:"ok"`
}

// Report is the outcome of all stories of one cluster.
type Report struct {
	Cluster        string `json:"cluster"`
	Region         string `json:"region"`
	Identity       string `json:"identity"`
	ControllerRole string `json:"controllerRole"`
	NodeRole       string `json:"nodeRole"`
	// Queue is empty where there is none; then nothing is said of queues.
	Queue string `json:"queue,omitempty"`
	Rows  []Row  `json:"rows"`
}

// OK tells whether everything is as it must be.
func (r Report) OK() bool { return len(r.Failed()) == 0 }

// Failed are the rows that are not as they must be.
func (r Report) Failed() (failed []Row) {
	for _, row := range r.Rows {
		if !row.OK {
			failed = append(failed, row)
		}
	}
	return failed
}

// Count is how many rows a story has, and how many are as they must be.
func (r Report) Count(story string) (good, all int) {
	for _, row := range r.Rows {
		if row.Story == story {
			good += count(row.OK)
			all++
		}
	}
	return good, all
}

// Summary is one line for each story.
func (r Report) Summary() []string {
	var lines []string
	for _, story := range []struct{ name, outcome string }{
		{KarpentersDay, "allowed"}, {SomebodyElsesDay, "denied"}, {InterruptionsWay, "as it must be"},
	} {
		if good, all := r.Count(story.name); all > 0 {
			lines = append(lines, fmt.Sprintf("%s: %d of %d %s", story.name, good, all, story.outcome))
		} else {
			lines = append(lines, story.name+": nothing to tell, there is no queue")
		}
	}
	return lines
}

// JSON is the report for machines.
func (r Report) JSON() ([]byte, error) {
	return json.MarshalIndent(struct {
		OK      bool     `json:"ok"`
		Summary []string `json:"summary"`
		Report
	}{r.OK(), r.Summary(), r}, "", "  ")
}

// Table is the report for people, a block for each story.
func (r Report) Table() string {
	var out strings.Builder
	fmt.Fprintf(&out, "Cluster %s in %s, controller %s by %s, nodes %s, queue %s\n",
		r.Cluster, r.Region, lastPart(r.ControllerRole, "/"), r.Identity, lastPart(r.NodeRole, "/"), orNone(lastPart(r.Queue, ":")))
	lines := r.Summary()
	for i, story := range []string{KarpentersDay, SomebodyElsesDay, InterruptionsWay} {
		fmt.Fprintf(&out, "\n%s\n", lines[i])
		writeRows(&out, r.Rows, story)
	}
	return out.String()
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// writeRows writes the rows of a story in aligned columns, the last of which
// is as long as it is.
func writeRows(out *strings.Builder, rows []Row, story string) {
	var cells [][]string
	for _, row := range rows {
		if row.Story != story {
			continue
		}
		mark := "ok"
		if !row.OK {
			mark = "WRONG"
		}
		what := row.Action
		if short := shortened(row.Resource); short != "" {
			what += " " + short
		}
		cells = append(cells, []string{mark, string(row.Got), what, row.sentence(), row.By})
	}
	widths := make([]int, 4)
	for _, line := range cells {
		for i := range widths {
			widths[i] = max(widths[i], len(line[i]))
		}
	}
	for _, line := range cells {
		out.WriteString(" ")
		for i, width := range widths {
			fmt.Fprintf(out, " %-*s ", width, line[i])
		}
		out.WriteString(" " + line[4] + "\n")
	}
}

// sentence is why, and who asks where that is not the controller.
func (r Row) sentence() string {
	if r.Who == "" {
		return r.Why
	}
	service, _, _ := strings.Cut(r.Who, " ")
	if strings.Contains(service, ".") {
		return service + ": " + r.Why
	}
	return r.Who + ": " + r.Why
}

// shortened is the end of an ARN: enough to tell what kind of thing it is.
func shortened(resource string) string {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 {
		return resource
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch {
	case parts[2] == "ssm":
		return lastPart(strings.TrimSuffix(name, "/image_id"), "service/")
	case name == "" || parts[2] == "ec2":
		return kind
	case kind == "instance-profile" || kind == "key":
		return kind
	}
	return kind + "/" + lastPart(name, "/")
}
