// What input must look like, beyond its GraphQL type.
import { FadoError } from '../../domain/errors.ts'
import { isName } from '../../domain/name.ts'
import { everyZone } from '../../domain/policy/definitions.ts'

type Path = readonly string[]

/** What may be left out; what null means its field says. */
export type Optional<T> = T | null | undefined

export const invalid = (message: string, path: Path): FadoError => new FadoError('VALIDATION_FAILED', message, { path })

export function checkName(name: string, path: Path): void {
  if (!isName(name)) throw invalid(`${path.at(-1)} must be 1 to 63 letters, digits, dots, dashes and underscores`, path)
}

const maxZones = 100

/** The zones, each once. */
export function checkZones(zones: readonly string[], path: Path): readonly string[] {
  if (zones.length > maxZones) throw invalid(`zones must be at most ${maxZones}`, path)
  for (const [i, zone] of zones.entries()) {
    const at = [...path, String(i)]
    if (!isName(zone)) throw invalid('A zone must be 1 to 63 letters, digits, dots, dashes and underscores', at)
    if (zone === everyZone) throw invalid(`A zone cannot be called ${everyZone}: that word means every zone`, at)
  }
  return [...new Set(zones)]
}

const maxUrl = 2048

function parseUrl(text: string, path: Path): URL {
  const url = text.length > maxUrl ? null : URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw invalid(`${path.at(-1)} must be an address such as http://host:port or https://host`, path)
  // Not repeated in the message: it may be a secret.
  if (url.username !== '' || url.password !== '') throw invalid(`${path.at(-1)} must not hold credentials`, path)
  return url
}

/** With an optional base path. */
export function checkBaseUrl(text: string, path: Path): string {
  const url = parseUrl(text, path)
  if (url.search !== '' || url.hash !== '') throw invalid(`${path.at(-1)} must have no query and no fragment`, path)
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/** For people to click on. */
export const checkLink = (text: string, path: Path): string => parseUrl(text, path).href

const most = 128

/** As Envoy's load-balancing weights. */
export function checkWeight(weight: number, path: Path): void {
  if (!Number.isInteger(weight) || weight < 1 || weight > most)
    throw invalid(`weight must be a whole number from 1 to ${most}`, path)
}

export function checkText(text: string, limit: number, path: Path): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (text === '' || text.length > limit || /[\x00-\x1f\x7f]/.test(text) || !text.isWellFormed())
    throw invalid(
      `${path.at(-1)} must be 1 to ${limit} characters, none of them a control character or half of one`,
      path,
    )
}

export function checkIdempotencyKey(key: string | null | undefined): string | null {
  if (key === undefined || key === null) return null
  checkText(key, 256, ['idempotencyKey'])
  return key
}
