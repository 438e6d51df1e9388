package provider

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// The kinds of peers of a rule: a rule of a group itself has no other, and a
// rule of another group has no ranges.
var rulePeers = schema{
	"cidrBlocks":            {kind: texts, replace: true, conflicts: []string{"self", "sourceSecurityGroupId"}},
	"ipv6CidrBlocks":        {kind: texts, replace: true, conflicts: []string{"self", "sourceSecurityGroupId"}},
	"prefixListIds":         {kind: texts, replace: true},
	"self":                  {kind: flag, replace: true, conflicts: []string{"cidrBlocks", "ipv6CidrBlocks", "sourceSecurityGroupId"}},
	"sourceSecurityGroupId": {kind: text, mode: optionalComputed, replace: true, conflicts: []string{"cidrBlocks", "ipv6CidrBlocks", "self"}},
}

var securityGroupRuleType = resourceType{
	token: "aws:ec2/securityGroupRule:SecurityGroupRule",
	noun:  "Security Group Rule",
	properties: rulePeers.with(schema{
		"description":         {kind: text, checks: []check{length(0, 255)}},
		"fromPort":            {kind: number, mode: required, replace: true},
		"protocol":            {kind: text, mode: required, replace: true, alike: func(a, b string) bool { return protocol(a) == protocol(b) }},
		"securityGroupId":     {kind: text, mode: required, replace: true},
		"securityGroupRuleId": {kind: text, mode: computed},
		"toPort":              {kind: number, mode: required, replace: true},
		"type":                {kind: text, mode: required, replace: true, checks: []check{oneOf("egress", "ingress")}},
	}),
	plan: func(in values, given func(string) bool) []problem {
		peers := rulePeers.names()
		if in.flag("self") || slices.ContainsFunc(peers, func(name string) bool { return name != "self" && given(name) }) {
			return nil
		}
		return []problem{{"cidrBlocks", fmt.Sprintf("\"cidr_blocks\": one of `%s` must be specified", snake(strings.Join(peers, ",")))}}
	},
	creating: func(in values) string {
		return fmt.Sprintf("authorizing Security Group (%s) Rule (%s)", in.text("securityGroupId"), ruleGroupID(in))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		_, err := c.AuthorizeSecurityGroup(groupRules(in))
		return emptyOn(ruleGroupID(in), err)
	},
	read: readGroupRule,
	update: func(c *cloud.Client, _ string, _, new values) error {
		return c.UpdateSecurityGroupRuleDescriptions(groupRules(new))
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return unlessCode(unlessCode(c.RevokeSecurityGroup(groupRules(state)), "InvalidPermission.NotFound"), cloud.NoGroup)
	},
}

// protocols are the names of protocols that may be given as numbers, too.
var protocols = map[string]string{"all": "-1", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

// protocol is a protocol as EC2 names it.
func protocol(given string) string {
	given = strings.ToLower(given)
	if name, ok := protocols[given]; ok {
		return name
	}
	return given
}

// groupRules are the rules of EC2 that a resource stands for: one for each
// peer.
func groupRules(in values) []cloud.SecurityGroupRule {
	base := cloud.SecurityGroupRule{
		GroupID:     in.text("securityGroupId"),
		Egress:      in.text("type") == "egress",
		Protocol:    protocol(in.text("protocol")),
		FromPort:    in.number("fromPort"),
		ToPort:      in.number("toPort"),
		Description: in.text("description"),
	}
	var all []cloud.SecurityGroupRule
	add := func(set func(*cloud.SecurityGroupRule, string), peers ...string) {
		for _, peer := range peers {
			rule := base
			set(&rule, peer)
			all = append(all, rule)
		}
	}
	add(func(r *cloud.SecurityGroupRule, peer string) { r.CIDRv4 = peer }, in.texts("cidrBlocks")...)
	add(func(r *cloud.SecurityGroupRule, peer string) { r.CIDRv6 = peer }, in.texts("ipv6CidrBlocks")...)
	add(func(r *cloud.SecurityGroupRule, peer string) { r.PrefixListID = peer }, in.texts("prefixListIds")...)
	switch source := in.text("sourceSecurityGroupId"); {
	case in.flag("self"):
		add(func(r *cloud.SecurityGroupRule, peer string) { r.ReferencedGroupID = peer }, base.GroupID)
	case source != "":
		add(func(r *cloud.SecurityGroupRule, peer string) { r.ReferencedGroupID = peer }, source)
	}
	return all
}

// ruleGroupID is a number that follows from what the rule lets through.
func ruleGroupID(in values) string {
	var text strings.Builder
	for _, rule := range groupRules(in) {
		rule.Description = ""
		fmt.Fprintf(&text, "%v;", rule)
	}
	return fmt.Sprintf("sgrule-%d", crc32.ChecksumIEEE([]byte(text.String())))
}

func readGroupRule(c *cloud.Client, id string, state values) (found, error) {
	if len(state) == 0 {
		var err error
		if state, err = parseRuleID(id); err != nil {
			return found{}, err
		}
		id = ruleGroupID(state)
	}
	present, err := c.DescribeSecurityGroupRules(state.text("securityGroupId"))
	if err != nil {
		return found{}, unlessCode(err, cloud.NoGroup)
	}
	current := values{"type": state.text("type"), "securityGroupId": state.text("securityGroupId")}
	for _, name := range rulePeers.names() {
		if value, given := state[name]; given {
			current[name] = value
		}
	}
	wanted := groupRules(state)
	for _, rule := range wanted {
		at := slices.IndexFunc(present, func(p cloud.SecurityGroupRule) bool { return p.Same(rule) })
		if at < 0 {
			return found{}, nil
		}
		current["description"], current["protocol"] = present[at].Description, present[at].Protocol
		current["fromPort"], current["toPort"] = rule.FromPort, rule.ToPort
		if len(wanted) == 1 {
			current["securityGroupRuleId"] = present[at].ID
		}
	}
	return found{id, current}, nil
}

// parseRuleID reads an import id of the form
// group_type_protocol_from_to_peer[_peer…].
func parseRuleID(id string) (values, error) {
	parts := strings.Split(id, "_")
	wrong := func(why string) (values, error) {
		return nil, fmt.Errorf("unexpected format for ID (%q), expected SECURITYGROUPID_TYPE_PROTOCOL_FROMPORT_TOPORT_SOURCE[_SOURCE]*: %s", id, why)
	}
	if len(parts) < 6 {
		return wrong("too few parts")
	}
	from, err := strconv.ParseFloat(parts[3], 64)
	if err != nil {
		return wrong("invalid from_port")
	}
	to, err := strconv.ParseFloat(parts[4], 64)
	if err != nil {
		return wrong("invalid to_port")
	}
	state := values{"securityGroupId": parts[0], "type": parts[1], "protocol": protocol(parts[2]), "fromPort": from, "toPort": to}
	add := func(name, peer string) {
		peers, _ := state[name].([]any)
		state[name] = append(peers, peer)
	}
	for _, peer := range parts[5:] {
		switch {
		case peer == "self":
			state["self"] = true
		case strings.HasPrefix(peer, "sg-"):
			state["sourceSecurityGroupId"] = peer
		case strings.HasPrefix(peer, "pl-"):
			add("prefixListIds", peer)
		case strings.Contains(peer, ":"):
			add("ipv6CidrBlocks", peer)
		case strings.Contains(peer, "."):
			add("cidrBlocks", peer)
		default:
			return wrong("source must be cidr, ipv6cidr, prefix list, 'self', or a Security Group ID")
		}
	}
	return state, nil
}
