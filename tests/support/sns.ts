// AWS SNS as far as FaDO sees it: messages with its fields, signed as it signs, by an authority of the test's own.
import { execFile } from 'node:child_process'
import { createSign, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import type { Fetch } from '../../server/services/events/sns/sns-certificates.ts'

const run = promisify(execFile)

export type SnsFields = Readonly<Record<string, string>>
export type TestSns = Awaited<ReturnType<typeof startSns>>

const host = 'https://sns.eu-central-1.amazonaws.com'
export const topicArn = 'arn:aws:sns:eu-central-1:123456789012:fado'
export const certificateUrl = `${host}/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem`
const confirmUrl = (topic: string) =>
  `${host}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92`

/** In the order of AWS's documentation, which is that of the alphabet. */
const signedFields = ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

export async function startSns() {
  const to = ['-subj', '/CN=sns.amazonaws.com', '-days', '2', '-keyout', '-', '-out', '-']
  const { stdout } = await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...to])
  const [key = '', certificate = ''] = ['PRIVATE KEY', 'CERTIFICATE'].map(
    (kind) => new RegExp(`-----BEGIN ${kind}-----[^]+?-----END ${kind}-----\\n`).exec(stdout)?.[0],
  )
  const asked: string[] = []
  const answers = new Map<string, string>([[certificateUrl, certificate]])

  /** What FaDO asks AWS; where nothing is answered it cannot be reached. */
  const fetchText: Fetch = async ({ href }) => {
    asked.push(href)
    const answer = href.includes('Action=ConfirmSubscription') ? 'confirmed' : answers.get(href)
    if (answer === undefined) throw new Error('unreachable')
    return answer
  }

  function sign(fields: SnsFields): SnsFields {
    const signer = createSign(fields['SignatureVersion'] === '2' ? 'RSA-SHA256' : 'RSA-SHA1')
    for (const name of signedFields) if (fields[name] !== undefined) signer.update(`${name}\n${fields[name]}\n`)
    return { ...fields, Signature: signer.sign(key, 'base64') }
  }
  const common = (more: SnsFields): SnsFields => ({
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '2',
    SigningCertURL: certificateUrl,
    ...more,
  })
  return {
    asked,
    answers,
    certificate,
    fetchText,
    sign,
    notification: (message: string, more: SnsFields = {}) =>
      sign(
        common({
          Type: 'Notification',
          Subject: 'Amazon S3 Notification',
          Message: message,
          UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=x`,
          ...more,
        }),
      ),
    confirmation: (type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation', more: SnsFields = {}) =>
      sign(
        common({
          Type: type,
          Token: '2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92',
          Message: 'You have chosen to subscribe to the topic. To confirm, visit the SubscribeURL.',
          SubscribeURL: confirmUrl(more['TopicArn'] ?? topicArn),
          ...more,
        }),
      ),
  }
}
