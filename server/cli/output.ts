// What a command prints: a table for people, JSON for scripts.

export type Cell = string | number | null | undefined
export type Column<Row> = { readonly title: string; readonly of: (row: Row) => Cell }

const text = (cell: Cell) => (cell === null || cell === undefined || cell === '' ? '-' : String(cell))

/** Aligned columns with a line of titles. Control characters of what a store or Envoy said do not reach the terminal. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => text(of(row))))].map(
    (line) => line.map((cell) => cell.replace(/\p{Cc}/gu, ' ')),
  )
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)))
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const json = (value: unknown): string => JSON.stringify(value, null, 2)

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 9961472 -> 9.5 MiB */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1)
  const value = count / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}
