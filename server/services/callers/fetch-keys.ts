// The keys of an issuer, from the address at which it shows them. Envoys never ask there: all of them get what FaDO saw.
import { type AnsweredOnce, askOnce, type MayAsk, WrongAnswer } from '../../ask-once.ts'
import { FadoError } from '../../domain/errors.ts'
import { networkFailure } from '../../network-failure.ts'
import { publicKeys } from './public-keys.ts'

const timeoutMs = 10_000
const mostBytes = 1_000_000

/** A JWK set with public keys only. Throws VALIDATION_FAILED, with what is wrong at the address. */
export async function fetchKeys(mayAsk: MayAsk, url: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new FadoError('VALIDATION_FAILED', `No keys at ${url}: ${why}`, { cause })
  const { status, text } = await ask(mayAsk, url).catch((error: unknown) => {
    throw error instanceof WrongAnswer ? refuse(error.message) : refuse(networkFailure(error, timeoutMs), error)
  })
  if (status !== 200) throw refuse(`it answers ${status}`)
  const found = publicKeys(text)
  if ('refused' in found) throw refuse(`what is there ${found.refused}`)
  return found.keys
}

const ask = async (mayAsk: MayAsk, url: string): Promise<AnsweredOnce> =>
  askOnce(mayAsk, { url: new URL(url), signal: AbortSignal.timeout(timeoutMs), mostBytes })
