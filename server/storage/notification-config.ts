// The bucket notification configuration, edited as text: entries of others stay letter by letter what they are.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html
import { assertPlainXml, elements, textOf } from './xml.ts'

const ROOT = 'NotificationConfiguration'
const KINDS = ['QueueConfiguration', 'TopicConfiguration', 'CloudFunctionConfiguration', 'LambdaFunctionConfiguration']
const ID = 'fado'

/** MinIO's name of the webhook target `FADO` (MINIO_NOTIFY_WEBHOOK_ENABLE_FADO=on ...). */
const TARGET = 'arn:minio:sqs::FADO:webhook'
const EVENTS = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']

const ENTRY = [
  '<QueueConfiguration>',
  `<Id>${ID}</Id>`,
  `<Queue>${TARGET}</Queue>`,
  ...EVENTS.map((event) => `<Event>${event}</Event>`),
  '</QueueConfiguration>',
].join('')

/** The configuration with our entry, once. Throws a StorageError on anything that is not a configuration. */
export function withOurEntry(xml: string): string {
  return rebuild(xml, ENTRY)
}

/** The configuration without our entry; null when it is not in there. */
export function withoutOurEntry(xml: string): string | null {
  const rest = rebuild(xml, '')
  return rest === rebuild(xml, null) ? null : rest
}

/** `ours` replaces our entry; null keeps all as it is. */
function rebuild(xml: string, ours: string | null): string {
  assertPlainXml(xml, ROOT)
  const [root] = elements(xml, ROOT)
  let inner = root?.inner ?? ''
  if (ours !== null) {
    for (const entry of entriesOf(inner).filter(({ inner: text }) => textOf(text, 'Id') === ID)) {
      inner = inner.replace(entry.text, '')
    }
  }
  return `<${ROOT} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}${ours ?? ''}</${ROOT}>`
}

function entriesOf(xml: string): { inner: string; text: string }[] {
  return KINDS.flatMap((kind) => [...elements(xml, kind)]).map(({ start, end, inner }) => ({
    inner,
    text: xml.slice(start, end),
  }))
}
