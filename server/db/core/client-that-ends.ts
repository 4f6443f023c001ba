import pg from 'pg'
import { deadlines } from './deadlines.ts'

type Callback = (error: Error) => void

/** One whose end comes also when the other side is silent. */
export class Client extends pg.Client {
  readonly begunAt = performance.now()

  /** What waits for an answer, or for the connection itself, fails with this. */
  cut(reason?: Error): void {
    const { stream } = (this as unknown as { connection: { stream: { destroy(reason?: Error): void } } }).connection
    stream.destroy(reason)
  }

  /**
   * Ends also when the other side does not: a farewell that nobody answers is cut. Not for one that is not connected yet: who
   * waits for that would never hear of it.
   */
  override end(): Promise<void>
  override end(callback: Callback): void
  override end(callback?: Callback): Promise<void> | void {
    const timer = setTimeout(() => this.cut(), deadlines.close)
    this.once('end', () => clearTimeout(timer))
    return callback === undefined ? super.end() : super.end(callback)
  }
}
