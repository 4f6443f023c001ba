// Topics of AWS SNS by their ARNs: arn:aws:sns:REGION:ACCOUNT:NAME.

/** Partition, region, account, name. */
const topic = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):([A-Za-z0-9_-]{1,256})$/

export const isTopicArn = (text: string): boolean => topic.test(text)

/** The one host that speaks for a topic: that of SNS in its region. Undefined: it is no topic. */
export function hostOfTopic(arn: string): string | undefined {
  const [, partition, region] = topic.exec(arn) ?? []
  if (region === undefined) return undefined
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`
}
