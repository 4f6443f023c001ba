// MinIO tells user metadata beyond ASCII as encoded words (RFC 2047): `я` comes back as `=?UTF-8?q?=D1=8F?=`. Written again
// as told it would be another value, three times as long, and longer than stores allow. Values are octets as latin1.

/** Of one word, as Go's package `mime` cuts them: 75 octets with `=?UTF-8?q?` and `?=`. */
const mostEncoded = 63
const mostBase64 = 47

const wordPattern = /=\?UTF-8\?([bq])\?([^? ]*)\?=/g
const wordsPattern = /^=\?UTF-8\?([bq])\?[^? ]*\?=(?: =\?UTF-8\?\1\?[^? ]*\?=)*$/

/**
 * The octets that a store told as encoded words; any other value as it is. Also one that only looks encoded: a store would
 * have told its octets in another form, so somebody wrote it like that.
 */
export function decodeWords(told: string): string {
  if (!wordsPattern.test(told)) return told
  const octets = [...told.matchAll(wordPattern)].map(([, how, text = '']) =>
    how === 'b' ? fromBase64(text) : fromQ(text),
  )
  const value = octets.join('')
  return encodeWords(value) === told ? value : told
}

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')
const fromQ = (text: string): string =>
  text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** As MinIO does it. */
function encodeWords(value: string): string {
  const inBase64 = /["#$%&'(),.:;<>@[\]^`{|}~]/.test(value)
  const [how, encode, most] = inBase64
    ? ['b', (text: string) => Buffer.from(text, 'latin1').toString('base64'), mostBase64]
    : ['q', toQ, mostEncoded]
  const measure = inBase64 ? (text: string) => text.length : (text: string) => toQ(text).length
  const words: string[] = []
  let word = ''
  for (const rune of runesOf(value)) {
    if (word !== '' && measure(word) + measure(rune) > most) {
      words.push(word)
      word = ''
    }
    word += rune
  }
  return [...words, word].map((text) => `=?UTF-8?${how}?${encode(text)}?=`).join(' ')
}

const toQ = (text: string): string =>
  text.replace(/[^!-<>@-^`-~]/g, (c) =>
    c === ' ' ? '_' : `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )

/** Characters of UTF-8, which are never cut, and single octets that are none. */
const runePattern = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\s\S]/g

const runesOf = (value: string): string[] => value.match(runePattern) ?? []
