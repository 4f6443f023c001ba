// Sizes as people read them, spelled alike in the console, in commands and in messages.

const units = ['kB', 'MB', 'GB', 'TB', 'PB']

/**
 * 9437184 -> "9.4 MB". Decimal units, as stores bill them: two digits below ten, none above. `space` stands before the
 * unit: pages want one that does not break.
 */
export function bytes(n: number, space = ' '): string {
  if (n < 1000) return `${Math.round(n)}${space}B`
  let value = n
  let unit = -1
  // 999 950 would round up to "1000 kB": the next unit takes it.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value))
  return `${digits}${space}${units[unit]}`
}

/** `10 MB`, `1.5GB` or `500 kB/s` in bytes; undefined for anything else, a bare number too. */
export function parseBytes(text: string): number | undefined {
  const [, figure, spelled = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)(?:\/s)?\s*$/i.exec(text) ?? []
  const power = ['b', ...units.map((unit) => unit.toLowerCase())].indexOf(spelled.toLowerCase())
  return figure === undefined || power < 0 ? undefined : Math.round(Number(figure) * 1000 ** power)
}
