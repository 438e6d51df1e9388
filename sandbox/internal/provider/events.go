package provider

import (
	"fmt"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
)

// ruleName is the form of EventBridge rule names:
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
var ruleName = []check{length(1, 64), form(`^[0-9A-Za-z_.-]+$`, "must match ^[0-9A-Za-z_.-]+$")}

var eventRuleType = resourceType{
	token: "aws:cloudwatch/eventRule:EventRule",
	noun:  "EventBridge Rule",
	properties: tagged.with(schema{
		"arn":                {kind: text, mode: computed},
		"description":        {kind: text, checks: []check{length(0, 512)}},
		"eventBusName":       {kind: text, otherwise: cloud.DefaultBus, replace: true},
		"eventPattern":       {kind: text, document: plainJSON, checks: []check{isJSON, length(0, 4096)}},
		"forceDestroy":       {kind: flag, otherwise: false, local: true},
		"isEnabled":          {kind: flag, mode: optionalComputed, conflicts: []string{"state"}},
		"name":               {kind: text, mode: optionalComputed, replace: true, autoname: 64, checks: ruleName, conflicts: []string{"namePrefix"}},
		"namePrefix":         {kind: text, mode: optionalComputed, replace: true, unmodelled: true},
		"roleArn":            {kind: text, checks: []check{isARN}},
		"scheduleExpression": {kind: text, checks: []check{length(0, 256)}},
		"state": {kind: text, mode: optionalComputed, conflicts: []string{"isEnabled"}, checks: []check{
			oneOf("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
		}},
	}),
	plan: func(_ values, given func(string) bool) []problem {
		if given("eventPattern") || given("scheduleExpression") {
			return nil
		}
		return []problem{{property: "eventPattern", reason: "\"event_pattern\": one of `event_pattern,schedule_expression` must be specified"}}
	},
	creating: func(in values) string { return fmt.Sprintf("creating EventBridge Rule (%s)", in.text("name")) },
	create: func(c *cloud.Client, in values) (string, error) {
		return emptyOn(ruleID(in), c.PutRule(in.text("eventBusName"), rule(in)))
	},
	read: readRule,
	update: func(c *cloud.Client, _ string, _, new values) error {
		bus, name := new.text("eventBusName"), new.text("name")
		return inOrder(
			func() error { return c.PutRule(bus, rule(new)) },
			func() error { return c.TagRule(bus, name, new.tags()) },
		)
	},
	remove: func(c *cloud.Client, id string, _ values) error {
		bus, name := busAndRule(id)
		return c.DeleteRule(bus, name)
	},
}

// ruleID leaves the default bus out, as the provider does.
func ruleID(in values) string {
	if bus := in.text("eventBusName"); bus != cloud.DefaultBus {
		return bus + "/" + in.text("name")
	}
	return in.text("name")
}

func busAndRule(id string) (bus, name string) {
	if at := strings.LastIndex(id, "/"); at >= 0 {
		return id[:at], id[at+1:]
	}
	return cloud.DefaultBus, id
}

func rule(in values) cloud.Rule {
	state := in.text("state")
	if enabled := in.flagPtr("isEnabled"); enabled != nil {
		state = map[bool]string{true: "ENABLED", false: "DISABLED"}[*enabled]
	}
	return cloud.Rule{
		Name:        in.text("name"),
		Description: in.text("description"),
		Pattern:     in.text("eventPattern"),
		Schedule:    in.text("scheduleExpression"),
		State:       state,
		RoleARN:     in.text("roleArn"),
		Tags:        in.tags(),
	}
}

func readRule(c *cloud.Client, id string, _ values) (found, error) {
	bus, name := busAndRule(id)
	rule, err := c.DescribeRule(bus, name)
	if err != nil {
		return gone(err)
	}
	return found{id, values{
		"arn":                rule.ARN,
		"description":        rule.Description,
		"eventBusName":       bus,
		"eventPattern":       rule.Pattern,
		"isEnabled":          rule.State != "DISABLED",
		"name":               rule.Name,
		"roleArn":            rule.RoleARN,
		"scheduleExpression": rule.Schedule,
		"state":              rule.State,
	}.withTags(rule.Tags)}, nil
}

var (
	transformerFields = schema{
		"inputPaths":    {kind: textMap},
		"inputTemplate": {kind: text, mode: required, checks: []check{length(1, 8192)}},
	}
	retryFields = schema{
		"maximumEventAgeInSeconds": {kind: number, checks: []check{between(0, 86400)}},
		"maximumRetryAttempts":     {kind: number, checks: []check{between(0, 185)}},
	}
)

var eventTargetType = resourceType{
	token: "aws:cloudwatch/eventTarget:EventTarget",
	noun:  "EventBridge Target",
	properties: schema{
		"appsyncTarget":           {kind: object, unmodelled: true},
		"arn":                     {kind: text, mode: required, checks: []check{isARN}},
		"batchTarget":             {kind: object, unmodelled: true},
		"deadLetterConfig":        {kind: object, fields: schema{"arn": {kind: text, checks: []check{isARN}}}},
		"ecsTarget":               {kind: object, unmodelled: true},
		"eventBusName":            {kind: text, otherwise: cloud.DefaultBus, replace: true},
		"forceDestroy":            {kind: flag, otherwise: false, local: true},
		"httpTarget":              {kind: object, unmodelled: true},
		"input":                   {kind: text, checks: []check{isJSON, length(0, 8192)}, conflicts: []string{"inputPath", "inputTransformer"}},
		"inputPath":               {kind: text, checks: []check{length(0, 256)}, conflicts: []string{"input", "inputTransformer"}},
		"inputTransformer":        {kind: object, conflicts: []string{"input", "inputPath"}, fields: transformerFields},
		"kinesisTarget":           {kind: object, unmodelled: true},
		"redshiftTarget":          {kind: object, unmodelled: true},
		"retryPolicy":             {kind: object, fields: retryFields},
		"roleArn":                 {kind: text, checks: []check{isARN}},
		"rule":                    {kind: text, mode: required, replace: true, checks: ruleName},
		"runCommandTargets":       {kind: objects, unmodelled: true},
		"sagemakerPipelineTarget": {kind: object, unmodelled: true},
		"sqsTarget":               {kind: object, fields: schema{"messageGroupId": {kind: text}}},
		"targetId":                {kind: text, mode: optionalComputed, imported: true, replace: true, checks: []check{length(1, 64), form(`^[0-9A-Za-z_.-]+$`, "must match ^[0-9A-Za-z_.-]+$")}},
	},
	creating: func(in values) string {
		return fmt.Sprintf("creating EventBridge Target (%s)", targetID(in, in.text("targetId")))
	},
	create: func(c *cloud.Client, in values) (string, error) {
		target := target(in)
		return emptyOn(targetID(in, target.ID), c.PutTarget(in.text("eventBusName"), in.text("rule"), target))
	},
	read: readTarget,
	update: func(c *cloud.Client, _ string, old, new values) error {
		target := target(new)
		target.ID = old.text("targetId")
		return c.PutTarget(new.text("eventBusName"), new.text("rule"), target)
	},
	remove: func(c *cloud.Client, _ string, state values) error {
		return c.RemoveTarget(state.text("eventBusName"), state.text("rule"), state.text("targetId"))
	},
}

// targetID leaves the default bus out, as the provider does.
func targetID(in values, id string) string {
	if bus := in.text("eventBusName"); bus != cloud.DefaultBus {
		return bus + "-" + in.text("rule") + "-" + id
	}
	return in.text("rule") + "-" + id
}

func target(in values) cloud.Target {
	retry, transformer := in.object("retryPolicy"), in.object("inputTransformer")
	id := in.text("targetId")
	if id == "" {
		id = "terraform-" + cloud.HexID("target "+in.text("rule")+in.text("arn"), 26)
	}
	return cloud.Target{
		ID:            id,
		ARN:           in.text("arn"),
		RoleARN:       in.text("roleArn"),
		Input:         in.text("input"),
		InputPath:     in.text("inputPath"),
		InputPaths:    transformer.textMap("inputPaths"),
		InputTemplate: transformer.text("inputTemplate"),
		DeadLetterARN: in.object("deadLetterConfig").text("arn"),
		RetryAttempts: retry.numberPtr("maximumRetryAttempts"),
		RetrySeconds:  retry.numberPtr("maximumEventAgeInSeconds"),
		MessageGroup:  in.object("sqsTarget").text("messageGroupId"),
	}
}

// readTarget takes import ids of the forms rule/target and bus/rule/target.
func readTarget(c *cloud.Client, id string, state values) (found, error) {
	place := state
	if place.text("rule") == "" {
		parts := strings.Split(id, "/")
		if len(parts) == 2 {
			parts = append([]string{cloud.DefaultBus}, parts...)
		}
		if len(parts) != 3 {
			return found{}, fmt.Errorf("unexpected format for ID (%s), expected EVENTBUSNAME/RULENAME/TARGETID or RULENAME/TARGETID", id)
		}
		place = values{"eventBusName": parts[0], "rule": parts[1], "targetId": parts[2]}
		id = targetID(place, parts[2])
	} else if place.text("targetId") == "" {
		place = values{"eventBusName": state.text("eventBusName"), "rule": state.text("rule"), "targetId": target(state).ID}
	}
	target, err := c.GetTarget(place.text("eventBusName"), place.text("rule"), place.text("targetId"))
	if err != nil {
		return gone(err)
	}
	return found{id, targetState(place, target)}, nil
}

func targetState(place values, target cloud.Target) values {
	state := values{
		"arn":          target.ARN,
		"eventBusName": place.text("eventBusName"),
		"input":        target.Input,
		"inputPath":    target.InputPath,
		"roleArn":      target.RoleARN,
		"rule":         place.text("rule"),
		"targetId":     target.ID,
	}
	if target.DeadLetterARN != "" {
		state["deadLetterConfig"] = map[string]any{"arn": target.DeadLetterARN}
	}
	if target.MessageGroup != "" {
		state["sqsTarget"] = map[string]any{"messageGroupId": target.MessageGroup}
	}
	if target.InputTemplate != "" {
		state["inputTransformer"] = map[string]any{"inputPaths": target.InputPaths, "inputTemplate": target.InputTemplate}
	}
	retry := map[string]any{}
	if target.RetryAttempts != nil {
		retry["maximumRetryAttempts"] = *target.RetryAttempts
	}
	if target.RetrySeconds != nil {
		retry["maximumEventAgeInSeconds"] = *target.RetrySeconds
	}
	if len(retry) > 0 {
		state["retryPolicy"] = retry
	}
	return state
}
