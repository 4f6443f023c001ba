// The bucket notification configuration, edited as text: entries of others stay letter by letter what they are.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html
import { assertPlainXml, elements, textOf } from './xml.ts'

const rootElement = 'NotificationConfiguration'
const entryKinds = [
  'QueueConfiguration',
  'TopicConfiguration',
  'CloudFunctionConfiguration',
  'LambdaFunctionConfiguration',
]
const entryId = 'fado'

/** MinIO's name of the webhook target `FADO` (MINIO_NOTIFY_WEBHOOK_ENABLE_FADO=on ...). */
const webhookTarget = 'arn:minio:sqs::FADO:webhook'
const eventNames = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*']

const entryElement = [
  '<QueueConfiguration>',
  `<Id>${entryId}</Id>`,
  `<Queue>${webhookTarget}</Queue>`,
  ...eventNames.map((event) => `<Event>${event}</Event>`),
  '</QueueConfiguration>',
].join('')

/** The configuration with our entry, once. Throws a StorageError on anything that is not a configuration. */
export function withOurEntry(xml: string): string {
  return rebuild(xml, entryElement)
}

/** The configuration without our entry; null when it is not in there. */
export function withoutOurEntry(xml: string): string | null {
  const rest = rebuild(xml, '')
  return rest === rebuild(xml, null) ? null : rest
}

/** How many entries others have, and whether ours is there. */
export function bucketNotifications(xml: string): { others: number; fado: boolean } {
  assertPlainXml(xml, rootElement)
  const [root] = elements(xml, rootElement)
  const all = entriesOf(root?.inner ?? '')
  const fado = all.filter(isOurs).length
  return { others: all.length - fado, fado: fado > 0 }
}

const isOurs = ({ inner }: { readonly inner: string }) => textOf(inner, 'Id') === entryId

/** `ours` replaces our entry; null keeps all as it is. */
function rebuild(xml: string, ours: string | null): string {
  assertPlainXml(xml, rootElement)
  const [root] = elements(xml, rootElement)
  let inner = root?.inner ?? ''
  if (ours !== null) {
    for (const entry of entriesOf(inner).filter(isOurs)) {
      inner = inner.replace(entry.text, '')
    }
  }
  return `<${rootElement} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}${ours ?? ''}</${rootElement}>`
}

function entriesOf(xml: string): { inner: string; text: string }[] {
  return entryKinds
    .flatMap((kind) => [...elements(xml, kind)])
    .map(({ start, end, inner }) => ({
      inner,
      text: xml.slice(start, end),
    }))
}
