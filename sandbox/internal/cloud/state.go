package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

// State is everything in an account, as plain records. Regional things are
// keyed by ARN or by an id that is unique in AWS, so one state holds all
// regions. Records share no memory with what operations return or were given:
// maps and lists are replaced, never changed.
type State struct {
	Partition        string                      `json:"partition"`
	AccountID        string                      `json:"accountId"`
	Roles            map[string]*Role            `json:"roles"`            // by name
	Policies         map[string]*Policy          `json:"policies"`         // by ARN
	InstanceProfiles map[string]*InstanceProfile `json:"instanceProfiles"` // by name
	OIDCProviders    map[string]*OIDCProvider    `json:"oidcProviders"`    // by ARN
	Clusters         map[string]*Cluster         `json:"clusters"`         // by ARN
	AccessEntries    map[string]*AccessEntry     `json:"accessEntries"`    // by ARN
	Associations     map[string]*Association     `json:"associations"`     // by ARN
	Queues           map[string]*Queue           `json:"queues"`           // by ARN
	Rules            map[string]*Rule            `json:"rules"`            // by ARN
	Keys             map[string]*Key             `json:"keys"`             // by ARN
	Aliases          map[string]*Alias           `json:"aliases"`          // by ARN
	VPCs             map[string]*VPC             `json:"vpcs"`             // by id
	Subnets          map[string]*Subnet          `json:"subnets"`          // by id
	SecurityGroups   map[string]*SecurityGroup   `json:"securityGroups"`   // by id
	RouteTables      map[string]*RouteTable      `json:"routeTables"`      // by id
	Instances        map[string]*Instance        `json:"instances"`        // by id
	LaunchTemplates  map[string]*LaunchTemplate  `json:"launchTemplates"`  // by id
	Kubernetes       map[string]*KubernetesState `json:"kubernetes"`       // by cluster's ARN

	// What came with later releases is left out where there is none, so that
	// accounts saved by earlier ones stay equal.
	NodeGroups      map[string]*NodeGroup         `json:"nodeGroups,omitempty"`         // by ARN
	FargateProfiles map[string]*FargateProfile    `json:"fargateProfiles,omitempty"`    // by ARN
	Addons          map[string]*Addon             `json:"addons,omitempty"`             // by ARN
	GroupRules      map[string]*SecurityGroupRule `json:"securityGroupRules,omitempty"` // by id

	traffic *traffic // what passes through, which is no part of the account
}

// init makes every map, so that operations need not.
func (st *State) init() {
	ensure(&st.Roles)
	ensure(&st.Policies)
	ensure(&st.InstanceProfiles)
	ensure(&st.OIDCProviders)
	ensure(&st.Clusters)
	ensure(&st.AccessEntries)
	ensure(&st.Associations)
	ensure(&st.Queues)
	ensure(&st.Rules)
	ensure(&st.Keys)
	ensure(&st.Aliases)
	ensure(&st.VPCs)
	ensure(&st.Subnets)
	ensure(&st.SecurityGroups)
	ensure(&st.RouteTables)
	ensure(&st.Instances)
	ensure(&st.LaunchTemplates)
	ensure(&st.Kubernetes)
	ensure(&st.NodeGroups)
	ensure(&st.FargateProfiles)
	ensure(&st.Addons)
	ensure(&st.GroupRules)
	if st.traffic == nil {
		st.traffic = newTraffic()
	}
}

func ensure[T any](m *map[string]*T) {
	if *m == nil {
		*m = map[string]*T{}
	}
}

func (st *State) marshal() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(st)
	return out.Bytes(), err
}

// Decode reads what [Account.Encode] wrote.
func Decode(encoded []byte) (State, error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	var st State
	if err := decoder.Decode(&st); err != nil {
		return State{}, fmt.Errorf("reading an account: %w", err)
	}
	return st, nil
}

func (st *State) withoutDeletedKeys() *State {
	visible := *st
	visible.Keys = maps.Clone(st.Keys)
	maps.DeleteFunc(visible.Keys, func(_ string, key *Key) bool { return key.PendingDeletion })
	return &visible
}
