package cloud

import (
	"errors"
	"fmt"
	"slices"
)

// Error is a refusal, printed as the AWS SDK for Go prints it.
type Error struct {
	Service   string
	Operation string
	Code      string
	Message   string
	// Attempts is how often it was tried in vain, where it was worth trying
	// again; else 0.
	Attempts int
}

// RequestID stands where AWS puts a random one, so that errors are stable.
const RequestID = "00000000-0000-0000-0000-000000000000"

func (e *Error) Error() string {
	attempts := ""
	if e.Attempts > 0 {
		attempts = fmt.Sprintf("exceeded maximum number of attempts, %d, ", e.Attempts)
	}
	return fmt.Sprintf("operation error %s: %s, %shttps response error StatusCode: %d, RequestID: %s, %s%s: %s",
		e.Service, e.Operation, attempts, e.Status(), RequestID, e.kind(), e.Code, e.Message)
}

// internalFailure is every service's code for a failure of its own.
const internalFailure = "InternalFailure"

// statuses are the HTTP statuses of the services that have others than 400.
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
var statuses = map[string]map[string]int{
	iamService: {
		"NoSuchEntity": 404, "EntityAlreadyExists": 409, "DeleteConflict": 409, "LimitExceeded": 409, "AccessDenied": 403,
	},
	eksService: {
		"ResourceNotFoundException": 404, "ResourceInUseException": 409, "ThrottlingException": 429,
	},
	sqsService: {"AccessDenied": 403, "RequestThrottled": 403},
	ec2Service: {"RequestLimitExceeded": 503, "UnauthorizedOperation": 403},
	stsService: {"AccessDenied": 403},
	eksAuthService: {
		"ResourceNotFoundException": 404,
	},
}

// Status is the HTTP status of the answer.
func (e *Error) Status() int {
	if e.Code == internalFailure {
		return 500
	}
	if status, ok := statuses[e.Service][e.Code]; ok {
		return status
	}
	return 400
}

// unmodeled are the codes without a type of their own in the SDK, which prints
// them as "api error"; EC2 has no others.
var unmodeled = map[string]bool{
	"ValidationError": true, "ValidationException": true, "AccessDenied": true, internalFailure: true, "Throttling": true,
	"ThrottlingException": true, "InvalidClientTokenId": true,
}

func (e *Error) kind() string {
	if e.Service == ec2Service || unmodeled[e.Code] {
		return "api error "
	}
	return ""
}

// refuse returns an error of AWS; the operation fills itself in.
func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// missing are the codes by which services say that something does not exist.
var missing = map[string]bool{
	"NoSuchEntity":              true,
	"ResourceNotFoundException": true,
	"NotFoundException":         true,
	noQueue:                     true,
}

// HasCode tells whether an operation was refused under one of some codes.
func HasCode(err error, codes ...string) bool {
	var refusal *Error
	return errors.As(err, &refusal) && slices.Contains(codes, refusal.Code)
}

// IsMissing tells whether an operation failed because what it named does not
// exist.
func IsMissing(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && missing[refusal.Code]
}
