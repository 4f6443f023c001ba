// A link by the ids of its stores. Both ends of one are the same store where FaDO's record of a master is asked of that store.

export type Link = { readonly fromStorageId: string; readonly toStorageId: string }

export const linkId = ({ fromStorageId, toStorageId }: Link): string => `${fromStorageId} ${toStorageId}`

/** Nothing is carried over it. */
export const isOfMaster = ({ fromStorageId, toStorageId }: Link): boolean => fromStorageId === toStorageId

/** Two, or the one whose masters it is about. */
export const storesOf = (link: Link): readonly string[] =>
  isOfMaster(link) ? [link.toStorageId] : [link.fromStorageId, link.toStorageId]
