// What filters noted of a call as its metadata, where no caller can write, as routes and answers ask for it.
import type { WireObject } from '../wire.ts'

/** Of what the filter noted: what stands at this path, one key inside of the other, is such a value. */
export const callSays = (filter: string, path: readonly string[], value: WireObject): WireObject => ({
  filter,
  path: path.map((key) => ({ key })),
  value,
})

export const exactly = (text: string): WireObject => ({ string_match: { exact: text } })
/** A list that has it. */
export const listWith = (value: WireObject): WireObject => ({ list_match: { one_of: value } })
