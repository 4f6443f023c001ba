// What holds for every transaction, whoever opens it; errors are told apart by SQLSTATE.
import { createNews, type News, type Topic } from './news.ts'

const retryable = new Set(['40001', '40P01'])
const attempts = 5

/** Resolves to the first attempt that PostgreSQL does not ask to be made again (serialization failure, deadlock). */
export async function committed<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (tried === attempts || !retryable.has(sqlState(error) ?? '')) throw error
    }
  }
}

/**
 * `attempt` opens a transaction, works, stores its news and commits. Who listens to the topics of the one that committed is woken
 * after it: those of the others never happened.
 */
export async function transact<T>(wake: (topic: Topic) => void, attempt: (news: News) => Promise<T>): Promise<T> {
  const { result, news } = await committed(async () => {
    const news = createNews()
    return { result: await attempt(news), news }
  })
  for (const topic of news.topics) wake(topic)
  return result
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** What Prisma's driver said. Prisma passes its errors of BEGIN and COMMIT on as they are, and wraps all others. */
function causeOf(error: unknown): unknown {
  const thrown = member(member(error, 'meta'), 'driverAdapterError') ?? error
  return member(thrown, 'name') === 'DriverAdapterError' ? member(thrown, 'cause') : undefined
}

/** A failure that has no SQLSTATE, as Prisma's driver names it, such as ConnectionClosed; undefined for any other error. */
export const driverKind = (error: unknown): string | undefined => text(member(causeOf(error), 'kind'))

/** PostgreSQL's code of an error of Prisma or pg; undefined for any other. */
export function sqlState(error: unknown): string | undefined {
  return text(member(causeOf(error), 'originalCode')) ?? text(member(error, 'code'))
}

/** The values themselves are refused (classes 22, 23 and 54), so trying again would not help. */
export const isRefusedData = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error) ?? '')

/** The unique index that refused a row; undefined for any other error. */
export function violatedIndex(error: unknown): string | undefined {
  if (sqlState(error) !== '23505') return undefined
  return text(member(member(causeOf(error), 'constraint'), 'index')) ?? text(member(error, 'constraint'))
}
