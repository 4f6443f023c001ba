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
