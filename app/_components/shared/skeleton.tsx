const widths = [88, 64, 72, 96, 56, 80, 68, 92] as const
const width = (n: number) => `${widths[n % widths.length] ?? 64}px`

/** The shape of a table that is on its way. It shows itself only after 150 ms. */
export function SkeletonTable({ columns, rows = 6 }: { readonly columns: readonly string[]; readonly rows?: number }) {
  return (
    <div className="skeleton" aria-busy="true" role="status" aria-label="Loading">
      <table className="table" aria-hidden="true">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows without content
            <tr key={row}>
              {columns.map((column, index) => (
                <td key={column}>
                  <span className="sk" style={{ width: width(row + index * 3) }} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function SkeletonSentence() {
  return (
    <div className="skeleton mb-6 grid gap-4" aria-hidden="true">
      <span className="sk my-1 h-5! max-w-4/5" style={{ width: 560 }} />
      <span className="sk max-w-3/5" style={{ width: 380 }} />
    </div>
  )
}
