package install

import (
	"slices"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// scheduleField is a field of a schedule: its bounds, and names that count from the least.
type scheduleField struct {
	what        string
	least, most int
	names       []string
}

// scheduleFields are as cron has them. Source: "NodePools", spec.disruption.budgets, Karpenter documentation.
var scheduleFields = []scheduleField{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of the month", 1, 31, nil},
	{"month", 1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{"day of the week", 0, 6, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// checkSchedule records a schedule that Karpenter cannot read. The schema takes some of them, and then no node is ended.
func checkSchedule(p problems, property string, schedule *string) {
	p.Matches(property, schedule, scheduleForm)
	texts := strings.Fields(component.Or(schedule, ""))
	if len(texts) != len(scheduleFields) {
		return
	}
	for i, field := range scheduleFields {
		if items := strings.Split(texts[i], ","); slices.ContainsFunc(items, field.lacks) {
			p.Addf(property, "%q is no %s: numbers from %d to %d, a-b, * or */n, with commas between", texts[i], field.what, field.least, field.most)
		}
	}
}

// lacks says that an item of a list, such as 1, 1-5 or */15, is none of the field.
func (f scheduleField) lacks(item string) bool {
	values, step, stepped := strings.Cut(item, "/")
	if every, err := strconv.Atoi(step); stepped && (err != nil || every < 1) {
		return true
	}
	if values == "*" || values == "?" {
		return false
	}
	low, high, isRange := strings.Cut(values, "-")
	first := f.number(low)
	if !isRange {
		return first < f.least || first > f.most
	}
	last := f.number(high)
	return first < f.least || last > f.most || first > last
}

// number is a number, or that of a name, and -1 for what is neither.
func (f scheduleField) number(text string) int {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.least + i
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return number
}
