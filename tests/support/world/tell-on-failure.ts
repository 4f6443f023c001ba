// What a test asked and was answered is printed when it fails: the sentence of an assertion seldom says which request it was.
import { onTestFailed, TestRunner } from 'vitest'

export type Exchange = {
  readonly operation: string
  readonly variables: unknown
  /** What came back. */
  readonly answer: unknown
}

const most = 5
const asked = new WeakMap<object, Exchange[]>()
const isSecret = /secret|token|password|accessKey|credentials/i

/** One exchange in words, without what must not be in a log. */
export const exchangeText = ({ operation, variables, answer }: Exchange): string =>
  [operation.replace(/\s+/g, ' ').trim(), textOf(variables), textOf(answer)].join('\n    ')

const textOf = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) =>
    isSecret.test(key) && typeof inner === 'string' ? '(hidden)' : inner,
  )?.slice(0, 2_000) ?? 'nothing'

/** The last few are printed if the test that asks fails. */
export function tellOnFailure(exchange: Exchange): void {
  const test = TestRunner.getCurrentTest()
  if (test === undefined) return
  const known = asked.get(test)
  const own = known ?? []
  own.push(exchange)
  if (own.length > most) own.shift()
  if (known !== undefined) return
  asked.set(test, own)
  onTestFailed(() => console.error(`${test.name}: what was asked last\n  ${own.map(exchangeText).join('\n  ')}`))
}
