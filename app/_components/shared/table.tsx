import type { ReactNode } from 'react'
import { ScrollTable } from './scroll-table.tsx'

export type Column<T> = {
  readonly head: string
  /** Numbers stand at the right. `act` is named for screen readers only, and beside the row's name where it is narrow. */
  readonly as?: 'num' | 'act' | 'wrap'
  readonly cell: (item: T) => ReactNode
}

type Props<T> = {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly items: readonly T[]
  readonly keyOf: (item: T) => string
  /** A line of its own below a row's cells; null for none. */
  readonly why?: (item: T) => ReactNode
  /** Stands in place of all cells but the first; null for none. */
  readonly editor?: (item: T) => ReactNode
  /** Opened below a row; null for none. */
  readonly below?: (item: T) => ReactNode
  /** What stands here when there is no row. */
  readonly empty?: ReactNode
}

const nothing = () => null

/** Every list of the console but the matrix. Where it is narrow each row is stacked, so that nothing is cut (tables.css). */
export function Table<T>({ label, columns, items, keyOf, empty, ...parts }: Props<T>) {
  if (items.length === 0 && empty !== undefined) return empty
  return (
    <ScrollTable label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ head, as }) => (
              <th key={head} scope="col" className={as === 'num' ? 'num' : ''}>
                {as === 'act' ? <span className="sr-only">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={keyOf(item)} item={item} columns={columns} {...parts} />
          ))}
        </tbody>
      </table>
    </ScrollTable>
  )
}

type RowProps<T> = { readonly item: T } & Pick<Props<T>, 'columns' | 'why' | 'editor' | 'below'>

function Row<T>({ item, columns, why = nothing, editor = nothing, below = nothing }: RowProps<T>) {
  const [line, form, opened] = [why(item), editor(item), below(item)]
  const editing = form === null ? '' : 'editing'
  return (
    <>
      <tr className={line === null ? editing : `${editing} has-why`}>
        {columns.slice(0, form === null ? columns.length : 1).map((column, index) => (
          <td key={column.head} className={column.as ?? ''} {...headOf(column, index)}>
            {column.cell(item)}
          </td>
        ))}
        {form !== null && (
          <td className="whole" colSpan={columns.length - 1}>
            {form}
          </td>
        )}
      </tr>
      {line !== null && (
        <tr className={`${editing} why`}>
          <td colSpan={columns.length}>{line}</td>
        </tr>
      )}
      {opened !== null && (
        <tr className="editing">
          <td colSpan={columns.length}>{opened}</td>
        </tr>
      )}
    </>
  )
}

/** What a stacked cell says of itself; a row's name and its buttons need no word. */
const headOf = ({ head, as }: { readonly head: string; readonly as?: string }, index: number) =>
  index === 0 || as === 'act' ? {} : { 'data-head': head }
