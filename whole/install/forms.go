package install

import (
	"regexp"
	"strings"
	"time"

	"github.com/grafanix/eks-karpenter/internal/component"
)

const quantity = `\+?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?[0-9]+))?`

// The forms of Karpenter's properties. Sources: the schemas of EC2NodeClass and NodePool; "Labels and Selectors" and
// "Quantity", Kubernetes documentation.
var (
	objectNameForm = component.NewForm(
		`^[a-z0-9]+((-+|\.)[a-z0-9]+)*$`, "1 to 63 small letters, digits, hyphens and dots, a letter or digit at both ends and beside each dot",
	)
	repositoryForm = component.NewForm(
		`^oci://[^\s/]+(/[^\s/]+)*$`, "a registry of OCI charts, oci://..., without a slash at its end",
	)
	timeoutForm = component.NewForm(`^([1-9][0-9]*(s|m|h))+$`, "a time such as 90s, 30m or 1h30m")

	amiIDForm       = component.NewForm(`^ami-[0-9a-z]+$`, "the id of an AMI, ami-...")
	subnetIDForm    = component.NewForm(`^subnet-[0-9a-z]+$`, "the id of a subnet, subnet-...")
	groupIDForm     = component.NewForm(`^sg-[0-9a-z]+$`, "the id of a security group, sg-...")
	reservationForm = component.NewForm(`^cr-[0-9a-z]+$`, "the id of a capacity reservation, cr-...")
	placementForm   = component.NewForm(`^pg-[0-9a-z]+$`, "the id of a placement group, pg-...")
	snapshotForm    = component.NewForm(`^snap-[0-9a-z]+$`, "the id of a snapshot, snap-...")
	accountForm     = component.NewForm(`^[0-9]{12}$`, "an AWS account's 12 digits")
	aliasForm       = component.NewForm(
		`^((al2|al2023|bottlerocket)@.+|windows(2019|2022|2025)@latest)$`,
		"family@version with al2, al2023 or bottlerocket, or windows2019@latest, windows2022@latest or windows2025@latest",
	)
	volumeSizeForm = component.NewForm(
		`^(([1-9][0-9]{0,3}|[1-4][0-9]{4}|5[0-8][0-9]{3}|59000)Gi|([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-3][0-9]{3}|64000)G|`+
			`([1-9]|[1-5][0-7]|58)Ti|([1-9]|[1-5][0-9]|6[0-4])T)$`, "a size in Gi, G, Ti or T, such as 100Gi",
	)

	keyForm = component.NewForm(
		`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$`,
		"a name of at most 63 letters, digits and any of -_., a letter or digit at both ends, with an optional domain/ before it",
	)
	labelValueForm = component.NewForm(
		`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`,
		"at most 63 letters, digits and any of -_., a letter or digit at both ends",
	)
	countForm    = component.NewForm(`^[0-9]{1,18}$`, "a whole number, not negative")
	durationForm = component.NewForm(`^([0-9]+(s|m|h))+$`, "a time such as 90s, 30m or 1h30m")
	orNeverForm  = component.NewForm(`^(([0-9]+(s|m|h))+|Never)$`, "a time such as 90s, 30m or 720h, or Never")
	openForm     = component.NewForm(`^([0-9]+(h|m)|[0-9]+h[0-9]+m)(0s)?$`, "a time in hours and minutes, such as 8h or 1h30m")
	nodesForm    = component.NewForm(`^((100|[0-9]{1,2})%|[0-9]+)$`, "a number of nodes, or a percentage up to 100%")
	scheduleForm = component.NewForm(
		`^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|\S+([ \t]+\S+){4})$`,
		"five fields as of cron, in UTC, or one of @yearly, @monthly, @weekly, @daily, @hourly",
	)
	quantityForm = component.NewForm(`^`+quantity+`$`, "a quantity that is not negative, such as 500m or 2Gi")
	signalForm   = component.NewForm(
		`^((\d{1,2}(\.\d{1,2})?|100(\.0{1,2})?)%|`+quantity+`)$`, "a percentage up to 100%, or a quantity such as 500Mi",
	)
)

// checkName records a name that no object has, or that is too long to be a label's value, as Karpenter makes it.
func checkName(p problems, property string, name *string) {
	p.Matches(property, name, objectNameForm)
	if name != nil && len(*name) > 63 {
		p.Addf(property, "%d characters are too many: at most 63", len(*name))
	}
}

// checkKey records what is no key of a label, a taint or a resource.
func checkKey(p problems, property string, key *string) {
	p.Matches(property, key, keyForm)
	if key == nil {
		return
	}
	if domain, _, found := strings.Cut(*key, "/"); found && len(domain) > 253 {
		p.Addf(property, "a domain of %d characters is too long: at most 253", len(domain))
	}
}

// checkTime records a time that is not of the form, or too long.
func checkTime(p problems, property string, value *string, form component.Form) {
	p.Matches(property, value, form)
	if value != nil {
		checkLasts(p, property, *value)
	}
}

var wholeTime = regexp.MustCompile(`^([0-9]+(s|m|h))+$`)

// checkLasts records a time that is longer than Go can hold. The schema takes it, and then Karpenter cannot read the object.
func checkLasts(p problems, property, value string) {
	if _, err := time.ParseDuration(value); err != nil && wholeTime.MatchString(value) {
		p.Addf(property, "%q is too long: at most 2562047h", value)
	}
}
