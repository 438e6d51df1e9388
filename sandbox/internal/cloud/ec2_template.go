package cloud

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
)

// LaunchTemplate is a launch template with all of its versions.
type LaunchTemplate struct {
	ID             string            `json:"id"`
	Region         string            `json:"region"`
	Name           string            `json:"name"`
	DefaultVersion int               `json:"defaultVersion"`
	Versions       []TemplateVersion `json:"versions"` // the first is number 1
	Tags           Tags              `json:"tags,omitempty"`
}

// TemplateVersion is one version of a launch template. EC2 keeps it as it was
// given: what it names need not exist until an instance is launched.
type TemplateVersion struct {
	Description    string            `json:"description,omitempty"`
	ImageID        string            `json:"imageId,omitempty"`
	InstanceType   string            `json:"instanceType,omitempty"`
	KeyName        string            `json:"keyName,omitempty"`
	EBSOptimized   string            `json:"ebsOptimized,omitempty"` // true, false or not said
	ProfileARN     string            `json:"profileArn,omitempty"`
	ProfileName    string            `json:"profileName,omitempty"`
	Monitoring     *bool             `json:"monitoring,omitempty"`
	Metadata       *MetadataOptions  `json:"metadata,omitempty"`
	BlockDevices   []BlockDevice     `json:"blockDevices,omitempty"`
	GroupIDs       []string          `json:"groupIds,omitempty"`
	TagSpecs       []TemplateTagSpec `json:"tagSpecs,omitempty"`
	UserData       string            `json:"userData,omitempty"`
	ShutdownAction string            `json:"shutdownAction,omitempty"`
}

// MetadataOptions are how an instance's metadata is reached.
type MetadataOptions struct {
	Endpoint     string `json:"endpoint,omitempty"`
	ProtocolIPv6 string `json:"protocolIpv6,omitempty"`
	HopLimit     int    `json:"hopLimit,omitempty"`
	Tokens       string `json:"tokens,omitempty"`
	Tags         string `json:"tags,omitempty"`
}

// BlockDevice is a volume that an instance starts with.
type BlockDevice struct {
	DeviceName          string `json:"deviceName,omitempty"`
	NoDevice            string `json:"noDevice,omitempty"`
	VirtualName         string `json:"virtualName,omitempty"`
	DeleteOnTermination string `json:"deleteOnTermination,omitempty"`
	Encrypted           string `json:"encrypted,omitempty"`
	KMSKeyID            string `json:"kmsKeyId,omitempty"`
	SnapshotID          string `json:"snapshotId,omitempty"`
	VolumeType          string `json:"volumeType,omitempty"`
	VolumeSize          int    `json:"volumeSize,omitempty"` // GiB
	IOPS                int    `json:"iops,omitempty"`
	Throughput          int    `json:"throughput,omitempty"` // MiB/s
}

// TemplateTagSpec are the tags of what an instance brings along, by type.
type TemplateTagSpec struct {
	ResourceType string `json:"resourceType"`
	Tags         Tags   `json:"tags,omitempty"`
}

// NoTemplate is EC2's code for a launch template that does not exist.
const NoTemplate = "InvalidLaunchTemplateId.NotFound"

// noTemplate is what it says of one.
const noTemplate = "The specified launch template, with template ID %s, does not exist."

// templateName is the form of a launch template's name:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
var templateName = constraint{"LaunchTemplateName", `[a-zA-Z0-9().\-/_]{3,}`, 128}

// taggedByTemplates are the types of things that a launch template can tag.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateTagSpecificationRequest.html
var taggedByTemplates = []string{"instance", "network-interface", "spot-instances-request", "volume", "elastic-gpu"}

// CreateLaunchTemplate makes a launch template of its first version, an empty
// one unless it is given, and returns its id.
func (c *Client) CreateLaunchTemplate(in LaunchTemplate) (string, error) {
	first := append(slices.Clone(in.Versions), TemplateVersion{})[0]
	err := c.write(ec2Service, "CreateLaunchTemplate", func(st *State) error {
		if err := templateName.check("InvalidLaunchTemplateName.MalformedException", in.Name); err != nil {
			return err
		}
		if err := checkTags(ec2Service, in.Tags, nil); err != nil {
			return err
		}
		if err := first.check(); err != nil {
			return err
		}
		if st.templateNamed(c.Region, in.Name) != nil {
			return refuse("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
		}
		in.ID, in.Region = "lt-0"+HexID("launch template "+c.Region+in.Name, 16), c.Region
		in.DefaultVersion, in.Versions, in.Tags = 1, []TemplateVersion{first}, maps.Clone(in.Tags)
		st.LaunchTemplates[in.ID] = &in
		return nil
	})
	return in.ID, err
}

func (v TemplateVersion) check() error {
	if _, err := base64.StdEncoding.DecodeString(v.UserData); err != nil {
		return refuse("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	}
	for _, spec := range v.TagSpecs {
		if !slices.Contains(taggedByTemplates, spec.ResourceType) {
			return refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", spec.ResourceType)
		}
		if err := checkTags(ec2Service, spec.Tags, nil); err != nil {
			return err
		}
	}
	return nil
}

func (st *State) templateNamed(region, name string) *LaunchTemplate {
	for _, template := range st.LaunchTemplates {
		if template.Region == region && template.Name == name {
			return template
		}
	}
	return nil
}

func (st *State) template(region, id string) (*LaunchTemplate, error) {
	template, ok := st.LaunchTemplates[id]
	if !ok || template.Region != region {
		return nil, refuse(NoTemplate, noTemplate, id)
	}
	return template, nil
}

// DescribeLaunchTemplate returns a launch template.
func (c *Client) DescribeLaunchTemplate(id string) (LaunchTemplate, error) {
	return read(c, ec2Service, "DescribeLaunchTemplates", func(st *State) (LaunchTemplate, error) {
		template, err := st.template(c.Region, id)
		if err != nil {
			return LaunchTemplate{}, err
		}
		found := *template
		found.Versions, found.Tags = slices.Clone(template.Versions), maps.Clone(template.Tags)
		return found, nil
	})
}

// DescribeLaunchTemplates returns the launch templates that pass the filters.
func (c *Client) DescribeLaunchTemplates(filters []Filter) ([]LaunchTemplate, error) {
	return read(c, ec2Service, "DescribeLaunchTemplates", func(st *State) ([]LaunchTemplate, error) {
		return describe(st.LaunchTemplates, c.Region, filters, func(t *LaunchTemplate) (string, Tags, attributes) {
			return t.Region, t.Tags, table(map[string][]string{"launch-template-id": {t.ID}, "launch-template-name": {t.Name}})
		})
	})
}

// CreateLaunchTemplateVersion adds a version and returns its number.
func (c *Client) CreateLaunchTemplateVersion(id string, next TemplateVersion) (number int, err error) {
	err = c.write(ec2Service, "CreateLaunchTemplateVersion", func(st *State) error {
		template, err := st.template(c.Region, id)
		if err != nil {
			return err
		}
		if err := next.check(); err != nil {
			return err
		}
		template.Versions = append(slices.Clone(template.Versions), next)
		number = len(template.Versions)
		return nil
	})
	return number, err
}

// ModifyLaunchTemplate sets the default version.
func (c *Client) ModifyLaunchTemplate(id string, defaultVersion int) error {
	return c.write(ec2Service, "ModifyLaunchTemplate", func(st *State) error {
		template, err := st.template(c.Region, id)
		if err != nil {
			return err
		}
		if _, err := template.version(strconv.Itoa(defaultVersion)); err != nil {
			return err
		}
		template.DefaultVersion = defaultVersion
		return nil
	})
}

// version finds a version by its number, $Latest or $Default.
func (t *LaunchTemplate) version(wanted string) (TemplateVersion, error) {
	number, err := strconv.Atoi(wanted)
	switch {
	case wanted == "$Latest":
		number = len(t.Versions)
	case wanted == "$Default" || wanted == "":
		number = t.DefaultVersion
	case err != nil || number < 1 || number > len(t.Versions):
		return TemplateVersion{}, refuse("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", wanted, t.ID)
	}
	return t.Versions[number-1], nil
}

// DeleteLaunchTemplate removes a launch template, also one that a node group
// names: EC2 does not refuse, and the group fails at its next update.
func (c *Client) DeleteLaunchTemplate(id string) error {
	return c.write(ec2Service, "DeleteLaunchTemplate", func(st *State) error {
		if _, err := st.template(c.Region, id); err != nil {
			return err
		}
		delete(st.LaunchTemplates, id)
		return nil
	})
}
