// Messages of AWS SNS over https: what is signed, by whom, and which addresses of theirs may be asked.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
import { type KeyObject, verify } from 'node:crypto'
import { hostOfTopic } from '../../../domain/fleet/sns-topic.ts'
import { get } from '../../../storage/events/bucket-event.ts'
import { parseJson } from '../../../storage/events/read-events.ts'

type SnsType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation'

export type SnsMessage = {
  readonly type: SnsType
  readonly topicArn: string
  readonly message: string
  /** Where the signer's certificate lies; it may be asked. */
  readonly certificateUrl: URL
  /** What confirms a subscription when it is asked for; it may be. Undefined with a notification. */
  readonly subscribeUrl: URL | undefined
  readonly sentAt: number
  readonly digest: 'RSA-SHA1' | 'RSA-SHA256'
  readonly signature: Buffer
  readonly signed: string
}

/** In the order in which they are signed; Subject only where there is one. */
const signedFields: Readonly<Record<SnsType, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
}
const digests: Readonly<Record<string, SnsMessage['digest']>> = { 1: 'RSA-SHA1', 2: 'RSA-SHA256' }

/** Only https, at this very host, at its usual port, without a name or password in it. */
function urlAt(host: string, text: unknown): URL | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null
  const plain = url !== null && url.username === '' && url.password === '' && url.port === ''
  return plain && url.protocol === 'https:' && url.hostname === host ? url : undefined
}

/** Undefined: it is no message of SNS, or one that leads elsewhere. Nothing of it is believed before `isSignedBy`. */
export function parseSnsMessage(body: string): SnsMessage | undefined {
  const fields = parseJson(body)
  const text = (name: string) => {
    const value = get(fields, name)
    return typeof value === 'string' ? value : undefined
  }
  const [type, topicArn, message, timestamp] = ['Type', 'TopicArn', 'Message', 'Timestamp'].map(text)
  const [signature, version] = [text('Signature'), text('SignatureVersion')]
  const host = topicArn === undefined ? undefined : hostOfTopic(topicArn)
  if (!isType(type) || topicArn === undefined || message === undefined || host === undefined) return undefined
  const certificateUrl = urlAt(host, text('SigningCertURL'))
  const subscribeUrl = type === 'Notification' ? undefined : urlAt(host, text('SubscribeURL'))
  const digest = version !== undefined && Object.hasOwn(digests, version) ? digests[version] : undefined
  const sentAt = Date.parse(timestamp ?? '')
  if (certificateUrl === undefined || !/^\/[\w.-]+\.pem$/.test(certificateUrl.pathname)) return undefined
  if (certificateUrl.search !== '' || digest === undefined || signature === undefined) return undefined
  if (!Number.isFinite(sentAt) || (type !== 'Notification' && !confirms(subscribeUrl, topicArn))) return undefined
  const signed = signedFields[type].flatMap((name) => {
    const value = text(name)
    return value === undefined ? [] : [`${name}\n${value}\n`]
  })
  return {
    ...{ type, topicArn, message, certificateUrl, subscribeUrl, sentAt, digest },
    signature: Buffer.from(signature, 'base64'),
    signed: signed.join(''),
  }
}

const isType = (text: string | undefined): text is SnsType => text !== undefined && Object.hasOwn(signedFields, text)

/** It does this and nothing else: it is asked with no more right than anybody has, but it is asked from here. */
function confirms(url: URL | undefined, topicArn: string): boolean {
  const query = url?.searchParams
  return url?.pathname === '/' && query?.get('Action') === 'ConfirmSubscription' && query.get('TopicArn') === topicArn
}

export const isSignedBy = ({ digest, signed, signature }: SnsMessage, key: KeyObject): boolean =>
  key.asymmetricKeyType === 'rsa' && verify(digest, Buffer.from(signed), key, signature)

/** SNS goes on trying for at most an hour. */
const oldestMs = 3_600_000
/** Clocks differ; S3 itself allows as much. */
const skewMs = 15 * 60_000

export const isTimely = ({ sentAt }: Pick<SnsMessage, 'sentAt'>, now: number): boolean =>
  sentAt <= now + skewMs && sentAt >= now - oldestMs - skewMs
