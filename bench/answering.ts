// Servers that only answer, in a thread of their own: what the bench does holds them up in nothing.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export type Answering = {
  /** A server on a free port of loopback that answers 200 with this text; returns its address. */
  readonly start: (text: string) => Promise<string>
  readonly stop: () => Promise<unknown>
}

export function startAnswering(): Answering {
  const worker = new Worker(new URL('./answering-thread.ts', import.meta.url))
  return {
    async start(text) {
      worker.postMessage(text)
      const [url] = (await once(worker, 'message')) as [string]
      return url
    },
    stop: () => worker.terminate(),
  }
}
