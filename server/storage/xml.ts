// Just enough XML for S3's answers, without a parser: no recursion, no entities but the predefined ones, time and memory
// linear in the text. What S3 never sends (DOCTYPE, CDATA, comments) is refused by `assertPlainXml`.
import { StorageError } from './storage-error.ts'

const broken = (detail: string) => new StorageError('protocol', `The store sent XML that is not S3's: ${detail}`)

/** Throws unless `xml` is one whole element `root` without anything that could hide or repeat content. */
export function assertPlainXml(xml: string, root: string): void {
  if (xml.includes('<!')) throw broken('it has a DOCTYPE, a comment or CDATA')
  const start = xml.startsWith('<?xml') ? xml.indexOf('?>') + 2 : 0
  const body = xml.slice(start).trim()
  const open = elementAt(body, root, 0)
  if (open?.start !== 0 || open.end !== body.length) throw broken(`it is not one whole ${root}`)
}

export type XmlElement = {
  /** Where its tag begins and where its closing tag ends. */
  readonly start: number
  readonly end: number
  /** Between its tags, not unescaped. */
  readonly inner: string
}

/** The first element `tag` at or after `from` that ends at or before `limit`. An element within one of its own name is not found. */
export function elementAt(xml: string, tag: string, from: number, limit = xml.length): XmlElement | null {
  const opening = `<${tag}`
  for (let start = xml.indexOf(opening, from); start >= 0 && start < limit; start = xml.indexOf(opening, start + 1)) {
    const next = xml.charCodeAt(start + opening.length)
    const isTag = next === 0x3e || next === 0x2f || next <= 0x20
    if (!isTag) continue
    const close = xml.indexOf('>', start)
    if (close < 0 || close >= limit) return null
    if (xml.charCodeAt(close - 1) === 0x2f) return { start, end: close + 1, inner: '' }
    const stop = xml.indexOf(`</${tag}>`, close)
    const end = stop + tag.length + 3
    return stop < 0 || end > limit ? null : { start, end, inner: xml.slice(close + 1, stop) }
  }
  return null
}

export function* elements(xml: string, tag: string): Generator<XmlElement> {
  for (let at = elementAt(xml, tag, 0); at !== null; at = elementAt(xml, tag, at.end)) yield at
}

/** Text of the first element `tag`, unescaped; null when there is none. */
export function textOf(xml: string, tag: string): string | null {
  const found = elementAt(xml, tag, 0)
  return found === null ? null : unescapeXml(found.inner)
}

const predefinedEntities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;]{0,16});?/g, (entity, name: string) => {
    const known = predefinedEntities[name]
    if (known !== undefined && entity.endsWith(';')) return known
    const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const code = digits === null ? Number.NaN : Number.parseInt(digits[1] ?? digits[2] ?? '', digits[1] ? 16 : 10)
    if (!(code <= 0x10ffff) || !entity.endsWith(';')) throw broken('it has an unknown entity')
    return String.fromCodePoint(code)
  })
}

/** Control characters become numeric references, so that they survive. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be escaped
  return text.replace(/[&<>"'\u0000-\u001f\u007f]/g, (c) => `&#${c.charCodeAt(0)};`)
}
