// What a copy is called.

type Copy = { readonly storageDeployment: { readonly name: string } }

/** By its store, everywhere: of a cluster's stores one has it. What takes calls is the cluster. */
export const copyName = ({ storageDeployment }: Copy): string => storageDeployment.name
