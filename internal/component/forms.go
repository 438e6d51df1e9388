package component

// Where Karpenter's documentation installs the controller. Source: "Getting Started with Karpenter", Karpenter documentation.
const (
	DefaultNamespace      = "kube-system"
	DefaultServiceAccount = "karpenter"
)

// The forms of names, ids and ARNs that more than one package takes. Sources: CreateCluster, EKS API Reference; CreateRole and
// CreateInstanceProfile, IAM API Reference; "Object Names and IDs", Kubernetes documentation; "Resource types" of each service,
// Service Authorization Reference.
var (
	ClusterNameForm = NewForm(
		`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`, "1 to 100 letters, digits, hyphens and underscores, a letter or digit first",
	)
	NamespaceForm = NewForm(
		`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`, "a DNS label: 1 to 63 small letters, digits and hyphens, a letter or digit at both ends",
	)
	RoleNameForm    = IAMNameForm("64")
	ProfileNameForm = IAMNameForm("128")
	SubnetIDForm    = NewForm(`^subnet-[0-9a-f]{8,17}$`, "the id of a subnet, subnet-...")
	KeyARNForm      = ARNForm("kms", `[a-z0-9-]+:\d{12}:key/[\w-]+`, "a KMS key (an alias will not do)")
)

// IAMNameForm is the form of a name in IAM, which has at most that many characters.
func IAMNameForm(limit string) Form {
	return NewForm(`^[\w+=,.@-]{1,`+limit+`}$`, "1 to "+limit+" letters, digits and any of _+=,.@-")
}

// ARNForm is the form of an ARN of a service, in any partition; rest is the pattern of what follows the service.
func ARNForm(service, rest, what string) Form {
	return NewForm(`^arn:aws[a-z-]*:`+service+`:`+rest+`$`, "the ARN of "+what)
}
