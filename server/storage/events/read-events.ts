// In which form a body tells of changes. A new form is a file beside this one and an entry here.
import type { EventSource } from '../../domain/fleet/event-source.ts'
import type { EventReader, ToldEvents } from './bucket-event.ts'
import { readEventBridge } from './eventbridge.ts'
import { readMinioWebhook, readS3Records, readS3Test } from './s3-records.ts'

/** The first that knows the form reads it. */
const readers: readonly (readonly [Exclude<EventSource, 'sns'>, EventReader])[] = [
  ['minio-webhook', readMinioWebhook],
  ['s3-records', readS3Records],
  ['s3-records', readS3Test],
  ['eventbridge', readEventBridge],
]

/** `source` null: it is no form that FaDO knows. */
export type ReadEvents = ToldEvents & { readonly source: EventSource | null }

/** All events in the body that name a bucket and a possible key; anything else in it is passed over. Never throws. */
export function readEvents(body: string): ReadEvents {
  const parsed = parseJson(body)
  for (const [source, read] of readers) {
    const told = read(parsed)
    if (told !== undefined) return { ...told, source }
  }
  return { events: [], tested: [], source: null }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
