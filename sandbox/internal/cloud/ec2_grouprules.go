package cloud

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// SecurityGroupRule is one rule of a security group: one peer, as EC2 keeps
// it.
type SecurityGroupRule struct {
	ID                string `json:"id"`
	Region            string `json:"region"`
	GroupID           string `json:"groupId"`
	Egress            bool   `json:"egress,omitempty"`
	Protocol          string `json:"protocol"` // tcp, udp, icmp, …; -1: all
	FromPort          int    `json:"fromPort"` // -1: all
	ToPort            int    `json:"toPort"`
	CIDRv4            string `json:"cidrIpv4,omitempty"`
	CIDRv6            string `json:"cidrIpv6,omitempty"`
	PrefixListID      string `json:"prefixListId,omitempty"`
	ReferencedGroupID string `json:"referencedGroupId,omitempty"`
	Description       string `json:"description,omitempty"`
	Tags              Tags   `json:"tags,omitempty"`
}

const anyProtocol = "-1"

// maxGroupRules is the number of rules of a group in one direction:
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const maxGroupRules = 60

// peer is whom the rule lets in or out to.
func (r SecurityGroupRule) peer() string {
	return r.CIDRv4 + r.CIDRv6 + r.PrefixListID + r.ReferencedGroupID
}

// traffic is what the rule lets through, in the words of EC2's refusals.
func (r SecurityGroupRule) traffic() string {
	if r.Protocol == anyProtocol {
		return "ALL"
	}
	return fmt.Sprintf("%s, from port: %d, to port: %d", strings.ToUpper(r.Protocol), r.FromPort, r.ToPort)
}

// Same tells whether EC2 takes two rules for one.
func (r SecurityGroupRule) Same(other SecurityGroupRule) bool {
	return r.GroupID == other.GroupID && r.Egress == other.Egress && r.peer() == other.peer() && r.traffic() == other.traffic()
}

// operation is the name of what is done to a rule of its direction.
func (r SecurityGroupRule) operation(verb string) string {
	if r.Egress {
		return verb + "Egress"
	}
	return verb + "Ingress"
}

// AuthorizeSecurityGroup adds rules of one direction to a security group, all
// or none, and returns their ids.
func (c *Client) AuthorizeSecurityGroup(rules []SecurityGroupRule) (ids []string, err error) {
	err = c.write(ec2Service, rules[0].operation("AuthorizeSecurityGroup"), func(st *State) error {
		group, err := st.group(c.Region, rules[0].GroupID)
		if err != nil {
			return err
		}
		count := 0
		for _, rule := range st.GroupRules {
			if rule.GroupID == group.ID && rule.Egress == rules[0].Egress {
				count++
			}
		}
		if count+len(rules) > maxGroupRules {
			return refuse("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
		}
		for i, rule := range rules {
			if err := st.checkRule(c.Region, rule, rules[:i]); err != nil {
				return err
			}
		}
		for _, rule := range rules {
			ids = append(ids, st.addRule(group, rule))
		}
		return nil
	})
	return ids, err
}

func (st *State) checkRule(region string, rule SecurityGroupRule, before []SecurityGroupRule) error {
	for _, cidr := range []string{rule.CIDRv4, rule.CIDRv6} {
		if parsed, err := netip.ParsePrefix(cidr); cidr != "" && (err != nil || parsed.Masked() != parsed) {
			return refuse("InvalidParameterValue", "CIDR block %s is malformed", cidr)
		}
	}
	if rule.ReferencedGroupID != "" {
		if _, err := st.group(region, rule.ReferencedGroupID); err != nil {
			return refuse(NoGroup, "You have specified two resources that belong to different networks or do not exist: '%s'", rule.ReferencedGroupID)
		}
	}
	exists := slices.ContainsFunc(before, rule.Same)
	for _, present := range st.GroupRules {
		exists = exists || present.Same(rule)
	}
	if exists {
		return refuse("InvalidPermission.Duplicate", "the specified rule \"peer: %s, %s, ALLOW\" already exists", rule.peer(), rule.traffic())
	}
	return nil
}

func (st *State) addRule(group *SecurityGroup, rule SecurityGroupRule) string {
	rule.GroupID, rule.Region = group.ID, group.Region
	if rule.Protocol == anyProtocol {
		rule.FromPort, rule.ToPort = -1, -1
	}
	rule.ID = "sgr-0" + HexID(fmt.Sprint("rule ", rule.GroupID, rule.Egress, rule.peer(), rule.traffic()), 16)
	rule.Tags = maps.Clone(rule.Tags)
	st.GroupRules[rule.ID] = &rule
	return rule.ID
}

// DescribeSecurityGroupRules returns a group's rules, ordered by id.
func (c *Client) DescribeSecurityGroupRules(groupID string) ([]SecurityGroupRule, error) {
	return read(c, ec2Service, "DescribeSecurityGroupRules", func(st *State) ([]SecurityGroupRule, error) {
		if _, err := st.group(c.Region, groupID); err != nil {
			return nil, err
		}
		var found []SecurityGroupRule
		for _, id := range slices.Sorted(maps.Keys(st.GroupRules)) {
			if rule := st.GroupRules[id]; rule.GroupID == groupID {
				found = append(found, *rule)
			}
		}
		return found, nil
	})
}

// UpdateSecurityGroupRuleDescriptions sets the description of rules of one
// direction.
func (c *Client) UpdateSecurityGroupRuleDescriptions(rules []SecurityGroupRule) error {
	return c.eachRule("UpdateSecurityGroupRuleDescriptions", rules, func(_ *State, present *SecurityGroupRule, wanted SecurityGroupRule) {
		present.Description = wanted.Description
	})
}

// RevokeSecurityGroup removes rules of one direction from a security group.
func (c *Client) RevokeSecurityGroup(rules []SecurityGroupRule) error {
	return c.eachRule("RevokeSecurityGroup", rules, func(st *State, present *SecurityGroupRule, _ SecurityGroupRule) {
		delete(st.GroupRules, present.ID)
	})
}

func (c *Client) eachRule(verb string, rules []SecurityGroupRule, change func(_ *State, present *SecurityGroupRule, wanted SecurityGroupRule)) error {
	return c.write(ec2Service, rules[0].operation(verb), func(st *State) error {
		if _, err := st.group(c.Region, rules[0].GroupID); err != nil {
			return err
		}
		var found []*SecurityGroupRule
		for _, wanted := range rules {
			at := st.ruleLike(wanted)
			if at == nil {
				return refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			}
			found = append(found, at)
		}
		for i, present := range found {
			change(st, present, rules[i])
		}
		return nil
	})
}

func (st *State) ruleLike(wanted SecurityGroupRule) *SecurityGroupRule {
	for _, rule := range st.GroupRules {
		if rule.Same(wanted) {
			return rule
		}
	}
	return nil
}

// RevokeAllOf removes every rule of a security group and every rule of other
// groups that names it, one call for each group and direction.
func (c *Client) RevokeAllOf(groupID string) error {
	touching, err := read(c, ec2Service, "DescribeSecurityGroups", func(st *State) ([]SecurityGroupRule, error) {
		var found []SecurityGroupRule
		for _, id := range slices.Sorted(maps.Keys(st.GroupRules)) {
			if rule := st.GroupRules[id]; rule.GroupID == groupID || rule.ReferencedGroupID == groupID {
				found = append(found, *rule)
			}
		}
		return found, nil
	})
	if err != nil {
		return err
	}
	for _, rule := range touching {
		if err := c.RevokeSecurityGroup([]SecurityGroupRule{rule}); err != nil {
			return err
		}
	}
	return nil
}
