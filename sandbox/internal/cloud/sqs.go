package cloud

import (
	"fmt"
	"maps"
	"strings"
)

const sqsService = "SQS"

// Queue is an SQS queue with all its attributes.
type Queue struct {
	Name               string `json:"name"`
	URL                string `json:"url"`
	ARN                string `json:"arn"`
	Fifo               bool   `json:"fifo,omitempty"`
	ContentDedup       bool   `json:"contentDedup,omitempty"`
	DedupScope         string `json:"dedupScope,omitempty"`
	ThroughputLimit    string `json:"throughputLimit,omitempty"`
	DelaySeconds       int    `json:"delaySeconds"`
	MaxMessageSize     int    `json:"maxMessageSize"`
	RetentionSeconds   int    `json:"retentionSeconds"`
	ReceiveWaitSeconds int    `json:"receiveWaitSeconds"`
	VisibilitySeconds  int    `json:"visibilitySeconds"`
	KMSKey             string `json:"kmsKey,omitempty"`
	KMSReuseSeconds    int    `json:"kmsReuseSeconds,omitempty"`
	ManagedSSE         *bool  `json:"managedSse,omitempty"` // nil: as SQS sets it
	Policy             string `json:"policy,omitempty"`
	RedrivePolicy      string `json:"redrivePolicy,omitempty"`
	RedriveAllowPolicy string `json:"redriveAllowPolicy,omitempty"`
	Tags               Tags   `json:"tags,omitempty"`
}

// QueueURL is the URL of a queue.
func (st *State) queueURL(region, name string) string {
	return fmt.Sprintf("https://sqs.%s.%s/%s/%s", region, DNSSuffix(st.Partition), st.AccountID, name)
}

// noQueue is SQS's code for a URL without a queue.
const noQueue = "AWS.SimpleQueueService.NonExistentQueue"

// CreateQueue makes a queue and returns its URL. As in SQS, an existing queue
// with equal attributes is returned as if it were new.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
func (c *Client) CreateQueue(in Queue) (string, error) {
	err := c.write(sqsService, "CreateQueue", func(st *State) error {
		in.complete()
		in.URL = st.queueURL(c.Region, in.Name)
		in.ARN = st.ARN("sqs", c.Region, in.Name)
		if err := st.checkQueue(c.Region, in); err != nil {
			return err
		}
		if existing, exists := st.Queues[in.ARN]; exists {
			return in.sameAs(existing)
		}
		in.Tags = maps.Clone(in.Tags)
		st.Queues[in.ARN] = &in
		return nil
	})
	return in.URL, err
}

// complete fills what SQS sets itself: encryption with its own key where no
// other is asked for, and the attributes that always have a value.
func (q *Queue) complete() {
	if q.ManagedSSE == nil {
		on := q.KMSKey == ""
		q.ManagedSSE = &on
	}
	if q.KMSReuseSeconds == 0 {
		q.KMSReuseSeconds = defaultReuseSeconds
	}
	if q.Fifo && q.DedupScope == "" {
		q.DedupScope = "queue"
	}
	if q.Fifo && q.ThroughputLimit == "" {
		q.ThroughputLimit = "perQueue"
	}
}

// sameAs returns SQS's error for a name that is taken by a different queue.
func (q *Queue) sameAs(existing *Queue) error {
	differences := []struct {
		attribute string
		differs   bool
	}{
		{"DelaySeconds", q.DelaySeconds != existing.DelaySeconds},
		{"MaximumMessageSize", q.MaxMessageSize != existing.MaxMessageSize},
		{"MessageRetentionPeriod", q.RetentionSeconds != existing.RetentionSeconds},
		{"ReceiveMessageWaitTimeSeconds", q.ReceiveWaitSeconds != existing.ReceiveWaitSeconds},
		{"VisibilityTimeout", q.VisibilitySeconds != existing.VisibilitySeconds},
		{"KmsMasterKeyId", q.KMSKey != existing.KMSKey},
		{"SqsManagedSseEnabled", *q.ManagedSSE != *existing.ManagedSSE},
		{"Policy", q.Policy != existing.Policy},
		{"RedrivePolicy", q.RedrivePolicy != existing.RedrivePolicy},
		{"RedriveAllowPolicy", q.RedriveAllowPolicy != existing.RedriveAllowPolicy},
		{"ContentBasedDeduplication", q.ContentDedup != existing.ContentDedup},
	}
	for _, d := range differences {
		if d.differs {
			return refuse("QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute %s", d.attribute)
		}
	}
	if !maps.Equal(q.Tags, existing.Tags) {
		return refuse("QueueAlreadyExists", "A queue already exists with the same name and a different value for tag(s)")
	}
	return nil
}

// GetQueue returns a queue with all its attributes.
func (c *Client) GetQueue(url string) (Queue, error) {
	return read(c, sqsService, "GetQueueAttributes", func(st *State) (Queue, error) {
		queue, err := st.queue(c.Region, url)
		if err != nil {
			return Queue{}, err
		}
		found := *queue
		found.Tags = maps.Clone(queue.Tags)
		return found, nil
	})
}

func (st *State) queue(region, url string) (*Queue, error) {
	queue, ok := st.Queues[st.ARN("sqs", region, url[strings.LastIndex(url, "/")+1:])]
	if !ok || queue.URL != url {
		return nil, refuse(noQueue, "The specified queue does not exist.")
	}
	return queue, nil
}

// SetQueueAttributes sets all attributes of a queue but its policy, its name
// and its tags.
func (c *Client) SetQueueAttributes(url string, in Queue) error {
	return c.changeQueue("SetQueueAttributes", url, func(st *State, queue *Queue) error {
		in.Name, in.URL, in.ARN, in.Fifo = queue.Name, queue.URL, queue.ARN, queue.Fifo
		in.Policy, in.Tags = queue.Policy, queue.Tags
		in.complete()
		if err := st.checkQueue(c.Region, in); err != nil {
			return err
		}
		*queue = in
		return nil
	})
}

// SetQueuePolicy sets a queue's policy; an empty one removes it.
func (c *Client) SetQueuePolicy(url, document string) error {
	return c.changeQueue("SetQueueAttributes", url, func(st *State, queue *Queue) error {
		if err := st.checkQueuePolicy(document); err != nil {
			return err
		}
		queue.Policy = document
		return nil
	})
}

// TagQueue makes tags the queue's only ones.
func (c *Client) TagQueue(url string, tags Tags) error {
	return c.changeQueue("TagQueue", url, func(_ *State, queue *Queue) error {
		if err := checkTags(sqsService, tags, queue.Tags); err != nil {
			return err
		}
		queue.Tags = maps.Clone(tags)
		return nil
	})
}

// DeleteQueue removes a queue.
func (c *Client) DeleteQueue(url string) error {
	return c.changeQueue("DeleteQueue", url, func(st *State, queue *Queue) error {
		delete(st.Queues, queue.ARN)
		st.traffic.forget(queue.ARN)
		return nil
	})
}

func (c *Client) changeQueue(operation, url string, change func(*State, *Queue) error) error {
	return c.write(sqsService, operation, func(st *State) error {
		queue, err := st.queue(c.Region, url)
		if err != nil {
			return err
		}
		return change(st, queue)
	})
}
