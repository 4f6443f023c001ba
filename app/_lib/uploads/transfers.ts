// Files on their way to buckets: a small store that React reads. It outlives the screen on which they were chosen.
import { again, sendFile } from './send-file.ts'
import type { UploadApi } from './upload-api.ts'
import type { Ways } from './ways.ts'

export type TransferState = 'waiting' | 'asking' | 'sending' | 'done' | 'failed'
export type Transfer = {
  readonly id: number
  readonly bucket: string
  readonly key: string
  readonly size: number
  /** `asking`: there is an object of that name, which it would replace. */
  readonly state: TransferState
  readonly sent: number
  /** Why it failed, or, while it is sent, why it is tried again. */
  readonly problem: string | null
}

export type ChosenFile = { readonly key: string; readonly file: File }

export type Transfers = {
  readonly get: () => readonly Transfer[]
  readonly subscribe: (listener: () => void) => () => void
  readonly add: (bucket: string, files: readonly ChosenFile[]) => void
  /** It goes on though it replaces an object; or once more, after it failed. */
  readonly go: (id: number) => void
  /** Whatever it does, it ends, and its row goes. */
  readonly drop: (id: number) => void
  readonly clearDone: (bucket: string) => void
}

const filesAtOnce = 4
const endless = new AbortController().signal

type Job = { readonly file: File; replaces: boolean; stop: AbortController; uploadId: string | undefined }

export function createTransfers(api: UploadApi, ways: Ways): Transfers {
  let all: readonly Transfer[] = []
  let next = 1
  const jobs = new Map<number, Job>()
  const listeners = new Set<() => void>()
  const set = (changed: readonly Transfer[]) => {
    all = changed
    for (const listener of listeners) listener()
  }
  const update = (id: number, change: Partial<Transfer>) =>
    set(all.map((one) => (one.id === id ? { ...one, ...change } : one)))

  function start(): void {
    while (all.filter(({ state }) => state === 'sending').length < filesAtOnce) {
      const waiting = all.find(({ state }) => state === 'waiting')
      if (waiting === undefined) return
      update(waiting.id, { state: 'sending', sent: 0, problem: null })
      void run(waiting).then(start)
    }
  }
  /** Its parts go at once. Where FaDO cannot be told it finds out by itself, after a day. */
  async function end(job: Job | undefined): Promise<void> {
    const id = job?.uploadId
    if (id !== undefined) await again({ signal: endless }, () => api.abort(id)).catch(() => undefined)
  }
  async function run({ id, bucket, key }: Transfer): Promise<void> {
    const job = jobs.get(id)
    if (job === undefined) return
    job.stop = new AbortController()
    const { signal } = job.stop
    const watched: UploadApi = {
      ...api,
      async begin(input) {
        const upload = await api.begin(input)
        job.uploadId = upload.id
        if (signal.aborted) throw signal.reason
        return upload
      },
    }
    try {
      if (!job.replaces && (await api.exists(bucket, key))) return update(id, { state: 'asking' })
      let before = 0
      const onSent = (sent: number) => {
        update(id, sent > before ? { sent, problem: null } : { sent }) // a part that begins anew takes its bytes back
        before = sent
      }
      const onPause = (problem: string) => update(id, { problem })
      await sendFile(watched, ways, { bucket, key, file: job.file }, { onSent, onPause, signal })
      jobs.delete(id)
      update(id, { state: 'done', sent: job.file.size, problem: null })
    } catch (error) {
      if (signal.aborted) return end(job)
      update(id, { state: 'failed', problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return {
    get: () => all,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add(bucket, files) {
      const added = files.map(({ key, file }): Transfer => {
        const id = next++
        jobs.set(id, { file, replaces: false, stop: new AbortController(), uploadId: undefined })
        return { id, bucket, key, size: file.size, state: 'waiting', sent: 0, problem: null }
      })
      set([...all, ...added])
      start()
    },
    go(id) {
      const job = jobs.get(id)
      if (job === undefined) return
      job.replaces = true
      update(id, { state: 'waiting', problem: null })
      start()
    },
    drop(id) {
      const job = jobs.get(id)
      const failed = all.find((one) => one.id === id)?.state === 'failed'
      jobs.delete(id)
      set(all.filter((one) => one.id !== id))
      job?.stop.abort(new Error('It was cancelled'))
      if (failed) void end(job)
    },
    clearDone: (bucket) => set(all.filter((one) => one.bucket !== bucket || one.state !== 'done')),
  }
}

/** Something is lost when the page goes. */
export const isBusy = (all: readonly Transfer[]): boolean =>
  all.some(({ state }) => state === 'waiting' || state === 'sending')
