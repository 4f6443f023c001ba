/** For each property of a record the SQL that it is read by. */
export type Fields<T> = Readonly<Record<keyof T & string, string>>

/** A record that a statement reads beside others, whose properties may have the same names. */
export type RowPart<T> = {
  /** SQL, for SELECT. */
  readonly columns: string
  /** Out of a row with these columns. */
  readonly of: (row: Readonly<Record<string, unknown>>) => T
}

/** `name`: unlike that of any other part of the statement. */
export function partOf<T extends object>(name: string, fields: Fields<T>): RowPart<T> {
  const places = (Object.keys(fields) as (keyof T & string)[]).map((property) => ({
    property,
    column: `${name}.${property}`,
  }))
  return {
    columns: places.map(({ property, column }) => `${fields[property]} AS "${column}"`).join(', '),
    of(row) {
      const record: Record<string, unknown> = {}
      for (const { property, column } of places) record[property] = row[column]
      return record as T
    },
  }
}
