package cloud

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Tags are a thing's tags. They are replaced, never changed in place.
type Tags map[string]string

// The limits of tags, which all services share:
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagWords are a service's codes and words for tags it refuses.
type tagWords struct {
	code      string
	reserved  string
	limitCode string
	limit     string
}

var tagRefusals = map[string]tagWords{
	iamService:    {"InvalidInput", "aws: prefixed tag key names are not allowed for external use.", "LimitExceeded", "The number of tags has reached the maximum limit."},
	eksService:    {"InvalidParameterException", "Tag keys cannot start with the reserved prefix aws:.", "InvalidParameterException", "Tags cannot have more than 50 entries."},
	sqsService:    {"InvalidParameterValue", "Tag keys can't start with aws:.", "InvalidParameterValue", "Too many tags added for queue."},
	eventsService: {"ValidationException", "System tags cannot be added/updated by requester.", "LimitExceededException", "Number of tags exceeds the limit of 50."},
	kmsService:    {"TagException", "Tags beginning with aws: are reserved.", "LimitExceededException", "Number of tags exceeds the limit of 50."},
	ec2Service:    {"InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use", "TagLimitExceeded", "You have reached the maximum number of tags for this resource."},
}

// checkTags judges all tags of one thing in the words of its service. Tags
// that the thing has from AWS itself may keep the reserved prefix.
func checkTags(service string, tags, own Tags) error {
	words := tagRefusals[service]
	count := 0
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			if had, ok := own[key]; ok && had == value {
				continue
			}
			return refuse(words.code, "%s", words.reserved)
		}
		count++
		if length := utf8.RuneCountInString(key); length < 1 || length > maxTagKey {
			return refuse(words.code, "Tag key exceeds the maximum length of %d characters: %s", maxTagKey, key)
		}
		if utf8.RuneCountInString(value) > maxTagValue {
			return refuse(words.code, "Tag value exceeds the maximum length of %d characters. TagValue: %s", maxTagValue, value)
		}
	}
	if count > maxTags {
		return refuse(words.limitCode, "%s", words.limit)
	}
	return nil
}
