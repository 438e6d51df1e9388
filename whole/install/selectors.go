package install

import (
	"strings"

	"github.com/grafanix/eks-karpenter/internal/component"
)

// maxTerms is how many terms a selector takes, and maxTermTags how many tags a term.
const (
	maxTerms    = 30
	maxTermTags = 20
)

// choice is a property of a selector's term, and whether it is given.
type choice struct {
	property string
	given    bool
}

// checkTerm records a term that selects nothing, one with several properties of which one stands alone, and tags that
// select nothing. Qualifiers select nothing by themselves.
func checkTerm(p problems, path string, tags map[string]string, selectors, qualifiers []choice, alone ...string) {
	selectors = append([]choice{{"tags", tags != nil}}, selectors...)
	given := map[string]bool{}
	names := make([]string, len(selectors))
	for i, each := range selectors {
		names[i] = each.property
		if each.given {
			given[each.property] = true
		}
	}
	if len(given) == 0 {
		p.Addf(path, "selects nothing: give one of %s", strings.Join(names, ", "))
	}
	for _, each := range qualifiers {
		if each.given {
			given[each.property] = true
		}
	}
	for _, property := range alone {
		if given[property] && len(given) > 1 {
			p.Addf(path+"."+property, "stands alone: give the rest a term of its own, or leave it out")
			break
		}
	}
	p.AtMost(path+".tags", len(tags), maxTermTags)
	for _, key := range component.SortedKeys(tags) {
		if key == "" || tags[key] == "" {
			p.Addf(path+".tags", "%q = %q selects nothing: give a key and a value, * for any", key, tags[key])
		}
	}
	if tags != nil && len(tags) == 0 {
		p.Addf(path+".tags", "is empty: give a tag, or leave it out")
	}
}

// checkList records a list of terms that is given and empty, or too long.
func checkList(p problems, property string, given bool, length int) {
	if given && length == 0 {
		p.Addf(property, "is empty: give a term, or leave it out")
	}
	p.AtMost(property, length, maxTerms)
}

// checkNetwork records what is wrong with the selectors of subnets and security groups.
func (o *NodeClassOptions) checkNetwork(p problems) {
	checkList(p, "subnetSelectorTerms", o.SubnetSelectorTerms != nil, len(o.SubnetSelectorTerms))
	for i, term := range o.SubnetSelectorTerms {
		path := component.Indexed("subnetSelectorTerms", i)
		checkTerm(p, path, term.Tags, []choice{{"id", term.Id != nil}}, nil, "id")
		p.MatchesKnown(path+".id", term.Id, subnetIDForm)
	}
	checkList(p, "securityGroupSelectorTerms", o.SecurityGroupSelectorTerms != nil, len(o.SecurityGroupSelectorTerms))
	for i, term := range o.SecurityGroupSelectorTerms {
		path := component.Indexed("securityGroupSelectorTerms", i)
		checkTerm(p, path, term.Tags, []choice{{"id", term.Id != nil}, {"name", term.Name != nil}}, nil, "id", "name")
		p.MatchesKnown(path+".id", term.Id, groupIDForm)
		notEmpty(p, path+".name", term.Name)
	}
}

// checkCapacity records what is wrong with the selectors of capacity reservations and the placement group.
func (o *NodeClassOptions) checkCapacity(p problems) {
	checkList(p, "capacityReservationSelectorTerms", o.CapacityReservationSelectorTerms != nil, len(o.CapacityReservationSelectorTerms))
	for i, term := range o.CapacityReservationSelectorTerms {
		path := component.Indexed("capacityReservationSelectorTerms", i)
		selectors := []choice{{"id", term.Id != nil}, {"instanceMatchCriteria", term.InstanceMatchCriteria != nil}}
		checkTerm(p, path, term.Tags, selectors, []choice{{"ownerID", term.OwnerId != nil}}, "id")
		p.MatchesKnown(path+".id", term.Id, reservationForm)
		p.OneOf(path+".instanceMatchCriteria", term.InstanceMatchCriteria, "open", "targeted")
		p.Matches(path+".ownerID", term.OwnerId, accountForm)
	}
	if group := o.PlacementGroupSelector; group != nil {
		if (group.Id == nil) == (group.Name == nil) {
			p.Addf("placementGroupSelector", "give either name or id")
		}
		p.MatchesKnown("placementGroupSelector.id", group.Id, placementForm)
		notEmpty(p, "placementGroupSelector.name", group.Name)
	}
}

// checkImages records what is wrong with the nodes' images.
func (o *NodeClassOptions) checkImages(p problems) {
	p.OneOf("amiFamily", o.AmiFamily, "AL2", "AL2023", "Bottlerocket", "Custom", "Windows2019", "Windows2022", "Windows2025")
	if o.AmiSelectorTerms == nil && component.Or(o.AmiFamily, "") == "Custom" {
		p.Addf("amiSelectorTerms", "required: amiFamily Custom has no image of its own")
	}
	checkList(p, "amiSelectorTerms", o.AmiSelectorTerms != nil, len(o.AmiSelectorTerms))
	aliased := false
	for i, term := range o.AmiSelectorTerms {
		path := component.Indexed("amiSelectorTerms", i)
		selectors := []choice{
			{"id", term.Id != nil}, {"name", term.Name != nil}, {"alias", term.Alias != nil}, {"ssmParameter", term.SsmParameter != nil},
		}
		checkTerm(p, path, term.Tags, selectors, []choice{{"owner", term.Owner != nil}}, "alias", "id")
		p.MatchesKnown(path+".id", term.Id, amiIDForm)
		for _, text := range []struct {
			property string
			value    *string
		}{{"name", term.Name}, {"owner", term.Owner}, {"ssmParameter", term.SsmParameter}} {
			notEmpty(p, path+"."+text.property, text.value)
		}
		aliased = aliased || term.Alias != nil
		o.checkAlias(p, path+".alias", term.Alias)
	}
	switch {
	case aliased && len(o.AmiSelectorTerms) > 1:
		p.Addf("amiSelectorTerms", "an alias goes with no other term: leave the others out, or the alias")
	case len(o.AmiSelectorTerms) > 0 && !aliased && o.AmiFamily == nil:
		p.Addf("amiFamily", "required: no alias in amiSelectorTerms implies it")
	}
}

// checkAlias records an alias that is none, and one of another family than the one chosen.
func (o *NodeClassOptions) checkAlias(p problems, path string, alias *string) {
	if alias == nil {
		return
	}
	p.Matches(path, alias, aliasForm)
	if length := len([]rune(*alias)); length > 30 {
		p.Addf(path, "%d characters are too many: at most 30", length)
	}
	of, _, _ := strings.Cut(*alias, "@")
	if family := component.Or(o.AmiFamily, "Custom"); family != "Custom" && !strings.EqualFold(of, family) {
		p.Addf("amiFamily", "%q is another family than that of %q: leave it out", family, *alias)
	}
}

// notEmpty records a text that is given and empty.
func notEmpty(p problems, property string, text *string) {
	if text != nil && *text == "" {
		p.Addf(property, "is empty: give a value, or leave it out")
	}
}
