// What is in the demo's buckets: real bytes of several kinds and sizes, the same at every first start.

export type DemoObject = {
  readonly key: string
  readonly body: Uint8Array
  readonly contentType: string
  readonly metadata?: Readonly<Record<string, string>>
}

const text = (key: string, contentType: string, content: string): DemoObject => ({
  key,
  contentType,
  body: new TextEncoder().encode(content),
})

const two = (value: number) => String(value).padStart(2, '0')

/** Numbers that look random and are always the same (xorshift). */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    yield state >>> 0
  }
}

const readingsPerHour = 360

/** A day of a machine's temperature, an hour per file. */
export function readings(): DemoObject[] {
  const random = noise(1)
  return Array.from({ length: 24 }, (_, hour) => {
    const lines = Array.from({ length: readingsPerHour }, (_, i) => {
      const minutes = hour * 60 + i / 6
      const celsius = 61 + 9 * Math.sin((minutes / 1440) * 2 * Math.PI) + (random.next().value % 100) / 100
      return `2026-11-02T${two(hour)}:${two(Math.floor(i / 6))}:${two((i % 6) * 10)}Z,press-7,${celsius.toFixed(2)}`
    })
    return text(`2026-11-02/${two(hour)}.csv`, 'text/csv', `time,machine,celsius\n${lines.join('\n')}\n`)
  })
}

const side = 256

/** Rings of grey around a centre that moves from slice to slice, as a portable graymap. */
function slice(number: number): Uint8Array {
  const header = new TextEncoder().encode(`P5 ${side} ${side} 255\n`)
  const image = new Uint8Array(header.length + side * side)
  image.set(header)
  for (let i = 0; i < side * side; i += 1) {
    const radius = Math.hypot((i % side) - 128, Math.floor(i / side) - 118 - 4 * number)
    image[header.length + i] = radius > 110 ? 0 : 128 + 100 * Math.cos(radius / (4 + number))
  }
  return image
}

export const scans = (): DemoObject[] =>
  Array.from({ length: 6 }, (_, number) => ({
    key: `case-0042/slice-${two(number + 1)}.pgm`,
    body: slice(number),
    contentType: 'image/x-portable-graymap',
    metadata: { 'x-amz-meta-modality': 'MR' },
  }))

const weightBytes = 9.5 * 1024 * 1024

export function modelFiles(): DemoObject[] {
  const random = noise(7)
  const weights = Uint32Array.from({ length: weightBytes / 4 }, () => random.next().value)
  const card = { name: 'press-anomaly', version: '3.1', parameters: weights.length, trained: '2026-10-30' }
  return [
    { key: 'press-anomaly/weights.bin', body: new Uint8Array(weights.buffer), contentType: 'application/octet-stream' },
    text('press-anomaly/card.json', 'application/json', `${JSON.stringify(card, null, 2)}\n`),
  ]
}

const page = (title: string, body: string) =>
  `<!doctype html>\n<html lang="en">\n<title>${title}</title>\n<link rel="stylesheet" href="style.css">\n<h1>${title}</h1>\n${body}\n</html>\n`

export const pages = (): DemoObject[] => [
  text('index.html', 'text/html', page('Press 7', '<p><a href="alarm.html">What to do when the alarm sounds</a></p>')),
  text(
    'alarm.html',
    'text/html',
    page('Alarm', '<ol><li>Step back.<li>Press the red button.<li>Call the shift lead.</ol>'),
  ),
  text('style.css', 'text/css', 'body { font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto }\n'),
]
