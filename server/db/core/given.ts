// Many items that one statement is given: an array of each column, and `unnest` makes rows of them again. A column is named once, with
// its type and what it has of an item.

type Type = 'uuid' | 'text' | 'int' | 'bigint' | 'float8' | 'boolean'

/** Names as SQL has them. */
export type Columns<Item> = Readonly<Record<string, readonly [type: Type, of: (item: Item) => unknown]>>

export type Given<Item> = {
  /** SQL, for a FROM: the rows under this name. Their arrays are the parameters from number `first` on. */
  rows(name: string, first: number): string
  /** The same with a column `place`: 1 of the first item. */
  placedRows(name: string, first: number): string
  /** Of the parameters. */
  values(items: readonly Item[]): unknown[][]
}

export function given<Item>(columns: Columns<Item>): Given<Item> {
  const names = Object.keys(columns)
  const all = Object.values(columns)
  const arrays = (first: number) => all.map(([type], n) => `$${first + n}::${type}[]`).join(', ')
  return {
    rows: (name, first) => `unnest(${arrays(first)}) AS ${name} (${names.join(', ')})`,
    placedRows: (name, first) =>
      `unnest(${arrays(first)}) WITH ORDINALITY AS ${name} (${[...names, 'place'].join(', ')})`,
    values: (items) => all.map(([, of]) => items.map(of)),
  }
}
