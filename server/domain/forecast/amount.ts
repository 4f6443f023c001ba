export type Amount = { readonly objects: number; readonly bytes: number }
export const nothing: Amount = { objects: 0, bytes: 0 }

export const sum = (all: readonly Amount[]): Amount => ({
  objects: all.reduce((total, { objects }) => total + objects, 0),
  bytes: all.reduce((total, { bytes }) => total + bytes, 0),
})
