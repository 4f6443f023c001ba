// What is to be set at a store so that it tells FaDO of its changes, word for word. Tokens are left to files and to the reader: what
// stands in a command line is seen by every user of the machine.

/** The sources that there is a recipe for, and how each is called. */
export const eventGuides = {
  minio: 'MinIO',
  ceph: 'Ceph RGW',
  eventbridge: 'AWS EventBridge',
  sns: 'AWS SNS',
  other: 'anything that posts records of S3',
} as const
export type EventGuide = keyof typeof eventGuides

export type GuideFacts = {
  readonly name: string
  readonly endpoint: string
  readonly region: string | null
  /** Its capability `webhook-events`. */
  readonly offered: boolean
  /** Where it may post, as it reaches FaDO. */
  readonly address: string
}

/** Those that a store may need, the best first. */
export function guidesFor({ endpoint, offered }: Pick<GuideFacts, 'endpoint' | 'offered'>): readonly EventGuide[] {
  if (offered) return ['minio']
  const host = URL.parse(endpoint)?.hostname ?? ''
  return /[.]amazonaws[.]com([.]cn)?$/.test(host) ? ['eventbridge', 'sns'] : ['minio', 'ceph', 'other']
}

/** Lines to read and to copy. */
export function guideText(guide: EventGuide, facts: GuideFacts): readonly string[] {
  return [`${eventGuides[guide]}:`, ...texts[guide](facts).map((line) => (line === '' ? line : `  ${line}`))]
}

/** How the token of a source is made. */
export const tokenText = ({ name }: Pick<GuideFacts, 'name'>): string =>
  `npx fado token create ${name}-events --role NOTIFY   # shown once: TOKEN below`

const external = ({ name }: GuideFacts, more = '') => `npx fado store update ${name} --events external${more}`
/** Beside these of S3's events a copy has nothing to follow. */
const s3Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']
const awsEvents = [...s3Events, 's3:ObjectTagging:*', 's3:LifecycleExpiration:*', 's3:ObjectRestore:Completed']
const bridgeEvents = ['Created', 'Deleted', 'Tags Added', 'Tags Deleted', 'Restore Completed']

const json = (value: unknown) => JSON.stringify(value)
const topicConfiguration = (topic: string, events: readonly string[]) =>
  json({ TopicConfigurations: [{ Id: 'fado', TopicArn: topic, Events: events }] })
const putNotification = (aws: string, configuration: string) =>
  `${aws} s3api put-bucket-notification-configuration --bucket BUCKET --notification-configuration '${configuration}'`
const forEachBucket = '# for each BUCKET (this replaces what is set there: keep what others need in it)'

const texts: Readonly<Record<EventGuide, (facts: GuideFacts) => readonly string[]>> = {
  minio: ({ name, address }) => [
    '# in its environment, then start it again; FaDO subscribes each bucket by itself',
    'MINIO_NOTIFY_WEBHOOK_ENABLE_FADO=on',
    `MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO=${address}`,
    'MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO=TOKEN',
    '',
    `npx fado store update ${name} --events auto   # tries it again: webhook-events is among what it can do`,
  ],
  ceph: (facts) => [
    '# topic.json, readable for you only; RGW takes a password over https alone',
    json({ 'push-endpoint': withPassword(facts.address), persistent: 'true', 'verify-ssl': 'true' }),
    '',
    `aws --endpoint-url ${facts.endpoint} sns create-topic --name fado --attributes file://topic.json`,
    forEachBucket,
    putNotification(
      `aws --endpoint-url ${facts.endpoint}`,
      topicConfiguration('ARN-THAT-CREATE-TOPIC-PRINTED', s3Events),
    ),
    external(facts),
  ],
  eventbridge: (facts) => [
    '# auth.json, readable for you only',
    json({ ApiKeyAuthParameters: { ApiKeyName: 'Authorization', ApiKeyValue: 'Bearer TOKEN' } }),
    '',
    `${aws(facts)} events create-connection --name fado --authorization-type API_KEY --auth-parameters file://auth.json`,
    `${aws(facts)} events create-api-destination --name fado --connection-arn CONNECTION-ARN --http-method POST --invocation-endpoint ${facts.address} --invocation-rate-limit-per-second 300`,
    `${aws(facts)} events put-rule --name fado --event-pattern '${json({ source: ['aws.s3'], 'detail-type': bridgeEvents.map((what) => `Object ${what}`), detail: { bucket: { name: ['BUCKET'] } } })}'`,
    '# ROLE-ARN: a role for events.amazonaws.com that may events:InvokeApiDestination; no input transformer',
    `${aws(facts)} events put-targets --rule fado --targets '${json([{ Id: 'fado', Arn: 'API-DESTINATION-ARN', RoleArn: 'ROLE-ARN' }])}'`,
    forEachBucket,
    putNotification(aws(facts), json({ EventBridgeConfiguration: {} })),
    external(facts),
  ],
  sns: (facts) => [
    `${aws(facts)} sns create-topic --name fado   # prints TOPIC-ARN`,
    '# policy.json: who may publish; ACCOUNT is the number of your account',
    json({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: 'TOPIC-ARN',
          Condition: {
            ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::BUCKET' },
            StringEquals: { 'aws:SourceAccount': 'ACCOUNT' },
          },
        },
      ],
    }),
    `${aws(facts)} sns set-topic-attributes --topic-arn TOPIC-ARN --attribute-name Policy --attribute-value file://policy.json`,
    `${aws(facts)} sns set-topic-attributes --topic-arn TOPIC-ARN --attribute-name SignatureVersion --attribute-value 2`,
    '# FaDO confirms subscriptions of topics that it was told, so this comes first; SNS needs no token',
    external(facts, ' --sns-topic TOPIC-ARN'),
    `${aws(facts)} sns subscribe --topic-arn TOPIC-ARN --protocol https --notification-endpoint ${facts.address}`,
    forEachBucket,
    putNotification(aws(facts), topicConfiguration('TOPIC-ARN', awsEvents)),
  ],
  other: (facts) => [
    `# POST ${facts.address} with {"Records":[...]}, as S3 sends it`,
    '# with the header Authorization: Bearer TOKEN, or Basic with TOKEN as the password',
    external(facts),
  ],
}

const aws = ({ region }: GuideFacts) => (region === null ? 'aws' : `aws --region ${region}`)

const withPassword = (address: string) => address.replace('://', '://fado:TOKEN@')
