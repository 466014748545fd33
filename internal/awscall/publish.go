package awscall

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// Publish publishes a message to a topic of SNS, with attributes for its filters. The client is
// made here, for few runs need one. It sends once: who calls decides about another try.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func (c *Conn) Publish(ctx context.Context, topic, message string, attributes map[string]string) error {
	client := sns.NewFromConfig(c.cfg, func(o *sns.Options) { o.RetryMaxAttempts = 1 })
	if isLocal(aws.ToString(client.Options().BaseEndpoint)) != isLocal(aws.ToString(c.KMS.Options().BaseEndpoint)) {
		return errors.New("of KMS and SNS one is called at a local endpoint, and the other is not: set " +
			variable("SNS"))
	}
	in := &sns.PublishInput{TopicArn: &topic, Message: &message,
		MessageAttributes: map[string]types.MessageAttributeValue{}}
	for name, value := range attributes {
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	if _, err := client.Publish(ctx, in); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, Wrap(err))
	}
	return nil
}
