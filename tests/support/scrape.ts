// What a scrape of Prometheus reads, as numbers.
export type Labels = Readonly<Record<string, string>>
type Sample = { readonly name: string; readonly labels: Labels; readonly value: number }
export type Scrape = Awaited<ReturnType<typeof scrape>>

/** `fado_copies_total{source="hpc"} 3` */
const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g

function parse(text: string): Sample[] {
  return text.split('\n').flatMap((one) => {
    const [, name, labels = '', value] = line.exec(one) ?? []
    if (name === undefined) return []
    return [
      { name, labels: Object.fromEntries([...labels.matchAll(label)].map(([, k, v]) => [k, v])), value: Number(value) },
    ]
  })
}

export const readScrape = (text: string) => {
  const samples = parse(text)
  const of = (name: string, wanted: Labels) =>
    samples.filter(
      (one) => one.name === name && Object.entries(wanted).every(([key, value]) => one.labels[key] === value),
    )
  return {
    text,
    samples: (name: string, wanted: Labels = {}): readonly Sample[] => of(name, wanted),
    /** Of all that have these labels. */
    sum: (name: string, wanted: Labels = {}): number => of(name, wanted).reduce((total, { value }) => total + value, 0),
    /** Names of ours, as HELP tells them, with their types. */
    metrics: new Map([...text.matchAll(/^# TYPE (fado_\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type])),
  }
}

export async function scrape(url: string) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return readScrape(await response.text())
}
